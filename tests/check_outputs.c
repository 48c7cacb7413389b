/* check_outputs.c: what a session yields on request: maps against those of
 * the models' frameworks, and every combination of outputs.
 */
#include "arch/config.h"
#include "maps.h"
#include "memory.h"
#include "network.h"
#include "run/plan.h"
#include "small.h"

#include <stdlib.h>
#include <string.h>

#define CLASSES 10

static const int32_t all[] = {
        EFFNET_OUTPUT_LOGITS,       EFFNET_OUTPUT_PROBABILITIES,
        EFFNET_OUTPUT_EMBEDDING,    EFFNET_OUTPUT_FINAL_MAP,
        EFFNET_OUTPUT_REDUCTION_2,  EFFNET_OUTPUT_REDUCTION_4,
        EFFNET_OUTPUT_REDUCTION_8,  EFFNET_OUTPUT_REDUCTION_16,
        EFFNET_OUTPUT_REDUCTION_32,
};

#define ALL ((int)(sizeof(all) / sizeof(all[0])))

static effnet_options *
options_with(int32_t key, int64_t value)
{
        effnet_options *options;

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, key, value));
        return options;
}

/* A narrow B0 on a batch of odd size. */
typedef struct fixture {
        effnet_session *session;
        effnet_tensor *input;
} fixture;

static fixture
set_up(int32_t classes, int64_t batch, int64_t threads)
{
        effnet_options *options = options_with(EFFNET_OPTION_THREADS, threads);
        const int64_t shape[4] = {batch, 3, 47, 61};
        effnet_model *model = test_small_model(classes, 3, options);
        fixture f;

        ck_ok(effnet_session_create(&f.session, model, options));
        f.input = test_small_input(shape);
        effnet_model_release(model);
        effnet_options_free(options);
        return f;
}

static void
tear_down(fixture *f)
{
        effnet_session_free(f->session);
        effnet_tensor_free(f->input);
}

static const effnet_tensor *
output(effnet_session *session, int32_t which)
{
        const effnet_tensor *tensor;

        ck_ok(effnet_session_output(session, which, &tensor));
        return tensor;
}

static void
refuse_output(effnet_session *session, int32_t which, const char *text)
{
        const effnet_tensor *tensor;

        ck_fails(effnet_session_output(session, which, &tensor),
                 EFFNET_ERROR_STATE);
        ck_message(text);
        ck_assert_ptr_null(tensor);
}

/* ---- values */

/* At the best level and in portable C; as whole requests, and one by one. */
START_TEST(maps_equal_framework)
{
        static const int32_t levels[] = {EFFNET_ISA_BEST, EFFNET_ISA_PORTABLE};
        test_map_case c = test_map_case_load(_i / 2);
        effnet_options *options = options_with(EFFNET_OPTION_INSTRUCTION_SET,
                                               levels[_i % 2]);
        effnet_session *session = test_map_session(&c, NULL, options);
        int32_t wanted[TEST_MAPS - 1];

        for (int i = 0; i < TEST_MAPS - 1; i++)
                wanted[i] = c.maps[i].output;
        ck_ok(effnet_session_request(session, wanted, TEST_MAPS - 1));
        ck_ok(effnet_session_run(session, c.input));
        for (int i = 0; i < TEST_MAPS - 1; i++)
                test_map_expect(&c, i, output(session, wanted[i]), "map");
        for (int i = 0; i < TEST_MAPS - 1; i++) {
                ck_ok(effnet_session_request(session, &wanted[i], 1));
                ck_ok(effnet_session_run(session, c.input));
                test_map_expect(&c, i, output(session, wanted[i]), "only map");
        }
        effnet_session_free(session);
        effnet_options_free(options);
        test_map_case_free(&c);
}
END_TEST

/* Without a head, as timm's features_only: the blocks' maps are the same. */
START_TEST(headless_maps_equal_framework)
{
        test_map_case c = test_map_case_load(_i);
        const int32_t final_map = EFFNET_OUTPUT_FINAL_MAP;
        effnet_session *session;
        int32_t wanted[6] = {EFFNET_OUTPUT_EMBEDDING};

        c.config->headless = 1;
        c.config->classes = 0;
        session = test_map_session(&c, NULL, NULL);
        for (int i = 0; i < 5; i++)
                wanted[i + 1] = c.maps[i].output;
        ck_ok(effnet_session_request(session, wanted, 6));
        ck_ok(effnet_session_run(session, c.input));
        for (int i = 0; i < 5; i++)
                test_map_expect(&c, i, output(session, wanted[i + 1]),
                                "headless map");
        ck_assert_int_eq(effnet_tensor_dimension(
                                 output(session, EFFNET_OUTPUT_EMBEDDING), 1),
                         c.maps[4].shape[0]);
        ck_fails(effnet_session_request(session, &final_map, 1),
                 EFFNET_ERROR_STATE);
        ck_message("without a head");
        refuse_output(session, final_map, "without a head");
        refuse_output(session, EFFNET_OUTPUT_LOGITS, "no classifier");
        effnet_session_free(session);
        test_map_case_free(&c);
}
END_TEST

