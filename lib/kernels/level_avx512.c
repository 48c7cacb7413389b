/* level_avx512.c: the kernels for x86-64 with AVX-512. */
#if !defined(__AVX512F__) || !defined(__AVX512BW__) ||                         \
        !defined(__AVX512DQ__) || !defined(__AVX512VL__) ||                    \
        !defined(__FMA__) || !defined(__F16C__)
#error "compile this file, and no other, with its AVX512_CFLAGS"
#endif

#include "kernels/bytes_avx512.h"
#include "kernels/vec_avx512.h"

#define LEVEL_TABLE en_kernels_avx512
#define LEVEL_NAME  "avx512"
#define LEVEL_ID    EFFNET_ISA_AVX512
#include "kernels/level.inc.h"
