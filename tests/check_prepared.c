/* check_prepared.c: sessions that are prepared for a shape, and fixed to it. */
#include "allocator.h"
#include "memory.h"
#include "small.h"
#include "support.h"

#include <string.h>

#define SIDE 47

static const int32_t maps[] = {
        EFFNET_OUTPUT_REDUCTION_2,
        EFFNET_OUTPUT_REDUCTION_16,
        EFFNET_OUTPUT_FINAL_MAP,
        EFFNET_OUTPUT_PROBABILITIES,
};

/* What a session is made with. */
typedef struct ways {
        int64_t threads, fixed, layers;
} ways;

static effnet_session *
new_session(const ways *w)
{
        effnet_options *options;
        effnet_model *model = test_small_model(10, 3, NULL);
        effnet_session *session;

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_THREADS,
                                     w->threads));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_FIXED, w->fixed));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_KEEP_LAYERS,
                                     w->layers));
        ck_ok(effnet_session_create(&session, model, options));
        effnet_model_release(model);
        effnet_options_free(options);
        return session;
}

static effnet_tensor *
new_input(int64_t batch, int64_t height, int64_t width)
{
        const int64_t shape[4] = {batch, 3, height, width};

        return test_small_input(shape);
}

static long
allocations_of_run(effnet_session *session, const effnet_tensor *input)
{
        effnet_status status;
        long count;

        test_memory_reset();
        status = effnet_session_run(session, input);
        count = test_memory_count(); /* before Check allocates */
        ck_ok(status);
        return count;
}

static void
expect_no_output(effnet_session *session)
{
        const effnet_tensor *tensor;

        ck_fails(effnet_session_output(session, EFFNET_OUTPUT_PROBABILITIES,
                                       &tensor),
                 EFFNET_ERROR_STATE);
        ck_assert_ptr_null(tensor);
}

static const ways all_ways[] = {
        {1, 0, 0}, {1, 1, 0}, {2, 0, 0}, {4, 1, 0}, {1, 0, 1}, {2, 1, 1},
};

#define WAYS ((int)(sizeof(all_ways) / sizeof(all_ways[0])))

/* Whatever is requested; without a preparation the same run allocates. */
START_TEST(a_prepared_run_allocates_nothing)
{
        effnet_session *session = new_session(&all_ways[_i % WAYS]);
        effnet_tensor *input = new_input(3, SIDE, SIDE - 5);
        effnet_tensor *other = new_input(1, 33, 33);

        if (_i / WAYS)
                ck_ok(effnet_session_request(session, maps, 4));
        ck_ok(effnet_session_prepare(session, 3, SIDE, SIDE - 5));
        ck_assert_int_eq(allocations_of_run(session, input), 0);
        ck_assert_int_eq(allocations_of_run(session, input), 0);
        if (!all_ways[_i % WAYS].fixed) {
                ck_assert_int_gt(allocations_of_run(session, other), 0);
                ck_assert_int_gt(allocations_of_run(session, input), 0);
                ck_assert_int_eq(allocations_of_run(session, input), 0);
        }
        /* A request and a preparation before the next run. */
        ck_ok(effnet_session_request(session, maps + 3, 1));
        ck_ok(effnet_session_prepare(session, 1, 33, 33));
        ck_assert_int_eq(allocations_of_run(session, other), 0);
        effnet_tensor_free(input);
        effnet_tensor_free(other);
        effnet_session_free(session);
}
END_TEST

START_TEST(preparing_changes_no_bit)
{
        effnet_session *plain = new_session(&all_ways[0]);
        effnet_session *fixed = new_session(&all_ways[3]);
        effnet_tensor *input = new_input(2, SIDE, SIDE);
        const effnet_tensor *a, *b;

        ck_ok(effnet_session_request(plain, maps, 4));
        ck_ok(effnet_session_request(fixed, maps, 4));
        ck_ok(effnet_session_prepare(fixed, 2, SIDE, SIDE));
        ck_ok(effnet_session_run(plain, input));
        ck_ok(effnet_session_run(fixed, input));
        for (int i = 0; i < 4; i++) {
                ck_ok(effnet_session_output(plain, maps[i], &a));
                ck_ok(effnet_session_output(fixed, maps[i], &b));
                ck_assert_mem_eq(effnet_tensor_const_data(a),
                                 effnet_tensor_const_data(b),
                                 (size_t)effnet_tensor_count(a) *
                                         sizeof(float));
        }
        effnet_tensor_free(input);
        effnet_session_free(plain);
        effnet_session_free(fixed);
}
END_TEST

