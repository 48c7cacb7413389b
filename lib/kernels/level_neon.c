/* level_neon.c: the kernels for AArch64 with NEON: every AArch64. */
#if !defined(__ARM_NEON) || !defined(__aarch64__)
#error "this file is for AArch64"
#endif

/* gcc 12 would load all inputs of a tile's step first, and spill the sums. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-schedule-insns")
#endif

#include "kernels/bytes_neon.h"
#include "kernels/vec_neon.h"

#define LEVEL_TABLE en_kernels_neon
#define LEVEL_NAME  "neon"
#define LEVEL_ID    EFFNET_ISA_NEON
#include "kernels/level.inc.h"
