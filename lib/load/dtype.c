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

static double
double_of_bits(uint64_t bits)
{
        double value;

        memcpy(&value, &bits, sizeof(value));
        return value;
}

static float
widen_half(uint16_t half)
{
        uint32_t sign = (uint32_t)(half & 0x8000) << 16;
        uint32_t exponent = half >> 10 & 0x1f;
        uint32_t fraction = half & 0x3ff;

        if (exponent == 0) { /* zero or subnormal: fraction * 2^-24 */
                float magnitude = (float)fraction * 0x1p-24f;

                return sign != 0 ? -magnitude : magnitude;
        }
        if (exponent == 31)
                return float_of_bits(sign | 0x7f800000 | fraction << 13);
        return float_of_bits(sign | (exponent + 112) << 23 | fraction << 13);
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

size_t
en_dtype_to_f32(en_dtype dtype, const uint8_t *bytes, size_t n, float *values)
{
        switch (dtype) {
        case EN_DTYPE_F32:
                for (size_t i = 0; i < n; i++)
                        values[i] = float_of_bits(en_le32(bytes + i * 4));
                return n;
        case EN_DTYPE_F16:
                for (size_t i = 0; i < n; i++)
                        values[i] = widen_half(en_le16(bytes + i * 2));
                return n;
        case EN_DTYPE_BF16:
                for (size_t i = 0; i < n; i++)
                        values[i] = float_of_bits(
                                (uint32_t)en_le16(bytes + i * 2) << 16);
                return n;
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
