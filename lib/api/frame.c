/* frame.c: exported functions for frames, regions, and how a picture's values
 * are read.
 */
#include "image/image.h"

#include "api/check.h"

#include <inttypes.h>
#include <math.h>

static effnet_status
fail_format(const char *expected, int32_t format)
{
        return en_fail(EFFNET_ERROR_ARGUMENT,
                       "image format: expected %s, found %" PRId32, expected,
                       format);
}

static effnet_status
wrap(effnet_image **image, int32_t format, int32_t width, int32_t height,
     const void *const planes[3], const int64_t strides[3],
     effnet_release_fn release, void *opaque)
{
        effnet_status status = en_image_wrap(image, format, width, height,
                                             planes, strides);

        if (status != EFFNET_OK)
                return status;
        (*image)->release = release;
        (*image)->opaque = opaque;
        return EFFNET_OK;
}

effnet_status
effnet_image_wrap(effnet_image **image, int32_t format, int32_t width,
                  int32_t height, const void *pixels, int64_t stride,
                  effnet_release_fn release, void *opaque)
{
        en_kind kind = en_pixel_kind(format);

        if (image == NULL)
                return EN_NULL("image");
        *image = NULL;
        if (pixels == NULL)
                return EN_NULL("pixels");
        if (kind == EN_KIND_NONE || kind == EN_KIND_YUV)
                return fail_format(kind == EN_KIND_NONE
                                           ? "EFFNET_PIXEL_*"
                                           : "one that is not for "
                                             "effnet_image_wrap_planes",
                                   format);
        return wrap(image, format, width, height,
                    (const void *const[]){pixels, NULL, NULL},
                    (int64_t[]){stride, 0, 0}, release, opaque);
}

effnet_status
effnet_image_wrap_planes(effnet_image **image, int32_t format, int32_t width,
                         int32_t height, const void *const planes[3],
                         const int64_t strides[3], effnet_release_fn release,
                         void *opaque)
{
        if (image == NULL)
                return EN_NULL("image");
        *image = NULL;
        if (planes == NULL)
                return EN_NULL("planes");
        if (strides == NULL)
                return EN_NULL("strides");
        if (en_pixel_kind(format) != EN_KIND_YUV)
                return fail_format("EFFNET_PIXEL_NV12, _I420 or _YUYV", format);
        for (int i = 0; i < en_pixel_planes(format); i++)
                if (planes[i] == NULL)
                        return en_fail(EFFNET_ERROR_ARGUMENT,
                                       "%s: planes[%d] is NULL", __func__, i);
        return wrap(image, format, width, height, planes, strides, release,
                    opaque);
}

/* Whether the image's values are read in the way that is to be changed. */
static effnet_status
check_kind(const effnet_image *image, en_kind kind, const char *what)
{
        if (en_pixel_kind(image->format) == kind)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_STATE,
                       "image: pixel format %" PRId32 " has no %s",
                       image->format, what);
}

static effnet_status
check_choice(const char *name, int32_t value, int32_t most)
{
        if (value >= 0 && value <= most)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_ARGUMENT,
                       "image %s: expected 0 to %" PRId32 ", found %" PRId32,
                       name, most, value);
}

effnet_status
effnet_image_set_colour(effnet_image *image, int32_t matrix, int32_t range)
{
        effnet_status status;

        if (image == NULL)
                return EN_NULL("image");
        status = check_kind(image, EN_KIND_YUV, "luma and chroma");
        if (status == EFFNET_OK)
                status = check_choice("matrix", matrix, EFFNET_MATRIX_BT709);
        if (status == EFFNET_OK)
                status = check_choice("range", range, EFFNET_RANGE_FULL);
        if (status != EFFNET_OK)
                return status;
        image->matrix = matrix;
        image->range = range;
        return EFFNET_OK;
}

effnet_status
effnet_image_set_background(effnet_image *image, int32_t colour)
{
        effnet_status status;

        if (image == NULL)
                return EN_NULL("image");
        status = check_kind(image, EN_KIND_ALPHA, "alpha");
        if (status != EFFNET_OK)
                return status;
        if (colour < -1 || colour > 0xffffff)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "image background: expected -1 or 0 to "
                               "0xFFFFFF, found %" PRId32,
                               colour);
        image->blended = colour >= 0;
        if (image->blended)
                en_colour_bytes(colour, image->background);
        return EFFNET_OK;
}

effnet_status
effnet_image_set_scaling(effnet_image *image, double scale, double offset)
{
        effnet_status status;

        if (image == NULL)
                return EN_NULL("image");
        status = check_kind(image, EN_KIND_REAL, "scaling");
        if (status != EFFNET_OK)
                return status;
        if (!isfinite(scale) || !isfinite(offset))
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "image scaling: expected finite numbers, found "
                               "%g and %g",
                               scale, offset);
        image->scale = scale;
        image->offset = offset;
        return EFFNET_OK;
}

effnet_status
effnet_image_set_region(effnet_image *image, int32_t x, int32_t y,
                        int32_t width, int32_t height)
{
        if (image == NULL)
                return EN_NULL("image");
        if (en_image_set_region(image, x, y, width, height))
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_ARGUMENT,
                       "image region: expected a part of %" PRId32 " x %" PRId32
                       " pixels, found %" PRId32 " x %" PRId32 " at %" PRId32
                       ", %" PRId32,
                       image->whole_width, image->whole_height, width, height,
                       x, y);
}
