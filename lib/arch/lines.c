/* lines.c: the stages of each line of models, before scaling.
 *
 * Tan & Le, "EfficientNet" (2019), Table 1; EdgeTPU: tensorflow/tpu,
 * models/official/efficientnet/edgetpu/efficientnet_edgetpu_builder.py; V2:
 * Tan & Le, "EfficientNetV2" (2021), Table 4, and google/automl,
 * efficientnetv2/effnetv2_configs.py; the "rw" and test models:
 * timm/models/efficientnet.py.
 */
#include "arch/models.h"

#define CONV  EN_BLOCK_CONV
#define FUSED EN_BLOCK_FUSED
#define MB    EN_BLOCK_MBCONV

/* expansion, kernel, stride, channels, repeats, block, plain */
// clang-format off
#define V1_STAGES {                                                            \
        {1, 3, 1, 16, 1, MB, 0},                                               \
        {6, 3, 2, 24, 2, MB, 0},                                               \
        {6, 5, 2, 40, 2, MB, 0},                                               \
        {6, 3, 2, 80, 3, MB, 0},                                               \
        {6, 5, 1, 112, 3, MB, 0},                                              \
        {6, 5, 2, 192, 4, MB, 0},                                              \
        {6, 3, 1, 320, 1, MB, 0}}
// clang-format on

#define SILU EFFNET_ACTIVATION_SILU

const en_line en_line_v1 = {
        7, V1_STAGES, 32, 1280, 0, 0, 1, SILU, EN_ATTENTION_SE,
};

const en_line en_line_lite = {
        7,
        V1_STAGES,
        32,
        1280,
        1,
        0,
        0,
        EFFNET_ACTIVATION_RELU6,
        EN_ATTENTION_SE,
};

const en_line en_line_edge = {
        6,
        {
                {4, 3, 1, 24, 1, FUSED, 1},
                {8, 3, 2, 32, 2, FUSED, 0},
                {8, 3, 2, 48, 4, FUSED, 0},
                {8, 5, 2, 96, 5, MB, 0},
                {8, 5, 1, 144, 4, MB, 0},
                {8, 5, 2, 192, 2, MB, 0},
        },
        32,
        1280,
        0,
        0,
        0,
        EFFNET_ACTIVATION_RELU,
        EN_ATTENTION_SE,
};

const en_line en_line_v2_b = {
        6,
        {
                {1, 3, 1, 16, 1, CONV, 0},
                {4, 3, 2, 32, 2, FUSED, 0},
                {4, 3, 2, 48, 2, FUSED, 0},
                {4, 3, 2, 96, 3, MB, 0},
                {6, 3, 1, 112, 5, MB, 0},
                {6, 3, 2, 192, 8, MB, 0},
        },
        32,
        1280,
        0,
        1,
        1,
        SILU,
        EN_ATTENTION_SE,
};

// clang-format off
#define V2_S_STAGES {                                                          \
        {1, 3, 1, 24, 2, CONV, 0},                                             \
        {4, 3, 2, 48, 4, FUSED, 0},                                            \
        {4, 3, 2, 64, 4, FUSED, 0},                                            \
        {4, 3, 2, 128, 6, MB, 0},                                              \
        {6, 3, 1, 160, 9, MB, 0},                                              \
        {6, 3, 2, 256, 15, MB, 0}}
// clang-format on

const en_line en_line_v2_s = {
        6, V2_S_STAGES, 24, 1280, 0, 0, 1, SILU, EN_ATTENTION_SE,
};

const en_line en_line_v2_gc = {
        6, V2_S_STAGES, 24, 1280, 0, 0, 1, SILU, EN_ATTENTION_CONTEXT,
};

const en_line en_line_v2_m = {
        7,
        {
                {1, 3, 1, 24, 3, CONV, 0},
                {4, 3, 2, 48, 5, FUSED, 0},
                {4, 3, 2, 80, 5, FUSED, 0},
                {4, 3, 2, 160, 7, MB, 0},
                {6, 3, 1, 176, 14, MB, 0},
                {6, 3, 2, 304, 18, MB, 0},
                {6, 3, 1, 512, 5, MB, 0},
        },
        24,
        1280,
        0,
        0,
        1,
        SILU,
        EN_ATTENTION_SE,
};

const en_line en_line_v2_l = {
        7,
        {
                {1, 3, 1, 32, 4, CONV, 0},
                {4, 3, 2, 64, 7, FUSED, 0},
                {4, 3, 2, 96, 7, FUSED, 0},
                {4, 3, 2, 192, 10, MB, 0},
                {6, 3, 1, 224, 19, MB, 0},
                {6, 3, 2, 384, 25, MB, 0},
                {6, 3, 1, 640, 7, MB, 0},
        },
        32,
        1280,
        0,
        0,
        1,
        SILU,
        EN_ATTENTION_SE,
};

const en_line en_line_v2_xl = {
        7,
        {
                {1, 3, 1, 32, 4, CONV, 0},
                {4, 3, 2, 64, 8, FUSED, 0},
                {4, 3, 2, 96, 8, FUSED, 0},
                {4, 3, 2, 192, 16, MB, 0},
                {6, 3, 1, 256, 24, MB, 0},
                {6, 3, 2, 512, 32, MB, 0},
                {6, 3, 1, 640, 8, MB, 0},
        },
        32,
        1280,
        0,
        0,
        1,
        SILU,
        EN_ATTENTION_SE,
};

const en_line en_line_v2_rw_s = {
        6,
        {
                {1, 3, 1, 24, 2, FUSED, 0},
                {4, 3, 2, 48, 4, FUSED, 0},
                {4, 3, 2, 64, 4, FUSED, 0},
                {4, 3, 2, 128, 6, MB, 0},
                {6, 3, 1, 160, 9, MB, 0},
                {6, 3, 2, 272, 15, MB, 0},
        },
        24,
        1792,
        0,
        0,
        1,
        SILU,
        EN_ATTENTION_SE,
};

/* Width 1.2 of rw_s; its repeats are 1.2 and, in the last two stages, 1.6
 * times those.
 */
const en_line en_line_v2_rw_m = {
        6,
        {
                {1, 3, 1, 24, 3, FUSED, 0},
                {4, 3, 2, 48, 5, FUSED, 0},
                {4, 3, 2, 64, 5, FUSED, 0},
                {4, 3, 2, 128, 8, MB, 0},
                {6, 3, 1, 160, 15, MB, 0},
                {6, 3, 2, 272, 24, MB, 0},
        },
        24,
        1792,
        0,
        0,
        1,
        SILU,
        EN_ATTENTION_SE,
};

const en_line en_line_test = {
        5,
        {
                {1, 3, 1, 16, 1, CONV, 0},
                {4, 3, 2, 24, 1, FUSED, 0},
                {4, 3, 2, 32, 1, FUSED, 0},
                {4, 3, 2, 48, 1, MB, 0},
                {4, 3, 2, 64, 1, MB, 0},
        },
        24,
        256,
        0,
        1,
        1,
        SILU,
        EN_ATTENTION_SE,
};
