/* pixels.c: image handles, and rows of any pixel format as RGB. */
#include "base/alloc.h"
#include "base/size.h"
#include "base/status.h"
#include "image/image.h"

#include <inttypes.h>
#include <string.h>

/* Where a pixel's bytes are; gray has all three in one place. */
typedef struct layout {
        int32_t size;
        int32_t red, green, blue;
} layout;

static const layout layouts[] = {
        [EFFNET_PIXEL_RGB] = {3, 0, 1, 2},  [EFFNET_PIXEL_BGR] = {3, 2, 1, 0},
        [EFFNET_PIXEL_RGBA] = {4, 0, 1, 2}, [EFFNET_PIXEL_BGRA] = {4, 2, 1, 0},
        [EFFNET_PIXEL_GRAY] = {1, 0, 0, 0},
};

int32_t
en_pixel_size(int32_t format)
{
        if (format < EFFNET_PIXEL_RGB || format > EFFNET_PIXEL_GRAY)
                return 0;
        return layouts[format].size;
}

static effnet_status
check_side(const char *name, int32_t side)
{
        if (side < 1 || side > EN_MAX_IMAGE_SIDE)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "image %s: expected 1 to %d, found %" PRId32,
                               name, EN_MAX_IMAGE_SIDE, side);
        return EFFNET_OK;
}

static effnet_status
check_size(int32_t width, int32_t height)
{
        effnet_status status = check_side("width", width);

        return status != EFFNET_OK ? status : check_side("height", height);
}

effnet_status
en_image_create(effnet_image **image, int32_t width, int32_t height)
{
        effnet_status status = check_size(width, height);
        effnet_image *made;

        *image = NULL;
        if (status != EFFNET_OK)
                return status;
        made = en_alloc_zero(1, sizeof(*made));
        if (made == NULL)
                return EFFNET_ERROR_MEMORY;
        /* No overflow: both sides are at most EN_MAX_IMAGE_SIDE. */
        made->owned = en_alloc_zero((size_t)width * 3, (size_t)height);
        if (made->owned == NULL) {
                en_free(made);
                return EFFNET_ERROR_MEMORY;
        }
        made->format = EFFNET_PIXEL_RGB;
        made->width = width;
        made->height = height;
        made->stride = (int64_t)width * 3;
        made->pixels = made->owned;
        *image = made;
        return EFFNET_OK;
}

/* A row fits into the stride, and the whole into the address space. */
static effnet_status
check_stride(int32_t pixel, int32_t width, int32_t height, int64_t stride)
{
        uint64_t row = (uint64_t)pixel * (uint64_t)width;
        uint64_t step = stride < 0 ? 0 - (uint64_t)stride : (uint64_t)stride;
        uint64_t span;

        if (step < row)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "image stride: expected at least %" PRIu64
                               " bytes either way, found %" PRId64,
                               row, stride);
        if (!en_mul_u64(step, (uint64_t)height, &span) || span > PTRDIFF_MAX)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "image stride: %" PRId32 " rows of %" PRId64
                               " bytes do not fit into memory",
                               height, stride);
        return EFFNET_OK;
}

effnet_status
en_image_wrap(effnet_image **image, int32_t format, int32_t width,
              int32_t height, const void *pixels, int64_t stride)
{
        int32_t pixel = en_pixel_size(format);
        effnet_status status = check_size(width, height);
        effnet_image *made;

        *image = NULL;
        if (pixel == 0)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "image format: expected EFFNET_PIXEL_*, found "
                               "%" PRId32,
                               format);
        if (status == EFFNET_OK)
                status = check_stride(pixel, width, height, stride);
        if (status != EFFNET_OK)
                return status;
        made = en_alloc_zero(1, sizeof(*made));
        if (made == NULL)
                return EFFNET_ERROR_MEMORY;
        made->format = format;
        made->width = width;
        made->height = height;
        made->stride = stride;
        made->pixels = pixels;
        *image = made;
        return EFFNET_OK;
}

void
en_image_free(effnet_image *image)
{
        if (image == NULL)
                return;
        if (image->release != NULL)
                image->release(image->opaque);
        en_free(image->owned);
        en_free(image);
}

bool
en_image_is_rgb(const effnet_image *image)
{
        return image->format == EFFNET_PIXEL_RGB && !image->gray;
}

/* Pillow's convert("L"); gray stays as it is. */
static void
make_gray(uint8_t *rgb, int32_t count)
{
        for (; count > 0; count--, rgb += 3) {
                int gray = (19595 * rgb[0] + 38470 * rgb[1] + 7471 * rgb[2] +
                            0x8000) >>
                           16;

                rgb[0] = rgb[1] = rgb[2] = (uint8_t)gray;
        }
}

static void
pick_bytes(const effnet_image *image, int32_t y, int32_t x, int32_t count,
           uint8_t *rgb)
{
        const layout at = layouts[image->format];
        const uint8_t *pixel = image->pixels + y * image->stride +
                               (ptrdiff_t)x * at.size;

        if (image->format == EFFNET_PIXEL_RGB) {
                memcpy(rgb, pixel, (size_t)count * 3);
                return;
        }
        for (int32_t i = 0; i < count; i++) {
                rgb[0] = pixel[at.red];
                rgb[1] = pixel[at.green];
                rgb[2] = pixel[at.blue];
                rgb += 3;
                pixel += at.size;
        }
}

void
en_image_row_rgb(const effnet_image *image, int32_t y, int32_t x, int32_t count,
                 uint8_t *rgb)
{
        pick_bytes(image, y, x, count, rgb);
        if (image->gray)
                make_gray(rgb, count);
}
