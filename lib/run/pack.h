/* pack.h: where a network's packed weights lie in their block, and how a
 * layer's parameters become them.
 */
#ifndef EN_RUN_PACK_H
#define EN_RUN_PACK_H

#include "run/weights.h"

/* Places every layer in one block that begins at `block`; with NULL the
 * pointers stay NULL.  `floats` takes the block's size, `scratch` that of the
 * scratch which packing needs.  EFFNET_ERROR_LIMIT where they overflow.
 */
effnet_status en_pack_place(en_weights *weights, const en_network *network,
                            float *block, size_t *floats, size_t *scratch);

typedef struct en_packer {
        const en_network *network;
        const en_params *params;
        const en_kernels *kernels;
        bool allow_nonfinite;
        float *scratch; /* one layer's raw values, and its weights again where
                         * they change their order */
} en_packer;

/* Reads, checks, folds and packs one layer into its place. */
effnet_status en_pack_layer(const en_packer *packer, int32_t index,
                            const en_packed *packed);

/* Taps of a kernel, and weights of a full convolution for one output. */
int32_t en_kernel_taps(const en_layer *layer);
int32_t en_conv_inputs(const en_layer *layer);

#endif
