/* check_run.c: the engine against a naive evaluation in double precision, and
 * what it promises about bits, memory and the floating-point mode.
 */
#include "base/fpu.h"
#include "memory.h"
#include "network.h"
#include "support.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOLERANCE 2e-5

static const int32_t levels[] = {EFFNET_ISA_PORTABLE, EFFNET_ISA_SSE2,
                                 EFFNET_ISA_AVX2, EFFNET_ISA_AVX512,
                                 EFFNET_ISA_NEON};

#define LEVELS ((int)(sizeof(levels) / sizeof(*levels)))

static double
difference(const float *found, const double *expected, int64_t n)
{
        double worst = 0, largest = 0;

        for (int64_t i = 0; i < n; i++) {
                worst = fmax(worst, fabs(found[i] - expected[i]));
                largest = fmax(largest, fabs(expected[i]));
                if (!isfinite(found[i]) || !isfinite(expected[i]))
                        return INFINITY;
        }
        return worst / largest;
}

static void
compare(const test_network *f, const double *embedding, const double *logits,
        const char *what)
{
        int32_t size = f->network->embedding_size, classes = f->config.classes;
        double e = difference(
                test_output_of(f->engine, EFFNET_OUTPUT_EMBEDDING, 1, size),
                embedding, size);
        double l = 0;

        if (classes > 0)
                l = difference(test_output_of(f->engine, EFFNET_OUTPUT_LOGITS,
                                              1, classes),
                               logits, classes);
        printf("%s, %s: embedding %.1e, logits %.1e\n", what,
               f->weights->kernels->name, e, l);
        ck_assert_msg(e <= TOLERANCE, "%s: embedding off by %g", what, e);
        ck_assert_msg(l <= TOLERANCE, "%s: logits off by %g", what, l);
}

/* Networks that between them have every kind of layer in every kind of place.
 */
static const struct {
        const char *base;
        double width, depth;
        int32_t resolution; /* nominal: same-static pads for it */
        int32_t height, width_pixels;
        int32_t padding;
        int32_t channels, classes;
} cases[] = {
        {"b0", 1, 1, 224, 32, 32, EFFNET_PADDING_SYMMETRIC, 3, 1000},
        {"b0", 1, 1, 224, 33, 47, EFFNET_PADDING_SAME, 3, 10},
        {"b0", 0.5, 1, 224, 33, 47, EFFNET_PADDING_SAME_STATIC, 1, 10},
        {"b0", 0.5, 1, 75, 64, 50, EFFNET_PADDING_SAME_STATIC, 4, 1},
        {"b0", 0.5, 1, 224, 1, 1, EFFNET_PADDING_SYMMETRIC, 3, 10},
        {"b0", 0.5, 1, 224, 1, 9, EFFNET_PADDING_SAME, 3, 17},
        {"b0", 0.25, 1, 224, 97, 64, EFFNET_PADDING_SYMMETRIC, 3, 0},
        {"b0", 0.25, 2.2, 240, 40, 40, EFFNET_PADDING_SYMMETRIC, 2, 7},
        {"lite0", 1, 1, 224, 40, 32, EFFNET_PADDING_SAME, 3, 1000},
        {"v2_s", 0.25, 0.5, 384, 40, 50, EFFNET_PADDING_SYMMETRIC, 3, 10},
        {"v2_b0", 0.5, 1, 224, 33, 47, EFFNET_PADDING_SAME, 3, 10},
        {"v2_b2", 0.5, 1.2, 61, 40, 45, EFFNET_PADDING_SAME_STATIC, 2, 10},
        {"v2_rw_s", 0.25, 0.5, 384, 33, 33, EFFNET_PADDING_SYMMETRIC, 3, 10},
        {"el", 0.5, 1.4, 300, 47, 38, EFFNET_PADDING_SAME, 1, 10},
        {"test_efficientnet", 1, 1, 160, 64, 33, EFFNET_PADDING_SAME, 3, 10},
        {"lite2", 1.1, 1.2, 260, 38, 38, EFFNET_PADDING_SAME_STATIC, 3, 10},
        /* Wide: blocks in strips of one row and of a few. */
        {"b0", 0.25, 1, 224, 37, 1501, EFFNET_PADDING_SYMMETRIC, 3, 10},
        {"b0", 0.25, 1, 224, 70, 339, EFFNET_PADDING_SAME, 3, 10},
        {"b0", 0.5, 1, 224, 51, 701, EFFNET_PADDING_SAME_STATIC, 3, 10},
        {"lite0", 0.25, 1, 600, 51, 602, EFFNET_PADDING_SAME_STATIC, 3, 10},
};

