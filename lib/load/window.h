/* window.h: bytes read from front to back, and kept, as far as they are asked
 * for: a pickle's length is known only when it has been read.
 */
#ifndef EN_LOAD_WINDOW_H
#define EN_LOAD_WINDOW_H

#include "base/source.h"

typedef struct en_window {
        const en_source *source; /* NULL: all is there already */
        uint64_t limit;          /* bytes kept at most */
        uint8_t *data;           /* may move with each en_window_need */
        size_t have, capacity;
        size_t position;
} en_window;

/* Over a source from its first byte on. */
void en_window_open(en_window *window, const en_source *source, uint64_t limit);
/* Over a block (en_alloc), which it takes. */
void en_window_take(en_window *window, uint8_t *data, size_t size);
void en_window_close(en_window *window);

/* Makes `n` bytes at the position readable. */
effnet_status en_window_need(en_window *window, uint64_t n);

#endif
