/* resample.h: Pillow's resampling of 8-bit RGB, bit for bit. */
#ifndef EN_IMAGE_RESAMPLE_H
#define EN_IMAGE_RESAMPLE_H

#include "image/image.h"

/* A rectangle in pixels. */
typedef struct en_rect {
        int32_t x, y, width, height;
} en_rect;

/* EFFNET_ERROR_ARGUMENT for what is none of EFFNET_FILTER_*. */
effnet_status en_filter_check(int32_t filter);

/* Resamples the part `from` of `image` to width x height and keeps the part
 * `keep` of that; only what is kept is computed.  `resized` owns RGB pixels
 * of keep's size.
 */
effnet_status en_resample(effnet_image **resized, const effnet_image *image,
                          en_rect from, int32_t width, int32_t height,
                          int32_t filter, en_rect keep);

#endif
