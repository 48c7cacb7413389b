/* check_limits.c: limits of memory and size through the public functions, and
 * what a call must leave as it was: errno, and the floating-point mode.
 */
#include "memory.h"
#include "support.h"

#include <errno.h>
#include <fenv.h>
#include <stdlib.h>
#include <string.h>

static effnet_model *model;
static effnet_options *options;

static void
set_up(void)
{
        effnet_config *config;

        ck_ok(effnet_config_create_custom(&config, "b0", 0.25, 1, 224));
        ck_ok(effnet_model_create(&model, config, 1, NULL));
        effnet_config_free(config);
        ck_ok(effnet_options_create(&options));
}

static void
tear_down(void)
{
        effnet_options_free(options);
        effnet_model_release(model);
}

static void
limit_memory(int64_t bytes)
{
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_MAX_MEMORY_BYTES,
                                     bytes));
}

static effnet_tensor *
input_of(int64_t height, int64_t width)
{
        effnet_tensor *tensor;
        int64_t shape[4] = {1, 3, height, width};

        ck_ok(effnet_tensor_create(&tensor, EFFNET_TYPE_F32, 4, shape));
        return tensor;
}

START_TEST(weights_are_limited)
{
        effnet_model *other;

        limit_memory(1000000);
        ck_fails(effnet_model_create(&other, effnet_model_config(model), 1,
                                     options),
                 EFFNET_ERROR_LIMIT);
        ck_message("the weights");
        ck_message("1000000");
        ck_assert_ptr_null(other);
        limit_memory(20000000);
        ck_ok(effnet_model_create(&other, effnet_model_config(model), 1,
                                  options));
        effnet_model_release(other);
}
END_TEST

START_TEST(activations_are_limited)
{
        effnet_tensor *small = input_of(32, 32), *large = input_of(600, 600);
        effnet_session *session;
        const effnet_tensor *logits;

        limit_memory(500000);
        ck_ok(effnet_session_create(&session, model, options));
        ck_ok(effnet_session_run(session, small));
        ck_fails(effnet_session_run(session, large), EFFNET_ERROR_LIMIT);
        ck_message("the activations");
        ck_fails(effnet_session_output(session, EFFNET_OUTPUT_LOGITS, &logits),
                 EFFNET_ERROR_STATE);
        ck_ok(effnet_session_run(session, small));
        effnet_session_free(session);
        effnet_tensor_free(small);
        effnet_tensor_free(large);
}
END_TEST

START_TEST(sides_are_limited)
{
        const int64_t shape[4] = {1, 1, (1 << 20) + 1, 1};
        effnet_config *gray;
        effnet_model *narrow;
        effnet_session *session;
        effnet_tensor *tensor;
        float *column = calloc((1 << 20) + 1, sizeof(*column));

        ck_assert_ptr_nonnull(column);
        ck_ok(effnet_config_copy(&gray, effnet_model_config(model)));
        ck_ok(effnet_config_set_int(gray, EFFNET_CONFIG_INPUT_CHANNELS, 1));
        ck_ok(effnet_model_create(&narrow, gray, 1, NULL));
        ck_ok(effnet_session_create(&session, narrow, NULL));
        ck_ok(effnet_tensor_wrap(&tensor, EFFNET_TYPE_F32, 4, shape, column,
                                 ((1 << 20) + 1) * sizeof(*column), NULL,
                                 NULL));
        ck_fails(effnet_session_run(session, tensor), EFFNET_ERROR_LIMIT);
        ck_message("1048577 x 1");
        effnet_tensor_free(tensor);
        effnet_session_free(session);
        effnet_model_release(narrow);
        effnet_config_free(gray);
        free(column);
}
END_TEST

START_TEST(a_failed_classify_leaves_no_output)
{
        effnet_tensor *input = input_of(32, 32);
        const effnet_tensor *logits;
        effnet_session *session;
        float scores[1];
        int32_t classes[1];

        ck_ok(effnet_session_create(&session, model, NULL));
        ck_ok(effnet_session_run(session, input));
        ck_fails(effnet_session_classify(session, NULL, NULL, classes, scores),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_session_output(session, EFFNET_OUTPUT_LOGITS, &logits),
                 EFFNET_ERROR_STATE);
        effnet_session_free(session);
        effnet_tensor_free(input);
}
END_TEST

/* Each allocation of each call fails once; errno stays. */
START_TEST(errno_survives_lack_of_memory)
{
        const int64_t shape[1] = {5};
        effnet_model *other;
        effnet_tensor *tensor;
        effnet_status status = EFFNET_ERROR_MEMORY;
        long n;

        for (n = 0; status == EFFNET_ERROR_MEMORY && n < 100; n++) {
                test_memory_fail(n, 1);
                errno = 77;
                status = effnet_model_create(&other, effnet_model_config(model),
                                             1, NULL);
                test_memory_reset();
                ck_assert_int_eq(errno, 77);
        }
        ck_assert_int_ge(n, 3);
        ck_ok(status);
        effnet_model_release(other);
        test_memory_fail(0, 1);
        errno = 77;
        status = effnet_tensor_create(&tensor, EFFNET_TYPE_U8, 1, shape);
        test_memory_reset();
        ck_assert_int_eq(errno, 77);
        ck_assert_int_eq(status, EFFNET_ERROR_MEMORY);
}
END_TEST

static void
logits_of(effnet_tensor *input, float *logits)
{
        effnet_model *other;
        effnet_session *session;

        ck_ok(effnet_model_create(&other, effnet_model_config(model), 3, NULL));
        ck_ok(effnet_session_create(&session, other, NULL));
        ck_ok(effnet_session_run(session, input));
        ck_ok(effnet_session_copy_output(session, EFFNET_OUTPUT_LOGITS, logits,
                                         1000, NULL));
        effnet_session_free(session);
        effnet_model_release(other);
}

/* ceil(2 * 1.1) and the like do not depend on the caller's rounding. */
static void
check_repeats(void)
{
        effnet_config *config;
        effnet_summary *summary;

        ck_ok(effnet_config_create(&config, "tf_efficientnetv2_b2"));
        ck_ok(effnet_summary_create(&summary, config, 0, 0));
        ck_assert_int_eq(effnet_summary_parameters(summary), 10096086);
        effnet_summary_free(summary);
        effnet_config_free(config);
}

/* The caller rounds upward: the result does not, and the caller still does. */
START_TEST(rounding_mode_is_the_callers)
{
        static float expected[1000], found[1000];
        effnet_tensor *input = input_of(32, 32);
        float *values = effnet_tensor_data(input);

        for (int i = 0; i < 3 * 32 * 32; i++)
                values[i] = (float)(i % 17) / 7.0F - 1.0F;
        logits_of(input, expected);
        ck_assert(fesetround(FE_UPWARD) == 0);
        check_repeats();
        logits_of(input, found);
        ck_assert_int_eq(fegetround(), FE_UPWARD);
        fesetround(FE_TONEAREST);
        ck_assert_mem_eq(found, expected, sizeof(expected));
        effnet_tensor_free(input);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("limits");
        TCase *tcase = tcase_create("limits");

        tcase_add_checked_fixture(tcase, set_up, tear_down);
        tcase_add_test(tcase, weights_are_limited);
        tcase_add_test(tcase, activations_are_limited);
        tcase_add_test(tcase, sides_are_limited);
        tcase_add_test(tcase, a_failed_classify_leaves_no_output);
        tcase_add_test(tcase, errno_survives_lack_of_memory);
        tcase_add_test(tcase, rounding_mode_is_the_callers);
        suite_add_tcase(suite, tcase);
        return test_main(suite);
}
