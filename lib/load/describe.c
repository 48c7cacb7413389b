/* describe.c: config, preprocessing and labels as JSON. */
#include "load/describe.h"

#include "arch/models.h"

static const char *const paddings[] = {
        [EFFNET_PADDING_SYMMETRIC] = "symmetric",
        [EFFNET_PADDING_SAME] = "same",
        [EFFNET_PADDING_SAME_STATIC] = "same-static",
};
static const char *const activations[] = {
        [EFFNET_ACTIVATION_SILU] = "silu",
        [EFFNET_ACTIVATION_RELU6] = "relu6",
        [EFFNET_ACTIVATION_RELU] = "relu",
};
static const char *const modes[] = {
        [EFFNET_MODE_CENTRE] = "centre",
        [EFFNET_MODE_CROP_FIRST] = "crop-first",
        [EFFNET_MODE_SQUASH] = "squash",
        [EFFNET_MODE_BORDER] = "border",
};
static const char *const filters[] = {
        [EFFNET_FILTER_NEAREST] = "nearest",
        [EFFNET_FILTER_BILINEAR] = "bilinear",
        [EFFNET_FILTER_BICUBIC] = "bicubic",
};
static const char *const arithmetics[] = {
        [EFFNET_ARITHMETIC_TORCHVISION] = "torchvision",
        [EFFNET_ARITHMETIC_HF] = "huggingface",
};

static void
put_text(en_json *json, const char *key, const char *value)
{
        en_json_key(json, key);
        en_json_string(json, value);
}

static void
put_int(en_json *json, const char *key, int64_t value)
{
        en_json_key(json, key);
        en_json_int(json, value);
}

static void
put_double(en_json *json, const char *key, double value)
{
        en_json_key(json, key);
        en_json_double(json, value);
}

static void
put_bool(en_json *json, const char *key, bool value)
{
        en_json_key(json, key);
        en_json_put(json, value ? "true" : "false");
}

static void
comma(en_json *json)
{
        en_json_put(json, ", ");
}

static void
put_pair(en_json *json, const char *key, int32_t first, int32_t second)
{
        en_json_key(json, key);
        en_json_put(json, "[");
        en_json_int(json, first);
        comma(json);
        en_json_int(json, second);
        en_json_put(json, "]");
}

static void
put_colour(en_json *json, const char *key, const float values[3])
{
        en_json_key(json, key);
        for (int i = 0; i < 3; i++) {
                en_json_put(json, i == 0 ? "[" : ", ");
                en_json_float(json, values[i]);
        }
        en_json_put(json, "]");
}

static void
put_config(en_json *json, const effnet_config *config)
{
        put_text(json, "architecture", config->name);
        comma(json);
        put_text(json, "base", en_models[config->variant].name);
        comma(json);
        put_double(json, "width", config->width);
        comma(json);
        put_double(json, "depth", config->depth);
        comma(json);
        put_int(json, "resolution", config->resolution);
        comma(json);
        put_text(json, "padding", paddings[config->padding]);
        comma(json);
        put_double(json, "epsilon", config->epsilon);
        comma(json);
        put_text(json, "activation", activations[config->activation]);
        comma(json);
        put_bool(json, "squeeze_excite", config->squeeze_excite != 0);
}

static void
put_preset(en_json *json, const en_preset *preset)
{
        put_text(json, "mode", modes[preset->mode]);
        comma(json);
        put_pair(json, "resize", preset->resize_height, preset->resize_width);
        comma(json);
        put_pair(json, "crop", preset->crop_height, preset->crop_width);
        comma(json);
        put_text(json, "filter", filters[preset->filter]);
        comma(json);
        put_colour(json, "mean", preset->mean);
        comma(json);
        put_colour(json, "std", preset->std);
        comma(json);
        put_text(json, "arithmetic", arithmetics[preset->arithmetic]);
        comma(json);
        put_bool(json, "rescale", preset->rescale != 0);
        comma(json);
        put_double(json, "rescale_factor", preset->rescale_factor);
        comma(json);
        put_bool(json, "rescale_offset", preset->rescale_offset != 0);
        comma(json);
        put_bool(json, "normalize", preset->normalize != 0);
        comma(json);
        put_bool(json, "normalize_again", preset->normalize_again != 0);
}

static void
put_labels(en_json *json, const en_labels *labels)
{
        const char *label;

        en_json_key(json, "labels");
        en_json_put(json, "[");
        for (int32_t i = 0; (label = en_labels_get(labels, i)) != NULL; i++) {
                if (i > 0)
                        comma(json);
                en_json_string(json, label);
        }
        en_json_put(json, "]");
}

void
en_describe(en_json *json, const en_description *description)
{
        en_json_put(json, "{");
        put_int(json, "version", 1);
        comma(json);
        put_config(json, description->config);
        comma(json);
        put_bool(json, "multi_label", description->multi_label);
        comma(json);
        en_json_key(json, "preprocessing");
        en_json_put(json, "{");
        put_preset(json, description->preset);
        en_json_put(json, "}");
        if (description->labels != NULL) {
                comma(json);
                put_labels(json, description->labels);
        }
        en_json_put(json, "}");
}
