/* check_many.c: many pictures in one call: as each by itself, whatever its
 * format, and each with a status of its own.
 */
#include "allocator.h"
#include "small.h"
#include "support.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLASSES  10
#define SIDE     TEST_SMALL_SIDE
#define PICTURES 8

static uint8_t pixels[400 * 300 * 4];
static effnet_image *pictures[PICTURES];
static effnet_model *model;

/* From cameras and files: of different sizes and formats. */
static void
set_up(void)
{
        const void *const frame[] = {pixels, pixels + 70 * 48, NULL};
        const void *const yuyv[] = {pixels + 99, NULL, NULL};
        const int64_t frame_strides[] = {70, 70, 0};
        const int64_t yuyv_strides[] = {164, 0, 0};

        for (size_t i = 0; i < sizeof(pixels); i++)
                pixels[i] = (uint8_t)((i * i >> 7) + i / 31);
        ck_ok(effnet_image_wrap(&pictures[0], EFFNET_PIXEL_RGB, 60, 50, pixels,
                                180, NULL, NULL));
        ck_ok(effnet_image_wrap_planes(&pictures[1], EFFNET_PIXEL_NV12, 70, 48,
                                       frame, frame_strides, NULL, NULL));
        ck_ok(effnet_image_wrap(&pictures[2], EFFNET_PIXEL_RGBA, 400, 300,
                                pixels, 1600, NULL, NULL));
        ck_ok(effnet_image_set_region(pictures[2], 201, 17, 99, 180));
        ck_ok(effnet_image_wrap(&pictures[3], EFFNET_PIXEL_GRAY, 41, 90, pixels,
                                41, NULL, NULL));
        ck_ok(effnet_image_wrap(&pictures[4], EFFNET_PIXEL_RGB16, 64, 64,
                                pixels, 384, NULL, NULL));
        ck_ok(effnet_image_wrap_planes(&pictures[5], EFFNET_PIXEL_YUYV, 81, 60,
                                       yuyv, yuyv_strides, NULL, NULL));
        ck_ok(effnet_image_set_region(pictures[5], 11, 3, 60, 51));
        ck_ok(effnet_image_wrap(&pictures[6], EFFNET_PIXEL_BGR, 20, 30,
                                pixels + 5, 60, NULL, NULL));
        pictures[7] = pictures[0]; /* the same once more */
        model = test_small_model(CLASSES, 3, NULL);
}

static void
tear_down(void)
{
        for (int i = 0; i < PICTURES - 1; i++)
                effnet_image_free(pictures[i]);
        effnet_model_release(model);
}

static effnet_session *
session_of(effnet_model *of, int threads, int64_t memory)
{
        effnet_options *options;
        effnet_session *session;

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_THREADS, threads));
        if (memory > 0)
                ck_ok(effnet_options_set_int(
                        options, EFFNET_OPTION_MAX_MEMORY_BYTES, memory));
        ck_ok(effnet_session_create(&session, of, options));
        effnet_options_free(options);
        return session;
}

static effnet_session *
new_session(int threads)
{
        return session_of(model, threads, 0);
}

static const effnet_image *const *
all(void)
{
        return (const effnet_image *const *)pictures;
}

static const int32_t outputs[] = {EFFNET_OUTPUT_LOGITS,
                                  EFFNET_OUTPUT_PROBABILITIES,
                                  EFFNET_OUTPUT_EMBEDDING};

/* Row `index` of an output. */
static const float *
row_of(effnet_session *session, int32_t output, int32_t index, int32_t count,
       size_t *size)
{
        const effnet_tensor *tensor;

        ck_ok(effnet_session_output(session, output, &tensor));
        ck_assert_int_eq(effnet_tensor_dimension(tensor, 0), count);
        *size = (size_t)(effnet_tensor_count(tensor) / count);
        return (const float *)effnet_tensor_const_data(tensor) + index * *size;
}

