/* check_multi_label.c: sigmoids in place of a softmax: when, and what comes of
 * it.
 */
#include "archive.h"
#include "small.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

#define CLASSES 5

static test_bytes file;

/* `value` of EFFNET_OPTION_MULTI_LABEL, -2: it is not set. */
static effnet_options *
options_with(int64_t value)
{
        effnet_options *options;

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_KEEP_PARAMETERS,
                                     1));
        if (value >= -1)
                ck_ok(effnet_options_set_int(options, EFFNET_OPTION_MULTI_LABEL,
                                             value));
        return options;
}

static effnet_model *
create(int32_t classes, int64_t value)
{
        effnet_options *options = options_with(value);
        effnet_config *config;
        effnet_model *model;

        ck_ok(effnet_config_create(&config, "test_efficientnet"));
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_CLASSES, classes));
        ck_ok(effnet_model_create(&model, config, 3, options));
        effnet_config_free(config);
        effnet_options_free(options);
        return model;
}

static void
save(const effnet_model *model)
{
        file.size = 0;
        ck_ok(effnet_model_save_callback(model, test_take, &file,
                                         EFFNET_NAMES_OWN, EFFNET_TYPE_F16,
                                         NULL));
}

static effnet_model *
load(int64_t value)
{
        effnet_options *options = options_with(value);
        effnet_model *model;

        ck_ok(effnet_model_load_memory(&model, file.data, file.size, options));
        effnet_options_free(options);
        return model;
}

static void
expect(effnet_model *model, int32_t multi_label, const char *source)
{
        ck_assert_int_eq(effnet_model_multi_label(model), multi_label);
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_MULTI_LABEL),
                         source);
        effnet_model_release(model);
}

/* The session's probabilities are those of its logits, and classify ranks by
 * them.
 */
static void
expect_probabilities(effnet_model *model, bool sigmoids)
{
        int32_t size = effnet_model_classes(model), count = size, m = size;
        int32_t classes[CLASSES], expected_classes[CLASSES];
        float found[CLASSES], expected[CLASSES], scores[CLASSES];
        float expected_scores[CLASSES];
        effnet_image *image = test_small_image();
        effnet_session *session;

        ck_ok(effnet_session_create(&session, model, NULL));
        ck_ok(effnet_session_classify(session, image, &count, classes, scores));
        ck_assert_int_eq(count, size);
        ck_ok(effnet_session_copy_output(session, EFFNET_OUTPUT_PROBABILITIES,
                                         found, CLASSES, NULL));
        ck_ok(effnet_session_copy_output(session, EFFNET_OUTPUT_LOGITS,
                                         expected, CLASSES, NULL));
        ck_ok((sigmoids ? effnet_sigmoid : effnet_softmax)(expected, size,
                                                           expected));
        ck_assert_mem_eq(found, expected, (size_t)size * sizeof(float));
        ck_ok(effnet_top_k(expected, size, &m, expected_classes,
                           expected_scores));
        ck_assert_mem_eq(classes, expected_classes,
                         (size_t)size * sizeof(int32_t));
        ck_assert_mem_eq(scores, expected_scores, (size_t)size * sizeof(float));
        effnet_session_free(session);
        effnet_image_free(image);
        effnet_model_release(model);
}

START_TEST(probabilities)
{
        expect_probabilities(create(CLASSES, -2), false);
        expect_probabilities(create(CLASSES, -1), false);
        expect_probabilities(create(CLASSES, 0), false);
        expect_probabilities(create(CLASSES, 1), true);
}
END_TEST

/* A softmax over it would be 1 whatever the picture. */
START_TEST(a_single_class)
{
        for (int64_t value = -1; value <= 1; value++) {
                effnet_model *model = create(1, value);

                expect_probabilities(effnet_model_retain(model), true);
                save(model);
                expect(model, 1, "config");
                expect(load(value), 1, "shapes");
                expect_probabilities(load(value), true);
        }
}
END_TEST

START_TEST(who_says_so)
{
        effnet_model *model = create(CLASSES, 1);

        save(model);
        expect(model, 1, "option");
        expect(load(-2), 1, "metadata");
        expect(load(-1), 1, "metadata");
        expect(load(0), 0, "option");
        expect(load(1), 1, "option");
        expect_probabilities(load(-1), true);
        expect_probabilities(load(0), false);
        model = load(0);
        save(model); /* so that it is lost */
        effnet_model_release(model);
        expect(load(-1), 0, "metadata");
        expect(create(CLASSES, -1), 0, "config");
        ck_assert_int_eq(effnet_model_multi_label(NULL), 0);
}
END_TEST

START_TEST(a_bare_file)
{
        effnet_options *options = options_with(1);
        effnet_model *model;
        const char *path = test_data("checkpoints/lm-legacy.pth");

        ck_ok(effnet_model_load_file(&model, path, options));
        expect(model, 1, "option");
        effnet_options_free(options);
        ck_ok(effnet_model_load_file(&model, path, NULL));
        expect(model, 0, "default of lm");
}
END_TEST

START_TEST(the_option)
{
        effnet_options *options = options_with(-2);
        int64_t value = 5;

        ck_ok(effnet_options_get_int(options, EFFNET_OPTION_MULTI_LABEL,
                                     &value));
        ck_assert_int_eq(value, -1);
        ck_fails(effnet_options_set_int(options, EFFNET_OPTION_MULTI_LABEL, 2),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_options_set_int(options, EFFNET_OPTION_MULTI_LABEL, -2),
                 EFFNET_ERROR_ARGUMENT);
        effnet_options_free(options);
}
END_TEST

static Suite *
suite(void)
{
        Suite *made = suite_create("multi_label");
        TCase *tests = tcase_create("multi_label");

        tcase_add_test(tests, probabilities);
        tcase_add_test(tests, a_single_class);
        tcase_add_test(tests, who_says_so);
        tcase_add_test(tests, a_bare_file);
        tcase_add_test(tests, the_option);
        suite_add_tcase(made, tests);
        return made;
}

int
main(void)
{
        return test_main(suite());
}
