/* check_load_background.c: a classifier's first row that is a background's is
 * dropped where the caller, metadata or a config.json say so.
 */
#include "support.h"

#include "api/model.h"
#include "arch/seeded.h"
#include "folder.h"
#include "load/layout.h"
#include "tensors.h"

#include <stdlib.h>
#include <string.h>

#define CLASSES 6

/* Of one seeded input. */
static void
run_logits(effnet_model *model, float *logits, int32_t classes)
{
        int64_t shape[4] = {1, 3, 40, 33};
        effnet_session *session;
        effnet_tensor *input;
        size_t written;

        ck_ok(effnet_tensor_create(&input, EFFNET_TYPE_F32, 4, shape));
        en_seeded_values(3, "input", 0, 2, effnet_tensor_count(input),
                         effnet_tensor_data(input));
        ck_ok(effnet_session_create(&session, model, NULL));
        ck_ok(effnet_session_run(session, input));
        ck_ok(effnet_session_copy_output(session, EFFNET_OUTPUT_LOGITS, logits,
                                         CLASSES, &written));
        ck_assert_uint_eq(written, (size_t)classes);
        effnet_session_free(session);
        effnet_tensor_free(input);
}

/* Seeded, of CLASSES, by timm's names, and without this project's metadata. */
static void
write_model(const test_folder *folder, float logits[CLASSES])
{
        effnet_options *options;
        effnet_config *config;
        effnet_model *model;
        uint8_t *data, *key;
        size_t size;

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_KEEP_PARAMETERS,
                                     1));
        ck_ok(effnet_config_create(&config, "test_efficientnet"));
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_CLASSES, CLASSES));
        ck_ok(effnet_model_create(&model, config, 5, options));
        run_logits(model, logits, CLASSES);
        ck_ok(effnet_model_save_file(model, test_in_folder(folder, "m"),
                                     EFFNET_NAMES_TIMM, EFFNET_TYPE_F32, NULL));
        data = test_read(test_in_folder(folder, "m"), &size);
        for (key = data; memcmp(key, "\"effnet\"", 8) != 0; key++)
                ck_assert(key < data + 8192);
        memcpy(key, "\"nobody\"", 8);
        test_folder_write(folder, "m", data, size);
        free(data);
        effnet_model_release(model);
        effnet_config_free(config);
        effnet_options_free(options);
}

static effnet_model *
load(const test_folder *folder, int64_t background)
{
        effnet_options *options;
        effnet_model *model;

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_KEEP_PARAMETERS,
                                     1));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_BACKGROUND_CLASS,
                                     background));
        ck_ok(effnet_model_load_file(&model, test_in_folder(folder, "m"),
                                     options));
        effnet_options_free(options);
        return model;
}

static void
expect_logits(effnet_model *model, const float *expected, int32_t classes)
{
        float logits[CLASSES];

        ck_assert_int_eq(effnet_model_classes(model), classes);
        run_logits(model, logits, classes);
        ck_assert_mem_eq(logits, expected, (size_t)classes * sizeof(float));
}

/* The same bits as before, and a file of one class less. */
START_TEST(by_option)
{
        test_folder folder = test_folder_create();
        effnet_model *model, *again;
        float logits[CLASSES];

        write_model(&folder, logits);
        model = load(&folder, -1);
        expect_logits(model, logits, CLASSES);
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_CLASSES),
                         "shapes");
        effnet_model_release(model);
        model = load(&folder, 0);
        expect_logits(model, logits, CLASSES);
        effnet_model_release(model);
        model = load(&folder, 1);
        expect_logits(model, logits + 1, CLASSES - 1);
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_CLASSES),
                         "option");
        ck_ok(effnet_model_save_file(model, test_in_folder(&folder, "m"), 0,
                                     EFFNET_TYPE_F32, NULL));
        again = load(&folder, -1);
        expect_logits(again, logits + 1, CLASSES - 1);
        effnet_model_release(again);
        effnet_model_release(model);
        test_folder_free(&folder);
}
END_TEST

static void
expect_told(const char *sidecar, const char *label, int32_t classes)
{
        test_folder folder = test_folder_create();
        effnet_model *model;
        float logits[CLASSES];

        write_model(&folder, logits);
        test_folder_write(&folder, "config.json", sidecar, strlen(sidecar));
        model = load(&folder, -1);
        ck_assert_int_eq(effnet_model_warning_count(model), 0);
        expect_logits(model, logits + (CLASSES - classes), classes);
        ck_assert_str_eq(effnet_model_label(model, 0), label);
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_CLASSES),
                         classes < CLASSES ? "config.json" : "shapes");
        effnet_model_release(model);
        model = load(&folder, 0); /* the caller's word */
        expect_logits(model, logits, CLASSES);
        effnet_model_release(model);
        test_folder_free(&folder);
}

