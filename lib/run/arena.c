/* arena.c: placement by decreasing size, each buffer in the lowest gap that
 * is free during its life ("greedy by size", Pisarchyk & Lee 2020).
 */
#include "run/arena.h"

#include "base/alloc.h"
#include "base/size.h"

#define NOT_PLACED SIZE_MAX
#define LINE       (EN_ALIGNMENT / sizeof(float))

static bool
live_together(const en_buffer *a, const en_buffer *b)
{
        return a->first <= b->last && b->first <= a->last;
}

static en_buffer *
largest_not_placed(en_buffer *buffers, int32_t count)
{
        en_buffer *largest = NULL;

        for (int32_t i = 0; i < count; i++)
                if (buffers[i].offset == NOT_PLACED &&
                    (largest == NULL || buffers[i].floats > largest->floats))
                        largest = &buffers[i];
        return largest;
}

/* The least offset at or above `from` that `buffer` cannot have because of
 * `other`, moved past it; `from` where they do not meet.
 */
static size_t
past(const en_buffer *buffer, const en_buffer *other, size_t from)
{
        if (other->offset == NOT_PLACED || !live_together(buffer, other) ||
            other->offset >= from + buffer->floats ||
            other->offset + other->floats <= from)
                return from;
        return other->offset + other->floats;
}

/* Moves past one conflict after the other until none is left.  Offsets only
 * grow, and each conflict is met once at most.
 */
static size_t
lowest_gap(const en_buffer *buffer, const en_buffer *buffers, int32_t count)
{
        size_t offset = 0, before;

        do {
                before = offset;
                for (int32_t i = 0; i < count; i++)
                        offset = past(buffer, &buffers[i], offset);
        } while (offset != before);
        return offset;
}

/* Rounds sizes to lines; false where all of them side by side overflow, so
 * that no sum of offset and size can.
 */
static bool
round_sizes(en_buffer *buffers, int32_t count)
{
        size_t total = 0;

        for (int32_t i = 0; i < count; i++) {
                if (!en_add_size(buffers[i].floats, LINE - 1,
                                 &buffers[i].floats))
                        return false;
                buffers[i].floats = buffers[i].floats / LINE * LINE;
                buffers[i].offset = NOT_PLACED;
                if (!en_add_size(total, buffers[i].floats, &total) ||
                    total > SIZE_MAX / 4)
                        return false;
        }
        return true;
}

bool
en_arena_place(en_buffer *buffers, int32_t count, size_t *floats)
{
        en_buffer *buffer;

        *floats = 0;
        if (!round_sizes(buffers, count))
                return false;
        while ((buffer = largest_not_placed(buffers, count)) != NULL) {
                buffer->offset = lowest_gap(buffer, buffers, count);
                if (buffer->offset + buffer->floats > *floats)
                        *floats = buffer->offset + buffer->floats;
        }
        return true;
}
