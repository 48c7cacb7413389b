/* describe.c: config, preprocessing and labels to JSON. */
#include "load/describe.h"

#include "arch/models.h"
#include "arch/words.h"
#include "base/status.h"

static bool
set_word(en_json *object, const char *key, en_vocabulary words, int32_t value)
{
        return en_json_set(object, key, en_json_of_text(en_word(words, value)));
}

static bool
set_pair(en_json *object, const char *key, int32_t first, int32_t second)
{
        en_json *pair = en_json_new_array();
        bool done = en_json_add(pair, en_json_of_integer(first)) &&
                    en_json_add(pair, en_json_of_integer(second));

        return en_json_set(object, key, pair) && done;
}

static bool
set_colour(en_json *object, const char *key, const float values[3])
{
        en_json *colour = en_json_new_array();
        bool done = true;

        for (int i = 0; i < 3; i++)
                done &= en_json_add(colour,
                                    en_json_of_number((double)values[i]));
        return en_json_set(object, key, colour) && done;
}

static bool
set_config(en_json *object, const effnet_config *config)
{
        const char *base = en_models[config->variant].name;
        bool done = config->padding_resolution == 0 ||
                    en_json_set(object, "padding_resolution",
                                en_json_of_integer(config->padding_resolution));

        return done &&
               en_json_set(object, "architecture",
                           en_json_of_text(config->name)) &&
               en_json_set(object, "base", en_json_of_text(base)) &&
               en_json_set(object, "width", en_json_of_number(config->width)) &&
               en_json_set(object, "depth", en_json_of_number(config->depth)) &&
               en_json_set(object, "resolution",
                           en_json_of_integer(config->resolution)) &&
               set_word(object, "padding", EN_WORDS_PADDING, config->padding) &&
               en_json_set(object, "epsilon",
                           en_json_of_number(config->epsilon)) &&
               set_word(object, "activation", EN_WORDS_ACTIVATION,
                        config->activation) &&
               en_json_set(object, "squeeze_excite",
                           en_json_of_boolean(config->squeeze_excite != 0));
}

static bool
set_flags(en_json *object, const en_preset *preset)
{
        return set_word(object, "arithmetic", EN_WORDS_ARITHMETIC,
                        preset->arithmetic) &&
               en_json_set(object, "rescale",
                           en_json_of_boolean(preset->rescale != 0)) &&
               en_json_set(object, "rescale_factor",
                           en_json_of_number(preset->rescale_factor)) &&
               en_json_set(object, "rescale_offset",
                           en_json_of_boolean(preset->rescale_offset != 0)) &&
               en_json_set(object, "normalize",
                           en_json_of_boolean(preset->normalize != 0)) &&
               en_json_set(object, "normalize_again",
                           en_json_of_boolean(preset->normalize_again != 0));
}

static bool
set_preset(en_json *object, const en_preset *preset)
{
        en_json *steps = en_json_new_object();
        bool done;

        done = set_word(steps, "mode", EN_WORDS_MODE, preset->mode) &&
               set_pair(steps, "resize", preset->resize_height,
                        preset->resize_width) &&
               set_pair(steps, "crop", preset->crop_height,
                        preset->crop_width) &&
               set_word(steps, "filter", EN_WORDS_FILTER, preset->filter) &&
               set_colour(steps, "mean", preset->mean) &&
               set_colour(steps, "std", preset->std) &&
               set_flags(steps, preset);
        return en_json_set(object, "preprocessing", steps) && done;
}

static bool
set_labels(en_json *object, const en_labels *labels)
{
        en_json *array = en_json_new_array();
        const char *label;
        bool done = true;

        for (int32_t i = 0; done && (label = en_labels_get(labels, i)) != NULL;
             i++)
                done = en_json_add(array, en_json_of_text(label));
        return en_json_set(object, "labels", array) && done;
}

effnet_status
en_describe(char **text, const en_description *description)
{
        en_json *object = en_json_new_object();
        effnet_status status;
        size_t length;
        bool done;

        *text = NULL;
        done = en_json_set(object, "version", en_json_of_integer(1)) &&
               set_config(object, description->config) &&
               en_json_set(object, "multi_label",
                           en_json_of_boolean(description->multi_label)) &&
               set_preset(object, description->preset) &&
               (description->labels == NULL ||
                set_labels(object, description->labels));
        status = done ? en_json_print(text, &length, object) : en_json_failed();
        en_json_free(object);
        return status;
}
