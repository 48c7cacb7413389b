/* narrow.h: float32 to the element types that are saved. */
#ifndef EN_LOAD_NARROW_H
#define EN_LOAD_NARROW_H

#include "load/container.h"

/* Little-endian elements of `n` values, each the nearest, ties to even; NaN
 * stays NaN.  Returns the number converted: less than n at a finite value that
 * the type cannot hold.  For EN_DTYPE_F32, _F16 and _BF16.
 */
size_t en_narrow(en_dtype dtype, const float *values, size_t n, uint8_t *bytes);

#endif
