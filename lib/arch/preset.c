/* preset.c: the preprocessing that each family publishes with its models, one
 * row per architecture: that of the weights its framework loads by default.
 *
 * torchvision: EfficientNet_B*_Weights (the first of each).  timm: the default
 * tag of each name in 1.0, its training size; of V2 the size that the published
 * accuracy is for, which is the nominal one.  LM: examples/imagenet/main.py.
 * LP: the steps that its weights were trained with by Google, (x - 127) / 128,
 * which measure far better than the package's example.
 */
#include "arch/preset.h"

#include "arch/limits.h"
#include "arch/models.h"

#include <stdbool.h>
#include <string.h>

/* Mean and standard deviation. */
typedef enum norm { IMAGENET, HALF, LITE, NORMS } norm;

static const struct {
        float mean[3];
        float std[3];
} norms[NORMS] = {
        [IMAGENET] = {{0.485F, 0.456F, 0.406F}, {0.229F, 0.224F, 0.225F}},
        [HALF] = {{0.5F, 0.5F, 0.5F}, {0.5F, 0.5F, 0.5F}},
        [LITE] = {{127.0F / 255, 127.0F / 255, 127.0F / 255},
                  {128.0F / 255, 128.0F / 255, 128.0F / 255}},
};

typedef struct row {
        en_family family;
        const char *name; /* of the definition; NULL: any of the family */
        int32_t resize;   /* of the shorter side; 0: the nominal resolution */
        int32_t crop;     /* likewise */
        int32_t filter;
        norm norm;
        bool squash; /* both sides are resized */
} row;

#define TV     EN_FAMILY_TORCHVISION
#define TIMM   EN_FAMILY_TIMM
#define CUBIC  EFFNET_FILTER_BICUBIC
#define LINEAR EFFNET_FILTER_BILINEAR

