/* clock.c: the time, and the peak of multiply-adds. */
#include "clock.h"

#include "base/cpu.h"
#include "effnet.h"

#include <stdint.h>
#include <time.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

static double
read_clock(clockid_t clock)
{
        struct timespec t;

        clock_gettime(clock, &t);
        return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double
bench_now(void)
{
        return read_clock(CLOCK_MONOTONIC);
}

double
bench_own(void)
{
        return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

#ifdef __x86_64__
/* Ten independent chains of multiply-adds of 8 floats. */
__attribute__((target("avx2,fma"))) static double
peak_once(void)
{
        __m256 s[10];
        const __m256 x = _mm256_set1_ps(0.5f);
        const int64_t turns = 100000;
        double begin;

        for (int i = 0; i < 10; i++)
                s[i] = _mm256_set1_ps((float)i);
        begin = bench_now();
        for (int64_t n = 0; n < turns; n++)
                __asm__ volatile("vfmadd231ps %10, %10, %0\n\t"
                                 "vfmadd231ps %10, %10, %1\n\t"
                                 "vfmadd231ps %10, %10, %2\n\t"
                                 "vfmadd231ps %10, %10, %3\n\t"
                                 "vfmadd231ps %10, %10, %4\n\t"
                                 "vfmadd231ps %10, %10, %5\n\t"
                                 "vfmadd231ps %10, %10, %6\n\t"
                                 "vfmadd231ps %10, %10, %7\n\t"
                                 "vfmadd231ps %10, %10, %8\n\t"
                                 "vfmadd231ps %10, %10, %9"
                                 : "+x"(s[0]), "+x"(s[1]), "+x"(s[2]),
                                   "+x"(s[3]), "+x"(s[4]), "+x"(s[5]),
                                   "+x"(s[6]), "+x"(s[7]), "+x"(s[8]),
                                   "+x"(s[9])
                                 : "x"(x));
        return 160.0 * (double)turns / (bench_now() - begin);
}
#endif

double
bench_peak(int isa)
{
        double best = 0;
#ifdef __x86_64__
        const en_cpuid cpuid = en_cpuid_read();

        if (isa != EFFNET_ISA_AVX2)
                return 0;
        for (int i = 0; i < 200 && en_cpu_has_avx2(&cpuid); i++) {
                const double peak = peak_once();

                if (peak > best)
                        best = peak;
        }
#else
        (void)isa;
#endif
        return best;
}
