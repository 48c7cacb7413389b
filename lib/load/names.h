/* names.h: what each project calls the tensors of an EfficientNet.  Names are
 * generated from the network and looked up; none is taken apart.
 */
#ifndef EN_LOAD_NAMES_H
#define EN_LOAD_NAMES_H

#include "arch/network.h"

/* The longest name of any family, with its NUL. */
#define EN_NAME_SIZE 96

/* A run of variants that a family defines. */
typedef struct en_naming_range {
        en_family family;
        int32_t first, last; /* en_variant */
} en_naming_range;

/* What a row names: the parameters of a layer that share a prefix. */
typedef enum en_part {
        EN_PART_WEIGHT, /* convolution or classifier */
        EN_PART_NORM,
        EN_PART_REDUCE, /* of squeeze-and-excite, global context */
        EN_PART_EXPAND,
        EN_PART_ATTEND, /* of global context */
        EN_PART_LAYER_NORM
} en_part;

/* Which blocks it is for: MBConv with an expansion (ratio not 1) or without,
 * or fused ones.
 */
typedef enum en_blocks {
        EN_BLOCKS_ALL,
        EN_BLOCKS_EXPANDED,
        EN_BLOCKS_PLAIN,
        EN_BLOCKS_FUSED
} en_blocks;

/* In a pattern {s} is the stage and {b} the block in it, from 0, {S} the stage
 * from 1, {i} the block from 0 over the whole network, {a} the block in it as a
 * letter.  The head counts as one more stage.
 */
typedef struct en_naming_row {
        en_role role;
        en_part part;
        en_blocks blocks;
        const char *pattern;
} en_naming_row;

typedef struct en_naming {
        const char *name;              /* for messages */
        const en_naming_range *ranges; /* in order of trial; the last ends */
        int32_t range_count;
        const en_naming_row *rows;
        int32_t row_count;
        bool keras;              /* its suffixes and layouts, not torch's */
        const char *body;        /* before all names but the classifier's */
        const char *const *keys; /* tensors that no other family has, NULL
                                  * after the last */
        const char *probe;       /* the pattern of a tensor that each block
                                  * has */
} en_naming;

extern const en_naming en_namings[];
extern const int32_t en_naming_count;

/* The name of a parameter of `layer`. */
void en_name_param(const en_naming *naming, const en_layer *layer,
                   en_param_kind kind, char name[EN_NAME_SIZE]);

/* The architecture of that name, as effnet_config_create knows it.  A name such
 * as "efficientnet_b0" is defined by several families: the one that the tensors
 * are named by comes first.
 */
effnet_status en_naming_architecture(effnet_config *config,
                                     const en_naming *naming, const char *name);

/* A pattern filled in. */
void en_name_fill(const char *pattern, int32_t stage, int32_t block,
                  int32_t flat, char name[EN_NAME_SIZE]);

#endif
