/* image.c: exported image functions. */
#include "image/image.h"

#include "api/check.h"
#include "base/alloc.h"
#include "base/source.h"
#include "image/resample.h"

#include <inttypes.h>

#define MOST_RESIZED_SIDE 65536

effnet_status
effnet_image_read_file(effnet_image **image, const char *path,
                       const effnet_options *options)
{
        const effnet_options *chosen = en_options_or_default(options);
        effnet_status status;
        uint8_t *data;
        size_t size;

        if (image == NULL)
                return EN_NULL("image");
        *image = NULL;
        if (path == NULL)
                return EN_NULL("path");
        status = en_read_file(path, (uint64_t)chosen->max_file_bytes, &data,
                              &size);
        if (status != EFFNET_OK)
                return status;
        status = en_image_decode(image, data, size, chosen);
        en_free(data);
        return en_fail_in(status, path);
}

effnet_status
effnet_image_read_memory(effnet_image **image, const void *data, size_t size,
                         const effnet_options *options)
{
        if (image == NULL)
                return EN_NULL("image");
        *image = NULL;
        if (data == NULL)
                return EN_NULL("data");
        return en_image_decode(image, data, size, options);
}

effnet_status
effnet_image_wrap(effnet_image **image, int32_t format, int32_t width,
                  int32_t height, const void *pixels, int64_t stride,
                  effnet_release_fn release, void *opaque)
{
        effnet_status status;

        if (image == NULL)
                return EN_NULL("image");
        *image = NULL;
        if (pixels == NULL)
                return EN_NULL("pixels");
        status = en_image_wrap(image, format, width, height, pixels, stride);
        if (status != EFFNET_OK)
                return status;
        (*image)->release = release;
        (*image)->opaque = opaque;
        return EFFNET_OK;
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
        status = en_filter_check(filter);
        if (status != EFFNET_OK)
                return status;
        return en_resample(resized, image,
                           (en_rect){0, 0, image->width, image->height}, width,
                           height, filter, keep);
}
