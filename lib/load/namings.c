/* namings.c: what each project calls the tensors of an EfficientNet, as
 * tables.
 */
#include "load/names.h"

#define COUNT(array) ((int32_t)(sizeof(array) / sizeof((array)[0])))

/* pytorch/vision, torchvision/models/efficientnet.py: a block is a Sequential,
 * so that all numbers are one less where there is no expansion.
 */
#define TV "features.{S}.{b}.block."

static const en_naming_row torchvision_rows[] = {
        {EN_ROLE_STEM, EN_PART_WEIGHT, EN_BLOCKS_ALL, "features.0.0"},
        {EN_ROLE_STEM, EN_PART_NORM, EN_BLOCKS_ALL, "features.0.1"},
        {EN_ROLE_EXPAND, EN_PART_WEIGHT, EN_BLOCKS_EXPANDED, TV "0.0"},
        {EN_ROLE_EXPAND, EN_PART_NORM, EN_BLOCKS_EXPANDED, TV "0.1"},
        {EN_ROLE_DEPTHWISE, EN_PART_WEIGHT, EN_BLOCKS_EXPANDED, TV "1.0"},
        {EN_ROLE_DEPTHWISE, EN_PART_NORM, EN_BLOCKS_EXPANDED, TV "1.1"},
        {EN_ROLE_SE, EN_PART_REDUCE, EN_BLOCKS_EXPANDED, TV "2.fc1"},
        {EN_ROLE_SE, EN_PART_EXPAND, EN_BLOCKS_EXPANDED, TV "2.fc2"},
        {EN_ROLE_PROJECT, EN_PART_WEIGHT, EN_BLOCKS_EXPANDED, TV "3.0"},
        {EN_ROLE_PROJECT, EN_PART_NORM, EN_BLOCKS_EXPANDED, TV "3.1"},
        {EN_ROLE_DEPTHWISE, EN_PART_WEIGHT, EN_BLOCKS_PLAIN, TV "0.0"},
        {EN_ROLE_DEPTHWISE, EN_PART_NORM, EN_BLOCKS_PLAIN, TV "0.1"},
        {EN_ROLE_SE, EN_PART_REDUCE, EN_BLOCKS_PLAIN, TV "1.fc1"},
        {EN_ROLE_SE, EN_PART_EXPAND, EN_BLOCKS_PLAIN, TV "1.fc2"},
        {EN_ROLE_PROJECT, EN_PART_WEIGHT, EN_BLOCKS_PLAIN, TV "2.0"},
        {EN_ROLE_PROJECT, EN_PART_NORM, EN_BLOCKS_PLAIN, TV "2.1"},
        {EN_ROLE_CONV, EN_PART_WEIGHT, EN_BLOCKS_ALL, TV "0.0"},
        {EN_ROLE_CONV, EN_PART_NORM, EN_BLOCKS_ALL, TV "0.1"},
        {EN_ROLE_EXPAND, EN_PART_WEIGHT, EN_BLOCKS_FUSED, TV "0.0"},
        {EN_ROLE_EXPAND, EN_PART_NORM, EN_BLOCKS_FUSED, TV "0.1"},
        {EN_ROLE_PROJECT, EN_PART_WEIGHT, EN_BLOCKS_FUSED, TV "1.0"},
        {EN_ROLE_PROJECT, EN_PART_NORM, EN_BLOCKS_FUSED, TV "1.1"},
        {EN_ROLE_HEAD, EN_PART_WEIGHT, EN_BLOCKS_ALL, "features.{S}.0"},
        {EN_ROLE_HEAD, EN_PART_NORM, EN_BLOCKS_ALL, "features.{S}.1"},
        {EN_ROLE_CLASSIFIER, EN_PART_WEIGHT, EN_BLOCKS_ALL, "classifier.1"},
};

/* huggingface/pytorch-image-models, timm/models/_efficientnet_blocks.py: a
 * block without expansion is a DepthwiseSeparableConv, where conv_pw is the
 * projection and the norms count from its own first one.
 */
#define TIMM "blocks.{s}.{b}."

