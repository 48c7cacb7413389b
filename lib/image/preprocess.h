/* preprocess.h: the preprocessing handle's insides, and from pixels to the
 * input tensor.
 */
#ifndef EN_IMAGE_PREPROCESS_H
#define EN_IMAGE_PREPROCESS_H

#include "arch/preset.h"
#include "image/image.h"

struct effnet_preprocess {
        en_preset steps;
};

/* Checks each step by itself.  That they fit each other is checked when they
 * are used, so that they can be set in any order.
 */
effnet_status en_preprocess_check(const en_preset *steps);

/* Height and width of the result for an image of that size; 0 on failure. */
effnet_status en_preprocess_size(const en_preset *steps, int32_t image_height,
                                 int32_t image_width, int32_t *height,
                                 int32_t *width);

/* How many planes the result has: 1 or 3. */
int32_t en_preprocess_channels(const en_preset *steps);

/* Writes en_preprocess_channels planes of height x width floats, as en_preprocess_size gave.  Works
 * in the library's floating-point mode, whatever the caller's is.
 */
effnet_status en_preprocess_apply(const en_preset *steps,
                                  const effnet_image *image, float *planes);

#endif
