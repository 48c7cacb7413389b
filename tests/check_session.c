/* check_session.c: the exported session functions, and each of their errors.
 */
#include "memory.h"
#include "small.h"
#include "support.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLASSES 10
#define SIDE    TEST_SMALL_SIDE

static const int64_t shape[4] = {2, 3, SIDE, SIDE};

static effnet_session *
new_session(const effnet_options *options)
{
        effnet_model *model = test_small_model(CLASSES, 3, options);
        effnet_session *session;

        ck_ok(effnet_session_create(&session, model, options));
        effnet_model_release(model); /* the session holds its own */
        return session;
}

START_TEST(creates)
{
        effnet_model *model = test_small_model(CLASSES, 3, NULL);
        effnet_session *session;

        ck_fails(effnet_session_create(NULL, model, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("session is NULL");
        ck_fails(effnet_session_create(&session, NULL, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("model is NULL");
        ck_assert_ptr_null(session);
        ck_ok(effnet_session_create(&session, model, NULL));
        effnet_session_free(session);
        effnet_session_free(NULL);
        effnet_model_release(model);
}
END_TEST

START_TEST(creates_or_runs_out_of_memory)
{
        effnet_model *model = test_small_model(CLASSES, 3, NULL);
        effnet_options *options;
        effnet_session *session;
        effnet_status status = EFFNET_ERROR_MEMORY;
        long n;

        ck_ok(effnet_options_create(&options));
        for (n = 0; n < 10 && status != EFFNET_OK; n++) {
                test_memory_fail(n, _i);
                status = effnet_session_create(&session, model, options);
                test_memory_reset();
                if (status == EFFNET_OK)
                        break;
                ck_assert_int_eq(status, EFFNET_ERROR_MEMORY);
                ck_assert_ptr_null(session);
        }
        ck_assert_int_ge(n, 2);
        ck_assert_int_eq(status, EFFNET_OK);
        effnet_session_free(session);
        effnet_options_free(options);
        effnet_model_release(model);
}
END_TEST

START_TEST(keeps_its_preprocessing)
{
        effnet_model *model = test_small_model(CLASSES, 3, NULL);
        effnet_preprocess *mine;
        effnet_session *session;
        int32_t height, width, own;

        ck_ok(effnet_session_create(&session, model, NULL));
        ck_ok(effnet_preprocess_get_crop(effnet_model_preprocess(model), &own,
                                         &width));
        ck_ok(effnet_preprocess_create(&mine));
        ck_ok(effnet_preprocess_set_crop(mine, own + 3, own + 4));
        ck_ok(effnet_session_set_preprocess(session, mine));
        effnet_preprocess_free(mine); /* it has a copy */
        ck_ok(effnet_preprocess_get_crop(effnet_session_preprocess(session),
                                         &height, &width));
        ck_assert_int_eq(height, own + 3);
        ck_assert_int_eq(width, own + 4);
        ck_ok(effnet_session_set_preprocess(session, NULL));
        ck_ok(effnet_preprocess_get_crop(effnet_session_preprocess(session),
                                         &height, &width));
        ck_assert_int_eq(height, own);
        ck_fails(effnet_session_set_preprocess(NULL, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_ptr_null(effnet_session_preprocess(NULL));
        effnet_session_free(session);
        effnet_model_release(model);
}
END_TEST

static void
expect_no_output(effnet_session *session)
{
        const effnet_tensor *tensor;

        ck_fails(effnet_session_output(session, EFFNET_OUTPUT_EMBEDDING,
                                       &tensor),
                 EFFNET_ERROR_STATE);
        ck_assert_ptr_null(tensor);
}

static void
refuse_run(effnet_session *session, int32_t type, int32_t rank,
           const int64_t *dimensions, effnet_status expected, const char *text)
{
        effnet_tensor *bad, *good = test_small_input(shape);

        ck_ok(effnet_session_run(session, good));
        ck_ok(effnet_tensor_create(&bad, type, rank, dimensions));
        ck_fails(effnet_session_run(session, bad), expected);
        ck_message(text);
        expect_no_output(session);
        effnet_tensor_free(bad);
        effnet_tensor_free(good);
}

START_TEST(refuses_inputs)
{
        static const int64_t four[] = {1, 4, SIDE, SIDE};
        static const int64_t none[] = {0, 3, SIDE, SIDE};
        static const int64_t empty[] = {1, 3, 0, SIDE};
        effnet_session *session = new_session(NULL);
        effnet_tensor *good = test_small_input(shape);

        expect_no_output(session);
        refuse_run(session, EFFNET_TYPE_U8, 4, shape, EFFNET_ERROR_MISMATCH,
                   "float32");
        refuse_run(session, EFFNET_TYPE_F32, 3, shape, EFFNET_ERROR_MISMATCH,
                   "3 dimensions");
        refuse_run(session, EFFNET_TYPE_F32, 4, four, EFFNET_ERROR_MISMATCH,
                   "4 channels");
        refuse_run(session, EFFNET_TYPE_F32, 4, none, EFFNET_ERROR_ARGUMENT,
                   "0 images");
        refuse_run(session, EFFNET_TYPE_F32, 4, empty, EFFNET_ERROR_ARGUMENT,
                   "0 x 40");
        ck_fails(effnet_session_run(NULL, good), EFFNET_ERROR_ARGUMENT);
        ck_ok(effnet_session_run(session, good));
        ck_fails(effnet_session_run(session, NULL), EFFNET_ERROR_ARGUMENT);
        expect_no_output(session);
        effnet_tensor_free(good);
        effnet_session_free(session);
}
END_TEST

START_TEST(gives_outputs)
{
        effnet_session *session = new_session(NULL);
        effnet_tensor *input = test_small_input(shape);
        const effnet_tensor *tensor;
        float copy[2 * CLASSES];
        size_t written = 1;

        ck_ok(effnet_session_run(session, input));
        ck_ok(effnet_session_output(session, EFFNET_OUTPUT_LOGITS, &tensor));
        ck_assert_int_eq(effnet_tensor_rank(tensor), 2);
        ck_assert_int_eq(effnet_tensor_dimension(tensor, 0), 2);
        ck_assert_int_eq(effnet_tensor_dimension(tensor, 1), CLASSES);
        ck_ok(effnet_session_copy_output(session, EFFNET_OUTPUT_LOGITS, copy,
                                         2 * CLASSES, &written));
        ck_assert_uint_eq(written, 2 * CLASSES);
        ck_assert_mem_eq(copy, effnet_tensor_const_data(tensor), sizeof(copy));
        ck_ok(effnet_session_copy_output(session, EFFNET_OUTPUT_PROBABILITIES,
                                         copy, 2 * CLASSES, NULL));
        ck_fails(effnet_session_copy_output(session, EFFNET_OUTPUT_LOGITS, copy,
                                            2 * CLASSES - 1, &written),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("20 floats do not fit into 19");
        ck_assert_uint_eq(written, 0);
        ck_fails(effnet_session_copy_output(session, EFFNET_OUTPUT_LOGITS, NULL,
                                            2 * CLASSES, &written),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_session_copy_output(NULL, EFFNET_OUTPUT_LOGITS, copy,
                                            2 * CLASSES, &written),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_session_output(session, 17, &tensor),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("unknown output 17");
        ck_assert_ptr_null(tensor);
        ck_fails(effnet_session_output(session, EFFNET_OUTPUT_LOGITS, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_session_output(NULL, EFFNET_OUTPUT_LOGITS, &tensor),
                 EFFNET_ERROR_ARGUMENT);
        effnet_tensor_free(input);
        effnet_session_free(session);
}
END_TEST

START_TEST(classifies_as_its_parts_do)
{
        effnet_session *session = new_session(NULL);
        effnet_image *image = test_small_image();
        effnet_tensor *input;
        int32_t found[3], expected[3], n = 3, m = 3;
        float scores[3], p[CLASSES], expected_scores[3];

        ck_ok(effnet_session_classify(session, image, &n, found, scores));
        ck_assert_int_eq(n, 3);
        ck_ok(effnet_preprocess_apply(effnet_session_preprocess(session), image,
                                      &input));
        ck_ok(effnet_session_run(session, input));
        ck_ok(effnet_session_copy_output(session, EFFNET_OUTPUT_LOGITS, p,
                                         CLASSES, NULL));
        ck_ok(effnet_softmax(p, CLASSES, p));
        ck_ok(effnet_top_k(p, CLASSES, &m, expected, expected_scores));
        ck_assert_mem_eq(found, expected, sizeof(found));
        ck_assert_mem_eq(scores, expected_scores, sizeof(scores));
        effnet_tensor_free(input);
        effnet_image_free(image);
        effnet_session_free(session);
}
END_TEST

START_TEST(classify_caps_the_count)
{
        effnet_session *session = new_session(NULL);
        effnet_image *image = test_small_image();
        int32_t classes[CLASSES + 5], n = CLASSES + 5;
        float scores[CLASSES + 5], sum = 0;
        const effnet_tensor *tensor;

        ck_ok(effnet_session_classify(session, image, &n, classes, scores));
        ck_assert_int_eq(n, CLASSES);
        for (int i = 0; i < n; i++)
                sum += scores[i];
        ck_assert_float_eq_tol(sum, 1, 1e-5F);
        ck_ok(effnet_session_output(session, EFFNET_OUTPUT_EMBEDDING, &tensor));
        ck_assert_int_eq(effnet_tensor_dimension(tensor, 0), 1);
        effnet_image_free(image);
        effnet_session_free(session);
}
END_TEST

START_TEST(classify_refuses)
{
        effnet_session *session = new_session(NULL);
        effnet_image *image = test_small_image();
        int32_t classes[2], n = 2;
        float scores[2];

        ck_fails(effnet_session_classify(session, image, NULL, classes, scores),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_session_classify(NULL, image, &n, classes, scores),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_int_eq(n, 0);
        ck_fails(effnet_session_classify(session, image, &n, classes, scores),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("count is 0");
        n = 2;
        ck_fails(effnet_session_classify(session, NULL, &n, classes, scores),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_int_eq(n, 0);
        n = 2;
        ck_fails(effnet_session_classify(session, image, &n, NULL, scores),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("classes is NULL");
        n = 2;
        ck_fails(effnet_session_classify(session, image, &n, classes, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("scores is NULL");
        ck_assert_int_eq(n, 0);
        effnet_image_free(image);
        effnet_session_free(session);
}
END_TEST

/* A model that does not take pictures, or knows no classes. */
static void
expect_unfit(int32_t classes, int32_t channels, effnet_status expected,
             const char *text)
{
        effnet_model *model = test_small_model(classes, channels, NULL);
        effnet_image *image = test_small_image();
        effnet_session *session;
        int32_t found[2], n = 2;
        float scores[2];

        ck_ok(effnet_session_create(&session, model, NULL));
        ck_fails(effnet_session_classify(session, image, &n, found, scores),
                 expected);
        ck_message(text);
        ck_assert_int_eq(n, 0);
        expect_no_output(session);
        effnet_image_free(image);
        effnet_session_free(session);
        effnet_model_release(model);
}

/* The tensor is made here by the formula, and run by itself. */
START_TEST(gray_pictures_fit_a_model_of_one_channel)
{
        static uint8_t pixels[SIDE * SIDE];
        const int64_t gray[4] = {1, 1, SIDE, SIDE};
        effnet_model *model = test_small_model(CLASSES, 1, NULL);
        effnet_tensor *tensor;
        effnet_preprocess *steps;
        effnet_session *session;
        effnet_image *image;
        float mean[3], std[3], scores[CLASSES], expected[CLASSES];
        int32_t found[CLASSES], n = CLASSES;

        ck_ok(effnet_tensor_create(&tensor, EFFNET_TYPE_F32, 4, gray));
        ck_ok(effnet_preprocess_copy(&steps, effnet_model_preprocess(model)));
        ck_ok(effnet_preprocess_get_mean_std(steps, mean, std));
        for (int i = 0; i < SIDE * SIDE; i++) {
                pixels[i] = (uint8_t)(i * i >> 5);
                ((float *)effnet_tensor_data(tensor))[i] =
                        ((float)pixels[i] / 255 - mean[0]) / std[0];
        }
        ck_ok(effnet_preprocess_set_resize(steps, 0, 0));
        ck_ok(effnet_preprocess_set_crop(steps, SIDE, SIDE));
        ck_ok(effnet_image_wrap(&image, EFFNET_PIXEL_GRAY, SIDE, SIDE, pixels,
                                SIDE, NULL, NULL));
        ck_ok(effnet_session_create(&session, model, NULL));
        ck_ok(effnet_session_set_preprocess(session, steps));
        ck_ok(effnet_session_classify(session, image, &n, found, scores));
        ck_assert_int_eq(n, CLASSES);
        ck_ok(effnet_session_run(session, tensor));
        ck_ok(effnet_session_copy_output(session, EFFNET_OUTPUT_PROBABILITIES,
                                         expected, CLASSES, NULL));
        for (int i = 0; i < CLASSES; i++)
                ck_assert(scores[i] == expected[found[i]]);
        effnet_session_free(session);
        effnet_image_free(image);
        effnet_preprocess_free(steps);
        effnet_tensor_free(tensor);
        effnet_model_release(model);
}
END_TEST

START_TEST(classify_needs_a_fit_model)
{
        expect_unfit(CLASSES, 4, EFFNET_ERROR_MISMATCH, "takes 4 channels");
        expect_unfit(0, 3, EFFNET_ERROR_STATE, "no classifier");
}
END_TEST

/* Steps that are each allowed, but not together. */
START_TEST(classify_passes_on_preprocessing)
{
        effnet_session *session = new_session(NULL);
        effnet_image *image = test_small_image();
        effnet_preprocess *steps;
        effnet_tensor *tensor;
        effnet_status status;
        int32_t classes[2], n = 2;
        float scores[2];

        ck_ok(effnet_preprocess_create(&steps));
        ck_ok(effnet_preprocess_set_crop(steps, 0, 0));
        ck_ok(effnet_preprocess_set_mode(steps, EFFNET_MODE_CROP_FIRST));
        ck_ok(effnet_session_set_preprocess(session, steps));
        status = effnet_preprocess_apply(steps, image, &tensor);
        ck_assert_int_ne(status, EFFNET_OK);
        ck_fails(effnet_session_classify(session, image, &n, classes, scores),
                 status);
        ck_assert_int_eq(n, 0);
        expect_no_output(session);
        effnet_preprocess_free(steps);
        effnet_image_free(image);
        effnet_session_free(session);
}
END_TEST

START_TEST(classify_runs_out_of_memory)
{
        effnet_model *model = test_small_model(CLASSES, 3, NULL);
        effnet_image *image = test_small_image();
        effnet_session *session;
        effnet_status status = EFFNET_ERROR_MEMORY;
        int32_t classes[2], count;
        float scores[2];
        long n;

        for (n = 0; n < 100 && status != EFFNET_OK; n++) {
                ck_ok(effnet_session_create(&session, model, NULL));
                count = 2;
                test_memory_fail(n, _i);
                status = effnet_session_classify(session, image, &count,
                                                 classes, scores);
                test_memory_reset();
                if (status != EFFNET_OK) {
                        ck_assert_int_eq(status, EFFNET_ERROR_MEMORY);
                        ck_assert_int_eq(count, 0);
                        expect_no_output(session);
                }
                effnet_session_free(session);
        }
        ck_assert_int_ge(n, 5);
        ck_assert_int_eq(status, EFFNET_OK);
        effnet_image_free(image);
        effnet_model_release(model);
}
END_TEST

static effnet_session *
new_session_with(int32_t key, int64_t value)
{
        effnet_options *options;
        effnet_session *session;

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, key, value));
        session = new_session(options);
        effnet_options_free(options);
        return session;
}

START_TEST(threads_give_the_same_bits)
{
        effnet_session *one = new_session(NULL);
        effnet_session *three = new_session_with(EFFNET_OPTION_THREADS, 3);
        effnet_tensor *input = test_small_input(shape);
        float a[2 * CLASSES], b[2 * CLASSES];

        ck_ok(effnet_session_run(one, input));
        ck_ok(effnet_session_run(three, input));
        ck_ok(effnet_session_copy_output(one, EFFNET_OUTPUT_LOGITS, a,
                                         2 * CLASSES, NULL));
        ck_ok(effnet_session_copy_output(three, EFFNET_OUTPUT_LOGITS, b,
                                         2 * CLASSES, NULL));
        ck_assert_mem_eq(a, b, sizeof(a));
        effnet_tensor_free(input);
        effnet_session_free(one);
        effnet_session_free(three);
}
END_TEST

START_TEST(instruction_sets_agree)
{
        effnet_session *best = new_session(NULL);
        effnet_session *portable = new_session_with(
                EFFNET_OPTION_INSTRUCTION_SET, EFFNET_ISA_PORTABLE);
        effnet_tensor *input = test_small_input(shape);
        float a[2 * CLASSES], b[2 * CLASSES];

        ck_ok(effnet_session_run(best, input));
        ck_ok(effnet_session_run(portable, input));
        ck_ok(effnet_session_copy_output(best, EFFNET_OUTPUT_LOGITS, a,
                                         2 * CLASSES, NULL));
        ck_ok(effnet_session_copy_output(portable, EFFNET_OUTPUT_LOGITS, b,
                                         2 * CLASSES, NULL));
        ck_assert(test_relative_difference(a, b, 2 * CLASSES) <= 2e-5);
        effnet_tensor_free(input);
        effnet_session_free(best);
        effnet_session_free(portable);
}
END_TEST

/* What a thread works on, and what it found. */
typedef struct worker {
        effnet_model *model;
        const effnet_tensor *input;
        float logits[2 * CLASSES];
        effnet_status status;
} worker;

static void *
work(void *argument)
{
        worker *w = argument;
        effnet_session *session;

        w->status = effnet_session_create(&session, w->model, NULL);
        for (int i = 0; i < 3 && w->status == EFFNET_OK; i++)
                w->status = effnet_session_run(session, w->input);
        if (w->status == EFFNET_OK)
                w->status = effnet_session_copy_output(
                        session, EFFNET_OUTPUT_LOGITS, w->logits, 2 * CLASSES,
                        NULL);
        effnet_session_free(session);
        return NULL;
}

START_TEST(a_model_serves_many_threads)
{
        effnet_model *model = test_small_model(CLASSES, 3, NULL);
        effnet_tensor *input = test_small_input(shape);
        pthread_t handles[3];
        worker workers[3];

        for (int i = 0; i < 3; i++) {
                workers[i].model = model;
                workers[i].input = input;
                ck_assert(pthread_create(&handles[i], NULL, work,
                                         &workers[i]) == 0);
        }
        for (int i = 0; i < 3; i++) {
                pthread_join(handles[i], NULL);
                ck_assert_int_eq(workers[i].status, EFFNET_OK);
                ck_assert_mem_eq(workers[i].logits, workers[0].logits,
                                 sizeof(workers[0].logits));
        }
        effnet_tensor_free(input);
        effnet_model_release(model);
}
END_TEST

/* The model and a session without threads survive fork; one with threads says
 * so.
 */
START_TEST(fork_of_a_session)
{
        effnet_session *session = new_session_with(EFFNET_OPTION_THREADS, _i);
        effnet_tensor *input = test_small_input(shape);
        int status;
        pid_t child;

        ck_ok(effnet_session_run(session, input));
        child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) {
                effnet_status found = effnet_session_run(session, input);

                effnet_session_free(session);
                _exit(found == (_i > 1 ? EFFNET_ERROR_STATE : EFFNET_OK) ? 0
                                                                         : 1);
        }
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        effnet_tensor_free(input);
        effnet_session_free(session);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("session");
        TCase *handle = tcase_create("handle");
        TCase *run = tcase_create("run");
        TCase *classify = tcase_create("classify");

        tcase_add_test(handle, creates);
        tcase_add_loop_test(handle, creates_or_runs_out_of_memory, 0, 2);
        tcase_add_test(handle, keeps_its_preprocessing);
        suite_add_tcase(suite, handle);
        tcase_add_test(run, refuses_inputs);
        tcase_add_test(run, gives_outputs);
        tcase_add_test(run, threads_give_the_same_bits);
        tcase_add_test(run, instruction_sets_agree);
        tcase_add_test(run, a_model_serves_many_threads);
        tcase_add_loop_test(run, fork_of_a_session, 1, 3);
        suite_add_tcase(suite, run);
        tcase_add_test(classify, classifies_as_its_parts_do);
        tcase_add_test(classify, classify_caps_the_count);
        tcase_add_test(classify, classify_refuses);
        tcase_add_test(classify, classify_needs_a_fit_model);
        tcase_add_test(classify, gray_pictures_fit_a_model_of_one_channel);
        tcase_add_test(classify, classify_passes_on_preprocessing);
        tcase_add_loop_test(classify, classify_runs_out_of_memory, 0, 2);
        suite_add_tcase(suite, classify);
        return test_main(suite);
}
