/* gate.h: what squeeze-and-excite and global context share: small layers on
 * one vector, and the scale of each channel, which goes into the cheaper
 * operand of the projection that follows.
 */
#ifndef EN_RUN_GATE_H
#define EN_RUN_GATE_H

#include "run/planner.h"

/* The input and the output of a linear layer on one vector. */
typedef struct en_gate_map {
        const float *input;
        int32_t inputs;
        float *output;
        int32_t outputs;
        int32_t activation;
} en_gate_map;

/* A task's least multiply-adds or values: to hand one over costs as much as
 * some thousand of them.
 */
#define EN_GATE_LEAST 8192

/* Parts to cut so much work into. */
int32_t en_gate_parts(const en_exec *exec, int64_t work);

effnet_status en_gate_vector(const en_exec *exec, const float *weights,
                             const float *bias, en_gate_map map);

/* Whether the step has a scale and it goes into the next one's weights: where
 * they are fewer than the activations, and those are not kept.
 */
bool en_gate_scales_weights(const en_step *step);

/* The value stays where it is: scaled in place, or not touched at all. */
void en_gate_plan(en_planner *planner, en_step *step);
effnet_status en_gate_apply(const en_exec *exec, const en_step *step,
                            const float *scale);

#endif
