/* summary.c: exported summary functions: a network as the public sees it. */
#include "arch/network.h"

#include "api/check.h"
#include "base/alloc.h"

#include <inttypes.h>

struct effnet_summary {
        en_network *network;
};

effnet_status
effnet_summary_create(effnet_summary **summary, const effnet_config *config,
                      int32_t height, int32_t width)
{
        effnet_summary *made;
        effnet_status status;

        if (summary == NULL)
                return EN_NULL("summary");
        *summary = NULL;
        if (config == NULL)
                return EN_NULL("config");
        made = en_alloc(sizeof(*made));
        if (made == NULL)
                return EFFNET_ERROR_MEMORY;
        status = en_network_create(&made->network, config, height, width);
        if (status != EFFNET_OK) {
                en_free(made);
                return status;
        }
        *summary = made;
        return EFFNET_OK;
}

void
effnet_summary_free(effnet_summary *summary)
{
        if (summary == NULL)
                return;
        en_network_free(summary->network);
        en_free(summary);
}

int64_t
effnet_summary_parameters(const effnet_summary *summary)
{
        return summary != NULL ? summary->network->parameters : 0;
}

int64_t
effnet_summary_macs(const effnet_summary *summary)
{
        return summary != NULL ? summary->network->macs : 0;
}

int32_t
effnet_summary_layer_count(const effnet_summary *summary)
{
        return summary != NULL ? summary->network->layer_count : 0;
}

/* NULL where there is none of that index. */
static const en_layer *
layer_at(const effnet_summary *summary, int32_t index)
{
        if (index < 0 || index >= effnet_summary_layer_count(summary))
                return NULL;
        return &summary->network->layers[index];
}

const char *
effnet_summary_layer_name(const effnet_summary *summary, int32_t index)
{
        const en_layer *layer = layer_at(summary, index);

        return layer != NULL ? layer->name : NULL;
}

const char *
effnet_summary_layer_op(const effnet_summary *summary, int32_t index)
{
        const en_layer *layer = layer_at(summary, index);

        return layer != NULL ? en_op_name(layer->op) : NULL;
}

effnet_status
effnet_summary_layer_output(const effnet_summary *summary, int32_t index,
                            int64_t output[3])
{
        const en_layer *layer = layer_at(summary, index);

        if (output == NULL)
                return EN_NULL("output");
        output[0] = output[1] = output[2] = 0;
        if (summary == NULL)
                return EN_NULL("summary");
        if (layer == NULL)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "layer %" PRId32 "; expected 0 to %" PRId32,
                               index, summary->network->layer_count - 1);
        output[0] = layer->out_channels;
        output[1] = layer->out_height;
        output[2] = layer->out_width;
        return EFFNET_OK;
}

int64_t
effnet_summary_layer_parameters(const effnet_summary *summary, int32_t index)
{
        const en_layer *layer = layer_at(summary, index);

        return layer != NULL ? layer->parameters : 0;
}

int64_t
effnet_summary_layer_macs(const effnet_summary *summary, int32_t index)
{
        const en_layer *layer = layer_at(summary, index);

        return layer != NULL ? layer->macs : 0;
}
