/* bytes_sse2.h: the vocabulary of bytes (see bytes_portable.h) in SSE2.
 * Unpacking and packing keep to 128 bits each, and so undo each other.
 */
#ifndef EN_KERNELS_BYTES_SSE2_H
#define EN_KERNELS_BYTES_SSE2_H

#include "kernels/kernels.h"

#include <emmintrin.h>
#include <stdint.h>

#define V_BYTES 16

typedef __m128i vec_bytes;
typedef __m128i vec_sums;

static inline vec_bytes
vec_bytes_load(const uint8_t *p)
{
        return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline void
vec_bytes_store(uint8_t *p, vec_bytes v)
{
        _mm_storeu_si128((__m128i *)(void *)p, v);
}

static inline vec_sums
vec_sums_set1(int32_t x)
{
        return _mm_set1_epi32(x);
}

static inline vec_sums
vec_pairs(vec_bytes a, vec_bytes b, int part)
{
        const vec_bytes zero = _mm_setzero_si128();
        const vec_bytes both = part < 2 ? _mm_unpacklo_epi8(a, b)
                                        : _mm_unpackhi_epi8(a, b);

        return part % 2 == 0 ? _mm_unpacklo_epi8(both, zero)
                             : _mm_unpackhi_epi8(both, zero);
}

static inline vec_sums
vec_dot(vec_sums sum, vec_sums pairs, vec_sums weights)
{
        return _mm_add_epi32(sum, _mm_madd_epi16(pairs, weights));
}

static inline vec_sums
vec_join(vec_sums low, vec_sums high)
{
        return _mm_add_epi32(low, _mm_slli_epi32(high, EN_WEIGHT_LOW));
}

static inline vec_bytes
vec_narrow(vec_sums s0, vec_sums s1, vec_sums s2, vec_sums s3)
{
        s0 = _mm_srai_epi32(s0, EN_WEIGHT_BITS);
        s1 = _mm_srai_epi32(s1, EN_WEIGHT_BITS);
        s2 = _mm_srai_epi32(s2, EN_WEIGHT_BITS);
        s3 = _mm_srai_epi32(s3, EN_WEIGHT_BITS);
        return _mm_packus_epi16(_mm_packs_epi32(s0, s1),
                                _mm_packs_epi32(s2, s3));
}

#endif
