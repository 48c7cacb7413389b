/* taps.h: what each output of a resampled axis takes from its inputs. */
#ifndef EN_IMAGE_TAPS_H
#define EN_IMAGE_TAPS_H

#include "effnet.h"

/* Outputs first ... first + count - 1 of an axis.  Output i takes length[i]
 * inputs from start[i] on, with the weights from weight + i * taps on, in the
 * parts that en_weighing wants, or for floats from real + i * taps on (the other
 * is NULL); start and start + length never fall.
 */
typedef struct en_taps {
        int32_t count;
        int32_t taps;
        int32_t *start;
        int32_t *length;
        int32_t *weight;
        double *real;
} en_taps;

/* For `inputs` resampled to `outputs` by EFFNET_FILTER_BILINEAR or _BICUBIC.
 */
effnet_status en_taps_make(en_taps *weights, int32_t inputs, int32_t outputs,
                           int32_t filter, int32_t first, int32_t count);
/* The same with unrounded weights, for floats. */
effnet_status en_taps_make_real(en_taps *weights, int32_t inputs,
                                int32_t outputs, int32_t filter, int32_t first,
                                int32_t count);
void en_taps_free(en_taps *weights);

/* The inputs that are used at all: from en_taps_low to before _high. */
int32_t en_taps_low(const en_taps *weights);
int32_t en_taps_high(const en_taps *weights);

#endif
