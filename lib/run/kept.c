/* kept.c: parameters kept as they pass by on their way to be packed. */
#include "run/kept.h"

#include "base/alloc.h"
#include "base/status.h"

#include <string.h>

static uint64_t
count_floats(const en_network *network)
{
        uint64_t floats = 0;

        for (int32_t i = 0; i < network->param_count; i++)
                floats += (uint64_t)network->params[i].count;
        return floats;
}

/* Tensors over the parts of the block, one behind the other. */
static effnet_status
place(en_kept *kept)
{
        float *part = kept->block;
        effnet_status status = EFFNET_OK;

        for (int32_t i = 0; i < kept->network->param_count; i++) {
                const en_param *param = &kept->network->params[i];

                status = en_tensor_describe(&kept->tensors[i], EFFNET_TYPE_F32,
                                            param->rank, param->shape);
                if (status != EFFNET_OK)
                        return status;
                kept->tensors[i].data = part;
                part += param->count;
        }
        return status;
}

static effnet_status
fill(en_kept *kept, const effnet_config *config, int64_t most)
{
        uint64_t floats;
        effnet_status status = en_network_create(&kept->network, config, 0, 0);

        if (status != EFFNET_OK)
                return status;
        floats = count_floats(kept->network);
        status = en_check_memory(floats, sizeof(float), most,
                                 "the parameters to keep");
        if (status != EFFNET_OK)
                return status;
        kept->bytes = floats * sizeof(float);
        kept->block = en_alloc_array((size_t)floats, sizeof(float));
        kept->tensors = en_alloc_array((size_t)kept->network->param_count,
                                       sizeof(*kept->tensors));
        if (kept->block == NULL || kept->tensors == NULL)
                return EFFNET_ERROR_MEMORY;
        return place(kept);
}

effnet_status
en_kept_create(en_kept **out, const effnet_config *config, int64_t most)
{
        en_kept *kept = en_alloc_zero(1, sizeof(*kept));
        effnet_status status;

        *out = NULL;
        if (kept == NULL)
                return EFFNET_ERROR_MEMORY;
        status = fill(kept, config, most);
        if (status != EFFNET_OK) {
                en_kept_free(kept);
                return status;
        }
        *out = kept;
        return EFFNET_OK;
}

void
en_kept_free(en_kept *kept)
{
        if (kept == NULL)
                return;
        en_network_free(kept->network);
        en_free(kept->tensors);
        en_free(kept->block);
        en_free(kept);
}

/* Parameters are asked for in the network's order, but the asker's network is
 * another one of the same config.
 */
static int32_t
find(const en_kept *kept, const en_param *param)
{
        const en_network *network = kept->network;

        for (int32_t i = network->layers[param->layer].first_param;
             i < network->param_count; i++)
                if (strcmp(network->params[i].name, param->name) == 0)
                        return i;
        return -1;
}

static effnet_status
read_through(void *context, const en_param *param, float *values)
{
        en_kept *kept = context;
        int32_t index = find(kept, param);
        effnet_status status;

        if (index < 0)
                return en_fail(EFFNET_ERROR_INTERNAL,
                               "parameter %s is of another network",
                               param->name);
        status = kept->from.read(kept->from.context, param, values);
        if (status == EFFNET_OK)
                memcpy(kept->tensors[index].data, values,
                       (size_t)param->count * sizeof(float));
        return status;
}

en_params
en_kept_tee(en_kept *kept, const en_params *params)
{
        kept->from = *params;
        return (en_params){read_through, kept};
}
