/* class_map.c: the class-activation map: the classifier without the mean. */
#include "run/class_map.h"

#include "base/alloc.h"

/* Pixels that are summed together. */
#define TILE 32

/* Of `count` pixels from `at` on; `pixels` lie between channels. */
static void
sum_channels(const float *at, int64_t pixels, int64_t count,
             const float *weights, int64_t channels, float *sums)
{
        double totals[TILE] = {0};

        for (int64_t c = 0; c < channels; c++, at += pixels)
                for (int64_t i = 0; i < count; i++)
                        totals[i] += (double)weights[c] * at[i];
        for (int64_t i = 0; i < count; i++)
                sums[i] = (float)totals[i];
}

effnet_status
en_class_map(const en_weights *weights, int32_t classes, int32_t index,
             const effnet_tensor *features, float *map)
{
        const en_packed *classifier =
                &weights->layers[weights->layer_count - 1];
        int64_t channels = features->shape[1];
        int64_t pixels = features->shape[2] * features->shape[3];
        const float *image = features->data;
        float *row = en_alloc_array((size_t)channels, sizeof(*row));

        if (row == NULL)
                return EFFNET_ERROR_MEMORY;
        weights->kernels->unpack_output(classifier->weights, (int32_t)channels,
                                        classes, index, row);
        for (int64_t n = 0; n < features->shape[0]; n++) {
                for (int64_t i = 0; i < pixels; i += TILE)
                        sum_channels(image + i, pixels,
                                     pixels - i < TILE ? pixels - i : TILE, row,
                                     channels, map + i);
                image += channels * pixels;
                map += pixels;
        }
        en_free(row);
        return EFFNET_OK;
}