static void
refuse_shape(effnet_session *session, int64_t batch, int64_t height,
             int64_t width, const char *text)
{
        effnet_tensor *input = new_input(batch, height, width);

        ck_fails(effnet_session_run(session, input), EFFNET_ERROR_MISMATCH);
        ck_message(text);
        ck_message("fixed to 2 of 47 x 48");
        expect_no_output(session);
        effnet_tensor_free(input);
}

START_TEST(fixed_refuses_other_shapes)
{
        effnet_session *session = new_session(&all_ways[1]);
        effnet_tensor *input = new_input(2, SIDE, SIDE + 1);
        effnet_tensor *single = new_input(1, SIDE, SIDE);

        ck_fails(effnet_session_run(session, input), EFFNET_ERROR_STATE);
        ck_message("prepared");
        expect_no_output(session);
        ck_ok(effnet_session_prepare(session, 2, SIDE, SIDE + 1));
        ck_ok(effnet_session_run(session, input));
        refuse_shape(session, 1, SIDE, SIDE + 1, "1 images of 47 x 48");
        refuse_shape(session, 2, SIDE + 1, SIDE, "2 images of 48 x 47");
        refuse_shape(session, 3, SIDE, SIDE + 1, "3 images");
        ck_ok(effnet_session_run(session, input));
        ck_ok(effnet_session_prepare(session, 1, SIDE, SIDE));
        ck_fails(effnet_session_run(session, input), EFFNET_ERROR_MISMATCH);
        ck_ok(effnet_session_run(session, single));
        effnet_tensor_free(single);
        effnet_tensor_free(input);
        effnet_session_free(session);
}
END_TEST

/* What was prepared is for what was requested. */
START_TEST(fixed_is_prepared_after_requests)
{
        effnet_session *session = new_session(&all_ways[1]);
        effnet_tensor *input = new_input(2, SIDE, SIDE);
        const effnet_tensor *map;

        ck_ok(effnet_session_prepare(session, 2, SIDE, SIDE));
        ck_ok(effnet_session_run(session, input));
        ck_ok(effnet_session_request(session, NULL, 0)); /* as it is */
        ck_ok(effnet_session_run(session, input));
        ck_ok(effnet_session_request(session, maps, 1));
        ck_fails(effnet_session_run(session, input), EFFNET_ERROR_STATE);
        ck_message("prepared");
        ck_ok(effnet_session_prepare(session, 2, SIDE, SIDE));
        ck_ok(effnet_session_run(session, input));
        ck_ok(effnet_session_output(session, maps[0], &map));
        effnet_tensor_free(input);
        effnet_session_free(session);
}
END_TEST

START_TEST(fixed_classifies_one_size)
{
        static uint8_t pixels[60 * 50 * 3];
        effnet_session *session = new_session(&all_ways[1]);
        effnet_image *image;
        int32_t crop, width, classes[3], n = 3;
        float scores[3];

        ck_ok(effnet_image_wrap(&image, EFFNET_PIXEL_RGB, 60, 50, pixels, 180,
                                NULL, NULL));
        ck_ok(effnet_preprocess_get_crop(effnet_session_preprocess(session),
                                         &crop, &width));
        ck_fails(effnet_session_classify(session, image, &n, classes, scores),
                 EFFNET_ERROR_STATE);
        ck_assert_int_eq(n, 0);
        ck_ok(effnet_session_prepare(session, 1, crop, width + 1));
        n = 3;
        ck_fails(effnet_session_classify(session, image, &n, classes, scores),
                 EFFNET_ERROR_MISMATCH);
        ck_assert_int_eq(n, 0);
        ck_ok(effnet_session_prepare(session, 1, crop, width));
        n = 3;
        ck_ok(effnet_session_classify(session, image, &n, classes, scores));
        ck_assert_int_eq(n, 3);
        effnet_image_free(image);
        effnet_session_free(session);
}
END_TEST

static const struct {
        int64_t batch;
        int32_t height, width;
        effnet_status expected;
        const char *text;
} bad[] = {
        {0, 47, 47, EFFNET_ERROR_ARGUMENT, "0 images"},
        {-1, 47, 47, EFFNET_ERROR_ARGUMENT, "-1 images"},
        {1, 0, 47, EFFNET_ERROR_ARGUMENT, "0 x 47"},
        {1, 47, INT32_MIN, EFFNET_ERROR_ARGUMENT, "expected 1 or more"},
        {1, 47, (1 << 20) + 1, EFFNET_ERROR_LIMIT, "limit of a side"},
        {1, INT32_MAX, 47, EFFNET_ERROR_LIMIT, "limit of a side"},
        {1, 1 << 20, 1 << 20, EFFNET_ERROR_LIMIT, ""},
        {INT64_MAX, 47, 47, EFFNET_ERROR_LIMIT, ""},
        {INT64_C(1) << 40, 47, 47, EFFNET_ERROR_LIMIT, "the outputs"},
};

