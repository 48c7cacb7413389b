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

static int64_t
divide_up(int64_t a, int64_t b)
{
        return (a + b - 1) / b;
}

en_split
en_split_make(int64_t total, int32_t align, int32_t least, int32_t threads)
{
        en_split split = {total, total, 1};

        if (threads <= 1 || total <= least)
                return split;
        split.chunk = divide_up(total, 2 * (int64_t)threads);
        if (split.chunk < least)
                split.chunk = least;
        split.chunk = divide_up(split.chunk, align) * align;
        split.tasks = (int32_t)divide_up(total, split.chunk);
        return split;
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
