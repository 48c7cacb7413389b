/* dtype.c: element types: their names in files, and widening. */
#include "load/dtype.h"

#include "load/bytes.h"

#include <math.h>
#include <string.h>

static const struct {
        size_t size;
        bool floating;
        const char *names[3]; /* by en_dtype_naming */
} types[EN_DTYPES] = {
        [EN_DTYPE_F32] = {4, true, {"float32", "FloatStorage", "F32"}},
        [EN_DTYPE_F16] = {2, true, {"float16", "HalfStorage", "F16"}},
        [EN_DTYPE_BF16] = {2, true, {"bfloat16", "BFloat16Storage", "BF16"}},
        [EN_DTYPE_F64] = {8, true, {"float64", "DoubleStorage", "F64"}},
        [EN_DTYPE_I64] = {8, false, {"int64", "LongStorage", "I64"}},
        [EN_DTYPE_I32] = {4, false, {"int32", "IntStorage", "I32"}},
        [EN_DTYPE_I16] = {2, false, {"int16", "ShortStorage", "I16"}},
        [EN_DTYPE_I8] = {1, false, {"int8", "CharStorage", "I8"}},
        [EN_DTYPE_U8] = {1, false, {"uint8", "ByteStorage", "U8"}},
        [EN_DTYPE_BOOL] = {1, false, {"bool", "BoolStorage", "BOOL"}},
};

const char *
en_dtype_name(en_dtype dtype)
{
        return types[dtype].names[EN_DTYPE_TORCH];
}

const char *
en_dtype_safetensors(en_dtype dtype)
{
        return types[dtype].names[EN_DTYPE_SAFETENSORS];
}

size_t
en_dtype_size(en_dtype dtype)
{
        return types[dtype].size;
}

bool
en_dtype_is_float(en_dtype dtype)
{
        return types[dtype].floating;
}

bool
en_dtype_find(en_dtype_naming naming, const char *name, size_t length,
              en_dtype *dtype)
{
        for (int i = 0; i < EN_DTYPES; i++) {
                const char *known = types[i].names[naming];

                if (strlen(known) == length &&
                    memcmp(known, name, length) == 0) {
                        *dtype = (en_dtype)i;
                        return true;
                }
        }
        return false;
}

static float
float_of_bits(uint32_t bits)
{
        float value;

        memcpy(&value, &bits, sizeof(value));
        return value;
}

static uint32_t
bits_of_float(float value)
{
        uint32_t bits;

        memcpy(&bits, &value, sizeof(bits));
        return bits;
}

static double
double_of_bits(uint64_t bits)
{
        double value;

        memcpy(&value, &bits, sizeof(value));
        return value;
}

/* Without a branch, so that many become vectors: zero and subnormal halves are
 * fraction * 2^-24; infinity's and NaN's exponent grows once more.
 */
static float
widen_half(uint16_t half)
{
        uint32_t sign = (uint32_t)(half & 0x8000) << 16;
        uint32_t magnitude = half & 0x7fff;
        uint32_t bits = (magnitude << 13) + (UINT32_C(112) << 23);
        float tiny = (float)(int32_t)magnitude * 0x1p-24f;

        bits += magnitude >= 0x7c00 ? UINT32_C(112) << 23 : 0;
        return float_of_bits(sign |
                             (magnitude < 0x400 ? bits_of_float(tiny) : bits));
}

static float
widen_brain(uint16_t brain)
{
        return float_of_bits((uint32_t)brain << 16);
}

static size_t
narrow_doubles(const uint8_t *bytes, size_t n, float *values)
{
        for (size_t i = 0; i < n; i++) {
                double value = double_of_bits(en_le64(bytes + i * 8));

                values[i] = (float)value;
                if (isinf(values[i]) && !isinf(value))
                        return i;
        }
        return n;
}

static void
widen_f32(const uint8_t *bytes, size_t n, float *values)
{
        if (EN_LITTLE_ENDIAN)
                memcpy(values, bytes, n * sizeof(*values));
        else
                for (size_t i = 0; i < n; i++)
                        values[i] = float_of_bits(en_le32(bytes + i * 4));
}

/* The loops over a constant number of elements become vectors. */
#define BLOCK 16

#define WIDEN(name, widen)                                                     \
        static void name(const uint8_t *bytes, size_t n, float *values)        \
        {                                                                      \
                size_t i = 0;                                                  \
                                                                               \
                for (; i + BLOCK <= n; i += BLOCK)                             \
                        for (size_t j = 0; j < BLOCK; j++)                     \
                                values[i + j] = widen(                         \
                                        en_le16(bytes + (i + j) * 2));         \
                for (; i < n; i++)                                             \
                        values[i] = widen(en_le16(bytes + i * 2));             \
        }
WIDEN(widen_f16, widen_half)
WIDEN(widen_bf16, widen_brain)
#undef WIDEN

size_t
en_dtype_to_f32(en_dtype dtype, const uint8_t *bytes, size_t n, float *values)
{
        switch (dtype) {
        case EN_DTYPE_F32: widen_f32(bytes, n, values); return n;
        case EN_DTYPE_F16: widen_f16(bytes, n, values); return n;
        case EN_DTYPE_BF16: widen_bf16(bytes, n, values); return n;
        case EN_DTYPE_F64: return narrow_doubles(bytes, n, values);
        default: return 0;
        }
}

static double
element(en_dtype dtype, const uint8_t *p)
{
        float value = 0;

        switch (dtype) {
        case EN_DTYPE_F64: return double_of_bits(en_le64(p));
        case EN_DTYPE_I64: return (double)(int64_t)en_le64(p);
        case EN_DTYPE_I32: return (int32_t)en_le32(p);
        case EN_DTYPE_I16: return (int16_t)en_le16(p);
        case EN_DTYPE_I8: return (int8_t)p[0];
        case EN_DTYPE_U8: return p[0];
        case EN_DTYPE_BOOL: return p[0] != 0;
        default: en_dtype_to_f32(dtype, p, 1, &value); return (double)value;
        }
}

void
en_dtype_to_f64(en_dtype dtype, const uint8_t *bytes, size_t n, double *values)
{
        for (size_t i = 0; i < n; i++)
                values[i] = element(dtype, bytes + i * types[dtype].size);
}
