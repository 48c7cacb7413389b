/* weights.h: a network's weights, batch norm folded, packed for one
 * instruction set.  Immutable once made.
 */
#ifndef EN_RUN_WEIGHTS_H
#define EN_RUN_WEIGHTS_H

#include "arch/params.h"
#include "base/options.h"
#include "kernels/kernels.h"

#include <stdbool.h>

/* A layer's packed values; which are used depends on its op. */
typedef struct en_packed {
        size_t bytes;   /* of the block: all of them */
        float *weights; /* conv, pointwise, linear; depthwise taps; SE reduce */
        float *bias;
        float *expand_weights; /* SE, global context */
        float *expand_bias;
        float *attend_weights; /* global context only */
        float *attend_bias;
        float *norm_weights; /* of its layer norm, a value per channel */
        float *norm_bias;
} en_packed;

typedef struct en_weights {
        const en_kernels *kernels;
        int32_t layer_count;
        en_packed *layers;
        float *block; /* one allocation behind all of them */
        size_t bytes;
} en_weights;

/* Reads, folds, scales (see silu_scale) and packs each parameter of `network`.
 * Unless the options allow them, a NaN, an infinity or a negative variance is
 * EFFNET_ERROR_FORMAT with the parameter's canonical name, and so is a weight
 * that overflows, with its layer's or its own: what does depends on the level
 * where a SiLU follows.  Subnormal results become 0.  EFFNET_ERROR_LIMIT over
 * the options' memory.
 */
effnet_status en_weights_create(en_weights **weights, const en_network *network,
                                const en_params *params,
                                const en_kernels *kernels,
                                const effnet_options *options);
void en_weights_free(en_weights *weights);

#endif
