/* fold.c: batch-norm folding in double precision. */
#include "run/fold.h"

#include "base/status.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* sqrt of a negative number would set errno; PyTorch's result is NaN too. */
static double
square_root(double value)
{
        return value < 0 ? (double)NAN : sqrt(value);
}

en_folded
en_fold(const en_batch_norm *norm, int32_t channel)
{
        double deviation = square_root((double)norm->variance[channel] +
                                       norm->epsilon);
        en_folded folded;

        folded.factor = norm->weight[channel] / deviation;
        folded.bias = norm->bias[channel] - norm->mean[channel] * folded.factor;
        return folded;
}

float
en_round_flushed(double value)
{
        float rounded = (float)value;

        return fabsf(rounded) < FLT_MIN ? 0.0F : rounded;
}

/* Loops over BLOCK values, and in terms of their bits, so that compilers make
 * vectors of them.
 */
#define BLOCK 64

#define MAGNITUDE UINT32_C(0x7fffffff)
#define LEAST     UINT32_C(0x00800000) /* of FLT_MIN */

/* Its top bit is set for infinity and NaN. */
static inline uint32_t
nonfinite(uint32_t bits)
{
        return (bits & MAGNITUDE) + LEAST;
}

/* All ones, or 0 for what is to be flushed. */
static inline uint32_t
kept(uint32_t bits)
{
        return 0 - ((LEAST - 1 - (bits & MAGNITUDE)) >> 31);
}

/* The top bit of the result is set where a product is infinite or NaN. */
static inline uint32_t
scale_block(float *values, double factor)
{
        union {
                float values[BLOCK];
                uint32_t bits[BLOCK];
        } block;
        uint32_t top = 0;

        for (int j = 0; j < BLOCK; j++)
                block.values[j] = (float)(values[j] * factor);
        for (int j = 0; j < BLOCK; j++) {
                top |= nonfinite(block.bits[j]);
                block.bits[j] &= kept(block.bits[j]);
        }
        memcpy(values, &block, sizeof(block));
        return top;
}

bool
en_scale_row(float *row, int64_t count, double factor)
{
        float last[BLOCK] = {0};
        uint32_t top = 0;
        int64_t i = 0;
        size_t rest;

        for (; i + BLOCK <= count; i += BLOCK)
                top |= scale_block(row + i, factor);
        rest = (size_t)(count - i) * sizeof(*row);
        memcpy(last, row + i, rest);
        if (rest > 0)
                top |= scale_block(last, factor);
        memcpy(row + i, last, rest);
        return top >> 31 == 0;
}

static bool
is_block_finite(const float *values)
{
        uint32_t bits[BLOCK], top = 0;

        memcpy(bits, values, sizeof(bits));
        for (int j = 0; j < BLOCK; j++)
                top |= nonfinite(bits[j]);
        return top >> 31 == 0;
}

effnet_status
en_check_param(const en_param *param, const float *values)
{
        float least = param->kind == EN_PARAM_BN_VAR ? 0.0F : -FLT_MAX;
        int64_t i = 0;

        while (least < 0 && i + BLOCK <= param->count &&
               is_block_finite(values + i))
                i += BLOCK;
        for (; i < param->count; i++) {
                /* NaN compares false. */
                if (values[i] >= least && values[i] <= FLT_MAX)
                        continue;
                return en_fail(EFFNET_ERROR_FORMAT,
                               "%s: element %" PRId64 " is %g; expected a "
                               "finite number%s",
                               param->name, i, (double)values[i],
                               least == 0 ? " of at least 0" : "");
        }
        return EFFNET_OK;
}