#define CASES ((int)(sizeof(cases) / sizeof(*cases)))

static void
set_case(test_network *f, int i)
{
        memset(f, 0, sizeof(*f));
        ck_ok(en_config_custom(&f->config, cases[i].base, cases[i].width,
                               cases[i].depth, cases[i].resolution));
        f->config.padding = cases[i].padding;
        f->config.input_channels = cases[i].channels;
        f->config.classes = cases[i].classes;
        test_set_network(f, cases[i].height, cases[i].width_pixels);
}

START_TEST(equals_double)
{
        test_network f;
        double *embedding, logits[1000];
        char what[80];

        set_case(&f, _i);
        embedding = malloc((size_t)f.network->embedding_size *
                           sizeof(*embedding));
        ck_assert_ptr_nonnull(embedding);
        test_reference(f.network, &f.provider, f.image, embedding, logits);
        snprintf(what, sizeof(what), "case %d, %s %d x %d", _i, cases[_i].base,
                 f.network->height, f.network->width);
        for (int i = 0; i < LEVELS; i++) {
                if (test_kernels_of(levels[i]) == NULL)
                        continue;
                test_set_engine(&f, levels[i], 1);
                ck_ok(en_engine_run(f.engine, f.image, 1, f.network->height,
                                    f.network->width));
                compare(&f, embedding, logits, what);
                en_engine_free(f.engine);
                en_weights_free(f.weights);
                f.engine = NULL;
                f.weights = NULL;
        }
        free(embedding);
        test_clear(&f);
}
END_TEST

/* The naive evaluation must see an error, or the comparison means nothing. */
START_TEST(sees_another_epsilon)
{
        test_network f;
        double embedding[512], logits[10];

        test_set_small(&f, 1);
        ck_assert_int_le(f.network->embedding_size, 512);
        ck_ok(en_engine_run(f.engine, f.image, 1, 33, 47));
        f.network->config.epsilon *= 100;
        test_reference(f.network, &f.provider, f.image, embedding, logits);
        ck_assert(difference(
                          test_output_of(f.engine, EFFNET_OUTPUT_LOGITS, 1, 10),
                          logits, 10) > 10 * TOLERANCE);
        test_clear(&f);
}
END_TEST

#define BATCH 5

/* Bits depend neither on the threads, nor on the batch, nor on the place in
 * it.
 */
START_TEST(same_bits)
{
        static const int32_t outputs[] = {EFFNET_OUTPUT_LOGITS,
                                          EFFNET_OUTPUT_PROBABILITIES,
                                          EFFNET_OUTPUT_EMBEDDING};
        test_network one, many;
        float *images;

        test_set_small(&one, 1);
        test_set_small(&many, _i);
        images = malloc((size_t)(BATCH * one.floats) * sizeof(float));
        ck_assert_ptr_nonnull(images);
        test_random(images, BATCH * one.floats, 3);
        ck_ok(en_engine_run(many.engine, images, BATCH, 33, 47));
        for (int64_t i = 0; i < BATCH; i++) {
                ck_ok(en_engine_run(one.engine, images + i * one.floats, 1, 33,
                                    47));
                for (int j = 0; j < 3; j++) {
                        int32_t n = outputs[j] == EFFNET_OUTPUT_EMBEDDING
                                            ? one.network->embedding_size
                                            : 10;
                        const float *a = test_output_of(many.engine, outputs[j],
                                                        BATCH, n);

                        ck_assert_mem_eq(
                                a + i * n,
                                test_output_of(one.engine, outputs[j], 1, n),
                                (size_t)n * sizeof(float));
                }
        }
        free(images);
        test_clear(&one);
        test_clear(&many);
}
END_TEST

/* The same where blocks are walked in several strips, of which threads have
 * different ones; and full convolutions in blocks of tiles.
 */
START_TEST(same_bits_in_strips)
{
        static const char *const names[] = {"b0", "lite0", "v2_s"};
        static const int32_t sizes[][2] = {{37, 1501}, {70, 339}, {51, 701}};
        const int32_t *size = sizes[_i % 3];
        test_network f;
        float one[10];

        memset(&f, 0, sizeof(f));
        ck_ok(en_config_custom(&f.config, names[_i / 3],
                               _i % 3 == 2 ? 0.5 : 0.25, 1.0, 224));
        f.config.classes = 10;
        test_set_network(&f, size[0], size[1]);
        for (int32_t threads = 1; threads <= 7; threads++) {
                const float *found;

                test_set_engine(&f, EFFNET_ISA_BEST, threads);
                ck_ok(en_engine_run(f.engine, f.image, 1, size[0], size[1]));
                found = test_output_of(f.engine, EFFNET_OUTPUT_LOGITS, 1, 10);
                if (threads == 1)
                        memcpy(one, found, sizeof(one));
                ck_assert_mem_eq(found, one, sizeof(one));
                en_engine_free(f.engine);
                en_weights_free(f.weights);
                f.engine = NULL;
                f.weights = NULL;
        }
        test_clear(&f);
}
END_TEST

