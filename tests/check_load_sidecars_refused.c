/* check_load_sidecars_refused.c: what lies beside a checkpoint and is of another
 * network, makes no sense or is damaged: ignored with a warning, or refused.
 */
#include "api/model.h"
#include "memory.h"
#include "sidecars.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- of another network, or of none */

static void
expect_ignored(effnet_model *model, const char *warning)
{
        const char *found = effnet_model_warning(model, 0);

        ck_assert_msg(found != NULL && strstr(found, warning) != NULL,
                      "expected \"%s\" in \"%s\"", warning,
                      found != NULL ? found : "(no warning)");
        ck_assert_str_ne(effnet_model_source(model, EFFNET_SOURCE_ARCHITECTURE),
                         "config.json");
        ck_assert_str_ne(effnet_model_source(model, EFFNET_SOURCE_MEAN_STD),
                         "config.json");
        ck_assert_str_ne(effnet_model_source(model, EFFNET_SOURCE_LABELS),
                         "config.json");
        effnet_model_release(model);
}

START_TEST(of_another)
{
        static const struct {
                bool hf;
                const char *text, *warning;
        } cases[] = {
                {false,
                 "{\"architecture\": \"efficientnet_b1\", "
                 "\"num_classes\": 5}",
                 "config.json is ignored: it describes efficientnet_b1, the "
                 "tensors are those of efficientnet_b0"},
                {false,
                 "{\"architecture\": \"tf_efficientnet_b0\", "
                 "\"num_classes\": 6}",
                 "config.json is ignored: it is of 6 classes, the tensors are "
                 "of 5"},
                {false, "{\"architecture\": \"resnet50\", \"num_classes\": 5}",
                 "its architecture, resnet50, is none that is known"},
                {false, "{\"model_type\": \"efficientnet\"}",
                 "it is transformers', the tensors have names of timm"},
                {true, TEST_TF_B0,
                 "it is timm's, the tensors have names of transformers"},
                {true, "{\"model_type\": \"efficientnet\"}", "describes"},
                {true,
                 "{\"model_type\": \"efficientnet\", \"width_coefficient\": "
                 "1, \"depth_coefficient\": 1, \"id2label\": {\"0\": \"a\"}}",
                 "it is of 1 classes, the tensors are of 5"},
                {true,
                 "{\"model_type\": \"efficientnet\", \"width_coefficient\": "
                 "1, \"depth_coefficient\": 1, \"out_channels\": [1]}",
                 "its stages are not those of EfficientNet"},
                {true,
                 "{\"model_type\": \"efficientnet\", \"width_coefficient\": "
                 "-1}",
                 "config.json is ignored: width is -1"},
                {true,
                 "{\"model_type\": \"efficientnet\", \"width_coefficient\": "
                 "1, \"depth_coefficient\": 1, \"batch_norm_eps\": 7}",
                 "batch_norm_eps"},
        };
        effnet_options *strict = test_with_int(EFFNET_OPTION_SIDECARS, 2);

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                effnet_status (*beside)(effnet_model **, const char *,
                                        const effnet_options *) =
                        cases[i].hf ? test_beside_hf : test_beside_timm;
                effnet_model *model;

                ck_ok(beside(&model, cases[i].text, NULL));
                expect_ignored(model, cases[i].warning);
                ck_assert_int_ne(beside(&model, cases[i].text, strict),
                                 EFFNET_OK);
                ck_assert_ptr_null(model);
                ck_message("config.json");
        }
        effnet_options_free(strict);
}
END_TEST

/* Files of that name are many. */
START_TEST(of_something_else)
{
        static const char *const texts[] = {
                "{}",
                "{\"name\": \"x\"}",
                "{\"model_type\": \"bert\"}",
                "{\"architecture\": null}",
                "{\"architecture\": 3}",
                "{\"architectures\": [\"EfficientNetModel\"]}"};

        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
                effnet_model *model;

                ck_ok(test_beside_hf(&model, texts[i], NULL));
                ck_assert_int_eq(effnet_model_warning_count(model), 0);
                ck_assert_str_eq(
                        effnet_model_source(model, EFFNET_SOURCE_ARCHITECTURE),
                        "shapes");
                effnet_model_release(model);
        }
}
END_TEST

