/* vec_sse2.h: the vocabulary (see vec_portable.h) in SSE2, without FMA. */
#ifndef EN_KERNELS_VEC_SSE2_H
#define EN_KERNELS_VEC_SSE2_H

#include <emmintrin.h>
#include <stdint.h>
#include <string.h>

#define V_LANES  4
#define V_FUSED  0
#define V_POWERS 0

/* 12 sums, 2 weights, a broadcast input and a product, for 16 registers. */
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
#define V_STREAMS       1

typedef __m128 vec;

static inline vec
vec_load(const float *p)
{
        return _mm_loadu_ps(p);
}

static inline void
vec_store(float *p, vec v)
{
        _mm_storeu_ps(p, v);
}

static inline void
vec_stream(float *p, vec v)
{
        _mm_stream_ps(p, v);
}

static inline void
vec_stream_end(void)
{
        _mm_sfence();
}

static inline vec
vec_set1(float x)
{
        return _mm_set1_ps(x);
}

static inline vec
vec_add(vec a, vec b)
{
        return _mm_add_ps(a, b);
}

static inline vec
vec_sub(vec a, vec b)
{
        return _mm_sub_ps(a, b);
}

static inline vec
vec_mul(vec a, vec b)
{
        return _mm_mul_ps(a, b);
}

static inline vec
vec_div(vec a, vec b)
{
        return _mm_div_ps(a, b);
}

static inline vec
vec_fma(vec a, vec b, vec c)
{
        return _mm_add_ps(_mm_mul_ps(a, b), c);
}

static inline vec
vec_accumulate(vec sum, vec a, vec b)
{
        return _mm_add_ps(sum, _mm_mul_ps(a, b));
}

static inline vec
vec_min(vec a, vec b)
{
        return _mm_min_ps(a, b);
}

static inline vec
vec_max(vec a, vec b)
{
        return _mm_max_ps(a, b);
}

static inline vec
vec_exponent(vec a)
{
        return _mm_castsi128_ps(_mm_slli_epi32(_mm_castps_si128(a), 23));
}

#endif
