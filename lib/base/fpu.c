/* fpu.c: MXCSR on x86, FPCR on AArch64; nothing elsewhere. */
#include "base/fpu.h"

#if defined(__SSE__)

#include <xmmintrin.h>

#define FLUSH_TO_ZERO      (UINT32_C(1) << 15)
#define DENORMALS_ARE_ZERO (UINT32_C(1) << 6)
#define ROUNDING           (UINT32_C(3) << 13) /* 0: to nearest */
#define ALL_MASKED         UINT32_C(0x1f80)
#define RAISED             UINT32_C(0x3f) /* flags, which kernels may ask for */

uint64_t
en_fpu_enter(void)
{
        uint32_t mode = _mm_getcsr();

        _mm_setcsr((mode & ~(ROUNDING | RAISED)) | FLUSH_TO_ZERO |
                   DENORMALS_ARE_ZERO | ALL_MASKED);
        return mode;
}

void
en_fpu_leave(uint64_t mode)
{
        /* Exception flags raised meanwhile go too: the caller's stay. */
        _mm_setcsr((uint32_t)mode);
}

#elif defined(__aarch64__)

#define FLUSH_TO_ZERO (UINT64_C(1) << 24)
#define ROUNDING      (UINT64_C(3) << 22) /* 0: to nearest */
#define TRAPS         (UINT64_C(0x9f) << 8)

uint64_t
en_fpu_enter(void)
{
        uint64_t mode;

        __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
        __asm__ volatile("msr fpcr, %0"
                         :
                         : "r"((mode & ~(ROUNDING | TRAPS)) | FLUSH_TO_ZERO));
        return mode;
}

void
en_fpu_leave(uint64_t mode)
{
        __asm__ volatile("msr fpcr, %0" : : "r"(mode));
}

#else

uint64_t
en_fpu_enter(void)
{
        return 0;
}

void
en_fpu_leave(uint64_t mode)
{
        (void)mode;
}

#endif
