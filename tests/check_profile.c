/* check_profile.c: what a session tells of its plan and of its times. */
#include "base/clock.h"
#include "memory.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

#define SIDE 64

typedef struct fixture {
        effnet_model *model;
        effnet_session *session;
        effnet_tensor *input;
        effnet_summary *summary;
} fixture;

/* A narrow network that has run a batch of 2. */
static fixture
ready(const char *name, int64_t threads, int64_t profile)
{
        const int64_t shape[4] = {2, 3, SIDE, SIDE + 1};
        effnet_options *options;
        effnet_config *config;
        fixture f;

        ck_ok(effnet_config_create_custom(&config, name, 0.25, 0.5, SIDE));
        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_THREADS, threads));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_PROFILE, profile));
        ck_ok(effnet_model_create(&f.model, config, 1, options));
        ck_ok(effnet_session_create(&f.session, f.model, options));
        ck_ok(effnet_tensor_create(&f.input, EFFNET_TYPE_F32, 4, shape));
        ck_ok(effnet_session_run(f.session, f.input));
        ck_ok(effnet_summary_create(&f.summary, config, SIDE, SIDE + 1));
        effnet_options_free(options);
        effnet_config_free(config);
        return f;
}

static void
clear(fixture *f)
{
        effnet_summary_free(f->summary);
        effnet_tensor_free(f->input);
        effnet_session_free(f->session);
        effnet_model_release(f->model);
}

static int64_t
of_plan(const fixture *f, int32_t key)
{
        int64_t value;

        ck_ok(effnet_session_plan_get_int(f->session, key, &value));
        return value;
}

static int64_t
of_step(const fixture *f, int64_t step, int32_t key)
{
        int64_t value;

        ck_ok(effnet_session_step_get_int(f->session, (int32_t)step, key,
                                          &value));
        return value;
}

static int64_t
of_buffer(const fixture *f, int64_t buffer, int32_t key)
{
        int64_t value;

        ck_ok(effnet_session_buffer_get_int(f->session, (int32_t)buffer, key,
                                            &value));
        return value;
}

static const char *const names[] = {"b0", "efficientnet_lite0", "v2_s",
                                    "gc_efficientnetv2_rw_t"};
#define NAMES ((int)(sizeof(names) / sizeof(names[0])))

/* The layers of all steps are the summary's, each once and in order, with
 * their multiply-adds; all weights are some step's.
 */
START_TEST(steps_are_the_layers)
{
        fixture f = ready(names[_i % NAMES], 1 + _i / NAMES, 0);
        int32_t layer = 0;
        int64_t macs = 0, bytes = 0;

        ck_assert_int_eq(of_plan(&f, EFFNET_PLAN_HEIGHT), SIDE);
        ck_assert_int_eq(of_plan(&f, EFFNET_PLAN_WIDTH), SIDE + 1);
        ck_assert_int_eq(of_plan(&f, EFFNET_PLAN_BATCH), 2);
        ck_assert_int_eq(of_plan(&f, EFFNET_PLAN_THREADS), 1 + _i / NAMES);
        for (int64_t i = 0; i < of_plan(&f, EFFNET_PLAN_STEPS); i++) {
                int64_t layers = of_step(&f, i, EFFNET_STEP_LAYERS);

                ck_assert_int_ge(layers, 1);
                ck_assert_ptr_nonnull(
                        effnet_session_step_kind(f.session, (int32_t)i));
                for (int32_t j = 0; j < layers; j++, layer++)
                        ck_assert_str_eq(
                                effnet_session_step_layer(f.session, (int32_t)i,
                                                          j),
                                effnet_summary_layer_name(f.summary, layer));
                ck_assert_ptr_null(effnet_session_step_layer(
                        f.session, (int32_t)i, (int32_t)layers));
                macs += of_step(&f, i, EFFNET_STEP_MACS);
                bytes += of_step(&f, i, EFFNET_STEP_WEIGHT_BYTES);
        }
        ck_assert_str_eq(
                effnet_session_step_kind(
                        f.session, (int32_t)of_plan(&f, EFFNET_PLAN_STEPS) - 1),
                "linear");
        ck_assert_int_eq(layer, effnet_summary_layer_count(f.summary));
        ck_assert_int_eq(macs, effnet_summary_macs(f.summary));
        ck_assert_int_eq(bytes, of_plan(&f, EFFNET_PLAN_WEIGHT_BYTES));
        clear(&f);
}
END_TEST

