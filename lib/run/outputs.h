/* outputs.h: the outputs of a plan, for all images of a batch: the copies of
 * layers' outputs that are handed out.
 */
#ifndef EN_RUN_OUTPUTS_H
#define EN_RUN_OUTPUTS_H

#include "base/tensor.h"
#include "run/request.h"
#include "run/resources.h"
#include "run/step.h"

typedef struct en_output {
        int32_t row;          /* of the table of outputs; -1: a layer's, kept */
        int32_t layer;        /* where it comes from */
        effnet_tensor tensor; /* N x channels x height x width; behind the
                               * maps N x channels */
} en_output;

typedef struct en_outputs {
        en_output *items; /* in order of their layers */
        int32_t count;
        int64_t batch; /* that there is room for; 0: none yet */
        float *values; /* of all of them */
        bool sigmoid;  /* what probabilities are; else softmax */
} en_outputs;

/* Those of the bits `rows`, and each layer's where `resources` say so. */
effnet_status en_outputs_create(en_outputs *outputs, const en_network *network,
                                uint32_t rows, const en_resources *resources);
void en_outputs_free(en_outputs *outputs);

/* Makes room for `batch` images.  EFFNET_ERROR_LIMIT over `most` bytes. */
effnet_status en_outputs_reserve(en_outputs *outputs, const en_network *network,
                                 int64_t batch, int64_t most);

size_t en_outputs_bytes(const en_outputs *outputs);

/* Whether the layer's own output is asked for. */
bool en_outputs_have(const en_outputs *outputs, int32_t layer);

/* The output of `row`, or with -1 the kept one of `layer`; NULL: not asked
 * for.
 */
const effnet_tensor *en_outputs_find(const en_outputs *outputs, int32_t row,
                                     int32_t layer);

/* NaN for that image. */
void en_outputs_blank(const en_outputs *outputs, int64_t image);

/* Copies what `step`, the one that ends with `layer`, has made of image
 * number `image` to the outputs that come from it.
 */
effnet_status en_outputs_store(const en_outputs *outputs, int32_t layer,
                               const en_step *step, const en_exec *exec,
                               int64_t image);

#endif