/* ---- combinations */

static float *
copy_of(const effnet_tensor *tensor)
{
        size_t bytes = (size_t)effnet_tensor_count(tensor) * sizeof(float);
        float *copy = malloc(bytes);

        ck_assert_ptr_nonnull(copy);
        memcpy(copy, effnet_tensor_const_data(tensor), bytes);
        return copy;
}

static void
run_all(const fixture *f, float **copies)
{
        ck_ok(effnet_session_request(f->session, all, ALL));
        ck_ok(effnet_session_run(f->session, f->input));
        for (int i = 0; i < ALL; i++)
                copies[i] = copy_of(output(f->session, all[i]));
}

static void
expect_bits(const effnet_tensor *tensor, const float *expected)
{
        ck_assert_mem_eq(effnet_tensor_const_data(tensor), expected,
                         (size_t)effnet_tensor_count(tensor) * sizeof(float));
}

static void
try_subset(const fixture *f, unsigned subset, float *const *expected)
{
        int32_t wanted[2 * ALL], n = 0;

        for (int i = ALL - 1; i >= 0; i--)
                if (subset >> i & 1)
                        wanted[n++] = all[i];
        memcpy(wanted + n, wanted, (size_t)n * sizeof(*wanted)); /* twice */
        ck_ok(effnet_session_request(f->session, wanted, 2 * n));
        ck_ok(effnet_session_run(f->session, f->input));
        for (int i = 0; i < ALL; i++)
                if (subset >> i & 1)
                        expect_bits(output(f->session, all[i]), expected[i]);
                else
                        refuse_output(f->session, all[i], "requested");
}

START_TEST(every_subset_is_yielded)
{
        fixture f = set_up(CLASSES, 2, 1);
        float *expected[ALL];

        run_all(&f, expected);
        for (unsigned subset = 1; subset < 1U << ALL; subset++)
                try_subset(&f, subset, expected);
        for (int i = 0; i < ALL; i++)
                free(expected[i]);
        tear_down(&f);
}
END_TEST

START_TEST(default_is_all_but_maps)
{
        fixture f = set_up(CLASSES, 2, 1);
        float *expected[ALL];

        run_all(&f, expected);
        ck_ok(effnet_session_request(f.session, NULL, 0));
        for (int round = 0; round < 2; round++) {
                ck_ok(effnet_session_run(f.session, f.input));
                for (int i = 0; i < 3; i++)
                        expect_bits(output(f.session, all[i]), expected[i]);
                for (int i = 3; i < ALL; i++)
                        refuse_output(f.session, all[i], "requested");
                if (round == 0) {
                        tear_down(&f);
                        f = set_up(CLASSES, 2, 1); /* never asked */
                }
        }
        for (int i = 0; i < ALL; i++)
                free(expected[i]);
        tear_down(&f);
}
END_TEST

/* The embedding is the mean of the final map, the logits follow from it. */
START_TEST(outputs_fit_together)
{
        fixture f = set_up(CLASSES, 3, 1);
        const effnet_tensor *map, *embedding;
        int64_t rows, pixels;
        const float *values;
        float *means;

        ck_ok(effnet_session_request(f.session, all, ALL));
        ck_ok(effnet_session_run(f.session, f.input));
        map = output(f.session, EFFNET_OUTPUT_FINAL_MAP);
        embedding = output(f.session, EFFNET_OUTPUT_EMBEDDING);
        rows = effnet_tensor_count(embedding);
        pixels = effnet_tensor_count(map) / rows;
        ck_assert_int_eq(pixels, 2 * 2);
        values = effnet_tensor_const_data(map);
        means = calloc((size_t)rows, sizeof(float));
        ck_assert_ptr_nonnull(means);
        for (int64_t i = 0; i < rows; i++) {
                double sum = 0;

                for (int64_t p = 0; p < pixels; p++)
                        sum += *values++;
                means[i] = (float)(sum / (double)pixels);
        }
        ck_assert_double_le(
                test_relative_difference(effnet_tensor_const_data(embedding),
                                         means, rows),
                1e-6);
        free(means);
        tear_down(&f);
}
END_TEST

