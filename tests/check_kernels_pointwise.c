/* check_kernels_pointwise.c: packing and the pointwise convolution of every
 * level, against double-precision loops and between guard pages.
 */
#include "kernel_convolution.h"

#include <stdlib.h>

/* One call with memory of its own. */
struct problem {
        int32_t pixels, inputs, outputs;
        int32_t activation;
        /* Prefetching changes nothing, wherever it ends: `later` bytes that
         * are not even there.
         */
        int64_t ahead;
        size_t later;
        enum { NO_RESIDUAL, OTHER_RESIDUAL, IN_PLACE } residual;
        bool at_start;
        struct memory m;
};

static void
problem_make(struct problem *p, const en_kernels *k)
{
        const struct extent extent = {
                .kernels = k,
                .in_pixels = p->pixels,
                .out_pixels = p->pixels,
                .inputs = p->inputs,
                .outputs = p->outputs,
                .taps = 1,
                .packed = k->packed_size(p->inputs, p->outputs),
                .at_start = p->at_start};
        struct memory *m = &p->m;

        *m = memory_make(&extent, 7);
        k->pack_pointwise(m->weights.f, p->inputs, p->outputs, m->packed.f);
        if (p->residual != IN_PLACE)
                return;
        for (int64_t i = 0; i < (int64_t)m->output.count; i++)
                if (i % m->output_stride < m->rounded)
                        m->output.f[i] = m->residuals.f[i];
}

static en_pointwise
problem_call(const struct problem *p, int32_t first, int32_t pixels)
{
        const en_pointwise call = {
                .input = p->m.input.f + first * p->m.input_stride,
                .input_stride = p->m.input_stride,
                .pixels = pixels,
                .ahead = p->ahead,
                .inputs = p->inputs,
                .weights = p->m.packed.f,
                .bias = p->m.bias.f,
                .outputs = p->outputs,
                .output = p->m.output.f + first * p->m.output_stride,
                .output_stride = p->m.output_stride,
                .residual = p->residual == NO_RESIDUAL ? NULL
                            : p->residual == IN_PLACE
                                    ? p->m.output.f + first * p->m.output_stride
                                    : p->m.residuals.f +
                                              first * p->m.output_stride,
                .residual_stride = p->m.output_stride,
                .activation = p->activation,
                .later = {p->m.output.f + p->m.output.count, p->later}};

        return call;
}

static void
problem_run(const struct problem *p, const en_kernels *k, int32_t first,
            int32_t pixels)
{
        const en_pointwise call = problem_call(p, first, pixels);

        k->pointwise(&call);
}

static void
check_output(const struct problem *p, const en_kernels *k, int32_t pixel,
             int32_t n, float found)
{
        const float *x = p->m.input.f + pixel * p->m.input_stride;
        double sum = p->m.bias.f[n], size = fabs(sum), expected;

        for (int32_t i = 0; i < p->inputs; i++) {
                const double term = (double)x[i] *
                                    p->m.weights.f[n * p->inputs + i];

                sum += term;
                size += fabs(term);
        }
        expected = expected_activation(k, sum, p->activation);
        if (p->residual != NO_RESIDUAL) {
                const double r =
                        p->m.residuals.f[pixel * p->m.output_stride + n];

                expected += r;
                size += fabs(r);
        }
        ck_assert_msg(fabs(found - expected) <=
                              sum_tolerance(expected, size, p->inputs + 1),
                      "%d x %d -> %d, activation %d, residual %d: pixel %d, "
                      "output %d: expected %.9g, found %.9g",
                      p->pixels, p->inputs, p->outputs, p->activation,
                      (int)p->residual, pixel, n, expected, (double)found);
}

static void
check_outputs(const struct problem *p, const en_kernels *k)
{
        for (int64_t i = 0; i < (int64_t)p->m.output.count; i++)
                if (is_output(&p->m, i, p->outputs))
                        check_output(p, k, (int32_t)(i / p->m.output_stride),
                                     (int32_t)(i % p->m.output_stride),
                                     p->m.output.f[i]);
}

