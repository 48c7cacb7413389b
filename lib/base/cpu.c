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

uint64_t
en_cpu_cache_size(uint32_t ebx, uint32_t ecx)
{
        uint64_t ways = (ebx >> 22) + 1, partitions = (ebx >> 12 & 0x3ff) + 1;
        uint64_t line = (ebx & 0xfff) + 1;

        return ways * partitions * line * ((uint64_t)ecx + 1);
}

#if defined(__x86_64__) || defined(__i386__)

#include <cpuid.h>

/* Type 0 ends the list; 2 are instructions' caches. */
#define CACHE_TYPE         0x1f
#define CACHE_INSTRUCTIONS 2
#define CACHE_LEVEL(eax)   ((eax) >> 5 & 7)
#define CACHES_MOST        16

static en_cpu_caches
read_caches(uint32_t leaf)
{
        en_cpu_caches caches = {0, 0};

        for (uint32_t i = 0; i < CACHES_MOST; i++) {
                uint32_t eax, ebx, ecx, edx;
                uint64_t size;

                if (!__get_cpuid_count(leaf, i, &eax, &ebx, &ecx, &edx) ||
                    (eax & CACHE_TYPE) == 0)
                        break;
                if ((eax & CACHE_TYPE) == CACHE_INSTRUCTIONS)
                        continue;
                size = en_cpu_cache_size(ebx, ecx);
                if (CACHE_LEVEL(eax) == 2)
                        caches.second = size;
                if (size > caches.last)
                        caches.last = size;
        }
        return caches;
}

/* Intel's leaf, which is empty on AMD's; AMD's. */
en_cpu_caches
en_cpu_caches_read(void)
{
        en_cpu_caches intel = read_caches(4);

        return intel.last > 0 ? intel : read_caches(0x8000001d);
}

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

en_cpu_caches
en_cpu_caches_read(void)
{
        return (en_cpu_caches){0, 0};
}

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
