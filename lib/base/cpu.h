/* cpu.h: what the processor and the operating system can do. */
#ifndef EN_BASE_CPU_H
#define EN_BASE_CPU_H

#include <stdbool.h>
#include <stdint.h>

/* Registers that detection reads, so that it can be fed recorded values. */
typedef struct en_cpuid {
        uint32_t max_leaf;  /* leaf 0, eax */
        uint32_t leaf1_ecx; /* OSXSAVE, AVX, FMA, F16C */
        uint32_t leaf7_ebx; /* AVX2, AVX-512; 0 where max_leaf < 7 */
        uint64_t xcr0;      /* XGETBV(0); 0 where OSXSAVE is not set */
        uint32_t leaf1_edx; /* SSE2 */
        bool aarch64;       /* all of the above are 0 */
} en_cpuid;

/* The running processor's; all 0 on an architecture without kernels. */
en_cpuid en_cpuid_read(void);

bool en_cpu_has_sse2(const en_cpuid *cpuid);

/* AVX2 with FMA and F16C, and YMM state that the system saves. */
bool en_cpu_has_avx2(const en_cpuid *cpuid);

/* What AVX2 needs, AVX-512 F, BW, DQ and VL, and opmask and ZMM state that
 * the system saves.
 */
bool en_cpu_has_avx512(const en_cpuid *cpuid);

bool en_cpu_has_neon(const en_cpuid *cpuid);

/* A cache's bytes, of a subleaf of CPUID's leaf 4 or 0x8000001d. */
uint64_t en_cpu_cache_size(uint32_t ebx, uint32_t ecx);

/* Bytes of the running processor's second cache, and of the largest that it
 * reaches; 0: it does not say.
 */
typedef struct en_cpu_caches {
        uint64_t second, last;
} en_cpu_caches;

en_cpu_caches en_cpu_caches_read(void);

#endif
