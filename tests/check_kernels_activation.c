/* check_kernels_activation.c: activations of every level, alone and after a
 * product, against double precision over the whole range of float, and which
 * level is chosen.
 */
#include "config.h"
#include "kernel_levels.h"

#define BATCH 4096

/* The distance in units of the last place of the float nearest to `expected`.
 */
static double
ulps(float found, double expected)
{
        int exponent;

        frexp((double)(float)expected, &exponent);
        return fabs(found - expected) /
               ldexp(1, exponent - 24 > -149 ? exponent - 24 : -149);
}

/* With a table of powers (AVX-512) a short polynomial has to do. */
static double
ulps_allowed(const en_kernels *k, int32_t activation)
{
        return activation == EFFNET_ACTIVATION_SILU && k->silu_scale != 1 ? 7
                                                                          : 4;
}

/* What a level is given for argument x. */
static float
scaled_for(const en_kernels *k, int32_t activation, float x)
{
        return activation == EFFNET_ACTIVATION_SILU ? (float)(x * k->silu_scale)
                                                    : x;
}

/* If scaled, SiLU of less than -42.9, of more than -1e-17, may be 0. */
static bool
is_small_enough(const en_kernels *k, float x, float found, int32_t activation)
{
        if (activation != EFFNET_ACTIVATION_SILU || k->silu_scale == 1)
                return x < -87 && found >= -1e-36 && found <= 1e-36;
        return x / k->silu_scale < -42.9 && found <= 0 && found >= -1e-17;
}

static void
check_value(const en_kernels *k, float x, float found, int32_t activation)
{
        const double expected = expected_activation(k, x, activation);

        ck_assert_msg(ulps(found, expected) <= ulps_allowed(k, activation) ||
                              is_small_enough(k, x, found, activation),
                      "activation %d of %.9g (%a): expected %.9g, found %.9g",
                      activation, (double)x, (double)x, expected,
                      (double)found);
}

static void
check_batch(const en_kernels *k, const float *x, int n, int32_t activation)
{
        float y[BATCH];

        memcpy(y, x, (size_t)n * sizeof(*y));
        k->activate(y, n, activation);
        for (int i = 0; i < n; i++)
                check_value(k, x[i], y[i], activation);
}

static void
sweep(const en_kernels *k, int32_t activation, uint32_t first, uint32_t last,
      uint32_t step)
{
        float x[BATCH];
        int n = 0;

        for (uint64_t bits = first; bits <= last; bits += step) {
                const uint32_t pattern = (uint32_t)bits;

                memcpy(&x[n], &pattern, sizeof(x[n]));
                if (++n < BATCH)
                        continue;
                check_batch(k, x, n, activation);
                n = 0;
        }
        check_batch(k, x, n, activation);
}

/* Every 20011th float, and every 997th of size 1/16 to 128, of both signs. */
START_TEST(within_ulps)
{
        static const int32_t smooth[] = {EFFNET_ACTIVATION_SILU,
                                         EN_ACTIVATION_SIGMOID};
        const en_kernels *k = level_kernels(_i);

        for (int i = 0; k != NULL && i < 2; i++) {
                sweep(k, smooth[i], 0, 0x7f7fffff, 20011);
                sweep(k, smooth[i], 0x80000000, 0xff7fffff, 20011);
                sweep(k, smooth[i], 0x3d800000, 0x43000000, 997);
                sweep(k, smooth[i], 0xbd800000, 0xc3000000, 997);
        }
}
END_TEST

/* The outputs of a product by weights of powers of two: a panel of each width
 * that the levels have, neighbours in which have other sizes and signs, and one
 * of which is not a number.
 */
#define PIXELS  100
#define OUTPUTS 112
#define ODD_ONE 83

static float
weight_of(int output)
{
        return output == ODD_ONE
                       ? NAN
                       : ldexpf(output % 3 == 1 ? -1 : 1, output % 7 - 3);
}

/* With a table of powers two vectors side by side share a division. */
static bool
may_be_nan(const en_kernels *k, int output)
{
        return k->silu_scale != 1 && output == ODD_ONE - k->align;
}

