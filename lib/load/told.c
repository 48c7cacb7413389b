/* told.c: config, preprocessing and labels from JSON that describe.c wrote, or
 * somebody else.
 */
#include "load/describe.h"

#include "arch/limits.h"
#include "arch/words.h"
#include "base/alloc.h"
#include "base/status.h"
#include "load/json_scan.h"

#include <string.h>

/* The object, an object or array in it, an array in that. */
#define MAX_DEPTH 3
/* Brackets, commas and colons of all but the labels: 75. */
#define MOST_VALUES 256

static effnet_status
unfit(const char *key)
{
        return en_fail(EFFNET_ERROR_FORMAT, "\"%s\" is missing or wrong", key);
}

static bool
get_word(const en_json *object, const char *key, en_vocabulary words,
         int32_t *value)
{
        return en_word_find(words, en_json_text(en_json_get(object, key), NULL),
                            value);
}

static bool
get_int(const en_json *json, int32_t most, int32_t *value)
{
        int64_t found;

        if (!en_json_integer(json, &found) || found < 0 || found > most)
                return false;
        *value = (int32_t)found;
        return true;
}

static bool
get_number(const en_json *object, const char *key, double *value)
{
        return en_json_number(en_json_get(object, key), value);
}

static bool
get_flag(const en_json *object, const char *key, int32_t *value)
{
        bool found, is_flag = en_json_boolean(en_json_get(object, key), &found);

        *value = found;
        return is_flag;
}

static bool
get_pair(const en_json *object, const char *key, int32_t *first,
         int32_t *second)
{
        const en_json *pair = en_json_get(object, key);

        return en_json_count(pair) == 2 &&
               get_int(en_json_at(pair, 0), EN_MOST_RESOLUTION, first) &&
               get_int(en_json_at(pair, 1), EN_MOST_RESOLUTION, second);
}

static bool
get_colour(const en_json *object, const char *key, float values[3])
{
        const en_json *colour = en_json_get(object, key);

        for (size_t i = 0; i < 3; i++) {
                double value;

                if (!en_json_number(en_json_at(colour, i), &value))
                        return false;
                values[i] = (float)value;
        }
        return en_json_count(colour) == 3;
}

/* The architecture by its name, or by coefficients where it has none. */
static effnet_status
read_architecture(effnet_config *config, const en_json *object,
                  const en_naming *naming)
{
        const char *name = en_json_text(en_json_get(object, "architecture"),
                                        NULL);
        const char *base = en_json_text(en_json_get(object, "base"), NULL);
        int32_t resolution = 0;
        double width, depth;
        effnet_status status;

        if (!get_int(en_json_get(object, "resolution"), EN_MOST_RESOLUTION,
                     &resolution) ||
            resolution == 0)
                return unfit("resolution");
        if (name == NULL || base == NULL)
                return unfit(name == NULL ? "architecture" : "base");
        if (!get_number(object, "width", &width) ||
            !get_number(object, "depth", &depth))
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
        if (!get_word(object, "padding", EN_WORDS_PADDING, &config->padding))
                return unfit("padding");
        if (!get_word(object, "activation", EN_WORDS_ACTIVATION,
                      &config->activation))
                return unfit("activation");
        if (!get_flag(object, "squeeze_excite", &config->squeeze_excite))
                return unfit("squeeze_excite");
        if (!get_number(object, "epsilon", &config->epsilon) ||
            !(config->epsilon > 0 && config->epsilon <= 1))
                return unfit("epsilon");
        return EFFNET_OK;
}

static bool
read_flags(en_preset *preset, const en_json *steps)
{
        return get_word(steps, "arithmetic", EN_WORDS_ARITHMETIC,
                        &preset->arithmetic) &&
               get_flag(steps, "rescale", &preset->rescale) &&
               get_number(steps, "rescale_factor", &preset->rescale_factor) &&
               get_flag(steps, "rescale_offset", &preset->rescale_offset) &&
               get_flag(steps, "normalize", &preset->normalize) &&
               get_flag(steps, "normalize_again", &preset->normalize_again);
}

static bool
read_preset(en_preset *preset, const en_json *steps)
{
        return get_word(steps, "mode", EN_WORDS_MODE, &preset->mode) &&
               get_pair(steps, "resize", &preset->resize_height,
                        &preset->resize_width) &&
               get_pair(steps, "crop", &preset->crop_height,
                        &preset->crop_width) &&
               get_word(steps, "filter", EN_WORDS_FILTER, &preset->filter) &&
               get_colour(steps, "mean", preset->mean) &&
               get_colour(steps, "std", preset->std) &&
               read_flags(preset, steps);
}

static effnet_status
read_labels(en_labels **labels, const en_json *array, int32_t classes)
{
        const char **lines;
        effnet_status status = EFFNET_OK;

        *labels = NULL;
        if (classes == 0 || en_json_count(array) != (size_t)classes)
                return EFFNET_OK;
        lines = en_alloc_array((size_t)classes, sizeof(*lines));
        if (lines == NULL)
                return EFFNET_ERROR_MEMORY;
        for (int32_t i = 0; i < classes && status == EFFNET_OK; i++) {
                lines[i] = en_json_text(en_json_at(array, (size_t)i), NULL);
                if (lines[i] == NULL)
                        status = unfit("labels");
        }
        if (status == EFFNET_OK)
                status = en_labels_copy(labels, lines, classes);
        en_free(lines);
        return status;
}

static effnet_status
read_all(en_told *told, const en_json *object, const en_naming *naming,
         int32_t classes)
{
        effnet_status status = read_config(&told->config, object, naming);

        if (status != EFFNET_OK)
                return status;
        if (!read_preset(&told->preset, en_json_get(object, "preprocessing")))
                return unfit("preprocessing");
        if (en_json_get(object, "multi_label") != NULL &&
            !get_flag(object, "multi_label", &told->multi_label))
                return unfit("multi_label");
        return read_labels(&told->labels, en_json_get(object, "labels"),
                           classes);
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
en_told_read(en_told *told, const char *text, const en_naming *naming,
             int32_t classes)
{
        size_t size = strlen(text);
        en_json *object;
        effnet_status status = check_cost(text, size, classes);

        memset(told, 0, sizeof(*told));
        if (status == EFFNET_OK)
                status = en_json_parse(&object, text, size, "it is");
        if (status != EFFNET_OK)
                return status;
        status = read_all(told, object, naming, classes);
        en_json_free(object);
        return status;
}
