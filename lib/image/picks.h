/* picks.h: the inputs that nearest-neighbour resampling picks. */
#ifndef EN_IMAGE_PICKS_H
#define EN_IMAGE_PICKS_H

#include "effnet.h"

/* The inputs of outputs first ... first + count - 1 where `inputs` become
 * `outputs`, as Pillow 13.0.0 picks them (ImagingScaleAffine); freed with
 * en_free.  NULL where memory could not be had.
 */
int32_t *en_picks_make(int32_t inputs, int32_t outputs, int32_t first,
                       int32_t count);

#endif
