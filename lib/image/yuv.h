/* yuv.h: frames of cameras and video as RGB. */
#ifndef EN_IMAGE_YUV_H
#define EN_IMAGE_YUV_H

#include "image/image.h"

/* One row of EN_KIND_YUV as RGB, from column x of the region on. */
void en_yuv_row(const effnet_image *image, int32_t y, int32_t x, int32_t count,
                uint8_t *rgb);

#endif
