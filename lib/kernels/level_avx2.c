/* level_avx2.c: the kernels for x86-64 with AVX2 and FMA. */
#if !defined(__AVX2__) || !defined(__FMA__) || !defined(__F16C__)
#error "compile this file, and no other, with -mavx2 -mfma -mf16c"
#endif

#include "kernels/bytes_avx2.h"
#include "kernels/vec_avx2.h"

#define LEVEL_TABLE en_kernels_avx2
#define LEVEL_NAME  "avx2"
#define LEVEL_ID    EFFNET_ISA_AVX2
#include "kernels/level.inc.h"
