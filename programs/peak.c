/* peak.c: times independent chains of multiply-adds in registers, with each
 * instruction set's own instructions whatever the compiler's flags are.  A
 * chain waits for its last sum: there are chains enough to fill that time (4
 * cycles, at 2 instructions in a cycle, or 4 on AArch64).
 */
#include "peak.h"
#include "measure.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define TURNS  100000
#define TRIALS 200

#if defined(__x86_64__)
#include <immintrin.h>

#define CHAINS     10
#define EACH(X)    X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9)
#define FUSED(i)   "vfmadd231ps %10, %10, %" #i "\n\t"
#define PRODUCT(i) "movaps %11, %10\n\tmulps %11, %10\n\taddps %10, %" #i "\n\t"

#define SUMS(s)                                                                \
        "+v"(s[0]), "+v"(s[1]), "+v"(s[2]), "+v"(s[3]), "+v"(s[4]),            \
                "+v"(s[5]), "+v"(s[6]), "+v"(s[7]), "+v"(s[8]), "+v"(s[9])

static void
chains_sse2(void)
{
        __m128 s[CHAINS] = {0}, x = _mm_set1_ps(0.5f), product;
        int32_t n;

        for (n = 0; n < TURNS; n++)
                __asm__ volatile(EACH(PRODUCT)
                                 : SUMS(s), "=&x"(product)
                                 : "x"(x));
}

__attribute__((target("avx2,fma"))) static void
chains_avx2(void)
{
        __m256 s[CHAINS] = {0}, x = _mm256_set1_ps(0.5f);
        int32_t n;

        for (n = 0; n < TURNS; n++)
                __asm__ volatile(EACH(FUSED) : SUMS(s) : "v"(x));
}

__attribute__((target("avx512f"))) static void
chains_avx512(void)
{
        __m512 s[CHAINS] = {0}, x = _mm512_set1_ps(0.5f);
        int32_t n;

        for (n = 0; n < TURNS; n++)
                __asm__ volatile(EACH(FUSED) : SUMS(s) : "v"(x));
}

#elif defined(__aarch64__)
#include <arm_neon.h>

#define CHAINS 16
#define EACH(X)                                                                \
        X(0)                                                                   \
        X(1)                                                                   \
        X(2)                                                                   \
        X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#define FUSED(i) "fmla %" #i ".4s, %16.4s, %16.4s\n\t"

static void
chains_neon(void)
{
        float32x4_t s[CHAINS] = {0}, x = vdupq_n_f32(0.5f);
        int32_t n;

        for (n = 0; n < TURNS; n++)
                __asm__ volatile(
                        EACH(FUSED)
                        : "+w"(s[0]), "+w"(s[1]), "+w"(s[2]), "+w"(s[3]),
                          "+w"(s[4]), "+w"(s[5]), "+w"(s[6]), "+w"(s[7]),
                          "+w"(s[8]), "+w"(s[9]), "+w"(s[10]), "+w"(s[11]),
                          "+w"(s[12]), "+w"(s[13]), "+w"(s[14]), "+w"(s[15])
                        : "w"(x));
}

#else
#define CHAINS 0
#endif

/* "portable" is measured against what every processor of its kind has. */
static const struct loop {
        const char *instruction_set;
        void (*run)(void);
        int lanes;
} loops[] = {
#if defined(__x86_64__)
        {"portable", chains_sse2, 4},
        {"sse2", chains_sse2, 4},
        {"avx2", chains_avx2, 8},
        {"avx512", chains_avx512, 16},
#elif defined(__aarch64__)
        {"portable", chains_neon, 4},
        {"neon", chains_neon, 4},
#endif
        {NULL, NULL, 0},
};

double
peak_measure(const char *instruction_set)
{
        const struct loop *loop = loops;
        double begin, seconds, best = 0;
        int i;

        while (loop->run != NULL &&
               strcmp(loop->instruction_set, instruction_set) != 0)
                loop++;
        for (i = 0; i < TRIALS && loop->run != NULL; i++) {
                begin = measure_now();
                loop->run();
                seconds = measure_now() - begin;
                if (best == 0 || seconds < best)
                        best = seconds;
        }
        if (best == 0)
                return 0;
        return 2.0 * CHAINS * loop->lanes * TURNS / best;
}
