/* arena.h: buffers placed in one block by lifetime. */
#ifndef EN_RUN_ARENA_H
#define EN_RUN_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct en_buffer {
        size_t floats;
        int32_t first, last; /* the steps that it must live through */
        size_t offset;       /* in floats, on a cache line */
} en_buffer;

/* Sets every offset so that buffers which live at the same time do not
 * overlap; `floats` takes the size of the whole.  False on overflow.
 */
bool en_arena_place(en_buffer *buffers, int32_t count, size_t *floats);

#endif