/* Such a network would give other results than it should. */
START_TEST(not_run)
{
        static const struct {
                bool hf;
                const char *text, *message;
        } cases[] = {
                {true, TEST_HF_B0 "\"strides\": [1, 1, 1, 1, 1, 1, 1]}",
                 "strides"},
                {true, TEST_HF_B0 "\"pooling_type\": \"max\"}", "pooling_type"},
                {true, TEST_HF_B0 "\"hidden_act\": \"gelu\"}", "hidden_act"},
                {false,
                 "{\"architecture\": \"efficientnet_b0\", \"global_pool\": "
                 "\"max\"}",
                 "\"global_pool\" is \"max\"; expected avg"},
                {false,
                 "{\"architecture\": \"efficientnet_b0\", \"model_args\": "
                 "{\"act_layer\": \"gelu\"}}",
                 "act_layer"},
                {false,
                 "{\"architecture\": \"efficientnet_b0\", \"model_args\": "
                 "{\"pad_type\": \"valid\"}}",
                 "pad_type"},
                {false,
                 "{\"architecture\": \"efficientnet_b0\", \"model_args\": "
                 "{\"output_stride\": 16}}",
                 "output_stride"},
                {false,
                 "{\"architecture\": \"efficientnet_b0\", \"model_args\": "
                 "{\"norm_layer\": \"groupnorm\"}}",
                 "norm_layer"},
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                effnet_model *model;

                ck_fails(
                        cases[i].hf
                                ? test_beside_hf(&model, cases[i].text, NULL)
                                : test_beside_timm(&model, cases[i].text, NULL),
                        EFFNET_ERROR_UNSUPPORTED);
                ck_assert_ptr_null(model);
                ck_message(cases[i].message);
                ck_message("config.json");
        }
}
END_TEST

/* ---- parts that make no sense */

START_TEST(senseless_parts)
{
        static const struct {
                const char *cfg, *warning;
                int32_t key;
        } cases[] = {
                {"\"mean\": [1, 2]", "mean and std", EFFNET_SOURCE_MEAN_STD},
                {"\"std\": [0, 1, 1]", "mean and std", EFFNET_SOURCE_MEAN_STD},
                {"\"std\": [1e-42, 1, 1]", "mean and std",
                 EFFNET_SOURCE_MEAN_STD},
                {"\"mean\": [1e300, 1, 1]", "mean and std",
                 EFFNET_SOURCE_MEAN_STD},
                {"\"interpolation\": \"lanczos\"", "interpolation",
                 EFFNET_SOURCE_FILTER},
                {"\"interpolation\": 3", "interpolation", EFFNET_SOURCE_FILTER},
                {"\"input_size\": [3, -1, -1]", "input_size",
                 EFFNET_SOURCE_CROP},
                {"\"input_size\": [3, 224, 192]", "input_size",
                 EFFNET_SOURCE_RESIZE},
                {"\"input_size\": [3, 99999999999, 99999999999]", "input_size",
                 EFFNET_SOURCE_CROP},
                {"\"input_size\": 224", "input_size", EFFNET_SOURCE_MODE},
                {"\"crop_pct\": 0", "crop_pct", EFFNET_SOURCE_RESIZE},
                {"\"crop_pct\": -0.5", "crop_pct", EFFNET_SOURCE_RESIZE},
                {"\"crop_pct\": 1e-9", "crop_pct", EFFNET_SOURCE_RESIZE},
                {"\"crop_pct\": \"0.9\"", "crop_pct", EFFNET_SOURCE_RESIZE},
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                char text[300];
                const char *warning;
                effnet_model *model;

                snprintf(text, sizeof(text),
                         "{\"architecture\": \"efficientnet_b0\", "
                         "\"pretrained_cfg\": {%s}}",
                         cases[i].cfg);
                ck_ok(test_beside_timm(&model, text, NULL));
                ck_assert_int_eq(effnet_model_warning_count(model), 1);
                warning = effnet_model_warning(model, 0);
                ck_assert_msg(strstr(warning, cases[i].warning) != NULL, "%s",
                              warning);
                ck_ok(en_preprocess_check(&model->preprocess.steps));
                /* that of the architecture, which config.json told */
                ck_assert_str_eq(effnet_model_source(model, cases[i].key),
                                 "config.json");
                effnet_model_release(model);
        }
}
END_TEST

