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

/* Channels are computed in whole vectors, and at least in eights, so that the
 * levels cut layers into much the same panels.
 */
#define V_ALIGN (V_LANES > 8 ? V_LANES : 8)

static inline int32_t
rounded_channels(int32_t channels)
{
        return (channels + V_ALIGN - 1) / V_ALIGN * V_ALIGN;
}

/* How many pieces of at most `largest` make up `total`; at least 1. */
static inline int32_t
pieces(int64_t total, int32_t largest)
{
        return total > largest ? (int32_t)((total + largest - 1) / largest) : 1;
}

#include "kernels/logistic.inc.h"

#include "kernels/activation.inc.h"
#include "kernels/depthwise.inc.h"
#include "kernels/packing.inc.h"
#include "kernels/pixels.inc.h"
#include "kernels/pointwise.inc.h"
#include "kernels/single.inc.h"
#include "kernels/weigh.inc.h"
#include "kernels/winograd.inc.h"

/* Of the kernels above. */
#include "kernels/limited.inc.h"

const en_kernels LEVEL_TABLE = {
        .name = LEVEL_NAME,
        .id = LEVEL_ID,
        .align = V_ALIGN,
        .later = V_LATER,
        .streams = V_STREAMS,
        .silu_scale = SILU_SCALE,
        .packed_size = packed_size,
        .panel_begin = panel_begin,
        .pack_pointwise = pack_pointwise,
        .unpack_output = unpack_output,
        .scale_packed = scale_packed,
        .pointwise = pointwise_limited,
        .depthwise = depthwise_limited,
        .winograd_size = winograd_size,
        .pack_winograd = pack_winograd,
        .winograd = winograd_limited,
        .winograd_scratch = winograd_scratch,
        .sum_pixels = sum_pixels,
        .activate = activate,
        .scale_pixels = scale_pixels,
        .weigh = weigh,
};