/* The row is that of the picture run by itself, in every bit. */
static void
expect_row(effnet_session *session, int32_t index, int32_t count,
           const effnet_image *picture)
{
        effnet_session *alone = new_session(1);
        effnet_tensor *input;
        size_t size, same;

        ck_ok(effnet_session_set_preprocess(
                alone, effnet_session_preprocess(session)));
        ck_ok(effnet_preprocess_apply(effnet_session_preprocess(session),
                                      picture, &input));
        ck_ok(effnet_session_run(alone, input));
        for (int i = 0; i < 3; i++) {
                const float *found = row_of(session, outputs[i], index, count,
                                            &size);
                const float *expected = row_of(alone, outputs[i], 0, 1, &same);

                ck_assert_uint_eq(size, same);
                ck_assert_mem_eq(found, expected, size * sizeof(float));
        }
        effnet_tensor_free(input);
        effnet_session_free(alone);
}

static void
expect_nan_row(effnet_session *session, int32_t index, int32_t count)
{
        for (int i = 0; i < 3; i++) {
                size_t size;
                const float *found = row_of(session, outputs[i], index, count,
                                            &size);

                for (size_t k = 0; k < size; k++)
                        ck_assert(isnan(found[k]));
        }
}

static void
no_outputs(effnet_session *session)
{
        const effnet_tensor *tensor;

        ck_fails(effnet_session_output(session, EFFNET_OUTPUT_LOGITS, &tensor),
                 EFFNET_ERROR_STATE);
}

/* ---- as one batch */

START_TEST(rows_are_those_of_each)
{
        static const int threads[] = {1, 2, 3, 16};
        effnet_session *session = new_session(threads[_i]);
        effnet_status statuses[PICTURES];

        for (int round = 0; round < 2; round++) {
                memset(statuses, 77, sizeof(statuses));
                ck_ok(effnet_session_run_images(session, all(), PICTURES,
                                                round == 0 ? statuses : NULL));
                for (int i = 0; i < PICTURES; i++) {
                        expect_row(session, i, PICTURES, pictures[i]);
                        ck_assert(round > 0 || statuses[i] == EFFNET_OK);
                }
        }
        ck_ok(effnet_session_run_images(session, all() + 3, 1, statuses));
        expect_row(session, 0, 1, pictures[3]);
        effnet_session_free(session);
}
END_TEST