START_TEST(senseless_processors)
{
        static const struct {
                const char *members, *warning;
        } cases[] = {
                {"\"size\": {\"height\": 0, \"width\": 5}", "sizes"},
                {"\"size\": {\"shortest_edge\": 4, \"longest_edge\": 9}",
                 "sizes"},
                {"\"size\": {\"height\": 4}, \"crop_size\": -3, "
                 "\"do_center_crop\": true",
                 "sizes"},
                {"\"do_pad\": true", "do_pad"},
                {"\"resample\": 1", "resample"},
                {"\"resample\": -1", "resample"},
                {"\"resample\": \"bicubic\"", "resample"},
                {"\"image_std\": 0", "image_std"},
                {"\"image_mean\": [1, 2, 3, 4]", "image_mean"},
                {"\"rescale_factor\": 1e301", "rescale_factor"},
                {"\"rescale_factor\": \"x\"", "rescale_factor"},
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                char text[300];
                effnet_model *model;

                snprintf(text, sizeof(text),
                         "{\"image_processor_type\": "
                         "\"EfficientNetImageProcessor\", %s}",
                         cases[i].members);
                ck_ok(test_load_beside(&model, "transformers", EN_FAMILY_HF,
                                       "preprocessor_config.json", text, NULL));
                ck_assert_int_eq(effnet_model_warning_count(model), 1);
                ck_assert_msg(strstr(effnet_model_warning(model, 0),
                                     cases[i].warning) != NULL,
                              "%s", effnet_model_warning(model, 0));
                ck_ok(en_preprocess_check(&model->preprocess.steps));
                effnet_model_release(model);
        }
}
END_TEST

/* Another model's, or nobody's. */
START_TEST(other_processors)
{
        effnet_model *model;

        ck_ok(test_load_beside(
                &model, "transformers", EN_FAMILY_HF,
                "preprocessor_config.json",
                "{\"image_processor_type\": \"ViTImageProcessor\"}", NULL));
        ck_assert_int_eq(effnet_model_warning_count(model), 1);
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_CROP),
                         "default of huggingface");
        effnet_model_release(model);
        ck_ok(test_load_beside(&model, "timm", EN_FAMILY_TIMM,
                               "preprocessor_config.json",
                               "{\"image_processor_type\": "
                               "\"EfficientNetImageProcessor\"}",
                               NULL));
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_CROP),
                         "default of timm");
        effnet_model_release(model);
}
END_TEST

/* ---- hostile texts */

/* A warning, the shapes' model, and the message of before. */
static void
expect_damaged(const char *text, size_t size, const effnet_options *options)
{
        test_folder folder = test_folder_create();
        effnet_model *model;

        test_write_zeros(&folder, "timm", EN_FAMILY_TIMM, EN_B0, 5, 3);
        test_folder_write(&folder, "config.json", text, size);
        ck_fails(effnet_config_create(NULL, "b0"), EFFNET_ERROR_ARGUMENT);
        model = test_load_in(&folder, options);
        ck_message("config is NULL");
        expect_ignored(model, "config.json is ignored");
        test_folder_free(&folder);
}

START_TEST(damaged)
{
        static const char *const texts[] = {"",
                                            "[",
                                            "{",
                                            "nonsense",
                                            "[]",
                                            "3",
                                            "null",
                                            "{\"a\": NaN}",
                                            "{\"a\": 1e999}",
                                            "{\"a\": 1, \"a\": 2}",
                                            "\xff\xfe{}",
                                            "{\"architecture\": \"\\ud800\"}",
                                            "{\"architecture\": \"a\" \"b\"}"};

        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                expect_damaged(texts[i], strlen(texts[i]), NULL);
        for (size_t n = 1; n + 1 < sizeof(TEST_TF_B0); n += 7)
                expect_damaged(TEST_TF_B0, n, NULL);
}
END_TEST

