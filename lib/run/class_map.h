/* class_map.h: which pixels of the final map speak for a class. */
#ifndef EN_RUN_CLASS_MAP_H
#define EN_RUN_CLASS_MAP_H

#include "base/tensor.h"
#include "run/weights.h"

/* The class-activation map (Zhou et al. 2016) of class `index` of `classes`
 * for the images of `features`, N x channels x height x width; `map` takes
 * N x height x width.  The last layer of `weights` is the classifier.
 */
effnet_status en_class_map(const en_weights *weights, int32_t classes,
                           int32_t index, const effnet_tensor *features,
                           float *map);

#endif
