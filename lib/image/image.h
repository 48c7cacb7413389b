/* image.h: the image handle's insides, and decoding. */
#ifndef EN_IMAGE_IMAGE_H
#define EN_IMAGE_IMAGE_H

#include "base/options.h"
#include "effnet.h"

#include <stdbool.h>

#define EN_MAX_IMAGE_SIDE 1000000
/* No signature that tells a picture's kind reaches further. */
#define EN_IMAGE_HEAD 32

struct effnet_image {
        int32_t format; /* EFFNET_PIXEL_* */
        int32_t width, height;
        int64_t stride;        /* bytes; may be negative for wrapped pixels */
        const uint8_t *pixels; /* the top row */
        uint8_t *owned;        /* the block to free, or NULL if wrapped */
        bool gray;             /* rows are read as gray: Pillow's "L" */
        effnet_release_fn release;
        void *opaque;
};

/* Bytes of a pixel; 0 for an unknown format. */
int32_t en_pixel_size(int32_t format);

/* An RGB image that owns its pixels; zero-filled, rows without gaps. */
effnet_status en_image_create(effnet_image **image, int32_t width,
                              int32_t height);
effnet_status en_image_wrap(effnet_image **image, int32_t format, int32_t width,
                            int32_t height, const void *pixels, int64_t stride);
void en_image_free(effnet_image *image);

/* Decodes PNG or JPEG bytes, told by content.  Messages name no file: the
 * caller does that.
 */
effnet_status en_image_decode(effnet_image **image, const uint8_t *data,
                              size_t size, const effnet_options *options);

/* Fails as en_image_decode does where the first `size` bytes, EN_IMAGE_HEAD or
 * the whole file, begin nothing that it decodes.
 */
effnet_status en_image_check_head(const uint8_t *head, size_t size);

/* Whether the pixels are as en_image_row_rgb would give them. */
bool en_image_is_rgb(const effnet_image *image);

/* One row as RGB: `rgb` takes 3 * count bytes of pixels from x on. */
void en_image_row_rgb(const effnet_image *image, int32_t y, int32_t x,
                      int32_t count, uint8_t *rgb);

#endif
