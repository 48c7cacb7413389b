/* narrow.c: IEEE 754 narrowing in integers, whatever the floating-point mode.
 */
#include "load/narrow.h"

#include <string.h>

#define SIGN     0x80000000U
#define INFINITE 0x7f800000U

/* A 16-bit type: sign, exponent, fraction. */
typedef struct half {
        int fraction; /* bits */
        int bias;
        uint16_t infinite;
} half;

static const half f16 = {10, 15, 0x7c00};
static const half bf16 = {7, 127, 0x7f80};

/* `bits` over 2^shift to the nearest, ties to even; shift 1 to 31. */
static uint32_t
shift_nearest(uint32_t bits, int shift)
{
        uint32_t result = bits >> shift, rest = bits - (result << shift);
        uint32_t tie = UINT32_C(1) << (shift - 1);

        return result + (rest > tie || (rest == tie && (result & 1) != 0));
}

/* A finite magnitude.  A rounding that carries goes into the exponent, as it
 * should.
 */
static uint32_t
narrow_finite(const half *type, uint32_t bits)
{
        int shift = 23 - type->fraction;
        int least = 127 - type->bias; /* biased exponent of subnormals, less 1
                                       */
        int exponent = (int)(bits >> 23);
        uint32_t fraction = (bits & 0x7fffff) | 0x800000;

        if (exponent > least || least == 0)
                return shift_nearest(bits - ((uint32_t)least << 23), shift);
        shift += least + 1 - exponent;
        return shift > 25 ? 0 : shift_nearest(fraction, shift);
}

static bool
narrow_one(const half *type, uint32_t bits, uint16_t *result)
{
        uint16_t sign = (uint16_t)((bits & SIGN) >> 16);
        uint32_t magnitude = bits & ~SIGN, narrow;

        if (magnitude > INFINITE) /* a NaN: some bit of the fraction is set */
                narrow = type->infinite | 1U << (type->fraction - 1);
        else if (magnitude == INFINITE)
                narrow = type->infinite;
        else
                narrow = narrow_finite(type, magnitude);
        *result = (uint16_t)(sign | narrow);
        return magnitude >= INFINITE || narrow < type->infinite;
}

size_t
en_narrow(en_dtype dtype, const float *values, size_t n, uint8_t *bytes)
{
        size_t size = en_dtype_size(dtype);

        for (size_t i = 0; i < n; i++) {
                uint32_t bits;
                uint16_t narrow;

                memcpy(&bits, &values[i], sizeof(bits));
                if (dtype != EN_DTYPE_F32) {
                        if (!narrow_one(dtype == EN_DTYPE_F16 ? &f16 : &bf16,
                                        bits, &narrow))
                                return i;
                        bits = narrow;
                }
                for (size_t j = 0; j < size; j++)
                        bytes[i * size + j] = (uint8_t)(bits >> 8 * j);
        }
        return n;
}
