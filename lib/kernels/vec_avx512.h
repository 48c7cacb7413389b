/* vec_avx512.h: the vocabulary (see vec_portable.h) in AVX-512. */
#ifndef EN_KERNELS_VEC_AVX512_H
#define EN_KERNELS_VEC_AVX512_H

#include "kernels/powers.h"

#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define V_LANES  16
#define V_FUSED  1
#define V_POWERS 1

/* 28 or 27 sums, 2 or 3 weights and a broadcast input, for 32 registers; with
 * one vector a row each sum needs a load, and more rows' pointers need others.
 */
#define V_PANEL_VECTORS 2
#define V_WIDE_VECTORS  3
#define V_ROWS_1        10
#define V_ROWS_2        14
#define V_ROWS_3        9
#define V_UNROLL        2
#define V_LARGE         20
#define V_HALVES        0
#define V_COLUMNS       8
#define V_PAIRS         1
#define V_FOLDS         1
#define V_LATER         0xa0000
#define V_STREAMS       1

typedef __m512 vec;

static inline vec
vec_load(const float *p)
{
        return _mm512_loadu_ps(p);
}

static inline void
vec_store(float *p, vec v)
{
        _mm512_storeu_ps(p, v);
}

static inline void
vec_stream(float *p, vec v)
{
        _mm512_stream_ps(p, v);
}

static inline void
vec_stream_end(void)
{
        _mm_sfence();
}

static inline vec
vec_set1(float x)
{
        return _mm512_set1_ps(x);
}

static inline vec
vec_set_pair(const float *p)
{
        double pair;

        memcpy(&pair, p, sizeof(pair));
        return _mm512_castpd_ps(_mm512_set1_pd(pair));
}

static inline vec
vec_sum_pairs(vec a, vec b)
{
        const __m512i even = _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16,
                                              14, 12, 10, 8, 6, 4, 2, 0);
        const __m512i odd = _mm512_or_si512(even, _mm512_set1_epi32(1));

        return _mm512_add_ps(_mm512_permutex2var_ps(a, even, b),
                             _mm512_permutex2var_ps(a, odd, b));
}

static inline vec
vec_add(vec a, vec b)
{
        return _mm512_add_ps(a, b);
}

static inline vec
vec_sub(vec a, vec b)
{
        return _mm512_sub_ps(a, b);
}

static inline vec
vec_mul(vec a, vec b)
{
        return _mm512_mul_ps(a, b);
}

static inline vec
vec_div(vec a, vec b)
{
        return _mm512_div_ps(a, b);
}

static inline vec
vec_fma(vec a, vec b, vec c)
{
        return _mm512_fmadd_ps(a, b, c);
}

/* Spelt out for the reasons in vec_avx2.h. */
static inline vec
vec_accumulate(vec sum, vec a, vec b)
{
#ifdef __GNUC__
        __asm__("vfmadd231ps %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
        return sum;
#else
        return _mm512_fmadd_ps(a, b, sum);
#endif
}

static inline vec
vec_min(vec a, vec b)
{
        return _mm512_min_ps(a, b);
}

static inline vec
vec_max(vec a, vec b)
{
        return _mm512_max_ps(a, b);
}

static inline vec
vec_exponent(vec a)
{
        return _mm512_castsi512_ps(
                _mm512_slli_epi32(_mm512_castps_si512(a), 23));
}

/* The five bits after the point stay. */
static inline vec
vec_beyond(vec a)
{
        return _mm512_reduce_ps(a, 5 << 4 | _MM_FROUND_TO_NEG_INF);
}

/* Adding 1.5 * 2^23 / 32 rounds down to 32nds, and leaves their number in the
 * lowest bits, of which vpermt2ps takes five as an index into two registers;
 * vscalefps rounds its exponent down.
 */
static inline vec
vec_power(vec a)
{
        const vec low = _mm512_loadu_ps(powers_of_two);
        const vec high = _mm512_loadu_ps(powers_of_two + 16);
        const vec bits = _mm512_add_round_ps(a, _mm512_set1_ps(0x1.8p18f),
                                             _MM_FROUND_TO_NEG_INF |
                                                     _MM_FROUND_NO_EXC);
        const __m512i index = _mm512_castps_si512(bits);

        return _mm512_scalef_ps(_mm512_permutex2var_ps(low, index, high), a);
}

static inline vec
vec_swapped(vec a)
{
        return _mm512_shuffle_f32x4(a, a, 0x4e);
}

static inline vec
vec_div_halves(vec a, vec b)
{
        return _mm512_broadcast_f32x8(_mm256_div_ps(_mm512_castps512_ps256(a),
                                                    _mm512_castps512_ps256(b)));
}

/* MXCSR's sticky flags; what was stored before has raised them. */
static inline bool
vec_overflowed(void)
{
        const uint32_t flags = _MM_EXCEPT_OVERFLOW | _MM_EXCEPT_INVALID;
        uint32_t mode;

        __asm__ volatile("" : : : "memory");
        mode = _mm_getcsr();
        if ((mode & flags) == 0)
                return false;
        _mm_setcsr(mode & ~flags);
        return true;
}

#endif