static void
check_problem(const en_kernels *k, int32_t pixels, int32_t inputs,
              int32_t outputs)
{
        static int turn;
        struct problem p = {.pixels = pixels,
                            .inputs = inputs,
                            .outputs = outputs,
                            .activation = activations[turn % ACTIVATIONS],
                            .residual = turn / ACTIVATIONS % 3,
                            .at_start = turn % 2};

        turn++;
        problem_make(&p, k);
        problem_run(&p, k, 0, pixels);
        check_outputs(&p, k);
        memory_free(&p.m);
}

/* Around the tiles (4 to 14 pixels; 1 to 3 vectors of 4, 8 and 16 outputs) and
 * the blocks of 96 or 98 pixels.
 */
static const int32_t pixel_counts[] = {0,  1,  2,  3,  4,  5,  6,  7,  8, 9,
                                       10, 11, 12, 13, 14, 15, 49, 97, 99};
static const int32_t input_counts[] = {1, 27, 288, 289, 578};
static const int32_t output_counts[] = {1,  3,  8,  9,  16, 17, 24,  25,
                                        33, 40, 41, 48, 56, 72, 1000};

#define COUNT(array) ((int)(sizeof(array) / sizeof(array[0])))

START_TEST(outputs_equal_double_sums)
{
        const en_kernels *k = level_kernels(_i);

        for (int p = 0; k != NULL && p < COUNT(pixel_counts); p++)
                for (int i = 0; i < COUNT(input_counts); i++)
                        for (int o = 0; o < COUNT(output_counts); o++)
                                if ((double)pixel_counts[p] * input_counts[i] *
                                            output_counts[o] <
                                    4e6)
                                        check_problem(k, pixel_counts[p],
                                                      input_counts[i],
                                                      output_counts[o]);
}
END_TEST

/* Every activation with every residual, in one and in two blocks of inputs, of
 * some pixels and of a single one; with a wide last panel, and a folded one.
 */
START_TEST(activations_and_residuals)
{
        static const int32_t pixels[] = {13, 1, 17, 1};
        const en_kernels *k = level_kernels(_i);
        const int each = ACTIVATIONS * 3 * 4;

        for (int i = 0; k != NULL && i < each * COUNT(pixels); i++) {
                struct problem p = {
                        .pixels = pixels[i / each],
                        .inputs = i % 2 ? 300 : 20,
                        .outputs = i < 2 * each ? 44 : 52,
                        .activation = activations[i / 12 % ACTIVATIONS],
                        .residual = i / 4 % 3,
                        .at_start = i / 2 % 2};

                problem_make(&p, k);
                problem_run(&p, k, 0, p.pixels);
                check_outputs(&p, k);
                memory_free(&p.m);
        }
}
END_TEST

static void
check_pixel_splits(const en_kernels *k, struct problem whole)
{
        static const int32_t cuts[] = {1, 2, 3, 5, 6, 7, 48, 95, 96, 98, 101};

        whole.activation = EFFNET_ACTIVATION_SILU;
        problem_make(&whole, k);
        problem_run(&whole, k, 0, whole.pixels);
        for (int i = 0; i < COUNT(cuts); i++) {
                struct problem split = whole;

                split.m.output = canaries((int64_t)whole.m.output.count, false);
                split.ahead = i % 2 == 0 ? whole.pixels : 2 * whole.pixels;
                split.later = (size_t)i * 7777;
                problem_run(&split, k, 0, cuts[i]);
                problem_run(&split, k, cuts[i], whole.pixels - cuts[i]);
                expect_same_output(&split.m, &whole.m);
                guarded_free(split.m.output);
        }
        memory_free(&whole.m);
}

START_TEST(no_split_of_the_pixels_changes_a_bit)
{
        static const struct problem wholes[] = {
                {.pixels = 103, .inputs = 301, .outputs = 44},
                {.pixels = 103, .inputs = 300, .outputs = 24}};
        const en_kernels *k = level_kernels(_i);

        for (int i = 0; k != NULL && i < COUNT(wholes); i++)
                check_pixel_splits(k, wholes[i]);
}
END_TEST

/* Each panel starts where the one before it ends, and the last ends with the
 * outputs.  Vectors of 16 are activated in pairs, of which none is cut.
 */
