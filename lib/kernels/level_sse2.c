/* level_sse2.c: the kernels for x86 with SSE2: every x86-64. */
#if !defined(__SSE2__)
#error "compile this file, and no other, with -msse2"
#endif

#include "kernels/bytes_sse2.h"
#include "kernels/vec_sse2.h"

#define LEVEL_TABLE en_kernels_sse2
#define LEVEL_NAME  "sse2"
#define LEVEL_ID    EFFNET_ISA_SSE2
#include "kernels/level.inc.h"
