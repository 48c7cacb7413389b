/* plan.h: the steps of a network for one input size, and the arena that they
 * work in.
 */
#ifndef EN_RUN_PLAN_H
#define EN_RUN_PLAN_H

#include "run/arena.h"
#include "run/outputs.h"
#include "run/resources.h"

typedef struct en_plan {
        int32_t height, width; /* of the input */
        en_network *network;
        en_step *steps;
        int32_t step_count;
        en_buffer *buffers; /* of the arena; the steps' are indices of it */
        int32_t buffer_count;
        double *seconds; /* of each step; NULL: they are not taken */
        float *arena;
        size_t bytes;
        en_outputs outputs;
} en_plan;

/* For the outputs of the bits `rows`: what lies behind the last of their
 * layers is not planned.  `config` and `weights` must outlive the plan.
 * EFFNET_ERROR_LIMIT where the arena would be over the memory of `resources`.
 */
effnet_status en_plan_create(en_plan **plan, const effnet_config *config,
                             const en_weights *weights, uint32_t rows,
                             int32_t height, int32_t width,
                             const en_resources *resources);
void en_plan_free(en_plan *plan);

/* Sets the steps' seconds, if they are taken, to 0. */
void en_plan_restart(const en_plan *plan);

/* Runs one image, number `image` of the outputs, and adds what each step took
 * to its seconds.
 */
effnet_status en_plan_run(const en_plan *plan, const en_exec *exec,
                          int64_t image);

#endif
