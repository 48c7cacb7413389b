/* vec_portable.h: the vocabulary of the templates, in the vector extension of
 * gcc and clang, which they lower to whatever the target has.  The other
 * vec_*.h define the same words:
 *
 * V_LANES          floats in a vec
 * V_FUSED          1 where vec_fma rounds once
 * V_POWERS         1 where there are vec_beyond, vec_power, vec_swapped,
 *                  vec_div_halves and vec_overflowed
 * V_PANEL_VECTORS  vecs across a panel of packed pointwise weights
 * V_WIDE_VECTORS   vecs across the last panel at most
 * V_ROWS_n         pixels of the register tile that is n vecs wide, 14 at most
 * V_UNROLL         inputs that the register tiles of V_LARGE sums and more add
 *                  in one go: 1, 2 or 4
 * V_HALVES         1 where those tiles end in two halves
 * V_COLUMNS        output columns of the depthwise register tile: 7 or 8
 * V_PAIRS          1 where there are registers for two rows of them
 * V_FOLDS          1 where a last panel of at most 3/2 vecs is folded: it has
 *                  the weights of two inputs in each vec; there are
 *                  vec_set_pair and vec_sum_pairs then
 * V_LATER          bytes that are prefetched for the next step, where half the
 *                  second cache has room for them
 * V_STREAMS        1 where vec_stream goes past the caches
 *
 * vec_load, vec_store            any alignment
 * vec_stream                     of a vec's alignment; others see it only after
 *                                vec_stream_end
 * vec_min, vec_max               NaN where the second is; the first never is
 * vec_fma, vec_accumulate        a * b + c, sum + a * b: fused where that is
 *                                fast, else rounded twice
 * vec_set_pair                   two floats again and again
 * vec_sum_pairs                  the sums of the first's pairs of lanes, and of
 *                                the second's
 * vec_exponent                   each lane's bits shifted left by 23
 * vec_beyond                     a - floor(32 a) / 32, and
 * vec_power                      2^(2 + floor(32 a) / 32), which overflows from
 *                                126 on
 * vec_swapped                    the upper half of the lanes and the lower
 * vec_div_halves                 a / b, the halves of both of which are equal
 * vec_overflowed                 whether anything of this thread overflowed, or
 *                                was invalid, such as 0 times infinity, since
 *                                this was last asked
 */
#ifndef EN_KERNELS_VEC_PORTABLE_H
#define EN_KERNELS_VEC_PORTABLE_H

#include <stdint.h>
#include <string.h>

/* The tests define a wider level's constants, and compile its templates. */
#ifndef V_LANES

/* 16 bytes: gcc spills wider vectors where the target has none. */
#define V_LANES 4

#define V_POWERS 0

/* 12 sums, 2 weights and a broadcast input, for 16 registers. */
#define V_PANEL_VECTORS 2
#define V_WIDE_VECTORS  2
#define V_ROWS_1        6
#define V_ROWS_2        6
#define V_ROWS_3        1 /* not used */
#define V_UNROLL        1
#define V_LARGE         1
#define V_HALVES        0
#define V_COLUMNS       8
#define V_PAIRS         0
#define V_FOLDS         0
#define V_LATER         0

#endif

#define V_FUSED   0
#define V_STREAMS 0

typedef float vec __attribute__((vector_size(4 * V_LANES)));
typedef int32_t vec_bits __attribute__((vector_size(4 * V_LANES)));
typedef uint32_t vec_unsigned __attribute__((vector_size(4 * V_LANES)));

static inline vec
vec_load(const float *p)
{
        vec v;

        memcpy(&v, p, sizeof(v));
        return v;
}

static inline void
vec_store(float *p, vec v)
{
        memcpy(p, &v, sizeof(v));
}

static inline void
vec_stream(float *p, vec v)
{
        vec_store(p, v);
}

static inline void
vec_stream_end(void)
{
}

static inline vec
vec_set1(float x)
{
        return x - (vec){0}; /* x - 0 is x, -0 included; x + 0 is not */
}

static inline vec
vec_add(vec a, vec b)
{
        return a + b;
}

static inline vec
vec_sub(vec a, vec b)
{
        return a - b;
}

static inline vec
vec_mul(vec a, vec b)
{
        return a * b;
}

static inline vec
vec_div(vec a, vec b)
{
        return a / b;
}

static inline vec
vec_fma(vec a, vec b, vec c)
{
        return a * b + c;
}

static inline vec
vec_accumulate(vec sum, vec a, vec b)
{
        return sum + a * b;
}

static inline vec
vec_choose(vec_bits mask, vec a, vec b)
{
        return (vec)((mask & (vec_bits)a) | (~mask & (vec_bits)b));
}

static inline vec
vec_min(vec a, vec b)
{
        return vec_choose(a < b, a, b);
}

static inline vec
vec_max(vec a, vec b)
{
        return vec_choose(a > b, a, b);
}

static inline vec
vec_exponent(vec a)
{
        return (vec)((vec_unsigned)a << 23);
}

#if V_FOLDS

static inline vec
vec_set_pair(const float *p)
{
        vec v;

        for (int i = 0; i < V_LANES; i++)
                v[i] = p[i % 2];
        return v;
}

static inline vec
vec_sum_pairs(vec a, vec b)
{
        vec sums;

        for (int i = 0; i < V_LANES / 2; i++) {
                sums[i] = a[2 * i] + a[2 * i + 1];
                sums[i + V_LANES / 2] = b[2 * i] + b[2 * i + 1];
        }
        return sums;
}

#endif

#if V_POWERS

#include "kernels/powers.h"

#include <fenv.h>
#include <math.h>
#include <stdbool.h>

static inline vec
vec_beyond(vec a)
{
        vec beyond;

        for (int i = 0; i < V_LANES; i++)
                beyond[i] = fabsf(a[i]) >= 0x1p18f
                                    ? 0
                                    : a[i] - floorf(a[i] * 32) / 32;
        return beyond;
}

static inline vec
vec_power(vec a)
{
        vec power;

        for (int i = 0; i < V_LANES; i++) {
                const float near = fminf(200, fmaxf(-200, a[i]));

                power[i] = ldexpf(powers_of_two[(int)floorf(near * 32) & 31],
                                  (int)floorf(near));
        }
        return power;
}

static inline vec
vec_swapped(vec a)
{
        vec swapped;

        for (int i = 0; i < V_LANES; i++)
                swapped[i] = a[i ^ V_LANES / 2];
        return swapped;
}

static inline vec
vec_div_halves(vec a, vec b)
{
        return a / b;
}

static inline bool
vec_overflowed(void)
{
        __asm__ volatile("" : : : "memory");
        if (!fetestexcept(FE_OVERFLOW | FE_INVALID))
                return false;
        feclearexcept(FE_OVERFLOW | FE_INVALID);
        return true;
}

#endif

#endif
