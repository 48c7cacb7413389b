/* handle.c: image handles: pixels of their own or wrapped, and regions. */
#include "base/alloc.h"
#include "base/size.h"
#include "base/status.h"
#include "image/image.h"

#include <inttypes.h>

/* A format's kind, planes, and bytes of a pixel in plane 0. */
typedef struct format {
        en_kind kind;
        int32_t planes, size;
} format;

static const format formats[] = {
        [EFFNET_PIXEL_RGB] = {EN_KIND_RGB, 1, 3},
        [EFFNET_PIXEL_BGR] = {EN_KIND_RGB, 1, 3},
        [EFFNET_PIXEL_RGBA] = {EN_KIND_ALPHA, 1, 4},
        [EFFNET_PIXEL_BGRA] = {EN_KIND_ALPHA, 1, 4},
        [EFFNET_PIXEL_GRAY] = {EN_KIND_RGB, 1, 1},
        [EFFNET_PIXEL_NV12] = {EN_KIND_YUV, 2, 1},
        [EFFNET_PIXEL_I420] = {EN_KIND_YUV, 3, 1},
        [EFFNET_PIXEL_YUYV] = {EN_KIND_YUV, 1, 2},
        [EFFNET_PIXEL_GRAY16] = {EN_KIND_REAL, 1, 2},
        [EFFNET_PIXEL_RGB16] = {EN_KIND_REAL, 1, 6},
        [EFFNET_PIXEL_GRAYF32] = {EN_KIND_REAL, 1, 4},
        [EFFNET_PIXEL_RGBF32] = {EN_KIND_REAL, 1, 12},
};

static const format *
format_of(int32_t number)
{
        static const format unknown = {EN_KIND_NONE, 0, 0};
        int32_t count = (int32_t)(sizeof(formats) / sizeof(formats[0]));

        return number >= 0 && number < count ? &formats[number] : &unknown;
}

en_kind
en_pixel_kind(int32_t number)
{
        return format_of(number)->kind;
}

int32_t
en_pixel_size(int32_t number)
{
        return format_of(number)->size;
}

int32_t
en_pixel_planes(int32_t number)
{
        return format_of(number)->planes;
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

bool
en_image_set_region(effnet_image *image, int32_t x, int32_t y, int32_t width,
                    int32_t height)
{
        if (x < 0 || y < 0 || width < 1 || height < 1 ||
            width > image->whole_width - x || height > image->whole_height - y)
                return false;
        image->left = x;
        image->top = y;
        image->width = width;
        image->height = height;
        image->pixels = image->planes[0] + y * image->stride +
                        (ptrdiff_t)x * en_pixel_size(image->format);
        return true;
}

/* A handle whose size and planes are set. */
static effnet_image *
new_image(int32_t number, int32_t width, int32_t height)
{
        effnet_image *made = en_alloc_zero(1, sizeof(*made));

        if (made == NULL)
                return NULL;
        made->format = number;
        made->whole_width = width;
        made->whole_height = height;
        made->scale = number == EFFNET_PIXEL_GRAY16 ||
                                      number == EFFNET_PIXEL_RGB16
                              ? 1.0 / 65535
                              : 1.0;
        return made;
}

effnet_status
en_image_create(effnet_image **image, int32_t width, int32_t height)
{
        effnet_status status = check_size(width, height);
        effnet_image *made;

        *image = NULL;
        if (status != EFFNET_OK)
                return status;
        made = new_image(EFFNET_PIXEL_RGB, width, height);
        if (made == NULL)
                return EFFNET_ERROR_MEMORY;
        /* No overflow: both sides are at most EN_MAX_IMAGE_SIDE. */
        made->owned = en_alloc_zero((size_t)width * 3, (size_t)height);
        if (made->owned == NULL) {
                en_free(made);
                return EFFNET_ERROR_MEMORY;
        }
        made->stride = made->strides[0] = (int64_t)width * 3;
        made->planes[0] = made->owned;
        en_image_set_region(made, 0, 0, width, height);
        *image = made;
        return EFFNET_OK;
}

/* A row fits into the stride, and the whole into the address space. */
static effnet_status
check_stride(uint64_t row, int32_t rows, int64_t stride)
{
        uint64_t step = stride < 0 ? 0 - (uint64_t)stride : (uint64_t)stride;
        uint64_t span;

        if (step < row)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "image stride: expected at least %" PRIu64
                               " bytes either way, found %" PRId64,
                               row, stride);
        if (!en_mul_u64(step, (uint64_t)rows, &span) || span > PTRDIFF_MAX)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "image stride: %" PRId32 " rows of %" PRId64
                               " bytes do not fit into memory",
                               rows, stride);
        return EFFNET_OK;
}

/* Chroma has half as many rows and columns, rounded up. */
static effnet_status
check_plane(int32_t number, int plane, int32_t width, int32_t height,
            int64_t stride)
{
        uint64_t pairs = ((uint64_t)width + 1) / 2;
        uint64_t row = (uint64_t)width * (uint64_t)en_pixel_size(number);

        if (number == EFFNET_PIXEL_YUYV)
                row = 4 * pairs;
        if (plane == 0)
                return check_stride(row, height, stride);
        return check_stride(number == EFFNET_PIXEL_NV12 ? 2 * pairs : pairs,
                            (height + 1) / 2, stride);
}

effnet_status
en_image_wrap(effnet_image **image, int32_t number, int32_t width,
              int32_t height, const void *const planes[3],
              const int64_t strides[3])
{
        effnet_status status = check_size(width, height);
        int32_t count = en_pixel_planes(number);
        effnet_image *made;

        *image = NULL;
        for (int i = 0; status == EFFNET_OK && i < count; i++)
                status = check_plane(number, i, width, height, strides[i]);
        if (status != EFFNET_OK)
                return status;
        made = new_image(number, width, height);
        if (made == NULL)
                return EFFNET_ERROR_MEMORY;
        for (int i = 0; i < count; i++) {
                made->planes[i] = planes[i];
                made->strides[i] = strides[i];
        }
        made->stride = strides[0];
        en_image_set_region(made, 0, 0, width, height);
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
