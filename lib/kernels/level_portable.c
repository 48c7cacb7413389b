/* level_portable.c: the kernels for any processor. */
#include "kernels/bytes_portable.h"
#include "kernels/vec_portable.h"

#define LEVEL_TABLE en_kernels_portable
#define LEVEL_NAME  "portable"
#define LEVEL_ID    EFFNET_ISA_PORTABLE
#include "kernels/level.inc.h"
