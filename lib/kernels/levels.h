/* levels.h: the table of each level, for dispatch.c and the tests. */
#ifndef EN_KERNELS_LEVELS_H
#define EN_KERNELS_LEVELS_H

#include "kernels/kernels.h"

extern const en_kernels en_kernels_portable;
extern const en_kernels en_kernels_avx2; /* where config.h has HAVE_AVX2 */

#endif