/* Whether all layers' outputs are kept, so that each step has one layer and
 * stores it, or not: with maps that are stored past the caches, or, where the
 * last cache is large, into them, and with a first block that is projected
 * strip by strip.  Only with squeeze-and-excite is there a difference: what is
 * scaled, the weights or the pixels.
 */
START_TEST(same_bits_as_layer_by_layer)
{
        static const char *const names[] = {"b0", "lite0"};
        const en_resources all = {
                .threads = 1, .memory = INT64_MAX, .layers = true};
        const int32_t height = _i % 2 ? 603 : 77, width = _i % 2 ? 601 : 1003;
        test_network f;
        float logits[10], first[10];
        const float *found;

        memset(&f, 0, sizeof(f));
        ck_ok(en_config_named(&f.config, names[_i / 2]));
        f.config.classes = 10;
        test_set_network(&f, height, width);
        ck_ok(test_pack(&f, EFFNET_ISA_BEST, false));
        ck_ok(en_engine_create(&f.engine, &f.config, f.weights, &all));
        ck_ok(en_engine_run(f.engine, f.image, 1, height, width));
        memcpy(logits, test_output_of(f.engine, EFFNET_OUTPUT_LOGITS, 1, 10),
               sizeof(logits));
        for (int32_t threads = 1; threads <= 5; threads += 2) {
                const en_resources few = {
                        .threads = threads,
                        .memory = INT64_MAX,
                        .caches = {threads > 1 ? 2 << 20 : 0,
                                   threads == 3 ? 1 << 30 : 0}};

                en_engine_free(f.engine);
                ck_ok(en_engine_create(&f.engine, &f.config, f.weights, &few));
                ck_ok(en_engine_run(f.engine, f.image, 1, height, width));
                found = test_output_of(f.engine, EFFNET_OUTPUT_LOGITS, 1, 10);
                ck_assert(test_relative_difference(found, logits, 10) <
                          (_i / 2 ? 1e-30 : 2e-6));
                if (threads > 1)
                        ck_assert_mem_eq(found, first, sizeof(first));
                memcpy(first, found, sizeof(first));
        }
        test_clear(&f);
}
END_TEST

/* Full convolutions with residuals are split over threads by rows, too. */
START_TEST(same_bits_of_full_convolutions)
{
        test_network one, many;

        memset(&one, 0, sizeof(one));
        ck_ok(en_config_named(&one.config, "test_efficientnet"));
        many = one;
        test_set_network(&one, 45, 62);
        test_set_network(&many, 45, 62);
        test_set_engine(&one, EFFNET_ISA_BEST, 1);
        test_set_engine(&many, EFFNET_ISA_BEST, _i);
        ck_ok(en_engine_run(one.engine, one.image, 1, 45, 62));
        ck_ok(en_engine_run(many.engine, one.image, 1, 45, 62));
        ck_assert_mem_eq(
                test_output_of(one.engine, EFFNET_OUTPUT_LOGITS, 1, 1000),
                test_output_of(many.engine, EFFNET_OUTPUT_LOGITS, 1, 1000),
                1000 * sizeof(float));
        test_clear(&one);
        test_clear(&many);
}
END_TEST

START_TEST(probabilities_are_softmax)
{
        test_network f;
        const float *logits, *p;
        double sum = 0;

        test_set_small(&f, 1);
        ck_ok(en_engine_run(f.engine, f.image, 1, 33, 47));
        logits = test_output_of(f.engine, EFFNET_OUTPUT_LOGITS, 1, 10);
        p = test_output_of(f.engine, EFFNET_OUTPUT_PROBABILITIES, 1, 10);
        for (int i = 0; i < 10; i++)
                sum += exp((double)logits[i]);
        for (int i = 0; i < 10; i++)
                ck_assert_double_eq_tol(p[i], exp((double)logits[i]) / sum,
                                        1e-6);
        test_clear(&f);
}
END_TEST

