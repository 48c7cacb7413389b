/* config.h: an architecture as plain values. */
#ifndef EN_ARCH_CONFIG_H
#define EN_ARCH_CONFIG_H

#include "effnet.h"

#include <stdbool.h>

#define EN_MAX_STAGES 8
#define EN_MAX_NAME   64
#define EN_MAX_BLOCKS 104 /* V2-XL has 100 */

/* Whose definition a config follows: decides padding, epsilon,
 * preprocessing, and which names a checkpoint of it uses.
 */
typedef enum en_family {
        EN_FAMILY_TORCHVISION,
        EN_FAMILY_TIMM,
        EN_FAMILY_LM, /* lukemelas/EfficientNet-PyTorch */
        EN_FAMILY_LP, /* ml-illustrated/EfficientNet-Lite-PyTorch */
        EN_FAMILY_HF, /* huggingface/transformers */
        EN_FAMILY_KERAS,
        EN_FAMILY_QUBVEL, /* qubvel/efficientnet, for Keras */
        EN_FAMILIES
} en_family;

/* Rows of the table of models. */
typedef enum en_variant {
        EN_B0,
        EN_B1,
        EN_B2,
        EN_B3,
        EN_B4,
        EN_B5,
        EN_B6,
        EN_B7,
        EN_B8,
        EN_LITE0,
        EN_LITE1,
        EN_LITE2,
        EN_LITE3,
        EN_LITE4,
        EN_L2,
        EN_ES, /* EdgeTPU */
        EN_EM,
        EN_EL,
        EN_V2_B0,
        EN_V2_B1,
        EN_V2_B2,
        EN_V2_B3,
        EN_V2_S,
        EN_V2_M,
        EN_V2_L,
        EN_V2_XL,
        EN_V2_RW_T, /* timm's own */
        EN_V2_RW_S,
        EN_V2_RW_M,
        EN_TEST,       /* timm's for tests */
        EN_GC_V2_RW_T, /* with global context */
        EN_B1_PRUNED,
        EN_B2_PRUNED,
        EN_B3_PRUNED,
        EN_ES_PRUNED, /* of es and el's shapes: weights are zero there */
        EN_EL_PRUNED,
        EN_VARIANTS
} en_variant;

/* How a block is built. */
typedef enum en_block {
        EN_BLOCK_MBCONV, /* expand, depthwise, squeeze-and-excite, project */
        EN_BLOCK_FUSED,  /* k x k expand, project */
        EN_BLOCK_CONV    /* one k x k convolution */
} en_block;

/* How MBConv weighs its channels, where `squeeze_excite` is set. */
typedef enum en_attention {
        EN_ATTENTION_SE,     /* squeeze-and-excite */
        EN_ATTENTION_CONTEXT /* global context (Cao et al. 2019) */
} en_attention;

/* A stage before scaling; the stride is its first block's. */
typedef struct en_stage {
        int32_t expansion;
        int32_t kernel;
        int32_t stride;
        int32_t channels;
        int32_t repeats;
        int32_t block; /* en_block */
        int32_t plain; /* EdgeTPU's first stage: no residuals, and the
                        * expansion is of the output's width */
} en_stage;

/* A block's own channels; those that its kind has not are 0. */
typedef struct en_widths {
        int32_t expanded, squeezed, out;
} en_widths;

/* The channels of a pruned network, which no coefficient gives. */
typedef struct en_pruned {
        int32_t block_count; /* 0: not pruned; else that of the stages */
        int32_t stem, head;
        en_widths blocks[EN_MAX_BLOCKS]; /* over the whole network */
} en_pruned;

/* Which of the sizes that weights are published with. */
typedef enum en_picture_size {
        EN_SIZE_AUTO, /* V2's test size, as its nominal one is; else train */
        EN_SIZE_TRAIN,
        EN_SIZE_TEST
} en_picture_size;