START_TEST(panels_follow_one_another)
{
        const en_kernels *k = level_kernels(_i);

        for (int o = 0; k != NULL && o < COUNT(output_counts); o++) {
                const int32_t outputs = output_counts[o];
                int32_t begin = 0;

                for (int32_t n = 0; n < outputs; n++) {
                        const int32_t found = k->panel_begin(outputs, n);

                        ck_assert(found == begin || found == n);
                        ck_assert_int_eq(found % (k->align > 8 ? 32 : 8), 0);
                        begin = found;
                }
                ck_assert_int_eq(k->panel_begin(outputs, INT32_MAX),
                                 rounded_for(k, outputs));
        }
}
END_TEST

static void
run_panels(const struct problem *p, const en_kernels *k, int32_t begin,
           int32_t end)
{
        en_pointwise call = problem_call(p, 0, p->pixels);

        call.begin = begin;
        call.end = end;
        call.output += begin;
        if (call.residual != NULL)
                call.residual += begin;
        k->pointwise(&call);
}

static void
check_panel_splits(const en_kernels *k, struct problem whole)
{
        struct problem split = whole;
        const int32_t cut = k->panel_begin(whole.outputs, whole.outputs / 3);
        const int32_t end = k->panel_begin(whole.outputs, whole.outputs - 1);

        problem_make(&whole, k);
        problem_make(&split, k);
        problem_run(&whole, k, 0, whole.pixels);
        run_panels(&split, k, cut, end);
        run_panels(&split, k, 0, cut);
        run_panels(&split, k, end, 0);
        expect_same_output(&split.m, &whole.m);
        memory_free(&whole.m);
        memory_free(&split.m);
}

/* The last panel being plain, folded, and one before a folded one. */
START_TEST(no_split_of_the_panels_changes_a_bit)
{
        static const struct problem wholes[] = {
                {.inputs = 301, .outputs = 203},
                {.inputs = 300, .outputs = 184},
                {.inputs = 300, .outputs = 200}};
        const en_kernels *k = level_kernels(_i);

        for (int i = 0; k != NULL && i < 2 * 3 * ACTIVATIONS; i++)
                for (int j = 0; j < COUNT(wholes); j++) {
                        struct problem whole = wholes[j];

                        whole.pixels = i % 2 ? 1 : 103;
                        whole.residual = i / 2 % 3;
                        whole.activation = activations[i / 6];
                        check_panel_splits(k, whole);
                }
}
END_TEST

/* Patches: pixels overlap, at any alignment. */
START_TEST(input_stride_is_any)
{
        const en_kernels *k = level_kernels(_i);
        struct problem p = {.pixels = 50, .inputs = 9, .outputs = 8};
        uint32_t state = 3;

        if (k == NULL)
                return;
        p.activation = EN_ACTIVATION_NONE;
        problem_make(&p, k);
        guarded_free(p.m.input);
        p.m.input_stride = 3;
        p.m.input = random_floats(span(p.pixels, 3, 9), false, &state);
        problem_run(&p, k, 0, p.pixels);
        check_outputs(&p, k);
        memory_free(&p.m);
}
END_TEST

START_TEST(levels_agree)
{
        const en_kernels *k = level_kernels(_i);
        const en_cpuid none = {0};
        const en_kernels *portable = en_kernels_for(EFFNET_ISA_PORTABLE, &none);
        struct problem a = {.pixels = 20, .inputs = 700, .outputs = 48};
        struct problem b = a;

        ck_assert_str_eq(portable->name, "portable");
        if (k == NULL)
                return;
        a.activation = b.activation = EN_ACTIVATION_NONE;
        problem_make(&a, k);
        problem_make(&b, portable);
        problem_run(&a, k, 0, a.pixels);
        problem_run(&b, portable, 0, b.pixels);
        ck_assert(test_relative_difference(a.m.output.f, b.m.output.f,
                                           (int64_t)a.m.output.count) < 2e-6);
        memory_free(&a.m);
        memory_free(&b.m);
}
END_TEST

