/* levels.h: the table of each level, for dispatch.c and the tests. */
#ifndef EN_KERNELS_LEVELS_H
#define EN_KERNELS_LEVELS_H

#include "kernels/kernels.h"

extern const en_kernels en_kernels_portable;

/* Each where config.h has HAVE_<level>. */
extern const en_kernels en_kernels_sse2;
extern const en_kernels en_kernels_avx2;
extern const en_kernels en_kernels_avx512;
extern const en_kernels en_kernels_neon;

#endif
