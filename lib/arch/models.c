/* models.c: every model that has a name.
 *
 * Coefficients: Tan & Le, "EfficientNet" (2019), and the tables of
 * tensorflow/tpu, models/official/efficientnet/efficientnet_builder.py,
 * lite/efficientnet_lite_builder.py and edgetpu/efficientnet_edgetpu_builder.py;
 * google/automl, efficientnetv2; timm/models/efficientnet.py.  Padding and
 * epsilon: the families' own code (pytorch/vision, pytorch-image-models,
 * EfficientNet-PyTorch, EfficientNet-Lite-PyTorch, transformers, keras,
 * qubvel/efficientnet).
 */
#include "arch/models.h"

#include "base/status.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const en_model en_models[EN_VARIANTS] = {
        [EN_B0] = {"b0", &en_line_v1, 1.0, 1.0, 224, NULL},
        [EN_B1] = {"b1", &en_line_v1, 1.0, 1.1, 240, NULL},
        [EN_B2] = {"b2", &en_line_v1, 1.1, 1.2, 260, NULL},
        [EN_B3] = {"b3", &en_line_v1, 1.2, 1.4, 300, NULL},
        [EN_B4] = {"b4", &en_line_v1, 1.4, 1.8, 380, NULL},
        [EN_B5] = {"b5", &en_line_v1, 1.6, 2.2, 456, NULL},
        [EN_B6] = {"b6", &en_line_v1, 1.8, 2.6, 528, NULL},
        [EN_B7] = {"b7", &en_line_v1, 2.0, 3.1, 600, NULL},
        [EN_B8] = {"b8", &en_line_v1, 2.2, 3.6, 672, NULL},
        [EN_LITE0] = {"lite0", &en_line_lite, 1.0, 1.0, 224, NULL},
        [EN_LITE1] = {"lite1", &en_line_lite, 1.0, 1.1, 240, NULL},
        [EN_LITE2] = {"lite2", &en_line_lite, 1.1, 1.2, 260, NULL},
        [EN_LITE3] = {"lite3", &en_line_lite, 1.2, 1.4, 280, NULL},
        [EN_LITE4] = {"lite4", &en_line_lite, 1.4, 1.8, 300, NULL},
        [EN_L2] = {"l2", &en_line_v1, 4.3, 5.3, 800, NULL},
        [EN_ES] = {"es", &en_line_edge, 1.0, 1.0, 224, NULL},
        [EN_EM] = {"em", &en_line_edge, 1.0, 1.1, 240, NULL},
        [EN_EL] = {"el", &en_line_edge, 1.2, 1.4, 300, NULL},
        [EN_V2_B0] = {"v2_b0", &en_line_v2_b, 1.0, 1.0, 224, NULL},
        [EN_V2_B1] = {"v2_b1", &en_line_v2_b, 1.0, 1.1, 240, NULL},
        [EN_V2_B2] = {"v2_b2", &en_line_v2_b, 1.1, 1.2, 260, NULL},
        [EN_V2_B3] = {"v2_b3", &en_line_v2_b, 1.2, 1.4, 300, NULL},
        [EN_V2_S] = {"v2_s", &en_line_v2_s, 1.0, 1.0, 384, NULL},
        [EN_V2_M] = {"v2_m", &en_line_v2_m, 1.0, 1.0, 480, NULL},
        [EN_V2_L] = {"v2_l", &en_line_v2_l, 1.0, 1.0, 480, NULL},
        [EN_V2_XL] = {"v2_xl", &en_line_v2_xl, 1.0, 1.0, 512, NULL},
        [EN_V2_RW_T] = {"v2_rw_t", &en_line_v2_s, 0.8, 0.9, 288, NULL},
        [EN_V2_RW_S] = {"v2_rw_s", &en_line_v2_rw_s, 1.0, 1.0, 384, NULL},
        [EN_V2_RW_M] = {"v2_rw_m", &en_line_v2_rw_m, 1.2, 1.0, 416, NULL},
        [EN_TEST] = {"test", &en_line_test, 1.0, 1.0, 160, NULL},
        [EN_GC_V2_RW_T] = {"gc_v2_rw_t", &en_line_v2_gc, 0.8, 0.9, 288, NULL},
        [EN_B1_PRUNED] = {"b1_pruned", &en_line_v1, 1.0, 1.1, 240,
                          &en_pruned_b1},
        [EN_B2_PRUNED] = {"b2_pruned", &en_line_v1, 1.1, 1.2, 260,
                          &en_pruned_b2},
        [EN_B3_PRUNED] = {"b3_pruned", &en_line_v1, 1.2, 1.4, 300,
                          &en_pruned_b3},
        [EN_ES_PRUNED] = {"es_pruned", &en_line_edge, 1.0, 1.0, 224, NULL},
        [EN_EL_PRUNED] = {"el_pruned", &en_line_edge, 1.2, 1.4, 300, NULL},
};

