/* weights.c: making and freeing a network's packed weights. */
#include "run/weights.h"

#include "base/alloc.h"
#include "run/pack.h"

#include <string.h>

/* The scratch of the largest layer lives only here.  A layer's part of the
 * block, and with it the padding, becomes 0 just before the layer does, while
 * it stays in the cache.
 */
static effnet_status
pack_layers(const en_weights *weights, en_packer *packer, size_t scratch)
{
        effnet_status status = EFFNET_OK;
        char *part = (char *)weights->block;

        packer->scratch = en_alloc_block(scratch, sizeof(float));
        if (packer->scratch == NULL)
                return EFFNET_ERROR_MEMORY;
        for (int32_t i = 0; i < weights->layer_count && status == EFFNET_OK;
             i++) {
                memset(part, 0, weights->layers[i].bytes);
                part += weights->layers[i].bytes;
                status = en_pack_layer(packer, i, &weights->layers[i]);
        }
        en_free(packer->scratch);
        return status;
}

static effnet_status
fill(en_weights *weights, en_packer *packer, int64_t most)
{
        const en_network *network = packer->network;
        size_t floats, scratch;
        effnet_status status;

        weights->kernels = packer->kernels;
        weights->layer_count = network->layer_count;
        weights->layers = en_alloc_zero((size_t)network->layer_count,
                                        sizeof(*weights->layers));
        if (weights->layers == NULL)
                return EFFNET_ERROR_MEMORY;
        status = en_pack_place(weights, network, NULL, &floats, &scratch);
        if (status != EFFNET_OK)
                return status;
        status = en_check_memory(floats, sizeof(float), most, "the weights");
        if (status == EFFNET_OK)
                status = en_check_memory(scratch, sizeof(float), most,
                                         "the largest layer");
        if (status != EFFNET_OK)
                return status;
        weights->block = en_alloc_block(floats, sizeof(float));
        if (weights->block == NULL)
                return EFFNET_ERROR_MEMORY;
        weights->bytes = floats * sizeof(float);
        status = en_pack_place(weights, network, weights->block, &floats,
                               &scratch);
        if (status != EFFNET_OK)
                return status;
        return pack_layers(weights, packer, scratch);
}

effnet_status
en_weights_create(en_weights **out, const en_network *network,
                  const en_params *params, const en_kernels *kernels,
                  const effnet_options *options)
{
        en_packer packer = {network, params, kernels,
                            options->allow_nonfinite != 0, NULL};
        en_weights *weights;
        effnet_status status;

        *out = NULL;
        weights = en_alloc_zero(1, sizeof(*weights));
        if (weights == NULL)
                return EFFNET_ERROR_MEMORY;
        status = fill(weights, &packer, options->max_memory_bytes);
        if (status != EFFNET_OK) {
                en_weights_free(weights);
                return status;
        }
        *out = weights;
        return EFFNET_OK;
}

void
en_weights_free(en_weights *weights)
{
        if (weights == NULL)
                return;
        en_free(weights->block);
        en_free(weights->layers);
        en_free(weights);
}
