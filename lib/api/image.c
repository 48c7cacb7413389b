/* image.c: exported image functions. */
#include "image/image.h"

#include "api/check.h"
#include "base/alloc.h"
#include "base/fpu.h"
#include "base/source.h"
#include "image/resample.h"

#include <inttypes.h>

#define MOST_RESIZED_SIDE 65536
/* Pictures are read whole; none that is meant to be one is longer. */
#define MOST_FILE_BYTES (INT64_C(1) << 30)

static int64_t
least(int64_t a, int64_t b)
{
        return a < b ? a : b;
}

/* Looks at what the file begins with, then at its size, before the rest is
 * read.
 */
static effnet_status
check_source(const en_source *source, const effnet_options *options)
{
        int64_t limit = least(
                MOST_FILE_BYTES,
                least(options->max_file_bytes, options->max_memory_bytes));
        uint8_t head[EN_IMAGE_HEAD];
        size_t size = source->size < sizeof(head) ? (size_t)source->size
                                                  : sizeof(head);
        effnet_status status = en_source_read(source, 0, head, size);

        if (status == EFFNET_OK)
                status = en_image_check_head(head, size);
        if (status == EFFNET_OK && source->size > (uint64_t)limit)
                status = en_fail(EFFNET_ERROR_LIMIT,
                                 "%" PRIu64 " bytes, the limit of a picture's "
                                 "file is %" PRId64,
                                 source->size, limit);
        return status;
}

static effnet_status
read_picture(effnet_image **image, const en_source *source,
             const effnet_options *options)
{
        effnet_status status = check_source(source, options);
        size_t size = (size_t)source->size;
        uint8_t *data;

        if (status != EFFNET_OK)
                return status;
        data = en_alloc(size);
        if (data == NULL)
                return EFFNET_ERROR_MEMORY;
        status = en_source_read(source, 0, data, size);
        if (status == EFFNET_OK)
                status = en_image_decode(image, data, size, options);
        en_free(data);
        return status;
}

effnet_status
effnet_image_read_file(effnet_image **image, const char *path,
                       const effnet_options *options)
{
        const en_allocator *outer;
        effnet_status status;
        en_source source;

        if (image == NULL)
                return EN_NULL("image");
        *image = NULL;
        if (path == NULL)
                return EN_NULL("path");
        status = en_source_open(&source, path, UINT64_MAX);
        if (status != EFFNET_OK)
                return status;
        options = en_options_or_default(options);
        outer = en_allocator_use(&options->allocator);
        status = read_picture(image, &source, options);
        en_allocator_use(outer);
        en_source_close(&source);
        return en_fail_in(status, path);
}

effnet_status
effnet_image_read_memory(effnet_image **image, const void *data, size_t size,
                         const effnet_options *options)
{
        const en_allocator *outer;
        effnet_status status;

        if (image == NULL)
                return EN_NULL("image");
        *image = NULL;
        if (data == NULL)
                return EN_NULL("data");
        options = en_options_or_default(options);
        outer = en_allocator_use(&options->allocator);
        status = en_image_decode(image, data, size, options);
        en_allocator_use(outer);
        return status;
}

void
effnet_image_free(effnet_image *image)
{
        en_image_free(image);
}

int32_t
effnet_image_format(const effnet_image *image)
{
        return image != NULL ? image->format : 0;
}

int32_t
effnet_image_width(const effnet_image *image)
{
        return image != NULL ? image->width : 0;
}

int32_t
effnet_image_height(const effnet_image *image)
{
        return image != NULL ? image->height : 0;
}

int64_t
effnet_image_stride(const effnet_image *image)
{
        return image != NULL ? image->stride : 0;
}

const void *
effnet_image_pixels(const effnet_image *image)
{
        return image != NULL ? image->pixels : NULL;
}

effnet_status
effnet_image_resize(effnet_image **resized, const effnet_image *image,
                    int32_t width, int32_t height, int32_t filter)
{
        const en_rect keep = {0, 0, width, height};
        effnet_status status;
        uint64_t mode;

        if (resized == NULL)
                return EN_NULL("resized");
        *resized = NULL;
        if (image == NULL)
                return EN_NULL("image");
        if (width < 1 || width > MOST_RESIZED_SIDE || height < 1 ||
            height > MOST_RESIZED_SIDE)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "resize: expected sides of 1 to %d, found "
                               "%" PRId32 " x %" PRId32,
                               MOST_RESIZED_SIDE, width, height);
        if (en_pixel_kind(image->format) == EN_KIND_REAL)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "resize: expected an image of 8 bits, found "
                               "pixel format %" PRId32,
                               image->format);
        status = en_filter_check(filter);
        if (status != EFFNET_OK)
                return status;
        mode = en_fpu_enter();
        status = en_resample(resized, image,
                             (en_rect){0, 0, image->width, image->height},
                             width, height, filter, keep);
        en_fpu_leave(mode);
        return status;
}
