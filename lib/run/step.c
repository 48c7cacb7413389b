/* step.c: what several kinds of step share. */
#include "run/step.h"

#include "base/size.h"

ptrdiff_t
en_pixel_stride(int32_t channels)
{
        return (ptrdiff_t)en_round_up((size_t)channels, EN_CHANNEL_ALIGN);
}

int64_t
en_out_pixels(const en_layer *layer)
{
        return (int64_t)layer->out_height * layer->out_width;
}

/* With all else that a step uses, half of a second cache of 512 KiB. */
#define NEAR_FLOATS 65536

int64_t
en_pixels_ahead(const en_layer *layer, int64_t begin, int64_t end)
{
        int64_t pixels = (int64_t)layer->in_height * layer->in_width;

        return pixels * en_pixel_stride(layer->in_channels) > NEAR_FLOATS
                       ? end - begin
                       : 0;
}

bool
en_is_residual(const en_network *network, int32_t index)
{
        for (int32_t i = index; i < network->layer_count; i++)
                if (network->layers[i].residual == index)
                        return true;
        return false;
}

static int64_t
divide_up(int64_t a, int64_t b)
{
        return (a + b - 1) / b;
}

en_split
en_split_into(int64_t total, int32_t parts)
{
        en_split split = {total, total, 1};

        if (parts > 1 && total > 1) {
                split.chunk = divide_up(total, parts);
                split.tasks = (int32_t)divide_up(total, split.chunk);
        }
        return split;
}

en_split
en_split_make(int64_t total, int32_t least, int32_t threads)
{
        int64_t parts = threads > 1 ? 2 * (int64_t)threads : 1;

        if (parts > total / least)
                parts = total / least;
        return en_split_into(total, (int32_t)parts);
}

int64_t
en_split_begin(const en_split *split, int32_t task)
{
        return task * split->chunk;
}

int64_t
en_split_end(const en_split *split, int32_t task)
{
        int64_t end = (task + 1) * split->chunk;

        return end < split->total ? end : split->total;
}

int32_t
en_panel_count(const en_kernels *kernels, int32_t outputs)
{
        int32_t end = kernels->panel_begin(outputs, INT32_MAX);
        int32_t begin = 0, count = 0;

        for (int32_t i = 0; i < end; i++) {
                int32_t panel = kernels->panel_begin(outputs, i);

                if (i == 0 || panel > begin)
                        count += panel < end;
                begin = panel;
        }
        return count;
}

int32_t
en_outputs_begin(const en_kernels *kernels, int32_t outputs, int32_t parts,
                 int32_t index)
{
        int64_t even = (int64_t)en_pixel_stride(outputs) * index / parts;

        return kernels->panel_begin(outputs, (int32_t)even);
}
