/* level.inc.h: all kernels of a level, from the vocabulary included before.
 * LEVEL_TABLE, LEVEL_NAME and LEVEL_ID name the level.
 */
#include "kernels/levels.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define NEVER_INLINE  __attribute__((noinline))

/* The pointer, of which the compiler knows no more how it was made: keeps it
 * from computing, and spilling, an address per access ahead of a loop.
 */
static ALWAYS_INLINE void *
opaque(const void *p)
{
        __asm__("" : "+r"(p));
        return (void *)(uintptr_t)p;
}

/* The same for a stride: keeps it an index, instead of a sum for each access.
 */
static ALWAYS_INLINE ptrdiff_t
counted(ptrdiff_t n)
{
        __asm__("" : "+r"(n));
        return n;
}

static inline int32_t
rounded_channels(int32_t channels)
{
        return (channels + EN_CHANNEL_ALIGN - 1) / EN_CHANNEL_ALIGN *
               EN_CHANNEL_ALIGN;
}

/* `n` is the constant V_LANES in all but the last vector of a row. */
static ALWAYS_INLINE vec
load_lanes(const float *p, int32_t n)
{
        return n == V_LANES ? vec_load(p) : vec_load_part(p, n);
}

static ALWAYS_INLINE void
store_lanes(float *p, vec v, int32_t n)
{
        if (n == V_LANES)
                vec_store(p, v);
        else
                vec_store_part(p, v, n);
}

/* How many pieces of at most `largest` make up `total`; at least 1. */
static inline int32_t
pieces(int64_t total, int32_t largest)
{
        return total > largest ? (int32_t)((total + largest - 1) / largest) : 1;
}

#include "kernels/activation.inc.h"
#include "kernels/depthwise.inc.h"
#include "kernels/packing.inc.h"
#include "kernels/pixels.inc.h"
#include "kernels/pointwise.inc.h"
#include "kernels/single.inc.h"
#include "kernels/weigh.inc.h"
#include "kernels/winograd.inc.h"

const en_kernels LEVEL_TABLE = {
        .name = LEVEL_NAME,
        .id = LEVEL_ID,
        .packed_size = packed_size,
        .panel_begin = panel_begin,
        .pack_pointwise = pack_pointwise,
        .unpack_output = unpack_output,
        .scale_packed = scale_packed,
        .pointwise = pointwise,
        .depthwise = depthwise,
        .winograd_size = winograd_size,
        .pack_winograd = pack_winograd,
        .winograd = winograd,
        .winograd_scratch = winograd_scratch,
        .sum_pixels = sum_pixels,
        .activate = activate,
        .scale_pixels = scale_pixels,
        .weigh = weigh,
};
