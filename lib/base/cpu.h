/* cpu.h: what the processor and the operating system can do. */
#ifndef EN_BASE_CPU_H
#define EN_BASE_CPU_H

#include <stdbool.h>
#include <stdint.h>

/* Registers that detection reads, so that it can be fed recorded values. */
typedef struct en_cpuid {
        uint32_t max_leaf;  /* leaf 0, eax */
        uint32_t leaf1_ecx; /* OSXSAVE, AVX, FMA, F16C */
        uint32_t leaf7_ebx; /* AVX2; 0 where max_leaf < 7 */
        uint64_t xcr0;      /* XGETBV(0); 0 where OSXSAVE is not set */
} en_cpuid;

/* The running processor's; all 0 on another architecture. */
en_cpuid en_cpuid_read(void);

/* AVX2 with FMA and F16C, and YMM state that the system saves. */
bool en_cpu_has_avx2(const en_cpuid *cpuid);

#endif