static bool
overlap(const fixture *f, int64_t a, int64_t b, int32_t begin, int32_t size)
{
        int64_t from_a = of_buffer(f, a, begin),
                from_b = of_buffer(f, b, begin);

        return from_a < from_b + of_buffer(f, b, size) &&
               from_b < from_a + of_buffer(f, a, size);
}

static bool
live_together(const fixture *f, int64_t a, int64_t b)
{
        return of_buffer(f, a, EFFNET_BUFFER_FIRST) <=
                       of_buffer(f, b, EFFNET_BUFFER_LAST) &&
               of_buffer(f, b, EFFNET_BUFFER_FIRST) <=
                       of_buffer(f, a, EFFNET_BUFFER_LAST);
}

START_TEST(buffers_that_live_at_once_lie_apart)
{
        fixture f = ready(names[_i % NAMES], 1 + _i / NAMES, 0);
        int64_t count = of_plan(&f, EFFNET_PLAN_BUFFERS), end = 0;

        for (int64_t i = 0; i < count; i++) {
                int64_t offset = of_buffer(&f, i, EFFNET_BUFFER_OFFSET);
                int64_t bytes = of_buffer(&f, i, EFFNET_BUFFER_BYTES);

                ck_assert_int_gt(bytes, 0);
                if (offset + bytes > end)
                        end = offset + bytes;
                for (int64_t j = 0; j < i; j++)
                        ck_assert(!live_together(&f, i, j) ||
                                  !overlap(&f, i, j, EFFNET_BUFFER_OFFSET,
                                           EFFNET_BUFFER_BYTES));
        }
        ck_assert_int_gt(count, 10);
        ck_assert_int_eq(end, of_plan(&f, EFFNET_PLAN_ARENA_BYTES));
        clear(&f);
}
END_TEST

/* A step works on what another one made before it, or on the image, and only
 * while it lives.
 */
START_TEST(steps_work_on_living_buffers)
{
        fixture f = ready(names[_i % NAMES], 1 + _i / NAMES, 0);
        int64_t steps = of_plan(&f, EFFNET_PLAN_STEPS);
        int64_t value = -1;

        for (int64_t i = 0; i < steps; i++) {
                ck_assert_int_eq(of_step(&f, i, EFFNET_STEP_INPUT), value);
                value = of_step(&f, i, EFFNET_STEP_OUTPUT);
                ck_assert_int_ge(value, 0);
                for (int32_t key = EFFNET_STEP_INPUT;
                     key <= EFFNET_STEP_SCRATCH; key++) {
                        int64_t buffer = of_step(&f, i, key);

                        ck_assert_int_ge(buffer, -1);
                        if (buffer < 0)
                                continue;
                        ck_assert_int_le(
                                of_buffer(&f, buffer, EFFNET_BUFFER_FIRST), i);
                        ck_assert_int_ge(
                                of_buffer(&f, buffer, EFFNET_BUFFER_LAST), i);
                }
        }
        ck_assert_int_eq(of_buffer(&f, value, EFFNET_BUFFER_LAST), steps - 1);
        clear(&f);
}
END_TEST