/* Image `image` of `tensor` is all of `expected`. */
static void
expect_image(const effnet_tensor *tensor, int64_t image, const float *expected)
{
        int64_t floats = effnet_tensor_count(tensor) /
                         effnet_tensor_dimension(tensor, 0);
        const float *values = effnet_tensor_const_data(tensor);

        ck_assert_mem_eq(values + image * floats, expected,
                         (size_t)floats * sizeof(float));
}

/* A batch on several threads, against each image alone on one. */
START_TEST(batches_and_threads_change_no_bit)
{
        enum { BATCH = 3 };
        fixture many = set_up(CLASSES, BATCH, _i), one = set_up(CLASSES, 1, 1);
        int64_t floats = effnet_tensor_count(one.input);
        const float *images = effnet_tensor_const_data(many.input);

        ck_ok(effnet_session_request(many.session, all, ALL));
        ck_ok(effnet_session_run(many.session, many.input));
        for (int64_t n = 0; n < BATCH; n++) {
                float *expected[ALL];

                memcpy(effnet_tensor_data(one.input), images + n * floats,
                       (size_t)floats * sizeof(float));
                run_all(&one, expected);
                for (int i = 0; i < ALL; i++) {
                        expect_image(output(many.session, all[i]), n,
                                     expected[i]);
                        free(expected[i]);
                }
        }
        tear_down(&many);
        tear_down(&one);
}
END_TEST

/* ---- what it costs */

static en_plan *
plan_for(const test_network *f, uint32_t rows)
{
        const en_resources resources = {.threads = 1, .memory = INT64_MAX};
        en_plan *plan;

        ck_ok(en_plan_create(&plan, &f->config, f->weights, rows,
                             TEST_SMALL_HEIGHT, TEST_SMALL_WIDTH, &resources));
        return plan;
}

/* The plan ends with the last layer that is needed. */
START_TEST(plans_end_early)
{
        static const struct {
                int32_t output;
                const char *last;
        } ends[] = {
                {EFFNET_OUTPUT_LOGITS, "classifier"},
                {EFFNET_OUTPUT_PROBABILITIES, "classifier"},
                {EFFNET_OUTPUT_EMBEDDING, "pool"},
                {EFFNET_OUTPUT_FINAL_MAP, "head"},
                {EFFNET_OUTPUT_REDUCTION_2, "blocks.0.0.project"},
                {EFFNET_OUTPUT_REDUCTION_4, "blocks.1.1.project"},
                {EFFNET_OUTPUT_REDUCTION_8, "blocks.2.1.project"},
                {EFFNET_OUTPUT_REDUCTION_16, "blocks.4.2.project"},
                {EFFNET_OUTPUT_REDUCTION_32, "blocks.6.0.project"},
        };
        int32_t row = en_output_row(ends[_i].output);
        test_network f;
        en_plan *plan;

        test_set_small(&f, 1);
        plan = plan_for(&f, UINT32_C(1) << row);
        ck_assert_str_eq(plan->steps[plan->step_count - 1].layer->name,
                         ends[_i].last);
        ck_assert_int_eq(plan->outputs.count, 1);
        en_plan_free(plan);
        test_clear(&f);
}
END_TEST

/* Maps are copied as soon as they are there: none is kept in the arena. */
START_TEST(maps_leave_the_arena_as_it_is)
{
        test_network f;
        en_plan *plain, *maps;

        test_set_small(&f, 1);
        plain = plan_for(&f, en_request_default(&f.config));
        maps = plan_for(&f, (UINT32_C(1) << EN_OUTPUTS) - 1);
        ck_assert_uint_eq(plain->bytes, maps->bytes);
        ck_assert_int_eq(plain->step_count, maps->step_count);
        ck_assert_int_eq(plain->outputs.count, 3);
        en_plan_free(plain);
        en_plan_free(maps);
        test_clear(&f);
}
END_TEST

