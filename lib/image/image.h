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
        int32_t format;        /* EFFNET_PIXEL_* */
        int32_t width, height; /* of the region that is seen */
        int64_t stride;        /* bytes; may be negative for wrapped pixels */
        const uint8_t *pixels; /* the region's first pixel, in plane 0 */
        uint8_t *owned;        /* the block to free, or NULL if wrapped */

        /* The whole picture, of which the region begins at left, top. */
        int32_t left, top;
        int32_t whole_width, whole_height;
        const uint8_t *planes[3];
        int64_t strides[3];

        bool gray;             /* rows are read as gray: Pillow's "L" */
        bool blended;          /* alpha is, on this colour */
        uint8_t background[3]; /* RGB */
        int32_t matrix, range; /* EFFNET_MATRIX_*, EFFNET_RANGE_* */
        double scale, offset;  /* of 16-bit and float values */
        effnet_release_fn release;
        void *opaque;
};

/* Which ways of reading a format's pixels there are. */
typedef enum en_kind {
        EN_KIND_NONE, /* an unknown format */
        EN_KIND_RGB,
        EN_KIND_ALPHA,
        EN_KIND_YUV,
        EN_KIND_REAL /* 16-bit and float */
} en_kind;

en_kind en_pixel_kind(int32_t format);
/* Bytes of a pixel in plane 0, and how many planes; 0 for an unknown format. */
int32_t en_pixel_size(int32_t format);
int32_t en_pixel_planes(int32_t format);

/* An RGB image that owns its pixels; zero-filled, rows without gaps. */
effnet_status en_image_create(effnet_image **image, int32_t width,
                              int32_t height);
effnet_status en_image_wrap(effnet_image **image, int32_t format, int32_t width,
                            int32_t height, const void *const planes[3],
                            const int64_t strides[3]);
void en_image_free(effnet_image *image);

/* False where the rectangle is not within the whole picture. */
bool en_image_set_region(effnet_image *image, int32_t x, int32_t y,
                         int32_t width, int32_t height);

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

/* One row as RGB: `rgb` takes 3 * count bytes of pixels from x on.  Not of
 * EN_KIND_REAL.
 */
void en_image_row_rgb(const effnet_image *image, int32_t y, int32_t x,
                      int32_t count, uint8_t *rgb);

/* One row of one channel, unscaled, of EN_KIND_REAL; gray has all three alike.
 */
void en_image_row_real(const effnet_image *image, int channel, int32_t y,
                       int32_t x, int32_t count, float *values);

/* RGB `under` an RGB pixel of that alpha: Pillow's alpha_composite over an
 * opaque background.
 */
void en_blend(uint8_t *rgb, int alpha, const uint8_t under[3]);
void en_colour_bytes(int64_t colour, uint8_t rgb[3]); /* 0xRRGGBB */

#endif
