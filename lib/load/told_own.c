/* told_own.c: what describe.c wrote, read back. */
#include "load/told.h"

#include "arch/limits.h"
#include "base/status.h"
#include "load/fields.h"
#include "load/json_scan.h"

#include <string.h>

/* The object, an object or array in it, an array in that. */
#define MAX_DEPTH 3
/* Brackets, commas and colons of all but the labels: 80. */
#define MOST_VALUES 256

static effnet_status
unfit(const char *key)
{
        return en_fail(EFFNET_ERROR_FORMAT, "\"%s\" is missing or wrong", key);
}

/* The architecture by its name, or by coefficients where it has none. */
static effnet_status
read_architecture(effnet_config *config, const en_json *object,
                  const en_naming *naming)
{
        const char *name = en_field_text(object, "architecture");
        const char *base = en_field_text(object, "base");
        int32_t resolution = 0;
        double width, depth;
        effnet_status status;

        if (!en_field_size(en_json_get(object, "resolution"), &resolution) ||
            resolution == 0)
                return unfit("resolution");
        if (name == NULL || base == NULL)
                return unfit(name == NULL ? "architecture" : "base");
        if (!en_field_number(object, "width", &width) ||
            !en_field_number(object, "depth", &depth))
                return unfit("width or depth");
        if (strcmp(name, "custom") == 0)
                return en_config_custom(config, base, width, depth, resolution);
        status = en_naming_architecture(config, naming, name);
        config->resolution = resolution;
        return status;
}

static effnet_status
read_config(effnet_config *config, const en_json *object,
            const en_naming *naming)
{
        effnet_status status = read_architecture(config, object, naming);

        if (status != EFFNET_OK)
                return status;
        if (!en_field_word(object, "padding", EN_WORDS_PADDING,
                           &config->padding))
                return unfit("padding");
        if (!en_field_word(object, "activation", EN_WORDS_ACTIVATION,
                           &config->activation))
                return unfit("activation");
        if (!en_field_flag(object, "squeeze_excite", &config->squeeze_excite))
                return unfit("squeeze_excite");
        if (!en_field_number(object, "epsilon", &config->epsilon) ||
            !(config->epsilon > 0 && config->epsilon <= 1))
                return unfit("epsilon");
        en_field_size(en_json_get(object, "padding_resolution"),
                      &config->padding_resolution);
        return EFFNET_OK;
}

static bool
read_flags(en_preset *preset, const en_json *steps)
{
        return en_field_word(steps, "arithmetic", EN_WORDS_ARITHMETIC,
                             &preset->arithmetic) &&
               en_field_flag(steps, "rescale", &preset->rescale) &&
               en_field_number(steps, "rescale_factor",
                               &preset->rescale_factor) &&
               en_field_flag(steps, "rescale_offset",
                             &preset->rescale_offset) &&
               en_field_flag(steps, "normalize", &preset->normalize) &&
               en_field_flag(steps, "normalize_again",
                             &preset->normalize_again);
}

static bool
read_preset(en_preset *preset, const en_json *steps)
{
        return en_field_word(steps, "mode", EN_WORDS_MODE, &preset->mode) &&
               en_field_pair(steps, "resize", &preset->resize_height,
                             &preset->resize_width) &&
               en_field_pair(steps, "crop", &preset->crop_height,
                             &preset->crop_width) &&
               en_field_word(steps, "filter", EN_WORDS_FILTER,
                             &preset->filter) &&
               en_field_colour(steps, "mean", false, preset->mean) &&
               en_field_colour(steps, "std", false, preset->std) &&
               read_flags(preset, steps);
}

static effnet_status
read_all(en_told *told, const en_json *object, const en_told_place *place)
{
        effnet_status status = read_config(&told->config, object,
                                           place->naming);

        if (status != EFFNET_OK)
                return status;
        if (!read_preset(&told->preset, en_json_get(object, "preprocessing")))
                return unfit("preprocessing");
        if (en_json_get(object, "multi_label") != NULL &&
            !en_field_flag(object, "multi_label", &told->multi_label))
                return unfit("multi_label");
        told->parts = EN_TOLD_ARCHITECTURE | EN_TOLD_STEPS |
                      EN_TOLD(EFFNET_SOURCE_MULTI_LABEL);
        return en_told_labels(told, object, place);
}

static effnet_status
check_cost(const char *text, size_t size, int32_t classes)
{
        en_json_cost cost = en_json_scan(text, size);

        if (cost.depth <= MAX_DEPTH &&
            cost.values <= MOST_VALUES + (uint64_t)classes)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_FORMAT,
                       "deeper, or of more values, than it should be");
}

effnet_status
en_told_read(en_told *told, const char *text, const en_told_place *place)
{
        size_t size = strlen(text);
        en_json *object;
        effnet_status status = check_cost(text, size, place->classes);

        if (status == EFFNET_OK)
                status = en_json_parse(&object, text, size, "it is");
        if (status != EFFNET_OK)
                return status;
        status = read_all(told, object, place);
        en_json_free(object);
        if (status != EFFNET_OK)
                en_told_clear(told);
        return status;
}
