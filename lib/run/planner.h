/* planner.h: the state of planning that a step's `plan` works on. */
#ifndef EN_RUN_PLANNER_H
#define EN_RUN_PLANNER_H

#include "run/arena.h"
#include "run/step.h"

typedef struct en_planner {
        const en_kernels *kernels;
        const en_network *network;
        const en_step *steps;
        int32_t threads;
        en_buffer *buffers;
        int32_t buffer_count;
        int32_t value; /* the buffer of the last step's output; -1: the image */
        int32_t sums;  /* of the last depthwise step's rows, or -1 */
        int32_t weights; /* the next projection's scaled ones, or -1 */
        uint64_t near;   /* bytes of the second cache; 0: not known */
        bool stays;      /* in the last cache, all that a run touches */
        bool overflow;
} en_planner;

/* A new buffer of rows x columns floats. */
int32_t en_planner_buffer(en_planner *planner, uint64_t rows, uint64_t columns);

/* The step takes the last value as its input and makes a new one of `pixels`
 * of `channels`.
 */
void en_planner_advance(en_planner *planner, en_step *step, int64_t pixels,
                        int32_t channels);

/* Row sums of `depthwise`, one of the step's layers, where a
 * squeeze-and-excite follows.
 */
void en_planner_sums(en_planner *planner, en_step *step,
                     const en_layer *depthwise);

/* The step that begins with that layer. */
const en_step *en_planner_step(const en_planner *planner, int32_t layer);

#endif
