/* vec_neon.h: the vocabulary (see vec_portable.h) in AArch64's NEON. */
#ifndef EN_KERNELS_VEC_NEON_H
#define EN_KERNELS_VEC_NEON_H

#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

#define V_LANES  4
#define V_FUSED  1
#define V_POWERS 0

/* 24 sums, 2 or 3 weights and a broadcast input, for 32 registers. */
#define V_PANEL_VECTORS 2
#define V_WIDE_VECTORS  3
#define V_ROWS_1        12
#define V_ROWS_2        12
#define V_ROWS_3        8
#define V_UNROLL        1
#define V_LARGE         1
#define V_HALVES        0
#define V_COLUMNS       8
#define V_PAIRS         0
#define V_FOLDS         0
#define V_LATER         0
#define V_STREAMS       0

typedef float32x4_t vec;

static inline vec
vec_load(const float *p)
{
        return vld1q_f32(p);
}

static inline void
vec_store(float *p, vec v)
{
        vst1q_f32(p, v);
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
        return vdupq_n_f32(x);
}

static inline vec
vec_add(vec a, vec b)
{
        return vaddq_f32(a, b);
}

static inline vec
vec_sub(vec a, vec b)
{
        return vsubq_f32(a, b);
}

static inline vec
vec_mul(vec a, vec b)
{
        return vmulq_f32(a, b);
}

static inline vec
vec_div(vec a, vec b)
{
        return vdivq_f32(a, b);
}

static inline vec
vec_fma(vec a, vec b, vec c)
{
        return vfmaq_f32(c, a, b);
}

static inline vec
vec_accumulate(vec sum, vec a, vec b)
{
        return vfmaq_f32(sum, a, b);
}

static inline vec
vec_min(vec a, vec b)
{
        return vminq_f32(a, b);
}

static inline vec
vec_max(vec a, vec b)
{
        return vmaxq_f32(a, b);
}

static inline vec
vec_exponent(vec a)
{
        return vreinterpretq_f32_u32(vshlq_n_u32(vreinterpretq_u32_f32(a), 23));
}

#endif