/* Another shape and back gives the first bits again. */
START_TEST(plans_anew)
{
        test_network f;
        float first[10], other[10];
        size_t bytes = sizeof(first);

        test_set_small(&f, 2);
        ck_ok(en_engine_run(f.engine, f.image, 1, 33, 47));
        memcpy(first, test_output_of(f.engine, EFFNET_OUTPUT_LOGITS, 1, 10),
               bytes);
        ck_ok(en_engine_run(f.engine, f.image, 1, 47, 33));
        memcpy(other, test_output_of(f.engine, EFFNET_OUTPUT_LOGITS, 1, 10),
               bytes);
        ck_assert_mem_ne(first, other, bytes);
        ck_ok(en_engine_run(f.engine, f.image, 1, 8, 5));
        ck_ok(en_engine_run(f.engine, f.image, 1, 33, 47));
        ck_assert_mem_eq(first,
                         test_output_of(f.engine, EFFNET_OUTPUT_LOGITS, 1, 10),
                         bytes);
        test_clear(&f);
}
END_TEST

/* Check's own macros allocate. */
static long
allocations_of_run(const test_network *f, const float *images, int64_t batch)
{
        effnet_status status;
        long count;

        test_memory_reset();
        status = en_engine_run(f->engine, images, batch, 33, 47);
        count = test_memory_count();
        ck_assert_int_eq(status, EFFNET_OK);
        return count;
}

START_TEST(repeated_run_allocates_nothing)
{
        test_network f;
        float *images;

        test_set_small(&f, _i);
        images = calloc((size_t)(2 * f.floats), sizeof(float));
        ck_assert_ptr_nonnull(images);
        ck_assert_int_gt(allocations_of_run(&f, images, 2), 0);
        ck_assert_int_eq(allocations_of_run(&f, images, 2), 0);
        ck_assert_int_eq(allocations_of_run(&f, images, 2), 0);
        /* Another batch needs other outputs, and nothing else. */
        ck_assert_int_eq(allocations_of_run(&f, images, 1), 1);
        ck_assert_int_eq(allocations_of_run(&f, images, 1), 0);
        free(images);
        test_clear(&f);
}
END_TEST

static uint64_t
fpu_mode(void)
{
        uint64_t mode = en_fpu_enter();

        en_fpu_leave(mode);
        return mode;
}

START_TEST(restores_the_fpu)
{
        volatile float least = FLT_MIN;
        uint64_t before;
        test_network f;

        test_set_small(&f, _i);
        before = fpu_mode();
        ck_ok(en_engine_run(f.engine, f.image, 1, 33, 47));
        ck_assert(fpu_mode() == before);
        ck_assert(least / 2 > 0);
        test_clear(&f);
}
END_TEST

static bool
can_flush(void)
{
        uint64_t before = en_fpu_enter(), within = fpu_mode();

        en_fpu_leave(before);
        return within != before;
}

/* Where subnormals are zero, an image of them is a black one. */
START_TEST(flushes_subnormals)
{
        test_network f;
        float black[10];

        if (!can_flush()) {
                test_skipped("flushing", "this processor has no such mode");
                return;
        }
        test_set_small(&f, 1);
        memset(f.image, 0, (size_t)f.floats * sizeof(float));
        ck_ok(en_engine_run(f.engine, f.image, 1, 33, 47));
        memcpy(black, test_output_of(f.engine, EFFNET_OUTPUT_LOGITS, 1, 10),
               sizeof(black));
        for (int64_t i = 0; i < f.floats; i++)
                f.image[i] = 1e-40F;
        ck_ok(en_engine_run(f.engine, f.image, 1, 33, 47));
        ck_assert_mem_eq(black,
                         test_output_of(f.engine, EFFNET_OUTPUT_LOGITS, 1, 10),
                         sizeof(black));
        test_clear(&f);
}
END_TEST