START_TEST(outputs_are_limited)
{
        /* A map of 45 x 58 x 8 floats for each of 40 images: above 2 MiB. */
        static const int32_t map = EFFNET_OUTPUT_REDUCTION_2;
        effnet_options *options = options_with(EFFNET_OPTION_MAX_MEMORY_BYTES,
                                               2 << 20);
        const int64_t shape[4] = {40, 3, 90, 116};
        effnet_config *config;
        effnet_model *model;
        effnet_session *session;
        effnet_tensor *input;

        ck_ok(effnet_config_create_custom(&config, "b0", 0.25, 1.0, 64));
        ck_ok(effnet_model_create(&model, config, 5, NULL));
        ck_ok(effnet_session_create(&session, model, options));
        ck_ok(effnet_tensor_create(&input, EFFNET_TYPE_F32, 4, shape));
        ck_ok(effnet_session_run(session, input));
        ck_ok(effnet_session_request(session, &map, 1));
        ck_fails(effnet_session_run(session, input), EFFNET_ERROR_LIMIT);
        ck_message("the outputs");
        refuse_output(session, map, "no output");
        effnet_tensor_free(input);
        effnet_session_free(session);
        effnet_model_release(model);
        effnet_config_free(config);
        effnet_options_free(options);
}
END_TEST

START_TEST(memory_runs_out)
{
        effnet_status status = EFFNET_ERROR_MEMORY;
        fixture f = set_up(CLASSES, 2, 1);
        long n;

        for (n = 0; status != EFFNET_OK && n < 100; n++) {
                ck_ok(effnet_session_request(f.session, NULL, 0));
                ck_ok(effnet_session_run(f.session, f.input));
                ck_ok(effnet_session_request(f.session, all, ALL));
                test_memory_fail(n, _i);
                status = effnet_session_run(f.session, f.input);
                test_memory_reset();
                if (status == EFFNET_OK)
                        break;
                ck_assert_int_eq(status, EFFNET_ERROR_MEMORY);
                refuse_output(f.session, all[4], "no output");
                ck_ok(effnet_session_run(f.session, f.input));
                output(f.session, all[4]);
        }
        ck_assert_int_ge(n, 5);
        ck_assert_int_eq(status, EFFNET_OK);
        tear_down(&f);
}
END_TEST

/* ---- requests */

