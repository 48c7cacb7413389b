/* project.h: the projection that ends a fused block, done on the expanded
 * pixels of a strip, or on those that a depthwise convolution made of them,
 * while they lie in the second cache.
 */
#ifndef EN_RUN_PROJECT_H
#define EN_RUN_PROJECT_H

#include "run/planner.h"

/* Whether a full convolution, layer `index`, is followed by such a one. */
bool en_project_applies(const en_network *network, int32_t index);

/* Floats of an expanded pixel in a strip; 0: the step has one layer. */
int64_t en_project_stride(const en_step *step);

/* The buffers of a step that begins with a full convolution, ends with a
 * projection or not, and needs `scratch` floats for each thread.
 */
void en_project_plan(en_planner *planner, en_step *step, int64_t scratch);

/* Pixels [begin, begin + count) of the output map of the step, whose last layer
 * the projection is.
 */
void en_project_pixels(const en_step *step, const en_exec *exec,
                       const float *expanded, int64_t begin, int64_t count);

#endif
