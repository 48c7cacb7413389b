/* fpu.h: the floating-point mode of the library's own work on any thread,
 * restored afterwards.  Subnormals cost 3 to 5 times in time and change a
 * result by at most 1e-38; a host may round otherwise or trap.
 */
#ifndef EN_BASE_FPU_H
#define EN_BASE_FPU_H

#include <stdint.h>

/* Rounds to nearest, flushes subnormals to zero on the way in and out, and
 * masks exceptions; returns the mode to restore.
 */
uint64_t en_fpu_enter(void);
void en_fpu_leave(uint64_t mode);

#endif
