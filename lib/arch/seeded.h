/* seeded.h: parameters from a counter-based generator.  A value depends on
 * the seed, the parameter's canonical name and the element's index alone;
 * docs/seeded.md is the specification, tests/oracle its Python twin.
 */
#ifndef EN_ARCH_SEEDED_H
#define EN_ARCH_SEEDED_H

#include "arch/params.h"

typedef struct en_seeded {
        const en_network *network; /* for roles and fan-in */
        uint64_t seed;
} en_seeded;

/* `count` values centre + spread * u, with u in (-1, 1) made from the seed, the
 * name and the index.
 */
void en_seeded_values(uint64_t seed, const char *name, double centre,
                      double spread, int64_t count, float *values);

/* A provider over `seeded`, which must outlive it. */
en_params en_seeded_params(en_seeded *seeded);

#endif
