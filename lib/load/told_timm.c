/* told_timm.c: config.json of timm, as timm/models/_hub.py writes and reads it,
 * and its preprocessing as timm/data/config.py and transforms_factory.py do.
 */
#include "load/told.h"

#include "arch/limits.h"
#include "base/status.h"
#include "load/fields.h"
#include "load/text.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void
warn_of(const en_told_place *place, const en_told *told, const char *key,
        const char *expected)
{
        en_warn(place->warnings, "%s: \"%s\" is ignored: expected %s",
                told->name, key, expected);
}

/* Keys of data_config that no key of the file contradicts take timm's
 * defaults.
 */
static void
read_filter(en_told *told, const en_json *cfg, const en_told_place *place)
{
        told->preset.filter = EFFNET_FILTER_BICUBIC;
        if (en_json_get(cfg, "interpolation") != NULL &&
            !en_field_word(cfg, "interpolation", EN_WORDS_FILTER,
                           &told->preset.filter))
                warn_of(place, told, "interpolation",
                        "bicubic, bilinear or nearest");
        else
                told->parts |= EN_TOLD(EFFNET_SOURCE_FILTER);
}

static void
read_colours(en_told *told, const en_json *cfg, const en_told_place *place)
{
        static const float mean[3] = {0.485F, 0.456F, 0.406F};
        static const float std[3] = {0.229F, 0.224F, 0.225F};
        en_preset *preset = &told->preset;
        bool good = true;

        memcpy(preset->mean, mean, sizeof(mean));
        memcpy(preset->std, std, sizeof(std));
        if (en_json_get(cfg, "mean") != NULL)
                good = en_field_colour(cfg, "mean", true, preset->mean);
        if (en_json_get(cfg, "std") != NULL)
                good &= en_field_colour(cfg, "std", true, preset->std);
        for (int i = 0; i < 3; i++)
                good &= fabsf(preset->std[i]) >= FLT_MIN;
        preset->arithmetic = EFFNET_ARITHMETIC_TORCHVISION;
        preset->rescale = preset->normalize = 1;
        preset->rescale_factor = 1.0 / 255;
        if (good)
                told->parts |= EN_TOLD(EFFNET_SOURCE_MEAN_STD);
        else
                warn_of(place, told, "mean and std",
                        "three numbers each, std not 0");
}

static int32_t
read_mode(const en_json *cfg)
{
        const char *mode = en_field_text(cfg, "crop_mode");

        if (mode != NULL && strcmp(mode, "squash") == 0)
                return EFFNET_MODE_SQUASH;
        if (mode != NULL && strcmp(mode, "border") == 0)
                return EFFNET_MODE_BORDER;
        return EFFNET_MODE_CENTRE; /* whatever else it is, as in timm */
}

/* V2 is prepared in the size of the test, as without a config.json. */
static bool
prefers_test(const en_told *told, const effnet_options *options)
{
        if (options->test_size >= 0)
                return options->test_size != 0;
        return told->config.stages[0].block != EN_BLOCK_MBCONV;
}

/* [channels, height, width]; "test_input_size" need not be there. */
static bool
read_side(const en_json *cfg, bool test, int32_t *side)
{
        const en_json *size = en_json_get(cfg, "test_input_size");
        int32_t height, width;

        *side = 224;
        if (!test || size == NULL)
                size = en_json_get(cfg, "input_size");
        if (size == NULL)
                return true;
        if (en_json_count(size) != 3 ||
            !en_field_size(en_json_at(size, 1), &height) ||
            !en_field_size(en_json_at(size, 2), &width) || height < 1 ||
            height != width)
                return false;
        *side = height;
        return true;
}

static bool
read_scale(const en_json *cfg, bool test, double *scale)
{
        const char *key = test && en_json_get(cfg, "test_crop_pct") != NULL
                                  ? "test_crop_pct"
                                  : "crop_pct";

        *scale = 0.875;
        return en_json_get(cfg, key) == NULL ||
               (en_field_number(cfg, key, scale) && *scale > 0);
}

/* Size, crop and mode depend on each other. */
static void
read_sizes(en_told *told, const en_json *cfg, const en_told_place *place)
{
        bool test = prefers_test(told, place->options);
        en_preset *preset = &told->preset;
        double scale, resized;
        int32_t side;

        if (!read_side(cfg, test, &side)) {
                warn_of(place, told, "input_size",
                        "channels and two equal sides up to 16384");
                return;
        }
        resized = read_scale(cfg, test, &scale) ? floor(side / scale) : 0;
        if (!(resized >= 1 && resized <= EN_MOST_RESOLUTION)) {
                warn_of(place, told, "crop_pct",
                        "a part of the side, such as 0.875");
                return;
        }
        preset->mode = read_mode(cfg);
        preset->crop_height = preset->crop_width = side;
        preset->resize_height = (int32_t)resized;
        preset->resize_width = preset->mode == EFFNET_MODE_CENTRE
                                       ? 0
                                       : preset->resize_height;
        told->parts |= EN_TOLD(EFFNET_SOURCE_RESIZE) |
                       EN_TOLD(EFFNET_SOURCE_CROP) |
                       EN_TOLD(EFFNET_SOURCE_MODE);
}