const en_definition en_definitions[] = {
        {EN_FAMILY_TORCHVISION,
         EN_B0,
         {"efficientnet_b0", "efficientnet_b1", "efficientnet_b2",
          "efficientnet_b3", "efficientnet_b4"},
         EFFNET_PADDING_SYMMETRIC,
         1e-5,
         0,
         0},
        /* These weights came from LM; torchvision kept their epsilon but not
         * their padding. */
        {EN_FAMILY_TORCHVISION,
         EN_B5,
         {"efficientnet_b5", "efficientnet_b6", "efficientnet_b7"},
         EFFNET_PADDING_SYMMETRIC,
         1e-3,
         0,
         0},
        {EN_FAMILY_TIMM,
         EN_B8,
         {"efficientnet_b8"},
         EFFNET_PADDING_SYMMETRIC,
         1e-5,
         0,
         0},
        {EN_FAMILY_TIMM,
         EN_B0,
         {"efficientnet_b0", "efficientnet_b1", "efficientnet_b2",
          "efficientnet_b3", "efficientnet_b4", "efficientnet_b5",
          "efficientnet_b6", "efficientnet_b7"},
         EFFNET_PADDING_SYMMETRIC,
         1e-5,
         0,
         1},
        {EN_FAMILY_LM,
         EN_B0,
         {"efficientnet-b0", "efficientnet-b1", "efficientnet-b2",
          "efficientnet-b3", "efficientnet-b4", "efficientnet-b5",
          "efficientnet-b6", "efficientnet-b7", "efficientnet-b8"},
         EFFNET_PADDING_SAME_STATIC,
         1e-3,
         0,
         0},
        {EN_FAMILY_LP,
         EN_LITE0,
         {"efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2",
          "efficientnet-lite3", "efficientnet-lite4"},
         EFFNET_PADDING_SAME_STATIC,
         1e-3,
         0,
         0},
        {EN_FAMILY_TIMM,
         EN_LITE0,
         {"efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"},
         EFFNET_PADDING_SYMMETRIC,
         1e-5,
         0,
         0},
        {EN_FAMILY_TIMM,
         EN_LITE3,
         {"efficientnet_lite3"},
         EFFNET_PADDING_SYMMETRIC,
         1e-5,
         300,
         0},
        {EN_FAMILY_TIMM,
         EN_LITE4,
         {"efficientnet_lite4"},
         EFFNET_PADDING_SYMMETRIC,
         1e-5,
         380,
         0},
        {EN_FAMILY_TIMM,
         EN_B0,
         {"tf_efficientnet_b0", "tf_efficientnet_b1", "tf_efficientnet_b2",
          "tf_efficientnet_b3", "tf_efficientnet_b4", "tf_efficientnet_b5",
          "tf_efficientnet_b6", "tf_efficientnet_b7", "tf_efficientnet_b8"},
         EFFNET_PADDING_SAME,
         1e-3,
         0,
         0},
        {EN_FAMILY_TIMM,
         EN_LITE0,
         {"tf_efficientnet_lite0", "tf_efficientnet_lite1",
          "tf_efficientnet_lite2"},
         EFFNET_PADDING_SAME,
         1e-3,
         0,
         0},
        {EN_FAMILY_TIMM,
         EN_LITE3,
         {"tf_efficientnet_lite3"},
         EFFNET_PADDING_SAME,
         1e-3,
         300,
         0},
        {EN_FAMILY_TIMM,
         EN_LITE4,
         {"tf_efficientnet_lite4"},
         EFFNET_PADDING_SAME,
         1e-3,
         380,
         0},
        {EN_FAMILY_TORCHVISION,
         EN_V2_S,
         {"efficientnet_v2_s", "efficientnet_v2_m", "efficientnet_v2_l"},
         EFFNET_PADDING_SYMMETRIC,
         1e-3,
         0,
         0},
        {EN_FAMILY_TIMM,
         EN_V2_S,
         {"efficientnetv2_s", "efficientnetv2_m", "efficientnetv2_l",
          "efficientnetv2_xl"},
         EFFNET_PADDING_SYMMETRIC,
         1e-5,
         0,
         0},
        {EN_FAMILY_TIMM,
         EN_V2_RW_T,
         {"efficientnetv2_rw_t", "efficientnetv2_rw_s", "efficientnetv2_rw_m",
          "test_efficientnet"},
         EFFNET_PADDING_SYMMETRIC,
         1e-5,
         0,
         0},
        {EN_FAMILY_TIMM,
         EN_GC_V2_RW_T,
         {"gc_efficientnetv2_rw_t"},
         EFFNET_PADDING_SYMMETRIC,
         1e-5,
         0,
         0},
        {EN_FAMILY_TIMM,
         EN_B1_PRUNED,
         {"efficientnet_b1_pruned", "efficientnet_b2_pruned",
          "efficientnet_b3_pruned"},
         EFFNET_PADDING_SAME,
         1e-3,
         0,
         0},
        {EN_FAMILY_TIMM,
         EN_ES_PRUNED,
         {"efficientnet_es_pruned", "efficientnet_el_pruned"},
         EFFNET_PADDING_SYMMETRIC,
         1e-5,
         0,
         0},
        {EN_FAMILY_TIMM,
         EN_L2,
         {"efficientnet_l2", "efficientnet_es", "efficientnet_em",
          "efficientnet_el"},
         EFFNET_PADDING_SYMMETRIC,
         1e-5,
         0,
         0},
        {EN_FAMILY_TIMM,
         EN_L2,
         {"tf_efficientnet_l2", "tf_efficientnet_es", "tf_efficientnet_em",
          "tf_efficientnet_el", "tf_efficientnetv2_b0", "tf_efficientnetv2_b1",
          "tf_efficientnetv2_b2", "tf_efficientnetv2_b3", "tf_efficientnetv2_s",
          "tf_efficientnetv2_m", "tf_efficientnetv2_l", "tf_efficientnetv2_xl"},
         EFFNET_PADDING_SAME,
         1e-3,
         0,
         0},
        /* Whatever the size, a block pads as its place in depthwise_padding
         * says; published files list those whose map is odd at the nominal
         * size. */
        {EN_FAMILY_HF,
         EN_B0,
         {"google/efficientnet-b0", "google/efficientnet-b1",
          "google/efficientnet-b2", "google/efficientnet-b3",
          "google/efficientnet-b4", "google/efficientnet-b5",
          "google/efficientnet-b6", "google/efficientnet-b7"},
         EFFNET_PADDING_SAME_STATIC,
         1e-3,
         0,
         0},
        {EN_FAMILY_KERAS,
         EN_B0,
         {"EfficientNetB0", "EfficientNetB1", "EfficientNetB2",
          "EfficientNetB3", "EfficientNetB4", "EfficientNetB5",
          "EfficientNetB6", "EfficientNetB7"},
         EFFNET_PADDING_SAME,
         1e-3,
         0,
         0},
        {EN_FAMILY_KERAS,
         EN_V2_B0,
         {"EfficientNetV2B0", "EfficientNetV2B1", "EfficientNetV2B2",
          "EfficientNetV2B3", "EfficientNetV2S", "EfficientNetV2M",
          "EfficientNetV2L"},
         EFFNET_PADDING_SAME,
         1e-3,
         0,
         0},
        {EN_FAMILY_QUBVEL,
         EN_B0,
         {"efficientnetb0", "efficientnetb1", "efficientnetb2",
          "efficientnetb3", "efficientnetb4", "efficientnetb5",
          "efficientnetb6", "efficientnetb7"},
         EFFNET_PADDING_SAME,
         1e-3,
         0,
         0},
        {EN_FAMILY_QUBVEL,
         EN_L2,
         {"efficientnetl2"},
         EFFNET_PADDING_SAME,
         1e-3,
         0,
         0},
};