static void
check_product(const en_kernels *k, const float *packed, const float *x)
{
        static const float bias[OUTPUTS];
        static float found[PIXELS * OUTPUTS];
        const en_pointwise call = {.input = x,
                                   .input_stride = 1,
                                   .pixels = PIXELS,
                                   .inputs = 1,
                                   .weights = packed,
                                   .bias = bias,
                                   .outputs = OUTPUTS,
                                   .output = found,
                                   .output_stride = OUTPUTS,
                                   .activation = EFFNET_ACTIVATION_SILU};

        k->pointwise(&call);
        for (int i = 0; i < PIXELS * OUTPUTS; i++) {
                const float sum = x[i / OUTPUTS] * weight_of(i % OUTPUTS);

                if (i % OUTPUTS == ODD_ONE)
                        ck_assert(isnan(found[i]));
                else if (!may_be_nan(k, i % OUTPUTS) || !isnan(found[i]))
                        check_value(k, sum, found[i], EFFNET_ACTIVATION_SILU);
        }
}

START_TEST(within_ulps_after_a_product)
{
        const en_kernels *k = level_kernels(_i);
        static _Alignas(64) float packed[2 * OUTPUTS];
        float weights[OUTPUTS], x[PIXELS];
        int n = 0;

        if (k == NULL)
                return;
        for (int i = 0; i < OUTPUTS; i++)
                weights[i] = weight_of(i);
        ck_assert(k->packed_size(1, OUTPUTS) <= 2 * (size_t)OUTPUTS);
        k->pack_pointwise(weights, 1, OUTPUTS, packed);
        for (uint32_t bits = 0x33000000; bits < 0x43000000; bits += 20011) {
                memcpy(&x[n], &bits, sizeof(bits));
                if (++n < PIXELS)
                        continue;
                check_product(k, packed, x);
                n = 0;
        }
}
END_TEST

static void
check_around(const en_kernels *k, float border)
{
        const float x[3] = {nextafterf(border, -200), border,
                            nextafterf(border, 200)};

        check_batch(k, x, 3, EFFNET_ACTIVATION_SILU);
        check_batch(k, x, 3, EN_ACTIVATION_SIGMOID);
}

/* Where n of exp(-x) = 2^n exp(-s) changes, and around the limits of x; where
 * a scaled argument's 32nds do.
 */
START_TEST(at_the_borders_of_the_reduction)
{
        const en_kernels *k = level_kernels(_i);

        for (int i = -260; k != NULL && i < 260; i++) {
                check_around(k, (float)(0.5 * i * 0.6931471805599453));
                check_around(k, (float)i);
        }
        for (int i = -2048; k != NULL && i < 2048; i++)
                check_around(k, (float)i / 32);
}
END_TEST

/* IEEE 754's special values.  PyTorch: silu(-inf) is NaN; of a scaled argument,
 * which is limited, it is that of -87.
 */
static const struct special {
        float x, silu, sigmoid, relu, relu6, none;
} specials[] = {
        {0.0f, 0, 0.5f, 0, 0, 0},
        {-0.0f, 0, 0.5f, 0, 0, 0},
        {1e-45f, 1e-45f, 0.5f, 1e-45f, 1e-45f, 1e-45f},
        {6, 5.985164261f, 0.9975273768f, 6, 6, 6},
        {6.0000005f, 5.98516474f, 0.9975273768f, 6.0000005f, 6, 6.0000005f},
        {-1e-45f, -1e-45f, 0.5f, 0, 0, -1e-45f},
        {1e-40f, 0.5e-40f, 0.5f, 1e-40f, 1e-40f, 1e-40f},
        {2e38f, 2e38f, 1, 2e38f, 6, 2e38f},
        {3.4028235e38f, 3.4028235e38f, 1, 3.4028235e38f, 6, 3.4028235e38f},
        {-3.4028235e38f, 0, 0, 0, 0, -3.4028235e38f},
        {INFINITY, INFINITY, 1, INFINITY, 6, INFINITY},
        {-INFINITY, NAN, 0, 0, 0, -INFINITY},
        {NAN, NAN, NAN, NAN, NAN, NAN},
        {-NAN, NAN, NAN, NAN, NAN, NAN},
};

static bool
is_special(const en_kernels *k, float x, float found, float expected)
{
        if (isnan(expected))
                return isnan(found) || (k->silu_scale < 0 && x < 0 &&
                                        found <= 0 && found >= -1.1e-36f);
        return found == expected ||
               fabsf(found - expected) <= fmaxf(3e-7f * expected, 2e-45f);
}

static void
check_special(const en_kernels *k, float x, int32_t activation, float expected)
{
        const float scaled = scaled_for(k, activation, x);
        float y[11];

        /* Scaled, it is infinite itself. */
        if (isinf(scaled) && !isinf(x))
                return;
        for (int i = 0; i < 11; i++)
                y[i] = scaled;
        k->activate(y, 11, activation);
        for (int i = 0; i < 11; i++)
                ck_assert_msg(is_special(k, x, y[i], expected),
                              "activation %d of %g: expected %g, found %g",
                              activation, (double)x, (double)expected,
                              (double)y[i]);
}

