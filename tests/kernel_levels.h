/* kernel_levels.h: what the kernel tests share: the one list of levels, each
 * of which every test runs on, and guarded arrays of floats.
 */
#ifndef TESTS_KERNEL_LEVELS_H
#define TESTS_KERNEL_LEVELS_H

#include "base/activation.h"
#include "kernels/kernels.h"
#include "lanes.h"
#include "support.h"

#include <math.h>
#include <string.h>

static const struct {
        int32_t isa; /* or -1: `test_only` */
        const char *name;
        const en_kernels *test_only;
} levels[] = {
        {EFFNET_ISA_PORTABLE, "portable", NULL},
        {EFFNET_ISA_SSE2, "sse2", NULL},
        {EFFNET_ISA_AVX2, "avx2", NULL},
        {EFFNET_ISA_AVX512, "avx512", NULL},
        {EFFNET_ISA_NEON, "neon", NULL},
        {-1, "lanes8", &en_kernels_lanes8},
        {-1, "lanes16", &en_kernels_lanes16},
};

#define LEVELS ((int)(sizeof(levels) / sizeof(levels[0])))

static const int32_t activations[] = {
        EN_ACTIVATION_NONE,      EFFNET_ACTIVATION_SILU, EFFNET_ACTIVATION_RELU,
        EFFNET_ACTIVATION_RELU6, EN_ACTIVATION_SIGMOID,
};

#define ACTIVATIONS ((int)(sizeof(activations) / sizeof(activations[0])))

/* The i-th level's kernels; NULL, after saying so, where they cannot run. */
static inline const en_kernels *
level_kernels(int i)
{
        const en_cpuid cpuid = en_cpuid_read();
        const en_kernels *kernels = levels[i].test_only;

        if (kernels == NULL)
                kernels = en_kernels_for(levels[i].isa, &cpuid);
        if (kernels == NULL)
                test_skipped(levels[i].name,
                             "not built, or not for this processor");
        else
                ck_assert_str_eq(kernels->name, levels[i].name);
        return kernels;
}

/* Floats between inaccessible pages: at the end of their page, or, with
 * `at_start`, at its beginning.
 */
typedef struct guarded {
        float *f;
        size_t count;
        bool at_start;
} guarded;

static inline guarded
guarded_floats(int64_t count, bool at_start)
{
        guarded g = {.count = (size_t)count, .at_start = at_start};

        g.f = test_guarded(g.count * sizeof(float), at_start);
        return g;
}

static inline void
guarded_free(guarded g)
{
        test_guarded_free(g.f, g.count * sizeof(float), g.at_start);
}

/* Uniform in [-1, 1): the same in each run. */
static inline float
random_float(uint32_t *state)
{
        *state = *state * 1664525u + 1013904223u;
        return (float)(*state >> 8) * 0x1p-23f - 1;
}

static inline guarded
random_floats(int64_t count, bool at_start, uint32_t *state)
{
        guarded g = guarded_floats(count, at_start);

        for (int64_t i = 0; i < count; i++)
                g.f[i] = random_float(state);
        return g;
}

#define CANARY 12345.678f

static inline guarded
canaries(int64_t count, bool at_start)
{
        guarded g = guarded_floats(count, at_start);

        for (int64_t i = 0; i < count; i++)
                g.f[i] = CANARY;
        return g;
}

/* Channels as the level computes them. */
static inline int32_t
rounded_for(const en_kernels *k, int32_t n)
{
        return (n + k->align - 1) / k->align * k->align;
}

static inline double
expected_silu(const en_kernels *k, double scaled)
{
        const double x = scaled / k->silu_scale;

        return x / (1 + exp(-x));
}

/* Of what the level is given: for SiLU, the argument scaled. */
static inline double
expected_activation(const en_kernels *k, double x, int32_t activation)
{
        switch (activation) {
        case EFFNET_ACTIVATION_SILU: return expected_silu(k, x);
        case EN_ACTIVATION_SIGMOID: return 1 / (1 + exp(-x));
        case EFFNET_ACTIVATION_RELU: return x < 0 ? 0 : x;
        case EFFNET_ACTIVATION_RELU6: return x < 0 ? 0 : x > 6 ? 6 : x;
        default: return x;
        }
}

/* How far the activation of a sum of `terms` floats may be from `expected`,
 * where the terms' sizes sum to `size`: each addition rounds by 2^-24 of a
 * partial sum at most, twice where it is not fused; no activation's slope
 * exceeds 1.1; activations are within 7 ulp, or 1e-17 where x exp(x) is less.
 */
static inline double
sum_tolerance(double expected, double size, double terms)
{
        return 0x1p-24 * (1.1 * (2 * terms + 2) * size + 14 * fabs(expected)) +
               1e-17;
}

#endif
