/* names.c: names generated from patterns. */
#include "load/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What is behind the pattern, by parameter. */
static const struct {
        en_part part;
        const char *suffix, *keras;
} kinds[] = {
        [EN_PARAM_CONV_WEIGHT] = {EN_PART_WEIGHT, ".weight", "/kernel"},
        [EN_PARAM_BN_WEIGHT] = {EN_PART_NORM, ".weight", "/gamma"},
        [EN_PARAM_BN_BIAS] = {EN_PART_NORM, ".bias", "/beta"},
        [EN_PARAM_BN_MEAN] = {EN_PART_NORM, ".running_mean", "/moving_mean"},
        [EN_PARAM_BN_VAR] = {EN_PART_NORM, ".running_var", "/moving_variance"},
        [EN_PARAM_ATTEND_WEIGHT] = {EN_PART_ATTEND, ".weight", ""},
        [EN_PARAM_ATTEND_BIAS] = {EN_PART_ATTEND, ".bias", ""},
        [EN_PARAM_LN_WEIGHT] = {EN_PART_LAYER_NORM, ".weight", ""},
        [EN_PARAM_LN_BIAS] = {EN_PART_LAYER_NORM, ".bias", ""},
        [EN_PARAM_SE_REDUCE_WEIGHT] = {EN_PART_REDUCE, ".weight", "/kernel"},
        [EN_PARAM_SE_REDUCE_BIAS] = {EN_PART_REDUCE, ".bias", "/bias"},
        [EN_PARAM_SE_EXPAND_WEIGHT] = {EN_PART_EXPAND, ".weight", "/kernel"},
        [EN_PARAM_SE_EXPAND_BIAS] = {EN_PART_EXPAND, ".bias", "/bias"},
        [EN_PARAM_LINEAR_WEIGHT] = {EN_PART_WEIGHT, ".weight", "/kernel"},
        [EN_PARAM_LINEAR_BIAS] = {EN_PART_WEIGHT, ".bias", "/bias"},
};

void
en_name_fill(const char *pattern, int32_t stage, int32_t block, int32_t flat,
             char name[EN_NAME_SIZE])
{
        size_t n = 0;

        for (; *pattern != '\0' && n < EN_NAME_SIZE - 12; pattern++) {
                int32_t number = flat;

                if (*pattern != '{') {
                        name[n++] = *pattern;
                        continue;
                }
                if (pattern[1] == 'a') { /* no model has more than 26 */
                        name[n++] = (char)('a' + block % 26);
                        pattern += 2;
                        continue;
                }
                if (pattern[1] != 'i')
                        number = pattern[1] == 'b'   ? block
                                 : pattern[1] == 'S' ? stage + 1
                                                     : stage;
                n += (size_t)snprintf(name + n, 12, "%" PRId32, number);
                pattern += 2;
        }
        name[n] = '\0';
}

static bool
is_of(en_blocks blocks, const en_layer *layer)
{
        switch (blocks) {
        case EN_BLOCKS_FUSED: return layer->kind == EN_BLOCK_FUSED;
        case EN_BLOCKS_EXPANDED:
                return layer->kind == EN_BLOCK_MBCONV && layer->expanded;
        case EN_BLOCKS_PLAIN:
                return layer->kind == EN_BLOCK_MBCONV && !layer->expanded;
        default: return true;
        }
}

static bool
is_for(const en_naming_row *row, const en_layer *layer, en_part part)
{
        return row->role == layer->role && row->part == part &&
               is_of(row->blocks, layer);
}

static const char *
suffix_of(const en_naming *naming, en_param_kind kind)
{
        return naming->keras ? kinds[kind].keras : kinds[kind].suffix;
}

void
en_name_param(const en_naming *naming, const en_layer *layer,
              en_param_kind kind, char name[EN_NAME_SIZE])
{
        bool inside = layer->role != EN_ROLE_CLASSIFIER;
        char filled[EN_NAME_SIZE] = "";

        for (int32_t i = 0; i < naming->row_count; i++) {
                const en_naming_row *row = &naming->rows[i];

                if (is_for(row, layer, kinds[kind].part)) {
                        en_name_fill(row->pattern, layer->preceding,
                                     layer->block, layer->flat, filled);
                        break;
                }
        }
        snprintf(name, EN_NAME_SIZE, "%s%s%s", inside ? naming->body : "",
                 filled, suffix_of(naming, kind));
}

effnet_status
en_naming_architecture(effnet_config *config, const en_naming *naming,
                       const char *name)
{
        effnet_status status = en_config_named(config, name);

        for (int32_t r = 0; r < naming->range_count && status == EFFNET_OK;
             r++) {
                const en_naming_range *range = &naming->ranges[r];
                effnet_config own;

                if (config->variant < range->first ||
                    config->variant > range->last)
                        continue;
                status = en_config_variant(&own, range->family,
                                           config->variant);
                if (status == EFFNET_OK && strcmp(own.name, name) == 0)
                        *config = own;
        }
        return status;
}