const int32_t en_definition_count = (int32_t)(sizeof(en_definitions) /
                                              sizeof(en_definitions[0]));

static const char *const family_names[EN_FAMILIES] = {
        [EN_FAMILY_TORCHVISION] = "torchvision",
        [EN_FAMILY_TIMM] = "timm",
        [EN_FAMILY_LM] = "lm",
        [EN_FAMILY_LP] = "lp",
        [EN_FAMILY_HF] = "huggingface",
        [EN_FAMILY_KERAS] = "keras",
        [EN_FAMILY_QUBVEL] = "qubvel",
};

const char *
en_family_name(en_family family)
{
        return family_names[family];
}

int32_t
en_nominal_resolution(const en_definition *definition, int32_t variant)
{
        return definition->resolution != 0 ? definition->resolution
                                           : en_models[variant].resolution;
}

static int32_t
name_count(const en_definition *definition)
{
        int32_t n = 0;

        while (definition->names[n] != NULL)
                n++;
        return n;
}

static bool
defines(const en_definition *definition, int32_t variant)
{
        return variant >= definition->first &&
               variant < definition->first + name_count(definition);
}

static void
fill(effnet_config *config, const en_definition *definition, int32_t variant)
{
        const en_model *model = &en_models[variant];
        const en_line *line = model->line;

        memset(config, 0, sizeof(*config));
        snprintf(config->name, sizeof(config->name), "%s",
                 definition->names[variant - definition->first]);
        config->family = definition->family;
        config->variant = variant;
        config->definition = (int32_t)(definition - en_definitions);
        config->stage_count = line->stage_count;
        memcpy(config->stages, line->stages, sizeof(config->stages));
        config->stem = line->stem;
        config->head = line->head;
        config->width = model->width;
        config->depth = model->depth;
        config->resolution = en_nominal_resolution(definition, variant);
        config->fixed_ends = line->fixed_ends;
        config->nearest_widths = line->nearest_widths;
        config->squeeze_excite = line->squeeze_excite;
        config->attention = line->attention;
        if (model->pruned != NULL)
                config->pruned = *model->pruned;
        config->activation = line->activation;
        config->padding = definition->padding;
        config->epsilon = definition->epsilon;
        config->classes = 1000;
        config->input_channels = 3;
}