START_TEST(special_values)
{
        const en_kernels *k = level_kernels(_i);

        for (size_t i = 0;
             k != NULL && i < sizeof(specials) / sizeof(specials[0]); i++) {
                const struct special *s = &specials[i];

                check_special(k, s->x, EFFNET_ACTIVATION_SILU, s->silu);
                check_special(k, s->x, EN_ACTIVATION_SIGMOID, s->sigmoid);
                check_special(k, s->x, EFFNET_ACTIVATION_RELU, s->relu);
                check_special(k, s->x, EFFNET_ACTIVATION_RELU6, s->relu6);
                check_special(k, s->x, EN_ACTIVATION_NONE, s->none);
        }
}
END_TEST

/* Any count at any alignment, nothing outside, the same bits in each lane; if
 * SiLU is scaled, whose halves of a vector share a division, nearly the same.
 */
START_TEST(any_count_and_alignment)
{
        const en_kernels *k = level_kernels(_i);

        for (int i = 0; k != NULL && i < 40 * 2 * ACTIVATIONS; i++) {
                const int count = i % 40;
                const int32_t activation = activations[i / 80];
                uint32_t state = 9;
                guarded values = random_floats(count, i / 40 % 2, &state);
                float alone;

                k->activate(values.f, count, activation);
                state = 9;
                for (int j = 0; j < count; j++) {
                        alone = random_float(&state);
                        k->activate(&alone, 1, activation);
                        ck_assert(fabsf(values.f[j] - alone) <=
                                  (activation == EFFNET_ACTIVATION_SILU &&
                                                   k->silu_scale != 1
                                           ? 6e-7f * fabsf(alone)
                                           : 0));
                }
                guarded_free(values);
        }
}
END_TEST

/* ------------------------------------------------------------------------
 * The choice of a level: a pure function of recorded registers
 */

/* An AMD EPYC of 2021, an Intel Xeon of 2021, and what older processors and
 * systems lack of them.
 */
#define EPYC_ECX UINT32_C(0xfffa3203)
#define EPYC_EBX UINT32_C(0x219c07ab)
#define XEON_EBX UINT32_C(0xf1bf07ab)
#define EDX      UINT32_C(0x178bfbff)

static const struct machine {
        const char *what;
        en_cpuid cpuid;
        int32_t best;
} machines[] = {
        {"AVX2, FMA, F16C",
         {16, EPYC_ECX, EPYC_EBX, 0x207, EDX, false},
         EFFNET_ISA_AVX2},
        {"no YMM state saved",
         {16, EPYC_ECX, EPYC_EBX, 0x203, EDX, false},
         EFFNET_ISA_SSE2},
        {"no SSE state saved",
         {16, EPYC_ECX, EPYC_EBX, 0x205, EDX, false},
         EFFNET_ISA_SSE2},
        {"no XGETBV",
         {16, 0xf7fa3203, EPYC_EBX, 0, EDX, false},
         EFFNET_ISA_SSE2},
        {"no FMA", {16, 0xfffa2203, EPYC_EBX, 7, EDX, false}, EFFNET_ISA_SSE2},
        {"no F16C", {16, 0xdffa3203, EPYC_EBX, 7, EDX, false}, EFFNET_ISA_SSE2},
        {"no AVX", {16, 0xeffa3203, EPYC_EBX, 7, EDX, false}, EFFNET_ISA_SSE2},
        {"no AVX2", {16, EPYC_ECX, 0x219c078b, 7, EDX, false}, EFFNET_ISA_SSE2},
        {"no leaf 7", {6, EPYC_ECX, EPYC_EBX, 7, EDX, false}, EFFNET_ISA_SSE2},
        {"AVX-512",
         {27, EPYC_ECX, XEON_EBX, 0x2e7, EDX, false},
         EFFNET_ISA_AVX512},
        {"no ZMM state saved",
         {27, EPYC_ECX, XEON_EBX, 0x7, EDX, false},
         EFFNET_ISA_AVX2},
        {"no opmask state saved",
         {27, EPYC_ECX, XEON_EBX, 0x2c7, EDX, false},
         EFFNET_ISA_AVX2},
        {"no AVX-512 F",
         {27, EPYC_ECX, 0xf1be07ab, 0x2e7, EDX, false},
         EFFNET_ISA_AVX2},
        {"AVX-512 without VL, BW and DQ: Xeon Phi",
         {27, EPYC_ECX, 0x31bd07ab, 0x2e7, EDX, false},
         EFFNET_ISA_AVX2},
        {"AVX-512, no AVX2",
         {27, EPYC_ECX, 0xf1bf078b, 0x2e7, EDX, false},
         EFFNET_ISA_SSE2},
        {"no SSE2", {2, 0, 0, 0, 0x0383fbff, false}, EFFNET_ISA_PORTABLE},
        {"AArch64", {0, 0, 0, 0, 0, true}, EFFNET_ISA_NEON},
        {"nothing", {0, 0, 0, 0, 0, false}, EFFNET_ISA_PORTABLE},
};

