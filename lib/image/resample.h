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

/* Pillow takes first the pass that saves the other more work; the bits depend
 * on it, since the values between the passes are rounded.
 */
bool en_resample_down_first(int32_t width, int32_t height, int32_t to_width,
                            int32_t to_height);

/* Resamples the part `from` of `image` to width x height and keeps the part
 * `keep` of that; only what is kept is computed.  `resized` owns RGB pixels
 * of keep's size.
 */
effnet_status en_resample(effnet_image **resized, const effnet_image *image,
                          en_rect from, int32_t width, int32_t height,
                          int32_t filter, en_rect keep);

#endif
