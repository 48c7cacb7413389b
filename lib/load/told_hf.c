/* told_hf.c: config.json of transformers, as
 * models/efficientnet/configuration_efficientnet.py defines it; what a file
 * leaves out has the values there, those of B7.
 */
#include "load/told.h"

#include "arch/limits.h"
#include "base/status.h"
#include "load/fields.h"
#include "load/text.h"

#include <stdio.h>
#include <string.h>

/* The stages of all published models, in config.json's words. */
typedef struct list {
        const char *key;
        int32_t count;
        int32_t values[7];
} list;

static const list shaped[] = {
        {"in_channels", 7, {32, 16, 24, 40, 80, 112, 192}},
        {"out_channels", 7, {16, 24, 40, 80, 112, 192, 320}},
        {"kernel_sizes", 7, {3, 3, 5, 3, 5, 5, 3}},
        {"num_block_repeats", 7, {1, 2, 2, 3, 3, 4, 1}},
        {"expand_ratios", 7, {1, 6, 6, 6, 6, 6, 6}},
};
static const list strides = {"strides", 7, {1, 2, 2, 2, 1, 2, 1}};

/* Whether the object has just that list, or none. */
static bool
is_usual(const en_json *root, const list *usual)
{
        const en_json *found = en_json_get(root, usual->key);

        if (found == NULL)
                return true;
        if (en_json_count(found) != (size_t)usual->count)
                return false;
        for (int32_t i = 0; i < usual->count; i++) {
                int64_t value;

                if (!en_json_integer(en_json_at(found, (size_t)i), &value) ||
                    value != usual->values[i])
                        return false;
        }
        return true;
}

static bool
is_number(const en_json *root, const char *key, double usual)
{
        double value = usual;

        return en_json_get(root, key) == NULL ||
               (en_field_number(root, key, &value) && value == usual);
}

static bool
has_usual_shapes(const en_json *root)
{
        for (size_t i = 0; i < sizeof(shaped) / sizeof(shaped[0]); i++)
                if (!is_usual(root, &shaped[i]))
                        return false;
        return is_number(root, "depth_divisor", 8) &&
               is_number(root, "squeeze_expansion_ratio", 0.25);
}

static void
refuse(en_told *told, const char *key, const char *expected)
{
        if (told->refused[0] == '\0')
                snprintf(told->refused, sizeof(told->refused),
                         "its \"%s\" is not run; expected %s", key, expected);
}

/* A number, or [height, width], of which the network needs none to be run:
 * only the preprocessing and its resolution depend on it.
 */
static int32_t
read_resolution(const en_json *root)
{
        const en_json *size = en_json_get(root, "image_size");
        int32_t side = 0;

        if (en_json_count(size) > 0)
                size = en_json_at(size, 0);
        return en_field_size(size, &side) && side > 0 ? side : 600;
}

/* One of B0 to B7 by its coefficients, or any other. */
static effnet_status
read_network(effnet_config *config, const en_json *root)
{
        double width = 2.0, depth = 3.1;
        int32_t resolution = read_resolution(root);

        en_field_number(root, "width_coefficient", &width);
        en_field_number(root, "depth_coefficient", &depth);
        for (int32_t v = EN_B0; v <= EN_B7; v++) {
                effnet_status status = en_config_variant(config, EN_FAMILY_HF,
                                                         v);

                if (status != EFFNET_OK)
                        return status;
                if (config->width == width && config->depth == depth) {
                        config->resolution = resolution;
                        return EFFNET_OK;
                }
        }
        return en_config_custom(config, "google/efficientnet-b0", width, depth,
                                resolution);
}

/* Names of transformers/activations.py. */
static void
read_activation(en_told *told, const en_json *root)
{
        const char *name = en_field_text(root, "hidden_act");

        if (name == NULL || strcmp(name, "swish") == 0 ||
            strcmp(name, "silu") == 0)
                told->config.activation = EFFNET_ACTIVATION_SILU;
        else if (strcmp(name, "relu6") == 0)
                told->config.activation = EFFNET_ACTIVATION_RELU6;
        else if (strcmp(name, "relu") == 0)
                told->config.activation = EFFNET_ACTIVATION_RELU;
        else
                refuse(told, "hidden_act", "swish, silu, relu6 or relu");
}

static bool
is_listed(const en_json *array, int32_t number)
{
        size_t count = en_json_count(array);

        for (size_t i = 0; i < count; i++) {
                int64_t value;

                if (en_json_integer(en_json_at(array, i), &value) &&
                    value == number)
                        return true;
        }
        return false;
}

/* "depthwise_padding" lists blocks, counted over all stages. */
static void
read_padding(en_told *told, const en_json *root)
{
        const en_json *blocks = en_json_get(root, "depthwise_padding");
        bool square[EN_MAX_STAGES] = {false};
        int32_t block = 0;

        for (int32_t i = 0; i < told->config.stage_count; i++) {
                square[i] = is_listed(blocks, block);
                block += en_config_repeats(&told->config, i);
        }
        en_config_pad_square(&told->config, square);
}

static effnet_status
read_architecture(en_told *told, const en_json *root)
{
        const char *pool = en_field_text(root, "pooling_type");
        effnet_status status = read_network(&told->config, root);

        if (status == EFFNET_OK && !has_usual_shapes(root))
                status = en_fail(EFFNET_ERROR_MISMATCH,
                                 "its stages are not those of EfficientNet");
        if (status != EFFNET_OK)
                return status;
        if (!is_usual(root, &strides))
                refuse(told, "strides", "[1, 2, 2, 2, 1, 2, 1]");
        if (pool != NULL && strcmp(pool, "mean") != 0)
                refuse(told, "pooling_type", "mean");
        read_activation(told, root);
        if (!en_field_number(root, "batch_norm_eps", &told->config.epsilon))
                told->config.epsilon = 1e-3;
        if (!(told->config.epsilon > 0 && told->config.epsilon <= 1))
                return en_fail(EFFNET_ERROR_MISMATCH,
                               "its \"batch_norm_eps\" is %g; expected more "
                               "than 0, at most 1",
                               told->config.epsilon);
        read_padding(told, root);
        told->parts |= EN_TOLD_ARCHITECTURE;
        return EFFNET_OK;
}

static void
read_classes(en_told *told, const en_json *root)
{
        size_t labels = en_json_members(en_json_get(root, "id2label"));
        int64_t classes;

        if (labels > 0)
                classes = labels > EN_MOST_CLASSES ? -2 : (int64_t)labels;
        else if (!en_json_integer(en_json_get(root, "num_labels"), &classes))
                return;
        if (classes < 0 || classes > EN_MOST_CLASSES)
                classes = -2; /* no file's */
        told->classes = (int32_t)classes;
        told->parts |= EN_TOLD(EFFNET_SOURCE_CLASSES);
}

static void
read_problem(en_told *told, const en_json *root)
{
        const char *type = en_field_text(root, "problem_type");

        if (type == NULL)
                return;
        told->multi_label = strcmp(type, "multi_label_classification") == 0;
        told->parts |= EN_TOLD(EFFNET_SOURCE_MULTI_LABEL);
}

effnet_status
en_told_transformers(en_told *told, const en_json *root,
                     const en_told_place *place)
{
        effnet_status status;

        if (place->naming->ranges[0].family != EN_FAMILY_HF)
                return en_fail(EFFNET_ERROR_MISMATCH,
                               "it is transformers', the tensors have names "
                               "of %s",
                               place->naming->name);
        status = read_architecture(told, root);
        if (status != EFFNET_OK)
                return status;
        read_classes(told, root);
        read_problem(told, root);
        return en_told_labels(told, root, place);
}