/* Rows, rings and groups of a step in strips fit the layer's shape. */
START_TEST(strips_cover_the_rows)
{
        fixture f = ready(names[_i % NAMES], 1 + _i / NAMES, 0);
        int32_t found = 0, layer = 0;

        for (int64_t i = 0; i < of_plan(&f, EFFNET_PLAN_STEPS); i++) {
                int64_t output[3], rows = of_step(&f, i, EFFNET_STEP_ROWS);
                int64_t strips = of_step(&f, i, EFFNET_STEP_STRIPS);

                layer += (int32_t)of_step(&f, i, EFFNET_STEP_LAYERS);
                if (strcmp(effnet_session_step_kind(f.session, (int32_t)i),
                           "strips") != 0) {
                        ck_assert_int_eq(of_step(&f, i, EFFNET_STEP_GROUPS), 0);
                        continue;
                }
                found++;
                ck_ok(effnet_summary_layer_output(f.summary, layer - 1,
                                                  output));
                ck_assert_int_ge(rows * strips, output[1]);
                ck_assert_int_ge(of_step(&f, i, EFFNET_STEP_RING), 1);
                ck_assert_int_ge(of_step(&f, i, EFFNET_STEP_PANELS), 1);
                ck_assert_int_ge(of_step(&f, i, EFFNET_STEP_TASKS),
                                 of_step(&f, i, EFFNET_STEP_GROUPS));
        }
        ck_assert_int_gt(found, 0);
        clear(&f);
}
END_TEST

static double
sum_of_seconds(const fixture *f)
{
        double sum = 0, seconds;

        for (int64_t i = 0; i < of_plan(f, EFFNET_PLAN_STEPS); i++) {
                ck_ok(effnet_session_step_get_double(
                        f->session, (int32_t)i, EFFNET_STEP_SECONDS, &seconds));
                ck_assert_double_ge(seconds, 0);
                sum += seconds;
        }
        return sum;
}

/* The steps of the last run are within it: times start from 0. */
START_TEST(steps_take_no_longer_than_their_run)
{
        fixture f = ready("b0", 1 + _i, 1);
        double begin, end;

        ck_assert_double_gt(sum_of_seconds(&f), 0);
        for (int32_t run = 0; run < 20; run++)
                ck_ok(effnet_session_run(f.session, f.input));
        begin = en_clock_now();
        ck_ok(effnet_session_run(f.session, f.input));
        end = en_clock_now();
        ck_assert_double_gt(sum_of_seconds(&f), 0);
        ck_assert_double_le(sum_of_seconds(&f), end - begin);
        clear(&f);
}
END_TEST

/* Neither a run that is timed nor asking allocates. */
START_TEST(nothing_is_allocated)
{
        fixture f = ready("b0", 1 + _i, 1);
        int64_t steps = of_plan(&f, EFFNET_PLAN_STEPS), value;
        effnet_status status;
        double seconds;
        long count;

        test_memory_reset(); /* Check's own assertions allocate */
        status = effnet_session_run(f.session, f.input);
        for (int32_t i = 0; i < steps && status == EFFNET_OK; i++)
                status = effnet_session_step_get_int(f.session, i,
                                                     EFFNET_STEP_TASKS, &value);
        for (int32_t i = 0; i < steps && status == EFFNET_OK; i++)
                status = effnet_session_step_get_double(
                        f.session, i, EFFNET_STEP_SECONDS, &seconds);
        count = test_memory_count();
        ck_ok(status);
        ck_assert_int_eq(count, 0);
        clear(&f);
}
END_TEST

START_TEST(times_change_no_bit)
{
        fixture plain = ready("b0", 1, 0), timed = ready("b0", 1, 1);
        float values[2][2000];
        size_t count[2];

        ck_ok(effnet_session_copy_output(plain.session, EFFNET_OUTPUT_LOGITS,
                                         values[0], 2000, &count[0]));
        ck_ok(effnet_session_copy_output(timed.session, EFFNET_OUTPUT_LOGITS,
                                         values[1], 2000, &count[1]));
        ck_assert_uint_eq(count[0], count[1]);
        ck_assert_mem_eq(values[0], values[1], count[0] * sizeof(float));
        clear(&plain);
        clear(&timed);
}
END_TEST

