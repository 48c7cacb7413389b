/* stream.c: stores past the caches, with SSE's, or else ordinary ones. */
#include "base/stream.h"

#include <string.h>

#ifdef __SSE__
#include <xmmintrin.h>
#endif

bool
en_stream_exists(void)
{
#ifdef __SSE__
        return true;
#else
        return false;
#endif
}

static void
stream_row(float *to, const float *from, ptrdiff_t width)
{
#ifdef __SSE__
        for (ptrdiff_t i = 0; i < width; i += 4)
                _mm_stream_ps(to + i, _mm_load_ps(from + i));
#else
        memcpy(to, from, (size_t)width * sizeof(*to));
#endif
}

void
en_stream_rows(float *to, ptrdiff_t to_stride, const float *from,
               ptrdiff_t from_stride, ptrdiff_t width, ptrdiff_t rows)
{
        for (ptrdiff_t i = 0; i < rows; i++)
                stream_row(to + i * to_stride, from + i * from_stride, width);
}

void
en_stream_end(void)
{
#ifdef __SSE__
        _mm_sfence();
#endif
}
