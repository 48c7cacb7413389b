/* fold.c: batch-norm folding in double precision. */
#include "run/fold.h"

#include "base/status.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>

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

effnet_status
en_check_param(const en_param *param, const float *values)
{
        float least = param->kind == EN_PARAM_BN_VAR ? 0.0F : -FLT_MAX;

        for (int64_t i = 0; i < param->count; i++) {
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