/* timm's label_offset (timm/models/_builder.py); names may be with it. */
START_TEST(by_config_json)
{
        expect_told("{\"architecture\": \"test_efficientnet\", "
                    "\"num_classes\": 5, \"label_names\": [\"a\", \"b\", "
                    "\"c\", \"d\", \"e\"], \"pretrained_cfg\": "
                    "{\"label_offset\": 1}}",
                    "a", 5);
        expect_told("{\"architecture\": \"test_efficientnet\", "
                    "\"num_classes\": 5, \"label_names\": [\"nothing\", \"a\", "
                    "\"b\", \"c\", \"d\", \"e\"], \"pretrained_cfg\": "
                    "{\"label_offset\": 1}}",
                    "a", 5);
        expect_told("{\"architecture\": \"test_efficientnet\", "
                    "\"num_classes\": 6, \"label_names\": [\"x\", \"a\", "
                    "\"b\", \"c\", \"d\", \"e\"]}",
                    "x", 6);
}
END_TEST

START_TEST(by_metadata)
{
        test_tensors *tensors = test_tensors_create(
                test_naming("timm"), EN_FAMILY_TIMM, EN_B0, 1001, 3);
        test_folder folder = test_folder_create();
        effnet_model *model;

        test_tensors_write(tensors, test_in_folder(&folder, "m"));
        model = load(&folder, -1);
        ck_assert_int_eq(effnet_model_classes(model), 1001);
        ck_assert_ptr_null(effnet_model_label(model, 1));
        ck_assert_int_eq(effnet_model_warning_count(model), 2);
        ck_assert_ptr_nonnull(
                strstr(effnet_model_warning(model, 1), "--background-class"));
        effnet_model_release(model);
        model = load(&folder, 1);
        ck_assert_int_eq(effnet_model_warning_count(model), 1);
        ck_assert_str_eq(effnet_model_label(model, 0), "tench");
        effnet_model_release(model);
        tensors->metadata = "{\"pretrained_cfg\": \"{\\\"num_classes\\\": "
                            "1000, \\\"label_offset\\\": 1}\"}";
        test_tensors_write(tensors, test_in_folder(&folder, "m"));
        model = load(&folder, -1);
        ck_assert_int_eq(effnet_model_classes(model), 1000);
        ck_assert_str_eq(effnet_model_label(model, 999), "toilet tissue");
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_CLASSES),
                         "metadata");
        effnet_model_release(model);
        test_tensors_free(tensors);
        test_folder_free(&folder);
}
END_TEST

/* Nothing is dropped of a single class, or of none. */
START_TEST(of_few)
{
        for (int32_t classes = 0; classes <= 2; classes++) {
                test_tensors *tensors = test_tensors_create(
                        test_naming("timm"), EN_FAMILY_TIMM, EN_B0, classes, 3);
                test_folder folder = test_folder_create();
                effnet_model *model;

                test_tensors_write(tensors, test_in_folder(&folder, "m"));
                model = load(&folder, 1);
                ck_assert_int_eq(effnet_model_classes(model),
                                 classes == 2 ? 1 : classes);
                effnet_model_release(model);
                test_tensors_free(tensors);
                test_folder_free(&folder);
        }
}
END_TEST

/* Keras' kernel is [in, out]: the first class is the first column. */
START_TEST(of_keras)
{
        const en_layer layer = {.role = EN_ROLE_CLASSIFIER};
        const en_entry kernel = {.rank = 2,
                                 .shape = {3, 5},
                                 .stride = {5, 1},
                                 .first = 7,
                                 .count = 15};
        const en_entry bias = {
                .rank = 1, .shape = {5}, .stride = {1}, .count = 5};
        const en_naming *keras = test_naming("Keras");
        en_entry found = en_layout(keras, &layer, EN_PARAM_LINEAR_WEIGHT, 1,
                                   &kernel);

        ck_assert_int_eq(found.shape[0], 4);
        ck_assert_int_eq(found.shape[1], 3);
        ck_assert_int_eq(found.stride[0], 1);
        ck_assert_int_eq(found.stride[1], 5);
        ck_assert_uint_eq(found.first, 8);
        ck_assert_uint_eq(found.count, 12);
        found = en_layout(keras, &layer, EN_PARAM_LINEAR_BIAS, 1, &bias);
        ck_assert_int_eq(found.shape[0], 4);
        ck_assert_uint_eq(found.first, 1);
        ck_assert_uint_eq(found.count, 4);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("load_background");
        TCase *test = tcase_create("background");

        tcase_add_test(test, by_option);
        tcase_add_test(test, by_config_json);
        tcase_add_test(test, by_metadata);
        tcase_add_test(test, of_few);
        tcase_add_test(test, of_keras);
        suite_add_tcase(suite, test);
        return test_main(suite);
}