START_TEST(refuses_requests)
{
        static const int32_t bad[] = {0, 5, -1, 101, 103, 164, 100};
        fixture f = set_up(CLASSES, 1, 1);
        int32_t wanted[] = {EFFNET_OUTPUT_FINAL_MAP, 0};
        const effnet_tensor *tensor;

        ck_fails(effnet_session_request(NULL, wanted, 1),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("session is NULL");
        ck_fails(effnet_session_request(f.session, NULL, 1),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("outputs is NULL");
        ck_fails(effnet_session_request(f.session, wanted, -1),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("count is -1");
        ck_ok(effnet_session_run(f.session, f.input));
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                wanted[1] = bad[i];
                ck_fails(effnet_session_request(f.session, wanted, 2),
                         EFFNET_ERROR_ARGUMENT);
                ck_message("unknown output");
                ck_fails(effnet_session_output(f.session, bad[i], &tensor),
                         EFFNET_ERROR_ARGUMENT);
        }
        /* The request is still the default one. */
        output(f.session, EFFNET_OUTPUT_LOGITS);
        ck_ok(effnet_session_run(f.session, f.input));
        output(f.session, EFFNET_OUTPUT_LOGITS);
        refuse_output(f.session, EFFNET_OUTPUT_FINAL_MAP, "requested");
        tear_down(&f);
}
END_TEST

START_TEST(no_classes_no_logits)
{
        fixture f = set_up(0, 1, 1);
        int32_t wanted[] = {EFFNET_OUTPUT_FINAL_MAP, EFFNET_OUTPUT_LOGITS};

        ck_fails(effnet_session_request(f.session, wanted, 2),
                 EFFNET_ERROR_STATE);
        ck_message("no logits: the model has no classifier");
        wanted[1] = EFFNET_OUTPUT_PROBABILITIES;
        ck_fails(effnet_session_request(f.session, wanted, 2),
                 EFFNET_ERROR_STATE);
        ck_ok(effnet_session_request(f.session, wanted, 1));
        ck_ok(effnet_session_run(f.session, f.input));
        output(f.session, EFFNET_OUTPUT_FINAL_MAP);
        ck_ok(effnet_session_request(f.session, NULL, 0));
        ck_ok(effnet_session_run(f.session, f.input));
        output(f.session, EFFNET_OUTPUT_EMBEDDING);
        refuse_output(f.session, EFFNET_OUTPUT_LOGITS, "no classifier");
        tear_down(&f);
}
END_TEST

START_TEST(another_request_ends_outputs)
{
        int32_t wanted[] = {EFFNET_OUTPUT_REDUCTION_8, EFFNET_OUTPUT_LOGITS,
                            EFFNET_OUTPUT_REDUCTION_8};
        fixture f = set_up(CLASSES, 1, 1);
        const effnet_tensor *map;

        ck_ok(effnet_session_request(f.session, wanted, 2));
        ck_ok(effnet_session_run(f.session, f.input));
        map = output(f.session, EFFNET_OUTPUT_REDUCTION_8);
        ck_ok(effnet_session_request(f.session, wanted + 1, 2)); /* the same */
        ck_assert_ptr_eq(output(f.session, EFFNET_OUTPUT_REDUCTION_8), map);
        ck_ok(effnet_session_request(f.session, wanted, 1));
        refuse_output(f.session, EFFNET_OUTPUT_REDUCTION_8, "no output");
        ck_ok(effnet_session_run(f.session, f.input));
        output(f.session, EFFNET_OUTPUT_REDUCTION_8);
        tear_down(&f);
}
END_TEST

START_TEST(copies_maps)
{
        static const int32_t which = EFFNET_OUTPUT_REDUCTION_16;
        fixture f = set_up(CLASSES, 2, 1);
        float *expected[ALL], *copy;
        size_t count, written;

        run_all(&f, expected);
        count = (size_t)effnet_tensor_count(output(f.session, which));
        copy = malloc(count * sizeof(float));
        ck_assert_ptr_nonnull(copy);
        ck_ok(effnet_session_copy_output(f.session, which, copy, count,
                                         &written));
        ck_assert_uint_eq(written, count);
        ck_assert_mem_eq(copy, expected[7], count * sizeof(float));
        ck_fails(effnet_session_copy_output(f.session, which, copy, count - 1,
                                            &written),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_uint_eq(written, 0);
        for (int i = 0; i < ALL; i++)
                free(expected[i]);
        free(copy);
        tear_down(&f);
}
END_TEST

START_TEST(classify_needs_probabilities)
{
        static uint8_t pixels[60 * 50 * 3];
        static const int32_t wanted[] = {EFFNET_OUTPUT_FINAL_MAP,
                                         EFFNET_OUTPUT_PROBABILITIES};
        fixture f = set_up(CLASSES, 1, 1);
        effnet_image *image;
        int32_t classes[2], n = 2;
        float scores[2];

        ck_ok(effnet_image_wrap(&image, EFFNET_PIXEL_RGB, 60, 50, pixels, 180,
                                NULL, NULL));
        ck_ok(effnet_session_request(f.session, wanted, 1));
        ck_fails(effnet_session_classify(f.session, image, &n, classes, scores),
                 EFFNET_ERROR_STATE);
        ck_message("no probabilities");
        ck_assert_int_eq(n, 0);
        n = 2;
        ck_ok(effnet_session_request(f.session, wanted, 2));
        ck_ok(effnet_session_classify(f.session, image, &n, classes, scores));
        ck_assert_int_eq(n, 2);
        output(f.session, EFFNET_OUTPUT_FINAL_MAP);
        effnet_image_free(image);
        tear_down(&f);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("outputs");
        TCase *values = tcase_create("values");
        TCase *requests = tcase_create("requests");

        tcase_add_loop_test(values, maps_equal_framework, 0,
                            2 * test_map_cases());
        tcase_add_loop_test(values, headless_maps_equal_framework, 2,
                            test_map_cases() - 1);
        tcase_add_test(values, every_subset_is_yielded);
        tcase_add_test(values, default_is_all_but_maps);
        tcase_add_test(values, outputs_fit_together);
        tcase_add_loop_test(values, batches_and_threads_change_no_bit, 1, 5);
        suite_add_tcase(suite, values);
        tcase_add_loop_test(requests, plans_end_early, 0, ALL);
        tcase_add_test(requests, maps_leave_the_arena_as_it_is);
        tcase_add_test(requests, outputs_are_limited);
        tcase_add_loop_test(requests, memory_runs_out, 0, 2);
        tcase_add_test(requests, refuses_requests);
        tcase_add_test(requests, no_classes_no_logits);
        tcase_add_test(requests, another_request_ends_outputs);
        tcase_add_test(requests, copies_maps);
        tcase_add_test(requests, classify_needs_probabilities);
        suite_add_tcase(suite, requests);
        return test_main(suite);
}
