/* presets.h: the table of published weights and what pictures they expect. */
#ifndef EN_ARCH_PRESETS_H
#define EN_ARCH_PRESETS_H

#include "arch/config.h"

/* Mean and standard deviation, by what is published. */
typedef enum en_norm {
        EN_NORM_IMAGENET,
        EN_NORM_HALF,  /* 0.5 and 0.5 */
        EN_NORM_LITE,  /* (x - 127) / 128, x of 0 to 255 */
        EN_NORM_KERAS, /* x / 128 - 1 */
        EN_NORM_HF,    /* ImageNet's, of the square root of its std */
        EN_NORMS
} en_norm;

/* Weights of an architecture.  A size of 0 is the nominal resolution. */
typedef struct en_preset_row {
        en_family family;
        const char *name;     /* the definition's; NULL: any of the family */
        const char *tags;     /* names of the weights, with a blank between;
                           * NULL: they have none */
        int32_t crop, resize; /* as trained: of the result, and of the
                                        * shorter side or, squashed, both */
        int32_t test_crop, test_resize; /* as published; 0, 0: the same */
        int32_t filter;
        int32_t mode;
        en_norm norm;
        int32_t classes; /* 0: 1000 */
} en_preset_row;

/* The first row of an architecture is that of its default weights. */
extern const en_preset_row en_preset_rows[];
extern const int32_t en_preset_row_count;

/* Other spellings of a tag: of older releases, and of files. */
typedef struct en_tag_alias {
        const char *tag, *alias;
} en_tag_alias;

extern const en_tag_alias en_tag_aliases[];
extern const int32_t en_tag_alias_count;

#endif
