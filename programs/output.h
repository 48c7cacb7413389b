/* output.h: how what was found in a picture is printed. */
#ifndef PROGRAMS_OUTPUT_H
#define PROGRAMS_OUTPUT_H

#include "failure.h"

#include "effnet.h"

/* The best classes of one picture, best first. */
struct result {
        const char *image;
        const effnet_model *model; /* for the labels */
        int32_t count;
        const int32_t *classes;
        const float *probabilities;
        const float *logits;
        double decode_ms;
        double run_ms; /* preprocessing and the network */
};

struct output {
        void (*begin)(void);
        void (*result)(const struct result *result);
        /* On standard output; standard error has it anyway. */
        void (*failure)(const char *image, const struct failure *failure);
};

extern const char *const output_formats[]; /* "text" ...; NULL ends */
extern const struct output outputs[];      /* in that order */

#endif
