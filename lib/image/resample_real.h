/* resample_real.h: Pillow's resampling of mode "F", bit for bit. */
#ifndef EN_IMAGE_RESAMPLE_REAL_H
#define EN_IMAGE_RESAMPLE_REAL_H

#include "image/placement.h"

/* One channel of the part that `plan` keeps, keep's size, freed with en_free.
 */
effnet_status en_resample_real(float **values, const effnet_image *image,
                               int channel, const en_placement *plan,
                               int32_t filter);

#endif
