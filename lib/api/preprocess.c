/* preprocess.c: exported preprocessing functions. */
#include "image/preprocess.h"

#include "api/check.h"
#include "base/alloc.h"
#include "base/tensor.h"

#include <inttypes.h>
#include <string.h>

static effnet_status
new_preprocess(effnet_preprocess **out, const en_preset *steps)
{
        effnet_preprocess *preprocess = en_alloc(sizeof(*preprocess));

        if (preprocess == NULL)
                return EFFNET_ERROR_MEMORY;
        preprocess->steps = *steps;
        *out = preprocess;
        return EFFNET_OK;
}

effnet_status
effnet_preprocess_create(effnet_preprocess **preprocess)
{
        effnet_config config;
        effnet_status status;
        en_preset steps;

        if (preprocess == NULL)
                return EN_NULL("preprocess");
        *preprocess = NULL;
        status = en_config_named(&config, "efficientnet_b0");
        if (status != EFFNET_OK)
                return status;
        steps = en_preset_for(&config);
        return new_preprocess(preprocess, &steps);
}

effnet_status
effnet_preprocess_create_for(effnet_preprocess **preprocess,
                             const effnet_config *config)
{
        en_preset steps;

        if (preprocess == NULL)
                return EN_NULL("preprocess");
        *preprocess = NULL;
        if (config == NULL)
                return EN_NULL("config");
        steps = en_preset_for(config);
        return new_preprocess(preprocess, &steps);
}

effnet_status
effnet_preprocess_copy(effnet_preprocess **preprocess,
                       const effnet_preprocess *source)
{
        if (preprocess == NULL)
                return EN_NULL("preprocess");
        *preprocess = NULL;
        if (source == NULL)
                return EN_NULL("source");
        return new_preprocess(preprocess, &source->steps);
}

void
effnet_preprocess_free(effnet_preprocess *preprocess)
{
        en_free(preprocess);
}

static en_preset
steps_of(const effnet_preprocess *preprocess)
{
        return preprocess != NULL ? preprocess->steps : (en_preset){0};
}

/* Takes the changed steps over if they are valid. */
static effnet_status
change(const char *function, effnet_preprocess *preprocess,
       const en_preset *steps)
{
        effnet_status status;

        if (preprocess == NULL)
                return en_fail(EFFNET_ERROR_ARGUMENT, "%s: preprocess is NULL",
                               function);
        status = en_preprocess_check(steps);
        if (status == EFFNET_OK)
                preprocess->steps = *steps;
        return status;
}

effnet_status
effnet_preprocess_set_mode(effnet_preprocess *preprocess, int32_t mode)
{
        en_preset steps = steps_of(preprocess);

        steps.mode = mode;
        return change(__func__, preprocess, &steps);
}

effnet_status
effnet_preprocess_set_resize(effnet_preprocess *preprocess, int32_t height,
                             int32_t width)
{
        en_preset steps = steps_of(preprocess);

        steps.resize_height = height;
        steps.resize_width = width;
        return change(__func__, preprocess, &steps);
}

effnet_status
effnet_preprocess_set_crop(effnet_preprocess *preprocess, int32_t height,
                           int32_t width)
{
        en_preset steps = steps_of(preprocess);

        steps.crop_height = height;
        steps.crop_width = width;
        return change(__func__, preprocess, &steps);
}

effnet_status
effnet_preprocess_set_filter(effnet_preprocess *preprocess, int32_t filter)
{
        en_preset steps = steps_of(preprocess);

        steps.filter = filter;
        return change(__func__, preprocess, &steps);
}

effnet_status
effnet_preprocess_set_mean(effnet_preprocess *preprocess, const float mean[3])
{
        en_preset steps = steps_of(preprocess);

        if (mean == NULL)
                return EN_NULL("mean");
        memcpy(steps.mean, mean, sizeof(steps.mean));
        return change(__func__, preprocess, &steps);
}

effnet_status
effnet_preprocess_set_std(effnet_preprocess *preprocess, const float std[3])
{
        en_preset steps = steps_of(preprocess);

        if (std == NULL)
                return EN_NULL("std");
        memcpy(steps.std, std, sizeof(steps.std));
        return change(__func__, preprocess, &steps);
}

int32_t
effnet_preprocess_mode(const effnet_preprocess *preprocess)
{
        return steps_of(preprocess).mode;
}

