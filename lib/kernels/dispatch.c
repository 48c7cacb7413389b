/* dispatch.c: which level's table a processor may use. */
#include "config.h"
#include "kernels/levels.h"

#include <stdbool.h>

static bool
anywhere(const en_cpuid *cpuid)
{
        (void)cpuid;
        return true;
}

/* Best first. */
static const struct level {
        const en_kernels *kernels;
        bool (*allowed)(const en_cpuid *cpuid);
} levels[] = {
#ifdef HAVE_AVX512
        {&en_kernels_avx512, en_cpu_has_avx512},
#endif
#ifdef HAVE_AVX2
        {&en_kernels_avx2, en_cpu_has_avx2},
#endif
#ifdef HAVE_SSE2
        {&en_kernels_sse2, en_cpu_has_sse2},
#endif
#ifdef HAVE_NEON
        {&en_kernels_neon, en_cpu_has_neon},
#endif
        {&en_kernels_portable, anywhere},
};

const en_kernels *
en_kernels_for(int32_t isa, const en_cpuid *cpuid)
{
        for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
                const struct level *level = &levels[i];

                if (isa != EFFNET_ISA_BEST && isa != level->kernels->id)
                        continue;
                if (level->allowed(cpuid))
                        return level->kernels;
        }
        return NULL;
}
