/* models.h: the table of models and the table of their definitions. */
#ifndef EN_ARCH_MODELS_H
#define EN_ARCH_MODELS_H

#include "arch/config.h"

/* Names that one row of the table of definitions may hold. */
#define EN_MAX_NAMES 12

/* What all models of a line share: the unscaled network. */
typedef struct en_line {
        int32_t stage_count;
        en_stage stages[EN_MAX_STAGES];
        int32_t stem;
        int32_t head;
        int32_t fixed_ends;
        int32_t nearest_widths;
        int32_t squeeze_excite;
        int32_t activation;
        int32_t attention; /* en_attention */
} en_line;

extern const en_line en_line_v1;
extern const en_line en_line_lite;
extern const en_line en_line_edge;
extern const en_line en_line_v2_b;
extern const en_line en_line_v2_s;
extern const en_line en_line_v2_m;
extern const en_line en_line_v2_l;
extern const en_line en_line_v2_xl;
extern const en_line en_line_v2_rw_s;
extern const en_line en_line_v2_rw_m;
extern const en_line en_line_test;
extern const en_line en_line_v2_gc;

typedef struct en_model {
        const char *name; /* "b0" */
        const en_line *line;
        double width;
        double depth;
        int32_t resolution;
        const en_pruned *pruned; /* NULL: the line's widths */
} en_model;

extern const en_pruned en_pruned_b1;
extern const en_pruned en_pruned_b2;
extern const en_pruned en_pruned_b3;

/* How a family defines a run of models: what the coefficients leave open. */
typedef struct en_definition {
        en_family family;
        int32_t first;                       /* variant of names[0] */
        const char *names[EN_MAX_NAMES + 1]; /* NULL after the last */
        int32_t padding;
        double epsilon;
        int32_t resolution; /* 0: the model's */
        int32_t unnamed;    /* its names mean an earlier row's models: it is
                             * found by family only */
} en_definition;

extern const en_model en_models[EN_VARIANTS];

/* In order of precedence: the first with a name, or with a family and a
 * variant, is the one meant.
 */
extern const en_definition en_definitions[];
extern const int32_t en_definition_count;

/* The nominal resolution that a definition gives a variant. */
int32_t en_nominal_resolution(const en_definition *definition, int32_t variant);

#endif