int32_t
effnet_preprocess_filter(const effnet_preprocess *preprocess)
{
        return steps_of(preprocess).filter;
}

static void
answer(int32_t *to, int32_t value)
{
        if (to != NULL)
                *to = value;
}

effnet_status
effnet_preprocess_get_resize(const effnet_preprocess *preprocess,
                             int32_t *height, int32_t *width)
{
        const en_preset steps = steps_of(preprocess);

        answer(height, steps.resize_height);
        answer(width, steps.resize_width);
        return preprocess != NULL ? EFFNET_OK : EN_NULL("preprocess");
}

effnet_status
effnet_preprocess_get_crop(const effnet_preprocess *preprocess, int32_t *height,
                           int32_t *width)
{
        const en_preset steps = steps_of(preprocess);

        answer(height, steps.crop_height);
        answer(width, steps.crop_width);
        return preprocess != NULL ? EFFNET_OK : EN_NULL("preprocess");
}

effnet_status
effnet_preprocess_get_mean_std(const effnet_preprocess *preprocess,
                               float mean[3], float std[3])
{
        const en_preset steps = steps_of(preprocess);

        if (mean != NULL)
                memcpy(mean, steps.mean, sizeof(steps.mean));
        if (std != NULL)
                memcpy(std, steps.std, sizeof(steps.std));
        return preprocess != NULL ? EFFNET_OK : EN_NULL("preprocess");
}

effnet_status
effnet_preprocess_apply(const effnet_preprocess *preprocess,
                        const effnet_image *image, effnet_tensor **tensor)
{
        effnet_status status;
        int32_t height, width, channels;

        if (tensor == NULL)
                return EN_NULL("tensor");
        *tensor = NULL;
        if (preprocess == NULL)
                return EN_NULL("preprocess");
        if (image == NULL)
                return EN_NULL("image");
        status = en_preprocess_size(&preprocess->steps, image->height,
                                    image->width, &height, &width);
        if (status != EFFNET_OK)
                return status;
        channels = en_preprocess_channels(&preprocess->steps);
        status = effnet_tensor_create(tensor, EFFNET_TYPE_F32, 4,
                                      (int64_t[]){1, channels, height, width});
        if (status != EFFNET_OK)
                return status;
        status = en_preprocess_apply(&preprocess->steps, image,
                                     (*tensor)->data);
        if (status != EFFNET_OK) {
                effnet_tensor_free(*tensor);
                *tensor = NULL;
        }
        return status;
}

static effnet_status
check_destination(const effnet_tensor *tensor, int64_t index, int32_t channels,
                  int32_t height, int32_t width)
{
        const int64_t *shape = tensor->shape;

        if (tensor->type != EFFNET_TYPE_F32 || tensor->rank != 4)
                return en_fail(EFFNET_ERROR_MISMATCH,
                               "tensor: expected float and rank 4, found type "
                               "%" PRId32 " and rank %" PRId32,
                               tensor->type, tensor->rank);
        if (shape[1] != channels || shape[2] != height || shape[3] != width)
                return en_fail(EFFNET_ERROR_MISMATCH,
                               "tensor: expected N x %" PRId32 " x %" PRId32
                               " x %" PRId32 ", found N x %" PRId64
                               " x %" PRId64 " x %" PRId64,
                               channels, height, width, shape[1], shape[2],
                               shape[3]);
        if (index < 0 || index >= shape[0])
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "index: expected 0 to below %" PRId64
                               ", found %" PRId64,
                               shape[0], index);
        return EFFNET_OK;
}

effnet_status
effnet_preprocess_apply_into(const effnet_preprocess *preprocess,
                             const effnet_image *image, effnet_tensor *tensor,
                             int64_t index)
{
        effnet_status status;
        int32_t height, width, channels;

        if (preprocess == NULL)
                return EN_NULL("preprocess");
        if (image == NULL)
                return EN_NULL("image");
        if (tensor == NULL)
                return EN_NULL("tensor");
        status = en_preprocess_size(&preprocess->steps, image->height,
                                    image->width, &height, &width);
        channels = en_preprocess_channels(&preprocess->steps);
        if (status == EFFNET_OK)
                status = check_destination(tensor, index, channels, height,
                                           width);
        if (status != EFFNET_OK)
                return status;
        return en_preprocess_apply(&preprocess->steps, image,
                                   (float *)tensor->data +
                                           index * channels * height * width);
}