/* A variant that a config was made from by scaling keeps its row. */
static const row rows[] = {
        {TV, "efficientnet_b0", 256, 224, CUBIC, IMAGENET, false},
        {TV, "efficientnet_b1", 256, 240, CUBIC, IMAGENET, false},
        {TV, "efficientnet_b2", 288, 288, CUBIC, IMAGENET, false},
        {TV, "efficientnet_b3", 320, 300, CUBIC, IMAGENET, false},
        {TV, "efficientnet_b4", 384, 380, CUBIC, IMAGENET, false},
        {TV, "efficientnet_b5", 456, 456, CUBIC, IMAGENET, false},
        {TV, "efficientnet_b6", 528, 528, CUBIC, IMAGENET, false},
        {TV, "efficientnet_b7", 600, 600, CUBIC, IMAGENET, false},
        {TIMM, "efficientnet_b0", 256, 224, CUBIC, IMAGENET, false},
        {TIMM, "efficientnet_b1", 266, 240, CUBIC, HALF, false},
        {TIMM, "efficientnet_b2", 292, 256, CUBIC, IMAGENET, false},
        {TIMM, "efficientnet_b3", 329, 288, CUBIC, IMAGENET, false},
        {TIMM, "efficientnet_b4", 365, 320, CUBIC, IMAGENET, false},
        {TIMM, "efficientnet_b5", 448, 448, CUBIC, IMAGENET, true},
        {TIMM, "efficientnet_b6", 560, 528, CUBIC, IMAGENET, false},
        {TIMM, "efficientnet_b7", 632, 600, CUBIC, IMAGENET, false},
        {TIMM, "efficientnet_b8", 704, 672, CUBIC, IMAGENET, false},
        {TIMM, "efficientnet_lite0", 256, 224, CUBIC, IMAGENET, false},
        {TIMM, "efficientnet_lite1", 272, 240, CUBIC, IMAGENET, false},
        {TIMM, "efficientnet_lite2", 292, 260, CUBIC, IMAGENET, false},
        {TIMM, "efficientnet_lite3", 331, 300, CUBIC, IMAGENET, false},
        {TIMM, "efficientnet_lite4", 412, 380, CUBIC, IMAGENET, false},
        {TIMM, "tf_efficientnet_b0", 256, 224, CUBIC, IMAGENET, false},
        {TIMM, "tf_efficientnet_b1", 272, 240, CUBIC, IMAGENET, false},
        {TIMM, "tf_efficientnet_b2", 292, 260, CUBIC, IMAGENET, false},
        {TIMM, "tf_efficientnet_b3", 331, 300, CUBIC, IMAGENET, false},
        {TIMM, "tf_efficientnet_b4", 412, 380, CUBIC, IMAGENET, false},
        {TIMM, "tf_efficientnet_b5", 488, 456, CUBIC, IMAGENET, false},
        {TIMM, "tf_efficientnet_b6", 560, 528, CUBIC, IMAGENET, false},
        {TIMM, "tf_efficientnet_b7", 632, 600, CUBIC, IMAGENET, false},
        {TIMM, "tf_efficientnet_b8", 704, 672, CUBIC, HALF, false},
        {TIMM, "tf_efficientnet_lite0", 256, 224, CUBIC, HALF, false},
        {TIMM, "tf_efficientnet_lite1", 272, 240, CUBIC, HALF, false},
        {TIMM, "tf_efficientnet_lite2", 292, 260, CUBIC, HALF, false},
        {TIMM, "tf_efficientnet_lite3", 331, 300, LINEAR, HALF, false},
        {TIMM, "tf_efficientnet_lite4", 413, 380, LINEAR, HALF, false},
        {TV, "efficientnet_v2_s", 384, 384, LINEAR, IMAGENET, false},
        {TV, "efficientnet_v2_m", 480, 480, LINEAR, IMAGENET, false},
        {TV, "efficientnet_v2_l", 480, 480, CUBIC, HALF, false},
        {TIMM, "efficientnetv2_s", 384, 384, CUBIC, IMAGENET, false},
        {TIMM, "efficientnetv2_m", 416, 416, CUBIC, IMAGENET, false},
        {TIMM, "efficientnetv2_l", 480, 480, CUBIC, IMAGENET, false},
        {TIMM, "efficientnetv2_xl", 512, 512, CUBIC, IMAGENET, false},
        {TIMM, "efficientnetv2_rw_t", 288, 288, CUBIC, IMAGENET, false},
        {TIMM, "efficientnetv2_rw_s", 384, 384, CUBIC, IMAGENET, false},
        {TIMM, "efficientnetv2_rw_m", 416, 416, CUBIC, IMAGENET, false},
        {TIMM, "gc_efficientnetv2_rw_t", 288, 288, CUBIC, IMAGENET, false},
        {TIMM, "efficientnet_b1_pruned", 272, 240, CUBIC, HALF, false},
        {TIMM, "efficientnet_b2_pruned", 292, 260, CUBIC, HALF, false},
        {TIMM, "efficientnet_b3_pruned", 331, 300, CUBIC, HALF, false},
        {TIMM, "efficientnet_es_pruned", 256, 224, CUBIC, IMAGENET, false},
        {TIMM, "efficientnet_el_pruned", 331, 300, CUBIC, IMAGENET, false},
        {TIMM, "test_efficientnet", 168, 160, CUBIC, IMAGENET, false},
        {TIMM, "efficientnet_l2", 832, 800, CUBIC, IMAGENET, false},
        {TIMM, "efficientnet_es", 256, 224, CUBIC, IMAGENET, false},
        {TIMM, "efficientnet_em", 272, 240, CUBIC, IMAGENET, false},
        {TIMM, "efficientnet_el", 331, 300, CUBIC, IMAGENET, false},
        {TIMM, "tf_efficientnet_l2", 507, 475, CUBIC, IMAGENET, false},
        {TIMM, "tf_efficientnet_es", 256, 224, CUBIC, HALF, false},
        {TIMM, "tf_efficientnet_em", 272, 240, CUBIC, HALF, false},
        {TIMM, "tf_efficientnet_el", 331, 300, CUBIC, HALF, false},
        {TIMM, "tf_efficientnetv2_b0", 256, 224, CUBIC, IMAGENET, false},
        {TIMM, "tf_efficientnetv2_b1", 272, 240, CUBIC, IMAGENET, false},
        {TIMM, "tf_efficientnetv2_b2", 292, 260, CUBIC, IMAGENET, false},
        {TIMM, "tf_efficientnetv2_b3", 333, 300, CUBIC, HALF, true},
        {TIMM, "tf_efficientnetv2_s", 384, 384, CUBIC, HALF, false},
        {TIMM, "tf_efficientnetv2_m", 480, 480, CUBIC, HALF, true},
        {TIMM, "tf_efficientnetv2_l", 480, 480, CUBIC, HALF, true},
        {TIMM, "tf_efficientnetv2_xl", 512, 512, CUBIC, HALF, true},
        {EN_FAMILY_LM, NULL, 0, 0, CUBIC, IMAGENET, false},
        {EN_FAMILY_LP, NULL, 0, 0, CUBIC, LITE, false},
};

static const char *
definition_name(const effnet_config *config)
{
        const en_definition *definition = &en_definitions[config->definition];

        return definition->names[config->variant - definition->first];
}

static const row *
find_row(const effnet_config *config)
{
        const char *name = definition_name(config);
        const row *r = rows;

        while (r->family != config->family ||
               (r->name != NULL && strcmp(r->name, name) != 0))
                r++;
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

en_preset
en_preset_for(const effnet_config *config)
{
        const row *r = find_row(config);
        int32_t resize = scaled(config, r->resize);
        int32_t crop = scaled(config, r->crop);
        en_preset preset = {
                .mode = EFFNET_MODE_CENTRE,
                .resize_height = resize,
                .resize_width = r->squash ? resize : 0,
                .crop_height = crop,
                .crop_width = crop,
                .filter = r->filter,
                .arithmetic = EFFNET_ARITHMETIC_TORCHVISION,
                .rescale = 1,
                .rescale_factor = 1.0 / 255,
                .normalize = 1,
        };

        if (config->family == EN_FAMILY_LP) {
                preset.mode = EFFNET_MODE_CROP_FIRST;
                preset.resize_height = 0;
        }
        memcpy(preset.mean, norms[r->norm].mean, sizeof(preset.mean));
        memcpy(preset.std, norms[r->norm].std, sizeof(preset.std));
        return preset;
}