effnet_status
en_config_variant(effnet_config *config, en_family family, int32_t variant)
{
        for (int32_t i = 0; i < en_definition_count; i++)
                if (en_definitions[i].family == family &&
                    defines(&en_definitions[i], variant)) {
                        fill(config, &en_definitions[i], variant);
                        return EFFNET_OK;
                }
        return en_fail(EFFNET_ERROR_ARGUMENT, "%s defines no EfficientNet %s",
                       en_family_name(family),
                       variant >= 0 && variant < EN_VARIANTS
                               ? en_models[variant].name
                               : "of that number");
}

/* A short name, "b0", means the first definition that has a name for it. */
static bool
is_called(const en_definition *definition, int32_t index, const char *name)
{
        const char *shorter = en_models[definition->first + index].name;

        return strcmp(definition->names[index], name) == 0 ||
               strcmp(shorter, name) == 0;
}

effnet_status
en_config_named(effnet_config *config, const char *name)
{
        for (int32_t i = 0; i < en_definition_count; i++) {
                const en_definition *definition = &en_definitions[i];

                for (int32_t j = 0; definition->names[j] != NULL; j++)
                        if (is_called(definition, j, name)) {
                                fill(config, definition, definition->first + j);
                                return EFFNET_OK;
                        }
        }
        if (en_config_tagged(config, name, true) > 0)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_ARGUMENT,
                       "unknown architecture \"%.80s\"; expected a name such "
                       "as b0 to b8, lite0 to lite4, v2_s, efficientnet_b0, "
                       "efficientnet-b0 or tf_efficientnetv2_b0",
                       name);
}

const char *
en_architecture_name(int32_t index)
{
        if (index < 0)
                return NULL;
        for (int32_t i = 0; i < en_definition_count; i++) {
                int32_t n = name_count(&en_definitions[i]);

                if (en_definitions[i].unnamed)
                        continue;
                if (index < n)
                        return en_definitions[i].names[index];
                index -= n;
        }
        return NULL;
}
