/* engine.h: the door of this room: runs a network's plan over batches. */
#ifndef EN_RUN_ENGINE_H
#define EN_RUN_ENGINE_H

#include "base/tensor.h"
#include "run/plan.h"
#include "run/resources.h"
#include "run/weights.h"

typedef struct en_engine en_engine;

/* `config` and `weights` must outlive the engine. */
effnet_status en_engine_create(en_engine **engine, const effnet_config *config,
                               const en_weights *weights,
                               const en_resources *resources);
void en_engine_free(en_engine *engine);

/* Works on the caller's threads from now on, or with no runner on its own
 * again; after a failure as before.
 */
effnet_status en_engine_set_runner(en_engine *engine, const en_runner *runner);

/* Who is asked between steps whether to go on. */
void en_engine_set_cancel(en_engine *engine, const en_cancel *cancel);

/* What runs shall yield from now on: bits of the table of outputs, not 0.  The
 * outputs of the last run end, and so does a preparation, unless it is what
 * they yield already.
 */
void en_engine_request(en_engine *engine, uint32_t rows);

/* EFFNET_ERROR_STATE where runs do not yield EFFNET_OUTPUT_*. */
effnet_status en_engine_check_requested(const en_engine *engine,
                                        int32_t output);

/* Makes a plan and room for the outputs, so that a run of that shape allocates
 * nothing.  After a failure nothing is prepared.
 */
effnet_status en_engine_prepare(en_engine *engine, int64_t batch,
                                int64_t height, int64_t width);

/* Runs float NCHW input [batch][channels][height][width].  Plans anew where
 * the shape is not the last one's, unless it is fixed.
 */
effnet_status en_engine_run(en_engine *engine, const float *input,
                            int64_t batch, int64_t height, int64_t width);

/* The same image by image: begin; run or skip each of `batch`, in any order;
 * end.  The outputs of a skipped one are NaN.
 */
effnet_status en_engine_begin(en_engine *engine, int64_t batch, int64_t height,
                              int64_t width);
effnet_status en_engine_run_image(en_engine *engine, const float *image,
                                  int64_t number);
void en_engine_skip_image(en_engine *engine, int64_t number);
void en_engine_end(en_engine *engine);

/* EFFNET_OUTPUT_* of the last successful run, valid until the next. */
effnet_status en_engine_output(const en_engine *engine, int32_t output,
                               const effnet_tensor **tensor);
/* Of one layer, where all are kept. */
effnet_status en_engine_layer(const en_engine *engine, int32_t layer,
                              const effnet_tensor **tensor);

/* The plan of the last shape; NULL: none yet.  Valid until the next run. */
const en_plan *en_engine_plan(const en_engine *engine);

/* What it would be run with; the image is NULL. */
en_exec en_engine_exec(const en_engine *engine);

/* The images that the outputs are for, and their bytes. */
int64_t en_engine_batch(const en_engine *engine);
size_t en_engine_output_bytes(const en_engine *engine);

#endif