START_TEST(too_much)
{
        effnet_options *options = test_with_int(EFFNET_OPTION_MAX_HEADER_BYTES,
                                                100000);
        size_t size = 3 << 20;
        char *text = malloc(size);

        ck_assert_ptr_nonnull(text);
        memset(text, '[', size); /* deep */
        expect_damaged(text, size, NULL);
        memset(text, ',', size); /* many */
        expect_damaged(text, size, NULL);
        memset(text, ' ', size);
        expect_damaged(text, size, options); /* long */
        free(text);
        effnet_options_free(options);
}
END_TEST

/* Labels of 10^9 are told of, not made room for. */
START_TEST(many_labels)
{
        effnet_model *model;

        ck_ok(test_beside_hf(&model,
                             TEST_HF_B0
                             "\"id2label\": {\"0\": \"a\", \"1\": \"b\", "
                             "\"2\": \"c\", \"3\": \"d\", "
                             "\"999999999\": \"e\"}}",
                             NULL));
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_LABELS),
                         "none");
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_ARCHITECTURE),
                         "config.json");
        ck_assert_ptr_nonnull(strstr(effnet_model_warning(model, 0),
                                     "its labels are ignored"));
        effnet_model_release(model);
        ck_ok(test_beside_hf(&model, TEST_HF_B0 "\"num_labels\": 1000000000}",
                             NULL));
        expect_ignored(model, "its number of classes is none");
}
END_TEST

/* Neither a folder nor a pipe, nor what may not be read. */
START_TEST(no_files)
{
        test_folder folder = test_folder_create();
        effnet_model *model;

        test_write_zeros(&folder, "timm", EN_FAMILY_TIMM, EN_B0, 5, 3);
        test_folder_make(&folder, "config.json");
        model = test_load_in(&folder, NULL);
        expect_ignored(model, "config.json is ignored");
        test_folder_free(&folder);
        folder = test_folder_create();
        test_write_zeros(&folder, "timm", EN_FAMILY_TIMM, EN_B0, 5, 3);
        ck_assert_int_eq(
                symlink("nowhere", test_in_folder(&folder, "config.json")), 0);
        model = test_load_in(&folder, NULL);
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_ARCHITECTURE),
                         "shapes");
        effnet_model_release(model);
        test_folder_free(&folder);
}
END_TEST

/* It is no damage of a sidecar's. */
START_TEST(out_of_memory)
{
        test_folder folder = test_folder_create();
        effnet_status status = EFFNET_ERROR_MEMORY;
        effnet_model *model;
        int failures = 0;

        test_write_zeros(&folder, "transformers", EN_FAMILY_HF, EN_B0, 5, 3);
        test_folder_copy(&folder, "sidecars", "hf-crop",
                         "preprocessor_config.json");
        test_folder_write(&folder, "config.json", TEST_HF_B0_LABELS,
                          sizeof(TEST_HF_B0_LABELS) - 1);
        while (status == EFFNET_ERROR_MEMORY) {
                test_memory_fail(failures++, 0);
                status = effnet_model_load_file(
                        &model, test_in_folder(&folder, "m"), NULL);
                test_memory_reset();
        }
        ck_assert_int_eq(status, EFFNET_OK);
        ck_assert_int_gt(failures, 50);
        ck_assert_str_eq(effnet_model_label(model, 4), "e");
        ck_assert_int_eq(effnet_model_warning_count(model), 0);
        effnet_model_release(model);
        test_folder_free(&folder);
}
END_TEST

static void
add_tests(TCase *test)
{
        tcase_add_test(test, of_another);
        tcase_add_test(test, of_something_else);
        tcase_add_test(test, not_run);
        tcase_add_test(test, senseless_parts);
        tcase_add_test(test, senseless_processors);
        tcase_add_test(test, other_processors);
        tcase_add_test(test, damaged);
        tcase_add_test(test, too_much);
        tcase_add_test(test, many_labels);
        tcase_add_test(test, no_files);
        tcase_add_test(test, out_of_memory);
}

int
main(void)
{
        Suite *suite = suite_create("load_sidecars_refused");
        TCase *test = tcase_create("sidecars");

        add_tests(test);
        suite_add_tcase(suite, test);
        return test_main(suite);
}
