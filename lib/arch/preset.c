/* preset.c: the preprocessing of an architecture's weights. */
#include "arch/preset.h"

#include "arch/limits.h"
#include "arch/models.h"
#include "arch/presets.h"

#include <stdbool.h>
#include <string.h>

static const struct {
        float mean[3];
        float std[3];
} norms[EN_NORMS] = {
        [EN_NORM_IMAGENET] = {{0.485F, 0.456F, 0.406F},
                              {0.229F, 0.224F, 0.225F}},
        [EN_NORM_HALF] = {{0.5F, 0.5F, 0.5F}, {0.5F, 0.5F, 0.5F}},
        [EN_NORM_LITE] = {{127.0F / 255, 127.0F / 255, 127.0F / 255},
                          {128.0F / 255, 128.0F / 255, 128.0F / 255}},
        [EN_NORM_KERAS] = {{128.0F / 255, 128.0F / 255, 128.0F / 255},
                           {128.0F / 255, 128.0F / 255, 128.0F / 255}},
        [EN_NORM_HF] = {{0.485F, 0.456F, 0.406F},
                        {0.47853944F, 0.4732864F, 0.47434163F}},
};

static const char *
definition_name(const effnet_config *config)
{
        const en_definition *definition = &en_definitions[config->definition];

        return definition->names[config->variant - definition->first];
}

/* A variant that a config was made from by scaling keeps its row. */
static bool
is_row_of(const en_preset_row *row, const effnet_config *config)
{
        return row->family == config->family &&
               (row->name == NULL ||
                strcmp(row->name, definition_name(config)) == 0);
}

static const en_preset_row *
find_row(const effnet_config *config)
{
        const en_preset_row *r = en_preset_rows;

        if (config->weights > 0 &&
            is_row_of(&en_preset_rows[config->weights - 1], config))
                return &en_preset_rows[config->weights - 1];
        for (int32_t i = 0; i < en_preset_row_count; i++)
                if (is_row_of(&en_preset_rows[i], config))
                        return &en_preset_rows[i];
        return r;
}

/* A published size at the config's resolution. */
static int32_t
scaled(const effnet_config *config, int32_t size)
{
        int64_t nominal = en_nominal_resolution(
                &en_definitions[config->definition], config->variant);
        int64_t side = size != 0 ? size : nominal;

        side = (2 * side * config->resolution + nominal) / (2 * nominal);
        if (side < 1)
                side = 1;
        return side > EN_MOST_RESOLUTION ? EN_MOST_RESOLUTION : (int32_t)side;
}

/* V2 was made to be tested in larger pictures than it was trained with (Tan &
 * Le 2021, section 4), and the resolution that it is named by is that of the
 * test.
 */
static bool
is_test(const effnet_config *config, const en_preset_row *row)
{
        if (row->test_crop == 0)
                return false;
        if (config->picture_size != EN_SIZE_AUTO)
                return config->picture_size == EN_SIZE_TEST;
        return config->stages[0].block != EN_BLOCK_MBCONV;
}

static void
set_sizes(en_preset *preset, const effnet_config *config,
          const en_preset_row *row)
{
        bool test = is_test(config, row);
        int32_t crop = scaled(config, test ? row->test_crop : row->crop);
        int32_t resize = scaled(config, test ? row->test_resize : row->resize);

        preset->crop_height = preset->crop_width = crop;
        if (row->mode == EFFNET_MODE_CROP_FIRST)
                return;
        preset->resize_height = resize;
        preset->resize_width = row->mode == EFFNET_MODE_SQUASH ? resize : 0;
}

en_preset
en_preset_for(const effnet_config *config)
{
        const en_preset_row *row = find_row(config);
        en_preset preset = {
                .mode = row->mode,
                .filter = row->filter,
                .arithmetic = EFFNET_ARITHMETIC_TORCHVISION,
                .rescale = 1,
                .rescale_factor = 1.0 / 255,
                .normalize = 1,
                .gray = config->input_channels == 1,
        };

        set_sizes(&preset, config, row);
        if (config->family == EN_FAMILY_HF) {
                preset.arithmetic = EFFNET_ARITHMETIC_HF;
                preset.normalize_again = 1;
        }
        memcpy(preset.mean, norms[row->norm].mean, sizeof(preset.mean));
        memcpy(preset.std, norms[row->norm].std, sizeof(preset.std));
        return preset;
}
