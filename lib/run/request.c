/* request.c: the table of what a run can yield. */
#include "run/request.h"

#include "base/status.h"

#include <inttypes.h>

static const struct row {
        int32_t output;
        int32_t reduction; /* a map of the blocks; 0: by `role` */
        en_role role;
        bool by_default;
        const char *name;
} rows[EN_OUTPUTS] = {
        {EFFNET_OUTPUT_LOGITS, 0, EN_ROLE_CLASSIFIER, true, "logits"},
        {EFFNET_OUTPUT_PROBABILITIES, 0, EN_ROLE_CLASSIFIER, true,
         "probabilities"},
        {EFFNET_OUTPUT_EMBEDDING, 0, EN_ROLE_POOL, true, "embedding"},
        {EFFNET_OUTPUT_FINAL_MAP, 0, EN_ROLE_HEAD, false, "final map"},
        {EFFNET_OUTPUT_REDUCTION_2, 2, 0, false, "map at reduction 2"},
        {EFFNET_OUTPUT_REDUCTION_4, 4, 0, false, "map at reduction 4"},
        {EFFNET_OUTPUT_REDUCTION_8, 8, 0, false, "map at reduction 8"},
        {EFFNET_OUTPUT_REDUCTION_16, 16, 0, false, "map at reduction 16"},
        {EFFNET_OUTPUT_REDUCTION_32, 32, 0, false, "map at reduction 32"},
};

int32_t
en_output_row(int32_t output)
{
        for (int32_t i = 0; i < EN_OUTPUTS; i++)
                if (rows[i].output == output)
                        return i;
        return -1;
}

int32_t
en_output_code(int32_t row)
{
        return rows[row].output;
}

static bool
has(const effnet_config *config, const struct row *row)
{
        if (row->reduction != 0)
                return true;
        if (row->role == EN_ROLE_CLASSIFIER)
                return config->classes > 0 && !config->headless;
        return row->role != EN_ROLE_HEAD || !config->headless;
}

uint32_t
en_request_default(const effnet_config *config)
{
        uint32_t outputs = 0;

        for (int32_t i = 0; i < EN_OUTPUTS; i++)
                if (rows[i].by_default && has(config, &rows[i]))
                        outputs |= UINT32_C(1) << i;
        return outputs;
}

effnet_status
en_request_check(const effnet_config *config, int32_t row)
{
        if (has(config, &rows[row]))
                return EFFNET_OK;
        if (rows[row].role == EN_ROLE_HEAD)
                return en_fail(EFFNET_ERROR_STATE,
                               "no %s: the model ends behind its last block, "
                               "without a head",
                               rows[row].name);
        return en_fail(EFFNET_ERROR_STATE,
                       "no %s: the model has no classifier, only an "
                       "embedding",
                       rows[row].name);
}

effnet_status
en_request_refuse(int32_t row)
{
        return en_fail(EFFNET_ERROR_STATE,
                       "no %s (output %" PRId32 "): not among those that were "
                       "requested",
                       rows[row].name, rows[row].output);
}

/* Where a map of the blocks may be taken: the stem counts as a block. */
static bool
ends_block(const en_layer *layer)
{
        return layer->role == EN_ROLE_PROJECT || layer->role == EN_ROLE_CONV ||
               layer->role == EN_ROLE_STEM;
}

static bool
gives(const en_layer *layer, const struct row *row)
{
        if (row->reduction != 0)
                return ends_block(layer) && layer->reduction == row->reduction;
        return layer->role == row->role;
}

int32_t
en_request_layer(const en_network *network, int32_t row)
{
        int32_t i = network->layer_count - 1;

        while (i >= 0 && !gives(&network->layers[i], &rows[row]))
                i--;
        return i;
}
