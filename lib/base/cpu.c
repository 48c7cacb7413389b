/* cpu.c: CPUID and XGETBV.  Bit numbers: Intel SDM volume 2, CPUID. */
#include "base/cpu.h"

#include <string.h>

#define BIT(n) (UINT32_C(1) << (n))

#define LEAF1_ECX_FMA      BIT(12)
#define LEAF1_ECX_OSXSAVE  BIT(27)
#define LEAF1_ECX_AVX      BIT(28)
#define LEAF1_ECX_F16C     BIT(29)
#define LEAF1_EDX_SSE2     BIT(26)
#define LEAF7_EBX_AVX2     BIT(5)
#define LEAF7_EBX_AVX512F  BIT(16)
#define LEAF7_EBX_AVX512DQ BIT(17)
#define LEAF7_EBX_AVX512BW BIT(30)
#define LEAF7_EBX_AVX512VL BIT(31)
/* State that the system saves, volume 1, 13.1: XMM; the upper halves of YMM;
 * opmasks, the upper halves of ZMM0-15, and ZMM16-31.
 */
#define XCR0_YMM UINT64_C(0x06)
#define XCR0_ZMM UINT64_C(0xe6)

#if defined(__x86_64__) || defined(__i386__)

#include <cpuid.h>

/* The compiler's _xgetbv needs -mxsave, which is not for this file. */
static uint64_t
read_xcr0(void)
{
        uint32_t low, high;

        __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
        return (uint64_t)high << 32 | low;
}

en_cpuid
en_cpuid_read(void)
{
        en_cpuid cpuid;
        uint32_t eax, ebx, ecx, edx;

        memset(&cpuid, 0, sizeof(cpuid));
        if (!__get_cpuid(0, &cpuid.max_leaf, &ebx, &ecx, &edx))
                return cpuid;
        if (__get_cpuid(1, &eax, &ebx, &ecx, &edx)) {
                cpuid.leaf1_ecx = ecx;
                cpuid.leaf1_edx = edx;
        }
        if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx))
                cpuid.leaf7_ebx = ebx;
        if (cpuid.leaf1_ecx & LEAF1_ECX_OSXSAVE)
                cpuid.xcr0 = read_xcr0();
        return cpuid;
}

#else

en_cpuid
en_cpuid_read(void)
{
        en_cpuid cpuid;

        memset(&cpuid, 0, sizeof(cpuid));
#ifdef __aarch64__
        cpuid.aarch64 = true;
#endif
        return cpuid;
}

#endif

bool
en_cpu_has_sse2(const en_cpuid *cpuid)
{
        return (cpuid->leaf1_edx & LEAF1_EDX_SSE2) != 0;
}

bool
en_cpu_has_avx2(const en_cpuid *cpuid)
{
        const uint32_t leaf1 = LEAF1_ECX_FMA | LEAF1_ECX_OSXSAVE |
                               LEAF1_ECX_AVX | LEAF1_ECX_F16C;

        return cpuid->max_leaf >= 7 && (cpuid->leaf1_ecx & leaf1) == leaf1 &&
               (cpuid->leaf7_ebx & LEAF7_EBX_AVX2) != 0 &&
               (cpuid->xcr0 & XCR0_YMM) == XCR0_YMM;
}

bool
en_cpu_has_avx512(const en_cpuid *cpuid)
{
        const uint32_t leaf7 = LEAF7_EBX_AVX512F | LEAF7_EBX_AVX512DQ |
                               LEAF7_EBX_AVX512BW | LEAF7_EBX_AVX512VL;

        return en_cpu_has_avx2(cpuid) && (cpuid->leaf7_ebx & leaf7) == leaf7 &&
               (cpuid->xcr0 & XCR0_ZMM) == XCR0_ZMM;
}

/* Every AArch64 that runs programs with floating point has it. */
bool
en_cpu_has_neon(const en_cpuid *cpuid)
{
        return cpuid->aarch64;
}
