/* fold.h: batch norm folded into the convolution before it (Jacob et al.
 * 2018, section 3.2, without the quantisation).
 */
#ifndef EN_RUN_FOLD_H
#define EN_RUN_FOLD_H

#include "arch/network.h"

/* A batch norm's vectors, a value per output channel. */
typedef struct en_batch_norm {
        const float *weight;
        const float *bias;
        const float *mean;
        const float *variance;
        double epsilon;
} en_batch_norm;

/* What the convolution's weights of a channel are multiplied by, and its
 * bias afterwards, both before rounding.
 */
typedef struct en_folded {
        double factor;
        double bias;
} en_folded;

en_folded en_fold(const en_batch_norm *norm, int32_t channel);

/* The nearest float; 0 for what would be subnormal (see base/fpu.h). */
float en_round_flushed(double value);

/* row = row * factor, rounded and flushed; false where a product is beyond
 * the floats.
 */
bool en_scale_row(float *row, int64_t count, double factor);

/* EFFNET_ERROR_FORMAT naming parameter and element where a value is NaN or
 * infinite, or a variance negative.
 */
effnet_status en_check_param(const en_param *param, const float *values);

#endif