START_TEST(scaled_weights_equal_weights_packed_scaled)
{
        const en_kernels *k = level_kernels(_i);
        uint32_t state = 5;

        for (int o = 0; k != NULL && o < 4 * COUNT(output_counts); o++) {
                const int32_t inputs = 37 + o / 2 % 2;
                const int32_t outputs = output_counts[o / 4];
                const int64_t size = (int64_t)k->packed_size(inputs, outputs);
                const int32_t middle = k->panel_begin(outputs, outputs / 2);
                guarded weights = random_floats(inputs * outputs, false,
                                                &state);
                guarded scale = random_floats(inputs, o % 2, &state);
                guarded packed = guarded_floats(size, o % 2);
                guarded scaled = guarded_floats(size, o % 2);

                ck_assert_int_ge(size, inputs * outputs);
                k->pack_pointwise(weights.f, inputs, outputs, packed.f);
                k->scale_packed(packed.f, scale.f, inputs, outputs, middle,
                                outputs, scaled.f);
                k->scale_packed(packed.f, scale.f, inputs, outputs, 0, middle,
                                scaled.f);
                for (int64_t i = 0; i < inputs * outputs; i++)
                        weights.f[i] *= scale.f[i % inputs];
                k->pack_pointwise(weights.f, inputs, outputs, packed.f);
                for (int64_t i = 0; i < size; i++)
                        ck_assert(packed.f[i] == scaled.f[i]);
                guarded_free(weights);
                guarded_free(scale);
                guarded_free(packed);
                guarded_free(scaled);
        }
}
END_TEST

START_TEST(unpacked_weights_are_those_packed)
{
        const en_kernels *k = level_kernels(_i);
        uint32_t state = 6;

        for (int o = 0; k != NULL && o < 4 * COUNT(output_counts); o++) {
                const int32_t inputs = 13 + o / 2 % 2;
                const int32_t outputs = output_counts[o / 4];
                const int64_t size = (int64_t)k->packed_size(inputs, outputs);
                guarded weights = random_floats(inputs * outputs, false,
                                                &state);
                guarded packed = guarded_floats(size, o % 2);
                guarded found = guarded_floats(inputs, o % 2);

                k->pack_pointwise(weights.f, inputs, outputs, packed.f);
                for (int32_t n = 0; n < outputs; n++) {
                        k->unpack_output(packed.f, inputs, outputs, n, found.f);
                        ck_assert_mem_eq(found.f, weights.f + n * inputs,
                                         inputs * sizeof(float));
                }
                guarded_free(weights);
                guarded_free(packed);
                guarded_free(found);
        }
}
END_TEST

/* An infinity or a NaN reaches its own pixel's outputs and no others. */
START_TEST(not_finite_inputs_stay_in_their_pixel)
{
        const en_kernels *k = level_kernels(_i);
        struct problem p = {.pixels = 13, .inputs = 10, .outputs = 20};

        if (k == NULL)
                return;
        p.activation = EFFNET_ACTIVATION_RELU6;
        problem_make(&p, k);
        p.m.input.f[5 * p.m.input_stride + 3] = NAN;
        problem_run(&p, k, 0, p.pixels);
        for (int32_t pixel = 0; pixel < p.pixels; pixel++)
                for (int32_t n = 0; n < p.outputs; n++)
                        ck_assert(
                                !!isnan(p.m.output.f[pixel * p.m.output_stride +
                                                     n]) == (pixel == 5));
        memory_free(&p.m);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("kernels: pointwise");
        TCase *tests = tcase_create("levels");

        tcase_add_loop_test(tests, outputs_equal_double_sums, 0, LEVELS);
        tcase_add_loop_test(tests, activations_and_residuals, 0, LEVELS);
        tcase_add_loop_test(tests, no_split_of_the_pixels_changes_a_bit, 0,
                            LEVELS);
        tcase_add_loop_test(tests, panels_follow_one_another, 0, LEVELS);
        tcase_add_loop_test(tests, no_split_of_the_panels_changes_a_bit, 0,
                            LEVELS);
        tcase_add_loop_test(tests, input_stride_is_any, 0, LEVELS);
        tcase_add_loop_test(tests, levels_agree, 0, LEVELS);
        tcase_add_loop_test(tests, scaled_weights_equal_weights_packed_scaled,
                            0, LEVELS);
        tcase_add_loop_test(tests, unpacked_weights_are_those_packed, 0,
                            LEVELS);
        tcase_add_loop_test(tests, not_finite_inputs_stay_in_their_pixel, 0,
                            LEVELS);
        suite_add_tcase(suite, tests);
        return test_main(suite);
}