static const en_naming_row timm_rows[] = {
        {EN_ROLE_STEM, EN_PART_WEIGHT, EN_BLOCKS_ALL, "conv_stem"},
        {EN_ROLE_STEM, EN_PART_NORM, EN_BLOCKS_ALL, "bn1"},
        {EN_ROLE_EXPAND, EN_PART_WEIGHT, EN_BLOCKS_EXPANDED, TIMM "conv_pw"},
        {EN_ROLE_EXPAND, EN_PART_NORM, EN_BLOCKS_EXPANDED, TIMM "bn1"},
        {EN_ROLE_DEPTHWISE, EN_PART_WEIGHT, EN_BLOCKS_ALL, TIMM "conv_dw"},
        {EN_ROLE_DEPTHWISE, EN_PART_NORM, EN_BLOCKS_EXPANDED, TIMM "bn2"},
        {EN_ROLE_DEPTHWISE, EN_PART_NORM, EN_BLOCKS_PLAIN, TIMM "bn1"},
        {EN_ROLE_SE, EN_PART_REDUCE, EN_BLOCKS_ALL, TIMM "se.conv_reduce"},
        {EN_ROLE_SE, EN_PART_EXPAND, EN_BLOCKS_ALL, TIMM "se.conv_expand"},
        {EN_ROLE_CONTEXT, EN_PART_ATTEND, EN_BLOCKS_ALL, TIMM "se.conv_attn"},
        {EN_ROLE_CONTEXT, EN_PART_REDUCE, EN_BLOCKS_ALL,
         TIMM "se.mlp_scale.fc1"},
        {EN_ROLE_CONTEXT, EN_PART_LAYER_NORM, EN_BLOCKS_ALL,
         TIMM "se.mlp_scale.norm"},
        {EN_ROLE_CONTEXT, EN_PART_EXPAND, EN_BLOCKS_ALL,
         TIMM "se.mlp_scale.fc2"},
        {EN_ROLE_PROJECT, EN_PART_WEIGHT, EN_BLOCKS_EXPANDED, TIMM "conv_pwl"},
        {EN_ROLE_PROJECT, EN_PART_NORM, EN_BLOCKS_EXPANDED, TIMM "bn3"},
        {EN_ROLE_PROJECT, EN_PART_WEIGHT, EN_BLOCKS_PLAIN, TIMM "conv_pw"},
        {EN_ROLE_PROJECT, EN_PART_NORM, EN_BLOCKS_PLAIN, TIMM "bn2"},
        {EN_ROLE_CONV, EN_PART_WEIGHT, EN_BLOCKS_ALL, TIMM "conv"},
        {EN_ROLE_CONV, EN_PART_NORM, EN_BLOCKS_ALL, TIMM "bn1"},
        {EN_ROLE_EXPAND, EN_PART_WEIGHT, EN_BLOCKS_FUSED, TIMM "conv_exp"},
        {EN_ROLE_EXPAND, EN_PART_NORM, EN_BLOCKS_FUSED, TIMM "bn1"},
        {EN_ROLE_PROJECT, EN_PART_WEIGHT, EN_BLOCKS_FUSED, TIMM "conv_pwl"},
        {EN_ROLE_PROJECT, EN_PART_NORM, EN_BLOCKS_FUSED, TIMM "bn2"},
        {EN_ROLE_HEAD, EN_PART_WEIGHT, EN_BLOCKS_ALL, "conv_head"},
        {EN_ROLE_HEAD, EN_PART_NORM, EN_BLOCKS_ALL, "bn2"},
        {EN_ROLE_CLASSIFIER, EN_PART_WEIGHT, EN_BLOCKS_ALL, "classifier"},
};

/* lukemelas/EfficientNet-PyTorch, efficientnet_pytorch/model.py; and
 * ml-illustrated/EfficientNet-Lite-PyTorch, which follows it.
 */
#define LM "_blocks.{i}."

static const en_naming_row lm_rows[] = {
        {EN_ROLE_STEM, EN_PART_WEIGHT, EN_BLOCKS_ALL, "_conv_stem"},
        {EN_ROLE_STEM, EN_PART_NORM, EN_BLOCKS_ALL, "_bn0"},
        {EN_ROLE_EXPAND, EN_PART_WEIGHT, EN_BLOCKS_EXPANDED, LM "_expand_conv"},
        {EN_ROLE_EXPAND, EN_PART_NORM, EN_BLOCKS_EXPANDED, LM "_bn0"},
        {EN_ROLE_DEPTHWISE, EN_PART_WEIGHT, EN_BLOCKS_ALL,
         LM "_depthwise_conv"},
        {EN_ROLE_DEPTHWISE, EN_PART_NORM, EN_BLOCKS_ALL, LM "_bn1"},
        {EN_ROLE_SE, EN_PART_REDUCE, EN_BLOCKS_ALL, LM "_se_reduce"},
        {EN_ROLE_SE, EN_PART_EXPAND, EN_BLOCKS_ALL, LM "_se_expand"},
        {EN_ROLE_PROJECT, EN_PART_WEIGHT, EN_BLOCKS_ALL, LM "_project_conv"},
        {EN_ROLE_PROJECT, EN_PART_NORM, EN_BLOCKS_ALL, LM "_bn2"},
        {EN_ROLE_HEAD, EN_PART_WEIGHT, EN_BLOCKS_ALL, "_conv_head"},
        {EN_ROLE_HEAD, EN_PART_NORM, EN_BLOCKS_ALL, "_bn1"},
        {EN_ROLE_CLASSIFIER, EN_PART_WEIGHT, EN_BLOCKS_ALL, "_fc"},
};

static const en_naming_range torchvision_ranges[] = {
        {EN_FAMILY_TORCHVISION, EN_B0, EN_B7},
        {EN_FAMILY_TORCHVISION, EN_V2_S, EN_V2_L},
};
static const en_naming_range timm_ranges[] = {
        {EN_FAMILY_TIMM, EN_B0, EN_B3_PRUNED},
};
static const en_naming_range lm_ranges[] = {
        {EN_FAMILY_LM, EN_B0, EN_B8},
        {EN_FAMILY_LP, EN_LITE0, EN_LITE4},
};

static const char *const torchvision_keys[] = {
        "features.1.0.block.0.0.weight",
        "features.2.0.block.1.0.weight",
        NULL,
};
static const char *const timm_keys[] = {
        "conv_stem.weight",
        "blocks.0.0.conv_dw.weight",
        NULL,
};
static const char *const lm_keys[] = {
        "_conv_stem.weight",
        "_blocks.0._depthwise_conv.weight",
        NULL,
};

const en_naming en_namings[] = {
        {"torchvision", torchvision_ranges, COUNT(torchvision_ranges),
         torchvision_keys, TV "0.0.weight", torchvision_rows,
         COUNT(torchvision_rows)},
        {"timm", timm_ranges, COUNT(timm_ranges), timm_keys, TIMM "bn1.weight",
         timm_rows, COUNT(timm_rows)},
        {"EfficientNet-PyTorch", lm_ranges, COUNT(lm_ranges), lm_keys,
         LM "_depthwise_conv.weight", lm_rows, COUNT(lm_rows)},
};

const int32_t en_naming_count = COUNT(en_namings);
