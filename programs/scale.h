/* scale.h: networks by compound scaling, compared with B0. */
#ifndef PROGRAMS_SCALE_H
#define PROGRAMS_SCALE_H

#include <stdbool.h>
#include <stdint.h>

/* Of depth, width and resolution. */
struct coefficients {
        double alpha, beta, gamma;
};

struct scaled {
        const char *name; /* of a published model; NULL: by coefficients */
        const struct coefficients *coefficients; /* NULL: by name */
        double phi;
        double width, depth;
        int64_t resolution;
        int64_t parameters;
        int64_t macs;
        double ratio; /* MACs to B0's */
};

/* Fill in everything from `width` on; false, with the library's message. */
bool scaled_compute(struct scaled *scaled,
                    const struct coefficients *coefficients, double phi);
bool scaled_compute_named(struct scaled *scaled, const char *name);

/* A row of the table, or a line of JSON. */
void scaled_print(const struct scaled *scaled, bool as_json);
void scaled_print_head(void);

/* effnet scale --search; gives the exit code. */
int scale_search(bool as_json);

#endif