/* Best first, and which of them configure chose to build. */
static const struct {
        int32_t isa;
        const char *name;
        bool built;
} ladder[] = {
        {EFFNET_ISA_AVX512, "avx512",
#ifdef HAVE_AVX512
         true},
#else
         false},
#endif
        {EFFNET_ISA_AVX2, "avx2",
#ifdef HAVE_AVX2
         true},
#else
         false},
#endif
        {EFFNET_ISA_SSE2, "sse2",
#ifdef HAVE_SSE2
         true},
#else
         false},
#endif
        {EFFNET_ISA_NEON, "neon",
#ifdef HAVE_NEON
         true},
#else
         false},
#endif
        {EFFNET_ISA_PORTABLE, "portable", true},
};

#define LADDER ((int)(sizeof(ladder) / sizeof(ladder[0])))

/* From its best level down a machine has all, but x86's are not AArch64's. */
static bool
may_use(const struct machine *m, int level)
{
        int best = 0;

        if (ladder[level].isa == EFFNET_ISA_PORTABLE)
                return true;
        while (ladder[best].isa != m->best)
                best++;
        return level >= best &&
               (ladder[level].isa == EFFNET_ISA_NEON) == m->cpuid.aarch64;
}

START_TEST(levels_that_a_machine_may_use)
{
        const struct machine *m = &machines[_i];
        const en_kernels *best = NULL;

        for (int i = 0; i < LADDER; i++) {
                const en_kernels *k = en_kernels_for(ladder[i].isa, &m->cpuid);

                ck_assert_msg((k != NULL) == (ladder[i].built && may_use(m, i)),
                              "%s, %s", m->what, ladder[i].name);
                if (k == NULL)
                        continue;
                ck_assert_str_eq(k->name, ladder[i].name);
                ck_assert_int_eq(k->id, ladder[i].isa);
                if (best == NULL)
                        best = k;
        }
        ck_assert_ptr_nonnull(best);
        ck_assert_ptr_eq(en_kernels_for(EFFNET_ISA_BEST, &m->cpuid), best);
        ck_assert_ptr_null(en_kernels_for(99, &m->cpuid));
        ck_assert_ptr_null(en_kernels_for(-1, &m->cpuid));
}
END_TEST

/* Every x86-64 has SSE2 and every AArch64 NEON. */
START_TEST(the_running_processor)
{
        const en_cpuid cpuid = en_cpuid_read();

#if defined(__x86_64__)
        ck_assert(en_cpu_has_sse2(&cpuid));
        ck_assert(!en_cpu_has_neon(&cpuid));
#elif defined(__aarch64__)
        ck_assert(!en_cpu_has_sse2(&cpuid));
        ck_assert(en_cpu_has_neon(&cpuid));
#endif
        ck_assert_ptr_nonnull(en_kernels_for(EFFNET_ISA_BEST, &cpuid));
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("kernels: activations, dispatch");
        TCase *tests = tcase_create("levels");

        tcase_add_loop_test(tests, within_ulps, 0, LEVELS);
        tcase_add_loop_test(tests, within_ulps_after_a_product, 0, LEVELS);
        tcase_add_loop_test(tests, at_the_borders_of_the_reduction, 0, LEVELS);
        tcase_add_loop_test(tests, special_values, 0, LEVELS);
        tcase_add_loop_test(tests, any_count_and_alignment, 0, LEVELS);
        tcase_add_loop_test(tests, levels_that_a_machine_may_use, 0,
                            (int)(sizeof(machines) / sizeof(machines[0])));
        tcase_add_test(tests, the_running_processor);
        suite_add_tcase(suite, tests);
        return test_main(suite);
}
