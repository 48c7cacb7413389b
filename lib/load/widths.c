/* widths.c: how far the tensors of a view fit a network, and the network with
 * widths of its own that they fit.
 */
#include "load/widths.h"

#include "arch/limits.h"
#include "load/layout.h"
#include "load/variant.h"

#include <string.h>

int32_t
en_count_fitting(const en_view *view, const en_network *network)
{
        int32_t fitting = 0;

        for (int32_t i = 0; i < network->param_count; i++) {
                const en_param *param = &network->params[i];
                en_entry found;

                fitting += en_layout_find(view, &network->layers[param->layer],
                                          param->kind, &found) &&
                           en_entry_fits(&found, param);
        }
        return fitting;
}

/* Where a width of the config is, or NULL. */
static int32_t *
width_of(en_pruned *pruned, const en_layer *layer, en_param_kind kind)
{
        en_widths *block = layer->flat >= 0 ? &pruned->blocks[layer->flat]
                                            : NULL;

        if (kind == EN_PARAM_SE_REDUCE_WEIGHT)
                return &block->squeezed;
        if (kind != EN_PARAM_CONV_WEIGHT)
                return NULL;
        switch (layer->role) {
        case EN_ROLE_STEM: return &pruned->stem;
        case EN_ROLE_HEAD: return &pruned->head;
        case EN_ROLE_EXPAND:
        case EN_ROLE_DEPTHWISE: return &block->expanded;
        default: return &block->out;
        }
}

/* All widths from the tensors; false where one is missing. */
static bool
read_widths(en_pruned *pruned, const en_view *view, const en_network *network)
{
        memset(pruned, 0, sizeof(*pruned));
        pruned->block_count = en_config_blocks(&network->config);
        for (int32_t i = 0; i < network->param_count; i++) {
                const en_param *param = &network->params[i];
                const en_layer *layer = &network->layers[param->layer];
                int32_t *width = width_of(pruned, layer, param->kind);
                en_entry found;

                if (width == NULL)
                        continue;
                if (!en_layout_find(view, layer, param->kind, &found) ||
                    found.rank < 1 || found.shape[0] < 1 ||
                    found.shape[0] > EN_MOST_CHANNELS)
                        return false;
                *width = (int32_t)found.shape[0];
        }
        return pruned->block_count <= EN_MAX_BLOCKS;
}

/* Pruning keeps what is added to what. */
static bool
keeps_residuals(const en_network *network, const en_network *original)
{
        for (int32_t i = 0; i < network->layer_count; i++)
                if (network->layers[i].residual != original->layers[i].residual)
                        return false;
        return true;
}

effnet_status
en_prune(effnet_config *candidate, const en_view *view, bool *fits)
{
        en_network *original, *network = NULL;
        effnet_status status = en_network_create(&original, candidate, 0, 0);

        *fits = false;
        if (status != EFFNET_OK)
                return status;
        if (read_widths(&candidate->pruned, view, original)) {
                status = en_network_create(&network, candidate, 0, 0);
                *fits = status == EFFNET_OK &&
                        keeps_residuals(network, original) &&
                        en_count_fitting(view, network) == network->param_count;
        }
        en_network_free(network);
        en_network_free(original);
        return status;
}
