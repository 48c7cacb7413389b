/* stream.h: stores that go past the caches, for what is not read again before
 * it would have left them.
 */
#ifndef EN_BASE_STREAM_H
#define EN_BASE_STREAM_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the processor has such stores. */
bool en_stream_exists(void);

/* Copies rows of `width` floats, a multiple of 4; all is aligned to 16 bytes.
 * Other threads see them once en_stream_end was called.
 */
void en_stream_rows(float *to, ptrdiff_t to_stride, const float *from,
                    ptrdiff_t from_stride, ptrdiff_t width, ptrdiff_t rows);
void en_stream_end(void);

#endif