START_TEST(states)
{
        const effnet_tensor *tensor;
        test_network f;

        test_set_small(&f, 1);
        ck_fails(en_engine_output(f.engine, EFFNET_OUTPUT_LOGITS, &tensor),
                 EFFNET_ERROR_STATE);
        ck_assert_ptr_null(tensor);
        ck_ok(en_engine_run(f.engine, f.image, 1, 33, 47));
        ck_fails(en_engine_output(f.engine, 0, &tensor), EFFNET_ERROR_ARGUMENT);
        ck_fails(en_engine_output(f.engine, 5, &tensor), EFFNET_ERROR_ARGUMENT);
        ck_fails(en_engine_run(f.engine, f.image, 0, 33, 47),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(en_engine_output(f.engine, EFFNET_OUTPUT_EMBEDDING, &tensor),
                 EFFNET_ERROR_STATE);
        ck_fails(en_engine_run(f.engine, f.image, 1, 0, 47),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(en_engine_run(f.engine, f.image, 1, 33, -1),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(en_engine_run(f.engine, f.image, INT64_MAX / 2, 33, 47),
                 EFFNET_ERROR_LIMIT);
        ck_ok(en_engine_run(f.engine, f.image, 1, 33, 47));
        ck_ok(en_engine_output(f.engine, EFFNET_OUTPUT_EMBEDDING, &tensor));
        test_clear(&f);
}
END_TEST

START_TEST(headless_has_no_logits)
{
        const effnet_tensor *tensor;
        test_network f;

        memset(&f, 0, sizeof(f));
        ck_ok(en_config_custom(&f.config, "b0", 0.25, 1.0, 224));
        f.config.classes = 0;
        test_set_network(&f, 33, 47);
        test_set_engine(&f, EFFNET_ISA_BEST, 1);
        ck_ok(en_engine_run(f.engine, f.image, 1, 33, 47));
        ck_ok(en_engine_output(f.engine, EFFNET_OUTPUT_EMBEDDING, &tensor));
        ck_fails(en_engine_output(f.engine, EFFNET_OUTPUT_LOGITS, &tensor),
                 EFFNET_ERROR_STATE);
        ck_message("classifier");
        ck_assert_ptr_null(tensor);
        ck_fails(en_engine_output(f.engine, EFFNET_OUTPUT_PROBABILITIES,
                                  &tensor),
                 EFFNET_ERROR_STATE);
        test_clear(&f);
}
END_TEST

/* A child after fork has no workers: threads fail there, one thread works. */
START_TEST(fork_of_threads)
{
        test_network f;
        effnet_status expected = _i > 1 ? EFFNET_ERROR_STATE : EFFNET_OK;
        int status;
        pid_t child;

        test_set_small(&f, _i);
        ck_ok(en_engine_run(f.engine, f.image, 1, 33, 47));
        child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) {
                effnet_status found = en_engine_run(f.engine, f.image, 1, 33,
                                                    47);

                _exit(found == expected ? 0 : 1);
        }
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        ck_ok(en_engine_run(f.engine, f.image, 1, 33, 47));
        test_clear(&f);
}
END_TEST

START_TEST(memory_runs_out_in_a_run)
{
        const effnet_tensor *tensor;
        effnet_status status = EFFNET_ERROR_MEMORY;
        test_network f;
        long n;

        test_set_small(&f, 1);
        ck_ok(en_engine_run(f.engine, f.image, 1, 20, 20));
        for (n = 0; status == EFFNET_ERROR_MEMORY && n < 100; n++) {
                en_engine_free(f.engine);
                ck_ok(en_engine_create(
                        &f.engine, &f.config, f.weights,
                        &(en_resources){.threads = 1, .memory = INT64_MAX}));
                test_memory_fail(n, _i);
                status = en_engine_run(f.engine, f.image, 1, 33, 47);
                test_memory_reset();
                if (status == EFFNET_OK)
                        break;
                ck_assert_int_eq(status, EFFNET_ERROR_MEMORY);
                ck_message("memory");
                ck_fails(en_engine_output(f.engine, EFFNET_OUTPUT_EMBEDDING,
                                          &tensor),
                         EFFNET_ERROR_STATE);
                ck_ok(en_engine_run(f.engine, f.image, 1, 33, 47));
        }
        ck_assert_int_ge(n, 3);
        ck_assert_int_eq(status, EFFNET_OK);
        test_clear(&f);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("run");
        TCase *numbers = tcase_create("numbers");
        TCase *promises = tcase_create("promises");

        tcase_add_loop_test(numbers, equals_double, 0, CASES);
        tcase_add_test(numbers, sees_another_epsilon);
        tcase_add_loop_test(numbers, same_bits_of_full_convolutions, 2, 5);
        tcase_add_test(numbers, probabilities_are_softmax);
        suite_add_tcase(suite, numbers);

        tcase_add_loop_test(promises, same_bits, 1, 4);
        tcase_add_loop_test(promises, same_bits_in_strips, 0, 9);
        tcase_add_loop_test(promises, same_bits_as_layer_by_layer, 0, 4);
        tcase_add_test(promises, plans_anew);
        tcase_add_loop_test(promises, repeated_run_allocates_nothing, 1, 3);
        tcase_add_loop_test(promises, restores_the_fpu, 1, 3);
        tcase_add_test(promises, flushes_subnormals);
        tcase_add_test(promises, states);
        tcase_add_test(promises, headless_has_no_logits);
        tcase_add_loop_test(promises, fork_of_threads, 1, 3);
        tcase_add_loop_test(promises, memory_runs_out_in_a_run, 0, 2);
        suite_add_tcase(suite, promises);

        return test_main(suite);
}
