/* bytes_portable.h: the vocabulary of bytes, in the vector extension of gcc and
 * clang.  The other bytes_*.h define the same words:
 *
 * V_BYTES                 bytes in a vec_bytes, 4 * V_LANES
 *
 * vec_bytes_load, _store  any alignment
 * vec_pairs               quarter 0 to 3 of the bytes of two rows: a sum for
 *                         each byte's column, in some order, in which its
 *                         16-bit halves are a's byte and b's
 * vec_dot                 sum + a's byte * the weights' lower half + b's byte *
 *                         their upper half, both signed
 * vec_join                low + high * 2^EN_WEIGHT_LOW, modulo 2^32
 * vec_narrow              the sums of quarters 0 to 3, shifted down by
 *                         EN_WEIGHT_BITS, limited to 0...255, in the order of
 *                         the bytes
 */
#ifndef EN_KERNELS_BYTES_PORTABLE_H
#define EN_KERNELS_BYTES_PORTABLE_H

#include "kernels/kernels.h"
#include "kernels/vec_portable.h"

#define V_BYTES (4 * V_LANES)

typedef vec_unsigned vec_sums; /* which may wrap */
typedef uint8_t vec_bytes __attribute__((vector_size(V_BYTES)));
typedef uint8_t vec_quarter __attribute__((vector_size(V_LANES)));

static inline vec_bytes
vec_bytes_load(const uint8_t *p)
{
        vec_bytes v;

        memcpy(&v, p, sizeof(v));
        return v;
}

static inline void
vec_bytes_store(uint8_t *p, vec_bytes v)
{
        memcpy(p, &v, sizeof(v));
}

static inline vec_sums
vec_sums_set1(int32_t x)
{
        return (uint32_t)x + (vec_sums){0};
}

static inline vec_sums
vec_widen(vec_bytes v, int part)
{
        vec_quarter quarter;

        memcpy(&quarter, (const uint8_t *)&v + part * V_LANES, sizeof(quarter));
        return __builtin_convertvector(quarter, vec_sums);
}

static inline vec_sums
vec_pairs(vec_bytes a, vec_bytes b, int part)
{
        return vec_widen(a, part) | vec_widen(b, part) << 16;
}

static inline vec_sums
vec_dot(vec_sums sum, vec_sums pairs, vec_sums weights)
{
        const vec_bits low = (vec_bits)(weights << 16) >> 16;
        const vec_bits high = (vec_bits)weights >> 16;

        return sum + (pairs & 0xffff) * (vec_sums)low +
               (pairs >> 16) * (vec_sums)high;
}

static inline vec_sums
vec_join(vec_sums low, vec_sums high)
{
        return low + (high << EN_WEIGHT_LOW);
}

static inline vec_bytes
vec_narrow(vec_sums s0, vec_sums s1, vec_sums s2, vec_sums s3)
{
        const vec_bits most = 255 + (vec_bits){0};
        vec_sums sums[4] = {s0, s1, s2, s3};
        vec_bytes bytes;

        for (int i = 0; i < 4; i++) {
                vec_bits v = (vec_bits)sums[i] >> EN_WEIGHT_BITS;
                vec_quarter quarter;

                v &= v > 0;
                v = (most & (v > most)) | (v & (v <= most));
                quarter = __builtin_convertvector(v, vec_quarter);
                memcpy((uint8_t *)&bytes + i * V_LANES, &quarter,
                       sizeof(quarter));
        }
        return bytes;
}

#endif