START_TEST(refuses)
{
        fixture f = ready("b0", 1, 1), plain = ready("b0", 1, 0);
        const int64_t wrong[4] = {1, 4, SIDE, SIDE};
        effnet_session *fresh;
        effnet_tensor *input;
        int64_t value = 7;
        double seconds = 7;

        ck_fails(effnet_session_plan_get_int(NULL, 1, &value),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_int_eq(value, 0);
        ck_fails(effnet_session_plan_get_int(f.session, 1, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_session_plan_get_int(f.session, 99, &value),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("99");
        ck_fails(effnet_session_step_get_int(f.session, -1, 1, &value),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("step -1");
        ck_fails(effnet_session_step_get_int(f.session, 1000, 1, &value),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_session_step_get_int(f.session, 0, 99, &value),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_session_step_get_int(NULL, 0, 1, &value),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_session_step_get_int(f.session, 0, 1, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_session_buffer_get_int(f.session, -1, 1, &value),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("buffer -1");
        ck_fails(effnet_session_buffer_get_int(f.session, 0, 0, &value),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_session_buffer_get_int(NULL, 0, 1, &value),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_session_buffer_get_int(f.session, 0, 1, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_ptr_null(effnet_session_step_kind(NULL, 0));
        ck_assert_ptr_null(effnet_session_step_kind(f.session, -1));
        ck_assert_ptr_null(effnet_session_step_layer(f.session, 0, -1));
        ck_assert_ptr_null(effnet_session_step_layer(f.session, 1000, 0));

        ck_fails(effnet_session_step_get_double(NULL, 0, 1, &seconds),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_double_eq(seconds, 0);
        ck_fails(effnet_session_step_get_double(f.session, 0, 1, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_session_step_get_double(f.session, 0, 2, &seconds),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_session_step_get_double(plain.session, 0, 1, &seconds),
                 EFFNET_ERROR_STATE);
        ck_message("EFFNET_OPTION_PROFILE");
        ck_ok(effnet_tensor_create(&input, EFFNET_TYPE_F32, 4, wrong));
        ck_fails(effnet_session_run(f.session, input), EFFNET_ERROR_MISMATCH);
        ck_fails(effnet_session_step_get_double(f.session, 0, 1, &seconds),
                 EFFNET_ERROR_STATE);

        ck_ok(effnet_session_create(&fresh, f.model, NULL));
        ck_fails(effnet_session_plan_get_int(fresh, 1, &value),
                 EFFNET_ERROR_STATE);
        ck_fails(effnet_session_step_get_int(fresh, 0, 1, &value),
                 EFFNET_ERROR_STATE);
        ck_fails(effnet_session_step_get_double(fresh, 0, 1, &seconds),
                 EFFNET_ERROR_STATE);
        ck_fails(effnet_session_buffer_get_int(fresh, 0, 1, &value),
                 EFFNET_ERROR_STATE);
        ck_assert_ptr_null(effnet_session_step_kind(fresh, 0));
        effnet_session_free(fresh);
        effnet_tensor_free(input);
        clear(&plain);
        clear(&f);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("profile");
        TCase *plan = tcase_create("plan");
        TCase *times = tcase_create("times");

        tcase_add_loop_test(plan, steps_are_the_layers, 0, 2 * NAMES);
        tcase_add_loop_test(plan, buffers_that_live_at_once_lie_apart, 0,
                            2 * NAMES);
        tcase_add_loop_test(plan, steps_work_on_living_buffers, 0, 2 * NAMES);
        tcase_add_loop_test(plan, strips_cover_the_rows, 0, 2 * NAMES);
        suite_add_tcase(suite, plan);
        tcase_add_loop_test(times, steps_take_no_longer_than_their_run, 0, 2);
        tcase_add_loop_test(times, nothing_is_allocated, 0, 2);
        tcase_add_test(times, times_change_no_bit);
        tcase_add_test(times, refuses);
        suite_add_tcase(suite, times);
        return test_main(suite);
}
