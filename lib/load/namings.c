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

/* huggingface/transformers, models/efficientnet/modeling_efficientnet.py.  In
 * a model for classification the network is behind "efficientnet."; the bare
 * model saves it without.
 */
#define HF "encoder.blocks.{i}."

static const en_naming_row hf_rows[] = {
        {EN_ROLE_STEM, EN_PART_WEIGHT, EN_BLOCKS_ALL, "embeddings.convolution"},
        {EN_ROLE_STEM, EN_PART_NORM, EN_BLOCKS_ALL, "embeddings.batchnorm"},
        {EN_ROLE_EXPAND, EN_PART_WEIGHT, EN_BLOCKS_ALL,
         HF "expansion.expand_conv"},
        {EN_ROLE_EXPAND, EN_PART_NORM, EN_BLOCKS_ALL, HF "expansion.expand_bn"},
        {EN_ROLE_DEPTHWISE, EN_PART_WEIGHT, EN_BLOCKS_ALL,
         HF "depthwise_conv.depthwise_conv"},
        {EN_ROLE_DEPTHWISE, EN_PART_NORM, EN_BLOCKS_ALL,
         HF "depthwise_conv.depthwise_norm"},
        {EN_ROLE_SE, EN_PART_REDUCE, EN_BLOCKS_ALL, HF "squeeze_excite.reduce"},
        {EN_ROLE_SE, EN_PART_EXPAND, EN_BLOCKS_ALL, HF "squeeze_excite.expand"},
        {EN_ROLE_PROJECT, EN_PART_WEIGHT, EN_BLOCKS_ALL,
         HF "projection.project_conv"},
        {EN_ROLE_PROJECT, EN_PART_NORM, EN_BLOCKS_ALL,
         HF "projection.project_bn"},
        {EN_ROLE_HEAD, EN_PART_WEIGHT, EN_BLOCKS_ALL, "encoder.top_conv"},
        {EN_ROLE_HEAD, EN_PART_NORM, EN_BLOCKS_ALL, "encoder.top_bn"},
        {EN_ROLE_CLASSIFIER, EN_PART_WEIGHT, EN_BLOCKS_ALL, "classifier"},
};

/* keras/src/applications/efficientnet.py and efficientnet_v2.py, and
 * qubvel/efficientnet, efficientnet/model.py: V2 calls its depthwise layers
 * otherwise, qubvel the classifier.
 */
#define KERAS "block{S}{a}_"

// clang-format off
#define KERAS_ROWS(depthwise, classifier) {                                    \
        {EN_ROLE_STEM, EN_PART_WEIGHT, EN_BLOCKS_ALL, "stem_conv"},            \
        {EN_ROLE_STEM, EN_PART_NORM, EN_BLOCKS_ALL, "stem_bn"},                \
        {EN_ROLE_CONV, EN_PART_WEIGHT, EN_BLOCKS_ALL, KERAS "project_conv"},   \
        {EN_ROLE_CONV, EN_PART_NORM, EN_BLOCKS_ALL, KERAS "project_bn"},       \
        {EN_ROLE_EXPAND, EN_PART_WEIGHT, EN_BLOCKS_ALL, KERAS "expand_conv"},  \
        {EN_ROLE_EXPAND, EN_PART_NORM, EN_BLOCKS_ALL, KERAS "expand_bn"},      \
        {EN_ROLE_DEPTHWISE, EN_PART_WEIGHT, EN_BLOCKS_ALL, KERAS depthwise},   \
        {EN_ROLE_DEPTHWISE, EN_PART_NORM, EN_BLOCKS_ALL, KERAS "bn"},          \
        {EN_ROLE_SE, EN_PART_REDUCE, EN_BLOCKS_ALL, KERAS "se_reduce"},        \
        {EN_ROLE_SE, EN_PART_EXPAND, EN_BLOCKS_ALL, KERAS "se_expand"},        \
        {EN_ROLE_PROJECT, EN_PART_WEIGHT, EN_BLOCKS_ALL, KERAS "project_conv"},\
        {EN_ROLE_PROJECT, EN_PART_NORM, EN_BLOCKS_ALL, KERAS "project_bn"},    \
        {EN_ROLE_HEAD, EN_PART_WEIGHT, EN_BLOCKS_ALL, "top_conv"},             \
        {EN_ROLE_HEAD, EN_PART_NORM, EN_BLOCKS_ALL, "top_bn"},                 \
        {EN_ROLE_CLASSIFIER, EN_PART_WEIGHT, EN_BLOCKS_ALL, classifier}}
// clang-format on

static const en_naming_row keras_rows[] = KERAS_ROWS("dwconv", "predictions");
static const en_naming_row keras_v2_rows[] = KERAS_ROWS("dwconv2",
                                                        "predictions");
static const en_naming_row qubvel_rows[] = KERAS_ROWS("dwconv", "probs");

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
static const en_naming_range hf_ranges[] = {
        {EN_FAMILY_HF, EN_B0, EN_B7},
};
static const en_naming_range keras_ranges[] = {
        {EN_FAMILY_KERAS, EN_B0, EN_B7},
};
static const en_naming_range keras_v2_ranges[] = {
        {EN_FAMILY_KERAS, EN_V2_B0, EN_V2_L},
};
static const en_naming_range qubvel_ranges[] = {
        {EN_FAMILY_QUBVEL, EN_B0, EN_B7},
        {EN_FAMILY_QUBVEL, EN_L2, EN_L2},
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
static const char *const hf_keys[] = {
        "efficientnet.embeddings.convolution.weight",
        NULL,
};
static const char *const hf_bare_keys[] = {
        "embeddings.convolution.weight",
        NULL,
};

static const char *const qubvel_keys[] = {"probs/kernel", NULL};
static const char *const keras_keys[] = {
        "block1a_dwconv/kernel",
        NULL,
};
static const char *const keras_v2_keys[] = {
        "block4a_dwconv2/kernel",
        NULL,
};

#define ROWS(family)                                                           \
        family##_ranges, COUNT(family##_ranges), family##_rows,                \
                COUNT(family##_rows)

const en_naming en_namings[] = {
        {"torchvision", ROWS(torchvision), false, "", torchvision_keys,
         TV "0.0.weight"},
        {"timm", ROWS(timm), false, "", timm_keys, TIMM "bn1.weight"},
        {"EfficientNet-PyTorch", ROWS(lm), false, "", lm_keys,
         LM "_depthwise_conv.weight"},
        {"transformers", ROWS(hf), false, "efficientnet.", hf_keys,
         "efficientnet." HF "projection.project_conv.weight"},
        {"transformers, a bare model", ROWS(hf), false, "", hf_bare_keys,
         HF "projection.project_conv.weight"},
        {"qubvel's EfficientNet", ROWS(qubvel), true, "", qubvel_keys,
         KERAS "project_bn/gamma"},
        {"Keras", ROWS(keras), true, "", keras_keys, KERAS "project_bn/gamma"},
        {"Keras V2", ROWS(keras_v2), true, "", keras_v2_keys,
         KERAS "project_bn/gamma"},
};

const int32_t en_naming_count = COUNT(en_namings);
