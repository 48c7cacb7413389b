/* bytes_neon.h: the vocabulary of bytes (see bytes_portable.h) in AArch64's
 * NEON.
 */
#ifndef EN_KERNELS_BYTES_NEON_H
#define EN_KERNELS_BYTES_NEON_H

#include "kernels/kernels.h"

#include <arm_neon.h>
#include <stdint.h>

#define V_BYTES 16

typedef uint8x16_t vec_bytes;
typedef int32x4_t vec_sums;

static inline vec_bytes
vec_bytes_load(const uint8_t *p)
{
        return vld1q_u8(p);
}

static inline void
vec_bytes_store(uint8_t *p, vec_bytes v)
{
        vst1q_u8(p, v);
}

static inline vec_sums
vec_sums_set1(int32_t x)
{
        return vdupq_n_s32(x);
}

static inline vec_sums
vec_pairs(vec_bytes a, vec_bytes b, int part)
{
        const uint8x16_t both = part < 2 ? vzip1q_u8(a, b) : vzip2q_u8(a, b);

        return vreinterpretq_s32_u16(vmovl_u8(
                part % 2 == 0 ? vget_low_u8(both) : vget_high_u8(both)));
}

static inline vec_sums
vec_dot(vec_sums sum, vec_sums pairs, vec_sums weights)
{
        const int16x8_t p = vreinterpretq_s16_s32(pairs);
        const int16x8_t w = vreinterpretq_s16_s32(weights);

        return vaddq_s32(sum,
                         vpaddq_s32(vmull_s16(vget_low_s16(p), vget_low_s16(w)),
                                    vmull_high_s16(p, w)));
}

static inline vec_sums
vec_join(vec_sums low, vec_sums high)
{
        return vaddq_s32(low, vshlq_n_s32(high, EN_WEIGHT_LOW));
}

static inline vec_bytes
vec_narrow(vec_sums s0, vec_sums s1, vec_sums s2, vec_sums s3)
{
        const int16x8_t low = vcombine_s16(
                vqmovn_s32(vshrq_n_s32(s0, EN_WEIGHT_BITS)),
                vqmovn_s32(vshrq_n_s32(s1, EN_WEIGHT_BITS)));
        const int16x8_t high = vcombine_s16(
                vqmovn_s32(vshrq_n_s32(s2, EN_WEIGHT_BITS)),
                vqmovn_s32(vshrq_n_s32(s3, EN_WEIGHT_BITS)));

        return vcombine_u8(vqmovun_s16(low), vqmovun_s16(high));
}

#endif
