/* conv.h: rows of a full convolution. */
#ifndef EN_RUN_CONV_H
#define EN_RUN_CONV_H

#include "run/step.h"

/* What rows are computed with. */
typedef struct en_conv_rows {
        const en_step *step; /* begins with the convolution */
        const en_exec *exec;
        int32_t begin, end; /* of its outputs, as for en_pointwise */
        ptrdiff_t stride;   /* floats from pixel to pixel of the output */
        float *scratch;     /* en_conv_scratch floats */
} en_conv_rows;

int64_t en_conv_scratch(const en_layer *layer);

/* Output row `y`, into its place. */
void en_conv_row(const en_conv_rows *rows, int32_t y, float *output);

#endif