struct effnet_config {
        char name[EN_MAX_NAME];
        en_family family;
        int32_t variant;    /* en_variant */
        int32_t definition; /* whose numbers it started from: models.h */
        int32_t stage_count;
        en_stage stages[EN_MAX_STAGES];
        int32_t stem; /* output channels before scaling */
        int32_t head;
        double width;
        double depth;
        int32_t resolution;     /* nominal height and width */
        int32_t fixed_ends;     /* Lite: stem and head unscaled, and the first
                             * and last stage not repeated more */
        int32_t nearest_widths; /* rounded without the 90 % rule */
        int32_t squeeze_excite; /* 0 or 1, in MBConv: block input / 4
                                 * channels */
        int32_t attention;      /* en_attention */
        int32_t headless;       /* it ends behind the last block: no head, no
                           * classifier, and the embedding is the pooled map
                           * there */
        int32_t activation;     /* EFFNET_ACTIVATION_* */
        int32_t padding;        /* EFFNET_PADDING_* */
        int32_t padding_resolution; /* EFFNET_PADDING_SAME_STATIC pads as for
                                     * this size; 0: for the nominal one */
        double epsilon;
        int32_t classes; /* 0: no classifier */
        int32_t input_channels;
        int32_t weights;      /* row of presets.h, from 1; 0: the default one */
        int32_t picture_size; /* en_picture_size */
        en_pruned pruned;
};

/* A family's own definition of a variant, by en_variant: for timm the plain
 * one, not that of the "tf_" names.  EFFNET_ERROR_ARGUMENT where the family
 * has none.
 */
effnet_status en_config_variant(effnet_config *config, en_family family,
                                int32_t variant);

/* Fill `config` as effnet_config_create, _create_scaled and _create_custom
 * promise.
 */
effnet_status en_config_named(effnet_config *config, const char *name);
effnet_status en_config_scaled(effnet_config *config, const char *base,
                               double alpha, double beta, double gamma,
                               double phi);
effnet_status en_config_custom(effnet_config *config, const char *base,
                               double width, double depth, int32_t resolution);

/* Keyed access, as the public functions of the same name. */
effnet_status en_config_set_int(effnet_config *config, int32_t key,
                                int64_t value);
effnet_status en_config_get_int(const effnet_config *config, int32_t key,
                                int64_t *value);
effnet_status en_config_set_double(effnet_config *config, int32_t key,
                                   double value);
effnet_status en_config_get_double(const effnet_config *config, int32_t key,
                                   double *value);

const char *en_family_name(en_family family);

/* The architecture and the weights of a name with a tag, such as
 * "tf_efficientnet_b0.ap_in1k" or "tf_efficientnet_b0_ap".  With `whole` it is
 * all of the text, else what a file's name begins with.  `length` takes how
 * much of it that is; 0 where it is no such name.
 */
size_t en_config_tagged(effnet_config *config, const char *text, bool whole);

/* Whether `text` goes on with the `n` bytes of `name`, as whole words or, with
 * `whole`, up to its end: then `n`, else 0.
 */
size_t en_begins(const char *text, const char *name, size_t n, bool whole);

/* effnet_architecture_name: the index-th full name, or NULL. */
const char *en_architecture_name(int32_t index);

/* The repeats of a stage, scaled; blocks in all. */
int32_t en_config_repeats(const effnet_config *config, int32_t stage);
int32_t en_config_blocks(const effnet_config *config);

/* Pads as transformers does (modeling_efficientnet.py: correct_pad): the stem,
 * and the first block of each stage with a stride, as TensorFlow an even size,
 * but for the stages of `square`, which are padded alike on all sides.  That is
 * what EFFNET_PADDING_SAME_STATIC does for a size whose halves are odd there,
 * so it sets that padding, and such a size unless the nominal one is.
 */
void en_config_pad_square(effnet_config *config,
                          const bool square[EN_MAX_STAGES]);

/* A channel count scaled and rounded to a multiple of 8 by the 90 % rule. */
int32_t en_scale_channels(int32_t channels, double width);
/* Without the rule: to the nearest multiple, at least 8. */
int32_t en_scale_channels_nearest(int32_t channels, double width);
/* A repeat count scaled, rounded up. */
int32_t en_scale_repeats(int32_t repeats, double depth);

#endif
