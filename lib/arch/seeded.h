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

/* A provider over `seeded`, which must outlive it. */
en_params en_seeded_params(en_seeded *seeded);

#endif