/* A failed preparation is none, and leaves a session that works. */
START_TEST(refuses_to_prepare)
{
        effnet_session *session = new_session(&all_ways[_i % 2]);
        effnet_tensor *input = new_input(2, SIDE, SIDE);

        ck_fails(effnet_session_prepare(NULL, 1, 47, 47),
                 EFFNET_ERROR_ARGUMENT);
        ck_ok(effnet_session_prepare(session, 2, SIDE, SIDE));
        ck_ok(effnet_session_run(session, input));
        ck_fails(effnet_session_prepare(session, bad[_i / 2].batch,
                                        bad[_i / 2].height, bad[_i / 2].width),
                 bad[_i / 2].expected);
        ck_message(bad[_i / 2].text);
        expect_no_output(session);
        if (_i % 2) {
                ck_fails(effnet_session_run(session, input),
                         EFFNET_ERROR_STATE);
                ck_ok(effnet_session_prepare(session, 2, SIDE, SIDE));
        }
        ck_ok(effnet_session_run(session, input));
        effnet_tensor_free(input);
        effnet_session_free(session);
}
END_TEST

START_TEST(memory_runs_out_while_preparing)
{
        effnet_status status = EFFNET_ERROR_MEMORY;
        effnet_session *session = new_session(&all_ways[4]);
        effnet_tensor *input = new_input(1, SIDE, SIDE);
        long n;

        for (n = 0; status != EFFNET_OK && n < 100; n++) {
                ck_ok(effnet_session_prepare(session, 1, 33, 33));
                test_memory_fail(n, _i);
                status = effnet_session_prepare(session, 1, SIDE, SIDE);
                test_memory_reset();
                if (status == EFFNET_OK)
                        break;
                ck_assert_int_eq(status, EFFNET_ERROR_MEMORY);
                ck_ok(effnet_session_run(session, input));
        }
        ck_assert_int_ge(n, 5);
        ck_assert_int_eq(status, EFFNET_OK);
        ck_assert_int_eq(allocations_of_run(session, input), 0);
        effnet_tensor_free(input);
        effnet_session_free(session);
}
END_TEST

/* What a preparation needs comes from the model's allocator. */
START_TEST(prepares_with_the_allocator)
{
        static test_allocator heap;
        effnet_options *options;
        effnet_config *config;
        effnet_model *model;
        effnet_session *session;
        effnet_tensor *map, *input = new_input(1, SIDE, SIDE);
        effnet_status status;
        long before;

        test_allocator_reset(&heap);
        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_allocator(options, test_allocate,
                                           test_deallocate, &heap));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_KEEP_LAYERS, 1));
        ck_ok(effnet_config_create_custom(&config, "b0", 0.25, 1.0, SIDE));
        ck_ok(effnet_model_create(&model, config, 5, options));
        ck_ok(effnet_session_create(&session, model, options));
        ck_ok(effnet_session_request(session, maps, 4));
        before = heap.live;
        test_memory_reset();
        status = effnet_session_prepare(session, 1, SIDE, SIDE);
        ck_assert_int_eq(test_memory_count(), 0);
        ck_ok(status);
        ck_assert_int_gt(heap.live, before);
        ck_ok(effnet_session_run(session, input));
        ck_ok(effnet_session_class_map(session, 9, &map));
        effnet_session_free(session);
        effnet_model_release(model);
        ck_assert_int_eq(heap.live, 0);
        effnet_tensor_free(map); /* the caller's own */
        effnet_tensor_free(input);
        effnet_config_free(config);
        effnet_options_free(options);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("prepared");
        TCase *tcase = tcase_create("prepared");

        tcase_add_loop_test(tcase, a_prepared_run_allocates_nothing, 0,
                            2 * WAYS);
        tcase_add_test(tcase, preparing_changes_no_bit);
        tcase_add_test(tcase, fixed_refuses_other_shapes);
        tcase_add_test(tcase, fixed_is_prepared_after_requests);
        tcase_add_test(tcase, fixed_classifies_one_size);
        tcase_add_loop_test(tcase, refuses_to_prepare, 0,
                            2 * (int)(sizeof(bad) / sizeof(bad[0])));
        tcase_add_loop_test(tcase, memory_runs_out_while_preparing, 0, 2);
        tcase_add_test(tcase, prepares_with_the_allocator);
        suite_add_tcase(suite, tcase);
        return test_main(suite);
}