START_TEST(bad_ones_fail_alone)
{
        const effnet_image *some[] = {pictures[0], NULL, pictures[1],
                                      pictures[2], NULL};
        effnet_session *session = new_session(_i);
        effnet_status statuses[5];

        ck_fails(effnet_session_run_images(session, some, 5, statuses),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("picture 1: it is NULL");
        for (int i = 0; i < 5; i++) {
                ck_assert_int_eq(statuses[i], some[i] != NULL
                                                      ? EFFNET_OK
                                                      : EFFNET_ERROR_ARGUMENT);
                if (some[i] != NULL)
                        expect_row(session, i, 5, some[i]);
                else
                        expect_nan_row(session, i, 5);
        }
        ck_fails(effnet_session_run_images(session, some + 1, 1, statuses),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("picture 0");
        no_outputs(session);
        effnet_session_free(session);
}
END_TEST

/* Without a crop each has a size of its own: that of the first counts. */
START_TEST(sizes_must_agree)
{
        const effnet_image *some[] = {NULL, pictures[0], pictures[6],
                                      pictures[7]};
        effnet_session *session = new_session(2);
        effnet_preprocess *steps;
        effnet_status statuses[4];

        ck_ok(effnet_preprocess_create(&steps));
        ck_ok(effnet_preprocess_set_resize(steps, 0, 0));
        ck_ok(effnet_preprocess_set_crop(steps, 0, 0));
        ck_ok(effnet_session_set_preprocess(session, steps));
        ck_fails(effnet_session_run_images(session, some + 1, 3, statuses),
                 EFFNET_ERROR_MISMATCH);
        ck_message("picture 1: it is prepared as 30 x 20");
        ck_message("50 x 60");
        ck_assert_int_eq(statuses[0], EFFNET_OK);
        ck_assert_int_eq(statuses[1], EFFNET_ERROR_MISMATCH);
        ck_assert_int_eq(statuses[2], EFFNET_OK);
        expect_row(session, 0, 3, some[1]);
        expect_nan_row(session, 1, 3);
        expect_row(session, 2, 3, some[3]);
        ck_fails(effnet_session_run_images(session, some, 4, statuses),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_int_eq(statuses[2], EFFNET_ERROR_MISMATCH);
        ck_assert_int_eq(statuses[3], EFFNET_OK);
        effnet_preprocess_free(steps);
        effnet_session_free(session);
}
END_TEST

/* Steps that fit no picture fail each, and nothing is run. */
START_TEST(steps_that_do_not_fit)
{
        effnet_session *session = new_session(1);
        effnet_preprocess *steps;
        effnet_status statuses[2];

        ck_ok(effnet_preprocess_create(&steps));
        ck_ok(effnet_preprocess_set_crop(steps, 0, 0));
        ck_ok(effnet_preprocess_set_mode(steps, EFFNET_MODE_CROP_FIRST));
        ck_ok(effnet_session_run_images(session, all(), 2, statuses));
        ck_ok(effnet_session_set_preprocess(session, steps));
        ck_assert_int_ne(effnet_session_run_images(session, all(), 2, statuses),
                         EFFNET_OK);
        ck_message("picture 0: ");
        ck_assert_int_ne(statuses[0], EFFNET_OK);
        ck_assert_int_eq(statuses[0], statuses[1]);
        no_outputs(session);
        effnet_preprocess_free(steps);
        effnet_session_free(session);
}
END_TEST

START_TEST(arguments)
{
        effnet_session *session = new_session(1);
        effnet_status statuses[2] = {1, 1};
        effnet_preprocess *gray;

        ck_fails(effnet_session_run_images(NULL, all(), 2, statuses),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("session is NULL");
        ck_assert_int_eq(statuses[0], EFFNET_ERROR_ARGUMENT);
        ck_assert_int_eq(statuses[1], EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_session_run_images(session, NULL, 2, statuses),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("images is NULL");
        for (int32_t count = -1; count <= 0; count++) {
                ck_fails(effnet_session_run_images(session, all(), count,
                                                   statuses),
                         EFFNET_ERROR_ARGUMENT);
                ck_message("expected 1 or more");
        }
        ck_ok(effnet_preprocess_create(&gray));
        ck_ok(effnet_preprocess_set_int(gray, EFFNET_PREPROCESS_CHANNELS, 1));
        ck_ok(effnet_session_set_preprocess(session, gray));
        ck_fails(effnet_session_run_images(session, all(), 2, statuses),
                 EFFNET_ERROR_MISMATCH);
        ck_assert_int_eq(statuses[1], EFFNET_ERROR_MISMATCH);
        no_outputs(session);
        effnet_preprocess_free(gray);
        effnet_session_free(session);
}
END_TEST

/* ---- what ends a call */

typedef struct asker {
        int asked, stop_at;
} asker;

static int32_t
ask(void *opaque)
{
        asker *self = opaque;

        return self->asked++ == self->stop_at;
}

/* Pictures that had run by then stay, in either way. */
START_TEST(is_cancelled_between)
{
        effnet_session *session = new_session(_i);
        asker self = {0, -1};
        int32_t classes[PICTURES], done = 0;
        effnet_status statuses[PICTURES];
        float scores[PICTURES];
        int asked;

        ck_ok(effnet_session_set_cancel(session, ask, &self));
        ck_ok(effnet_session_run_images(session, all(), PICTURES, NULL));
        asked = self.asked;
        for (int part = 0; part < 4; part++) {
                self = (asker){0, asked * part / 4};
                ck_fails(effnet_session_run_images(session, all(), PICTURES,
                                                   statuses),
                         EFFNET_ERROR_CANCELLED);
                for (done = 0; statuses[done] == EFFNET_OK; done++)
                        expect_row(session, done, PICTURES, pictures[done]);
                ck_assert_int_lt(done, PICTURES);
                for (int i = done; i < PICTURES; i++) {
                        ck_assert_int_eq(statuses[i], EFFNET_ERROR_CANCELLED);
                        if (done > 0)
                                expect_nan_row(session, i, PICTURES);
                }
                if (done == 0)
                        no_outputs(session);
                ck_assert(part == 0 ? done == 0 : done > 0);
        }
        self = (asker){0, asked / 2};
        ck_fails(effnet_session_classify_many(session, all(), PICTURES, 1, NULL,
                                              classes, scores, statuses),
                 EFFNET_ERROR_CANCELLED);
        for (int i = 0; i < PICTURES; i++) {
                ck_assert((statuses[i] == EFFNET_OK) == (classes[i] >= 0));
                ck_assert(statuses[i] == EFFNET_OK ||
                          statuses[i] == EFFNET_ERROR_CANCELLED);
        }
        ck_assert(classes[0] >= 0 && classes[PICTURES - 1] == -1);
        effnet_session_free(session);
}
END_TEST

static effnet_status
fail_later(void *opaque, int32_t count, effnet_job_fn job, void *job_opaque)
{
        int *left = opaque;

        if ((*left)-- == 0)
                return EFFNET_ERROR_INTERNAL;
        for (int32_t i = count; i-- > 0;)
                job(job_opaque, i, i % 2);
        return EFFNET_OK;
}

START_TEST(a_runner_prepares_them)
{
        effnet_session *session = new_session(2);
        effnet_status statuses[PICTURES];
        int left = -1;

        ck_ok(effnet_session_set_runner(session, fail_later, &left));
        ck_ok(effnet_session_run_images(session, all(), PICTURES, statuses));
        ck_assert_int_lt(left, -20);
        for (int i = 0; i < PICTURES; i++)
                expect_row(session, i, PICTURES, pictures[i]);
        left = 0;
        ck_fails(effnet_session_run_images(session, all(), PICTURES, statuses),
                 EFFNET_ERROR_INTERNAL);
        ck_message("runner failed");
        for (int i = 0; i < PICTURES; i++)
                ck_assert_int_eq(statuses[i], EFFNET_ERROR_INTERNAL);
        no_outputs(session);
        effnet_session_free(session);
}
END_TEST

START_TEST(threads_do_not_survive_fork)
{
        effnet_session *session = new_session(2);
        effnet_status statuses[2];
        pid_t child = fork();
        int status;

        if (child == 0) {
                status = effnet_session_run_images(session, all(), 2, statuses);
                _exit(status == EFFNET_ERROR_STATE &&
                                      statuses[0] == EFFNET_ERROR_STATE &&
                                      statuses[1] == EFFNET_ERROR_STATE
                              ? 0
                              : 1);
        }
        waitpid(child, &status, 0);
        ck_assert_int_eq(status, 0);
        effnet_session_free(session);
}
END_TEST

/* ---- classes of each */

START_TEST(classes_are_those_of_each)
{
        enum { K = 3 };

        effnet_session *session = new_session(_i), *alone = new_session(1);
        int32_t classes[PICTURES * K], counts[PICTURES];
        effnet_status statuses[PICTURES];
        float scores[PICTURES * K];

        ck_ok(effnet_session_classify_many(session, all(), PICTURES, K, counts,
                                           classes, scores, statuses));
        for (int i = 0; i < PICTURES; i++) {
                int32_t expected[K], n = K;
                float expected_scores[K];

                ck_ok(effnet_session_classify(alone, pictures[i], &n, expected,
                                              expected_scores));
                ck_assert_int_eq(counts[i], n);
                ck_assert_int_eq(statuses[i], EFFNET_OK);
                ck_assert_mem_eq(classes + i * K, expected, sizeof(expected));
                ck_assert_mem_eq(scores + i * K, expected_scores,
                                 sizeof(expected_scores));
        }
        no_outputs(session);
        effnet_session_free(alone);
        effnet_session_free(session);
}
END_TEST

/* More than there are classes, and none for a picture that fails. */
START_TEST(what_is_left_is_blank)
{
        enum { K = CLASSES + 2 };

        const effnet_image *some[] = {pictures[0], NULL};
        effnet_session *session = new_session(2);
        int32_t classes[2 * K], counts[2];
        effnet_status statuses[2];
        float scores[2 * K], sum = 0;

        ck_fails(effnet_session_classify_many(session, some, 2, K, counts,
                                              classes, scores, statuses),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("picture 1: it is NULL");
        ck_assert_int_eq(counts[0], CLASSES);
        ck_assert_int_eq(counts[1], 0);
        ck_assert_int_eq(statuses[0], EFFNET_OK);
        ck_assert_int_eq(statuses[1], EFFNET_ERROR_ARGUMENT);
        for (int i = 0; i < 2 * K; i++) {
                if (i < CLASSES) {
                        sum += scores[i];
                        continue;
                }
                ck_assert_int_eq(classes[i], -1);
                ck_assert(isnan(scores[i]));
        }
        ck_assert_float_eq_tol(sum, 1, 1e-5F);
        ck_ok(effnet_session_classify_many(session, some, 1, K, NULL, classes,
                                           scores, NULL));
        effnet_session_free(session);
}
END_TEST

START_TEST(classify_arguments)
{
        effnet_session *session = new_session(1);
        const int32_t embedding = EFFNET_OUTPUT_EMBEDDING;
        effnet_status statuses[2];
        int32_t classes[2];
        float scores[2];

        ck_fails(effnet_session_classify_many(NULL, all(), 2, 1, NULL, classes,
                                              scores, statuses),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("session is NULL");
        ck_assert_int_eq(classes[1], -1);
        ck_assert_int_eq(statuses[1], EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_session_classify_many(session, NULL, 2, 1, NULL,
                                              classes, scores, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("images is NULL");
        ck_fails(effnet_session_classify_many(session, all(), 0, 1, NULL,
                                              classes, scores, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("count is 0");
        ck_fails(effnet_session_classify_many(session, all(), 2, 0, NULL,
                                              classes, scores, statuses),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("k is 0");
        ck_fails(effnet_session_classify_many(session, all(), 2, 1, NULL, NULL,
                                              scores, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("classes is NULL");
        ck_fails(effnet_session_classify_many(session, all(), 2, 1, NULL,
                                              classes, NULL, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("scores is NULL");
        ck_ok(effnet_session_request(session, &embedding, 1));
        ck_fails(effnet_session_classify_many(session, all(), 2, 1, NULL,
                                              classes, scores, statuses),
                 EFFNET_ERROR_STATE);
        ck_assert_int_eq(statuses[0], EFFNET_ERROR_STATE);
        ck_ok(effnet_session_run_images(session, all(), 2, statuses));
        effnet_session_free(session);
}
END_TEST

/* ---- fixed sessions */

START_TEST(fixed_to_a_batch)
{
        effnet_options *options;
        effnet_session *session;
        int32_t classes[2];
        float scores[2];

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_FIXED, 1));
        ck_ok(effnet_session_create(&session, model, options));
        ck_fails(effnet_session_run_images(session, all(), 2, NULL),
                 EFFNET_ERROR_STATE);
        ck_ok(effnet_session_prepare(session, 2, SIDE, SIDE));
        ck_ok(effnet_session_run_images(session, all(), 2, NULL));
        expect_row(session, 1, 2, pictures[1]);
        ck_fails(effnet_session_run_images(session, all(), 3, NULL),
                 EFFNET_ERROR_MISMATCH);
        ck_fails(effnet_session_classify_many(session, all(), 2, 1, NULL,
                                              classes, scores, NULL),
                 EFFNET_ERROR_MISMATCH);
        ck_ok(effnet_session_prepare(session, 1, SIDE, SIDE));
        ck_ok(effnet_session_classify_many(session, all(), 2, 1, NULL, classes,
                                           scores, NULL));
        effnet_session_free(session);
        effnet_options_free(options);
}
END_TEST

/* ---- memory */

static test_allocator heap;

static effnet_model *
counted_model(void)
{
        effnet_options *options = test_allocator_options(&heap);
        effnet_model *made;

        test_allocator_reset(&heap);
        made = test_small_model(CLASSES, 3, options);
        effnet_options_free(options);
        return made;
}

/* The most that is in use while so many pictures are classified, and the bytes
 * of the arena.  What preparing needs for a while is that of one picture: a
 * runner takes them in turns.
 */
static size_t
peak_of(effnet_model *counted, int threads, int64_t memory, int32_t count,
        int64_t *arena)
{
        enum { MANY = 40 };

        effnet_session *session = session_of(counted, threads, memory);
        const effnet_image *same[MANY];
        int32_t classes[MANY];
        effnet_preprocess *steps;
        float scores[MANY];
        int left = -1;

        for (int i = 0; i < MANY; i++)
                same[i] = pictures[0];
        ck_ok(effnet_session_set_runner(session, fail_later, &left));
        ck_ok(effnet_preprocess_create(&steps));
        ck_ok(effnet_session_set_preprocess(session, steps));
        heap.peak = 0;
        ck_ok(effnet_session_classify_many(session, same, count, 1, NULL,
                                           classes, scores, NULL));
        ck_ok(effnet_session_plan_get_int(session, EFFNET_PLAN_ARENA_BYTES,
                                          arena));
        effnet_preprocess_free(steps);
        effnet_session_free(session);
        return heap.peak;
}

/* A limit that the arena just keeps leaves no room for as many inputs. */
START_TEST(memory_does_not_grow_with_pictures)
{
        const size_t input = sizeof(float) * 3 * 224 * 224;
        effnet_model *counted = counted_model();
        int64_t arena;
        size_t two = peak_of(counted, 1, 0, 2, &arena), many, limited, rooms;

        ck_assert_uint_eq(peak_of(counted, 1, 0, 40, &arena), two);
        many = peak_of(counted, 16, 0, 40, &arena);
        ck_assert_uint_gt(many, two + 15 * input);
        rooms = (size_t)arena / input;
        ck_assert(rooms > 0 && rooms < 16);
        limited = peak_of(counted, 16, arena, 40, &arena);
        ck_assert_uint_le(limited, many - (16 - rooms) * input);
        effnet_model_release(counted);
        ck_assert_int_eq(heap.live, 0);
}
END_TEST

/* Each allocation fails in turn: it is a picture's failure or the call's. */
START_TEST(runs_out_of_memory)
{
        effnet_model *counted = counted_model();
        effnet_status status = EFFNET_ERROR_MEMORY;
        int some = 0;
        long n;

        for (n = 0; status == EFFNET_ERROR_MEMORY && n < 400; n++) {
                effnet_session *session = session_of(counted, _i, 0);
                effnet_status statuses[PICTURES];
                int good = 0;

                heap.calls = 0;
                heap.fail_at = n;
                status = effnet_session_run_images(session, all(), PICTURES,
                                                   statuses);
                heap.fail_at = -1;
                for (int i = 0; i < PICTURES; i++) {
                        ck_assert(statuses[i] == EFFNET_OK ||
                                  statuses[i] == EFFNET_ERROR_MEMORY);
                        good += statuses[i] == EFFNET_OK;
                }
                for (int i = 0; i < PICTURES && good > 0 && n % 8 == 0; i++)
                        if (statuses[i] == EFFNET_OK)
                                expect_row(session, i, PICTURES, pictures[i]);
                        else
                                expect_nan_row(session, i, PICTURES);
                ck_assert((status == EFFNET_OK) == (good == PICTURES));
                if (status != EFFNET_OK)
                        ck_message("out of memory");
                some += good > 0 && good < PICTURES;
                effnet_session_free(session);
        }
        ck_ok(status);
        ck_assert_int_gt(n, 10);
        ck_assert_int_gt(some, 5);
        effnet_model_release(counted);
        ck_assert_int_eq(heap.live, 0);
}
END_TEST

static Suite *
suite(void)
{
        Suite *made = suite_create("many");
        TCase *tests = tcase_create("many");

        tcase_add_checked_fixture(tests, set_up, tear_down);
        tcase_add_loop_test(tests, rows_are_those_of_each, 0, 4);
        tcase_add_loop_test(tests, bad_ones_fail_alone, 1, 4);
        tcase_add_test(tests, sizes_must_agree);
        tcase_add_test(tests, steps_that_do_not_fit);
        tcase_add_test(tests, arguments);
        tcase_add_loop_test(tests, is_cancelled_between, 1, 4);
        tcase_add_test(tests, a_runner_prepares_them);
        tcase_add_test(tests, threads_do_not_survive_fork);
        tcase_add_loop_test(tests, classes_are_those_of_each, 1, 4);
        tcase_add_test(tests, what_is_left_is_blank);
        tcase_add_test(tests, classify_arguments);
        tcase_add_test(tests, fixed_to_a_batch);
        tcase_add_test(tests, memory_does_not_grow_with_pictures);
        tcase_add_loop_test(tests, runs_out_of_memory, 1, 3);
        suite_add_tcase(made, tests);
        return made;
}

int
main(void)
{
        return test_main(suite());
}