/* By the tag of the weights, if that is known, else by the architecture. */
static effnet_status
read_architecture(en_told *told, const char *name, const char *tag,
                  const en_naming *naming)
{
        char tagged[2 * EN_MAX_NAME + 2], kept[EN_MESSAGE_SIZE];
        char shown[EN_SHOWN];
        effnet_status status = EFFNET_ERROR_ARGUMENT;

        en_message_keep(kept);
        snprintf(tagged, sizeof(tagged), "%.*s.%.*s", EN_MAX_NAME, name,
                 EN_MAX_NAME, tag != NULL ? tag : "");
        if (tag != NULL)
                status = en_naming_architecture(&told->config, naming, tagged);
        if (status == EFFNET_ERROR_ARGUMENT)
                status = en_naming_architecture(&told->config, naming, name);
        if (status != EFFNET_ERROR_ARGUMENT) {
                en_message_restore(kept);
                return status;
        }
        en_show(shown, name, strlen(name));
        return en_fail(EFFNET_ERROR_MISMATCH,
                       "its architecture, %s, is none that is known", shown);
}

static void
refuse(en_told *told, const char *key, const char *value, const char *expected)
{
        char shown[EN_SHOWN];

        en_show(shown, value, strlen(value));
        if (told->refused[0] == '\0')
                snprintf(told->refused, sizeof(told->refused),
                         "\"%s\" is \"%s\"; expected %s", key, shown, expected);
}

/* Names of timm/layers/create_act.py. */
static void
read_activation(en_told *told, const char *name)
{
        if (strcmp(name, "silu") == 0 || strcmp(name, "swish") == 0)
                told->config.activation = EFFNET_ACTIVATION_SILU;
        else if (strcmp(name, "relu6") == 0)
                told->config.activation = EFFNET_ACTIVATION_RELU6;
        else if (strcmp(name, "relu") == 0)
                told->config.activation = EFFNET_ACTIVATION_RELU;
        else
                refuse(told, "act_layer", name, "silu, relu6 or relu");
}

/* pad_type '' is PyTorch's own, (k - 1) / 2 (timm/layers/padding.py). */
static void
read_padding(en_told *told, const char *type)
{
        if (strcmp(type, "same") == 0)
                told->config.padding = EFFNET_PADDING_SAME;
        else if (*type == '\0')
                told->config.padding = EFFNET_PADDING_SYMMETRIC;
        else
                refuse(told, "pad_type", type, "\"same\" or \"\"");
}

/* Arguments that the model was built with, beside what the shapes show. */
static void
read_arguments(en_told *told, const en_json *arguments)
{
        static const char *const others[] = {"norm_layer", "se_layer",
                                             "aa_layer"};
        const char *activation = en_field_text(arguments, "act_layer");
        const char *padding = en_field_text(arguments, "pad_type");
        double epsilon = 0, stride = 32;
        int32_t tensorflow = 0;

        if (activation != NULL)
                read_activation(told, activation);
        if (padding != NULL)
                read_padding(told, padding);
        if (en_field_flag(arguments, "bn_tf", &tensorflow) && tensorflow != 0)
                told->config.epsilon = 1e-3;
        if (en_field_number(arguments, "bn_eps", &epsilon) && epsilon > 0 &&
            epsilon <= 1)
                told->config.epsilon = epsilon;
        if (en_field_number(arguments, "output_stride", &stride) &&
            stride != 32)
                refuse(told, "output_stride", "another", "32");
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
                const char *name = en_field_text(arguments, others[i]);

                if (name != NULL && strncmp(name, "batchnorm", 9) != 0 &&
                    strcmp(name, "se") != 0)
                        refuse(told, others[i], name, "the usual one");
        }
}

static void
read_pool(en_told *told, const en_json *root)
{
        const char *pool = en_field_text(root, "global_pool");

        if (pool != NULL && strcmp(pool, "avg") != 0 &&
            strcmp(pool, "fast") != 0 && strcmp(pool, "fastavg") != 0)
                refuse(told, "global_pool", pool, "avg");
}

/* Rows of the classifier, and how many of them come before class 0. */
static void
read_classes(en_told *told, const en_json *root, const en_json *cfg)
{
        int64_t classes, offset = 0;

        if (!en_json_integer(en_json_get(root, "num_classes"), &classes) &&
            !en_json_integer(en_json_get(cfg, "num_classes"), &classes))
                return;
        if (classes < 0 || classes > EN_MOST_CLASSES)
                classes = -2; /* no file's */
        en_json_integer(en_json_get(cfg, "label_offset"), &offset);
        told->classes = (int32_t)classes;
        told->background = offset == 1;
        told->parts |= EN_TOLD(EFFNET_SOURCE_CLASSES);
}

effnet_status
en_told_timm(en_told *told, const en_json *root, const en_told_place *place)
{
        const en_json *inner = en_json_get(root, "pretrained_cfg");
        const en_json *cfg = en_json_is_object(inner) ? inner : root;
        const char *name = en_field_text(root, "architecture");
        effnet_status status = EFFNET_OK;

        if (place->naming->ranges[0].family != EN_FAMILY_TIMM)
                return en_fail(EFFNET_ERROR_MISMATCH,
                               "it is timm's, the tensors have names of %s",
                               place->naming->name);
        if (name == NULL)
                name = en_field_text(cfg, "architecture");
        if (name != NULL)
                status = read_architecture(
                        told, name, en_field_text(cfg, "tag"), place->naming);
        if (status != EFFNET_OK)
                return status;
        if (name != NULL) {
                told->parts |= EN_TOLD_ARCHITECTURE;
                read_arguments(told, en_json_get(root, "model_args"));
        }
        read_pool(told, root);
        read_classes(told, root, cfg);
        if (inner != NULL || en_json_get(root, "input_size") != NULL) {
                read_colours(told, cfg, place);
                read_filter(told, cfg, place);
                read_sizes(told, cfg, place);
        }
        status = en_told_labels(told, root, place);
        return status == EFFNET_OK ? en_told_labels(told, cfg, place) : status;
}
