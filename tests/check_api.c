/* check_api.c: the public functions of error, options, tensor and model that
 * need no file, with each of their errors.
 */
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(version_agrees)
{
        char text[32];

        snprintf(text, sizeof(text), "%d.%d.%d", EFFNET_VERSION_MAJOR,
                 EFFNET_VERSION_MINOR, EFFNET_VERSION_PATCH);
        ck_assert_str_eq(effnet_version_string(), text);
        ck_assert_int_eq(effnet_version(), EFFNET_VERSION_MAJOR * 10000 +
                                                   EFFNET_VERSION_MINOR * 100 +
                                                   EFFNET_VERSION_PATCH);
}
END_TEST

START_TEST(status_names)
{
        ck_assert_str_eq(effnet_status_name(EFFNET_OK), "ok");
        ck_assert_str_eq(effnet_status_name(EFFNET_ERROR_ARGUMENT), "argument");
        ck_assert_str_eq(effnet_status_name(EFFNET_ERROR_MEMORY), "memory");
        ck_assert_str_eq(effnet_status_name(EFFNET_ERROR_IO), "io");
        ck_assert_str_eq(effnet_status_name(EFFNET_ERROR_FORMAT), "format");
        ck_assert_str_eq(effnet_status_name(EFFNET_ERROR_UNSUPPORTED),
                         "unsupported");
        ck_assert_str_eq(effnet_status_name(EFFNET_ERROR_LIMIT), "limit");
        ck_assert_str_eq(effnet_status_name(EFFNET_ERROR_MISMATCH), "mismatch");
        ck_assert_str_eq(effnet_status_name(EFFNET_ERROR_STATE), "state");
        ck_assert_str_eq(effnet_status_name(EFFNET_ERROR_CANCELLED),
                         "cancelled");
        ck_assert_str_eq(effnet_status_name(EFFNET_ERROR_INTERNAL), "internal");
        ck_assert_str_eq(effnet_status_name(1), "unknown");
        ck_assert_str_eq(effnet_status_name(-1000), "unknown");
}
END_TEST

START_TEST(message_is_kept_and_copied)
{
        char small[8];
        size_t length;

        ck_fails(effnet_options_create(NULL), EFFNET_ERROR_ARGUMENT);
        length = strlen(effnet_last_error());
        ck_assert_uint_eq(effnet_last_error_copy(NULL, 0), length);
        ck_assert_uint_eq(effnet_last_error_copy(small, sizeof(small)), length);
        ck_assert_uint_eq(strlen(small), sizeof(small) - 1);
        ck_assert(strncmp(small, effnet_last_error(), 7) == 0);
        effnet_options_free(NULL);
        ck_assert_int_eq(effnet_status_name(0)[0], 'o');
        ck_assert_uint_eq(strlen(effnet_last_error()), length);
}
END_TEST

START_TEST(options_keep_values)
{
        effnet_options *options;
        int64_t i;
        double d;
        const char *s;

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_get_int(options, EFFNET_OPTION_THREADS, &i));
        ck_assert_int_eq(i, 1);
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_THREADS, 256));
        ck_ok(effnet_options_get_int(options, EFFNET_OPTION_THREADS, &i));
        ck_assert_int_eq(i, 256);
        ck_ok(effnet_options_set_double(options, EFFNET_OPTION_EPSILON, 0.5));
        ck_ok(effnet_options_get_double(options, EFFNET_OPTION_EPSILON, &d));
        ck_assert(d == 0.5);
        ck_ok(effnet_options_get_string(options, EFFNET_OPTION_ARCHITECTURE,
                                        &s));
        ck_assert_ptr_null(s);
        ck_ok(effnet_options_set_string(options, EFFNET_OPTION_ARCHITECTURE,
                                        "b0"));
        ck_ok(effnet_options_set_string(options, EFFNET_OPTION_ARCHITECTURE,
                                        "b1"));
        ck_ok(effnet_options_get_string(options, EFFNET_OPTION_ARCHITECTURE,
                                        &s));
        ck_assert_str_eq(s, "b1");
        ck_ok(effnet_options_set_string(options, EFFNET_OPTION_ARCHITECTURE,
                                        NULL));
        ck_ok(effnet_options_get_string(options, EFFNET_OPTION_ARCHITECTURE,
                                        &s));
        ck_assert_ptr_null(s);
        ck_ok(effnet_options_set_string(options, EFFNET_OPTION_LABELS_FILE,
                                        "freed with the options"));
        effnet_options_free(options);
}
END_TEST

/* Every int key, its documented default, and both ends of its range. */
START_TEST(options_bound_every_int)
{
        static const struct {
                int32_t key;
                int64_t least, most, initial;
        } rows[] = {
                {EFFNET_OPTION_THREADS, 1, 256, 1},
                {EFFNET_OPTION_INSTRUCTION_SET, EFFNET_ISA_BEST,
                 EFFNET_ISA_NEON, EFFNET_ISA_BEST},
                {EFFNET_OPTION_PADDING, -1, EFFNET_PADDING_SAME_STATIC, -1},
                {EFFNET_OPTION_ALLOW_EXTRA_TENSORS, 0, 1, 0},
                {EFFNET_OPTION_ALLOW_NONFINITE, 0, 1, 0},
                {EFFNET_OPTION_KEEP_PARAMETERS, 0, 1, 0},
                {EFFNET_OPTION_MAX_PIXELS, 1, INT64_C(1) << 40, 178956970},
                {EFFNET_OPTION_MAX_FILE_BYTES, 1, INT64_C(1) << 48,
                 INT64_C(1) << 33},
                {EFFNET_OPTION_MAX_TENSORS, 1, INT64_C(1) << 24, 65536},
                {EFFNET_OPTION_TEST_SIZE, -1, 1, -1},
                {EFFNET_OPTION_MAX_MEMORY_BYTES, 1, INT64_C(1) << 48,
                 INT64_C(1) << 31},
                {EFFNET_OPTION_MAX_HEADER_BYTES, 1, 100000000,
                 INT64_C(1) << 24},
        };
        effnet_options *options;
        int64_t value;

        ck_ok(effnet_options_create(&options));
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                int32_t key = rows[i].key;

                ck_ok(effnet_options_get_int(NULL, key, &value));
                ck_assert_int_eq(value, rows[i].initial);
                ck_ok(effnet_options_set_int(options, key, rows[i].least));
                ck_ok(effnet_options_set_int(options, key, rows[i].most));
                ck_fails(
                        effnet_options_set_int(options, key, rows[i].least - 1),
                        EFFNET_ERROR_ARGUMENT);
                ck_fails(effnet_options_set_int(options, key, rows[i].most + 1),
                         EFFNET_ERROR_ARGUMENT);
                ck_ok(effnet_options_get_int(options, key, &value));
                ck_assert_int_eq(value, rows[i].most);
        }
        effnet_options_free(options);
}
END_TEST

START_TEST(options_refuse)
{
        effnet_options *options;
        int64_t i = 9;
        double d = 9;
        const char *s = "";

        ck_ok(effnet_options_create(&options));
        ck_fails(effnet_options_set_int(options, 999, 1),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("999");
        ck_fails(effnet_options_set_int(options, EFFNET_OPTION_EPSILON, 1),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_options_get_int(options, 999, &i),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_int_eq(i, 0);
        ck_fails(effnet_options_get_int(options, EFFNET_OPTION_THREADS, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_options_set_double(options, EFFNET_OPTION_EPSILON,
                                           (double)NAN),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_options_set_double(options, EFFNET_OPTION_EPSILON, 2),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_options_set_double(options, EFFNET_OPTION_THREADS, 1),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_options_get_double(options, 999, &d),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert(d == 0);
        ck_fails(
                effnet_options_get_double(options, EFFNET_OPTION_EPSILON, NULL),
                EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_options_set_string(options, 999, "x"),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_options_get_string(options, 999, &s),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_ptr_null(s);
        ck_fails(effnet_options_get_string(options, EFFNET_OPTION_ARCHITECTURE,
                                           NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_options_set_int(NULL, EFFNET_OPTION_THREADS, 1),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_options_set_double(NULL, EFFNET_OPTION_EPSILON, 1),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_options_set_string(NULL, EFFNET_OPTION_ARCHITECTURE,
                                           "b0"),
                 EFFNET_ERROR_ARGUMENT);
        effnet_options_free(options);
}
END_TEST

START_TEST(tensor_owns)
{
        const int64_t shape[] = {2, 3, 5};
        effnet_tensor *tensor;
        const float *values;

        ck_ok(effnet_tensor_create(&tensor, EFFNET_TYPE_F32, 3, shape));
        ck_assert_int_eq(effnet_tensor_type(tensor), EFFNET_TYPE_F32);
        ck_assert_int_eq(effnet_tensor_rank(tensor), 3);
        ck_assert_int_eq(effnet_tensor_count(tensor), 30);
        for (int i = 0; i < 3; i++)
                ck_assert_int_eq(effnet_tensor_dimension(tensor, i), shape[i]);
        ck_assert_int_eq(effnet_tensor_dimension(tensor, 3), 0);
        ck_assert_int_eq(effnet_tensor_dimension(tensor, -1), 0);
        values = effnet_tensor_const_data(tensor);
        ck_assert_ptr_eq(values, effnet_tensor_data(tensor));
        for (int i = 0; i < 30; i++)
                ck_assert(values[i] == 0);
        effnet_tensor_free(tensor);

        ck_ok(effnet_tensor_create(&tensor, EFFNET_TYPE_U8, 0, NULL));
        ck_assert_int_eq(effnet_tensor_count(tensor), 1);
        effnet_tensor_free(tensor);
        ck_ok(effnet_tensor_create(&tensor, EFFNET_TYPE_U8, 1,
                                   (const int64_t[]){0}));
        ck_assert_int_eq(effnet_tensor_count(tensor), 0);
        effnet_tensor_free(tensor);
}
END_TEST

static void
count_release(void *opaque)
{
        ++*(int *)opaque;
}

START_TEST(tensor_wraps)
{
        const int64_t shape[] = {2, 3};
        float values[7] = {1, 2, 3};
        effnet_tensor *tensor;
        int released = 0;

        ck_ok(effnet_tensor_wrap(&tensor, EFFNET_TYPE_F32, 2, shape, values,
                                 sizeof(values), count_release, &released));
        ck_assert_ptr_eq(effnet_tensor_data(tensor), values);
        ck_assert_int_eq(released, 0);
        effnet_tensor_free(tensor);
        ck_assert_int_eq(released, 1);

        ck_fails(effnet_tensor_wrap(&tensor, EFFNET_TYPE_F32, 2, shape, values,
                                    23, count_release, &released),
                 EFFNET_ERROR_MISMATCH);
        ck_message("24 bytes");
        ck_assert_ptr_null(tensor);
        ck_fails(effnet_tensor_wrap(&tensor, EFFNET_TYPE_F32, 2, shape,
                                    (char *)values + 1, 24, count_release,
                                    &released),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("aligned");
        ck_fails(effnet_tensor_wrap(&tensor, EFFNET_TYPE_F32, 2, shape, NULL,
                                    24, count_release, &released),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_tensor_wrap(NULL, EFFNET_TYPE_F32, 2, shape, values, 24,
                                    NULL, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_int_eq(released, 1);
}
END_TEST

START_TEST(tensor_refuses)
{
        const int64_t shape[9] = {1, -1, 1, 1, 1, 1, 1, 1, 1};
        const int64_t huge[3] = {INT64_MAX, INT64_MAX, 2};
        const int64_t large[2] = {INT64_C(1) << 40, INT64_C(1) << 22};
        effnet_tensor *tensor;

        ck_fails(effnet_tensor_create(NULL, EFFNET_TYPE_F32, 1, shape),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_tensor_create(&tensor, 99, 1, shape),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_tensor_create(&tensor, EFFNET_TYPE_F32, 9, shape),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_tensor_create(&tensor, EFFNET_TYPE_F32, -1, shape),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_tensor_create(&tensor, EFFNET_TYPE_F32, 1, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_tensor_create(&tensor, EFFNET_TYPE_F32, 2, shape),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("dimension 1 is -1");
        ck_fails(effnet_tensor_create(&tensor, EFFNET_TYPE_F32, 3, huge),
                 EFFNET_ERROR_LIMIT);
        ck_fails(effnet_tensor_create(&tensor, EFFNET_TYPE_F32, 2, large),
                 EFFNET_ERROR_LIMIT);
        ck_assert_ptr_null(tensor);
}
END_TEST

START_TEST(getters_take_null)
{
        effnet_tensor_free(NULL);
        ck_assert_int_eq(effnet_tensor_type(NULL), 0);
        ck_assert_int_eq(effnet_tensor_rank(NULL), 0);
        ck_assert_int_eq(effnet_tensor_dimension(NULL, 0), 0);
        ck_assert_int_eq(effnet_tensor_count(NULL), 0);
        ck_assert_ptr_null(effnet_tensor_data(NULL));
        ck_assert_ptr_null(effnet_tensor_const_data(NULL));
        effnet_model_release(NULL);
        ck_assert_ptr_null(effnet_model_retain(NULL));
        ck_assert_ptr_null(effnet_model_config(NULL));
        ck_assert_ptr_null(effnet_model_preprocess(NULL));
        ck_assert_ptr_null(effnet_model_container(NULL));
        ck_assert_ptr_null(effnet_model_instruction_set(NULL));
        ck_assert_int_eq(effnet_model_classes(NULL), 0);
        ck_assert_int_eq(effnet_model_embedding_size(NULL), 0);
        ck_assert_ptr_null(effnet_model_label(NULL, 0));
        ck_assert_ptr_null(effnet_model_source(NULL, 1));
        ck_assert_ptr_null(effnet_model_warning(NULL, 0));
        ck_assert_int_eq(effnet_model_warning_count(NULL), 0);
        ck_assert_int_eq(effnet_model_parameter_count(NULL), 0);
        ck_assert_ptr_null(effnet_model_parameter_name(NULL, 0));
}
END_TEST

static int32_t
no_bytes(void *opaque, uint64_t offset, void *buffer, size_t size)
{
        (void)opaque;
        (void)offset;
        (void)buffer;
        (void)size;
        return 1;
}

START_TEST(model_loading_refuses)
{
        effnet_model *model;
        effnet_options *options;

        ck_fails(effnet_model_load_file(NULL, "x", NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_model_load_file(&model, NULL, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_model_load_file(&model, "no/such/file", NULL),
                 EFFNET_ERROR_IO);
        ck_message("no/such/file");
        ck_fails(effnet_model_load_file(&model, TESTS_SOURCE, NULL),
                 EFFNET_ERROR_IO);
        ck_fails(effnet_model_load_memory(NULL, "x", 1, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_model_load_memory(&model, NULL, 1, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_model_load_memory(&model, "", 0, NULL),
                 EFFNET_ERROR_FORMAT);
        ck_fails(effnet_model_load_callback(NULL, no_bytes, NULL, 1, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_model_load_callback(&model, NULL, NULL, 1, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_model_load_callback(&model, no_bytes, NULL, 1000, NULL),
                 EFFNET_ERROR_IO);
        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_MAX_FILE_BYTES, 3));
        ck_fails(effnet_model_load_memory(&model, "1234", 4, options),
                 EFFNET_ERROR_LIMIT);
        ck_fails(effnet_model_load_callback(&model, no_bytes, NULL, 4, options),
                 EFFNET_ERROR_LIMIT);
        ck_assert_ptr_null(model);
        effnet_options_free(options);
}
END_TEST

static effnet_config *
named(const char *name)
{
        effnet_config *config;

        ck_ok(effnet_config_create(&config, name));
        return config;
}

START_TEST(model_is_created_and_counted)
{
        effnet_config *config = named("lite0");
        effnet_model *model;
        int64_t classes;

        ck_ok(effnet_model_create(&model, config, 1, NULL));
        effnet_config_free(config);
        ck_ok(effnet_config_get_int(effnet_model_config(model),
                                    EFFNET_CONFIG_CLASSES, &classes));
        ck_assert_int_eq(classes, 1000);
        ck_assert_int_eq(effnet_model_classes(model), 1000);
        ck_assert_int_eq(effnet_model_embedding_size(model), 1280);
        ck_assert_str_eq(effnet_model_container(model), "none");
        ck_assert_ptr_nonnull(effnet_model_instruction_set(model));
        ck_assert_int_eq(effnet_preprocess_mode(effnet_model_preprocess(model)),
                         EFFNET_MODE_CROP_FIRST);
        ck_assert_str_eq(effnet_model_label(model, 0), "tench");
        for (int32_t key = EFFNET_SOURCE_PADDING; key <= EFFNET_SOURCE_MODE;
             key++)
                ck_assert_str_eq(effnet_model_source(model, key), "config");
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_LABELS),
                         "ImageNet");
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_CLASSES),
                         "config");
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_ARCHITECTURE),
                         "config");
        ck_assert_ptr_null(effnet_model_source(model, 0));
        ck_assert_ptr_null(effnet_model_source(model, 12));
        ck_assert_int_eq(effnet_model_warning_count(model), 0);
        ck_assert_ptr_null(effnet_model_warning(model, 0));
        ck_assert_ptr_null(effnet_model_warning(model, -1));
        ck_assert_str_eq(effnet_model_label(model, 999), "toilet tissue");
        ck_assert_ptr_null(effnet_model_label(model, 1000));
        ck_assert_ptr_null(effnet_model_label(model, -1));
        ck_assert_ptr_eq(effnet_model_retain(model), model);
        effnet_model_release(model);
        ck_assert_int_eq(effnet_model_classes(model), 1000);
        effnet_model_release(model);
}
END_TEST

START_TEST(model_creation_refuses)
{
        effnet_config *config = named("lite0");
        effnet_model *model;

        ck_fails(effnet_model_create(NULL, config, 1, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_model_create(&model, NULL, 1, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_ptr_null(model);
        effnet_config_free(config);
}
END_TEST

/* A labels file of `lines` lines. */
static void
write_labels(char path[64], int lines)
{
        FILE *file;

        snprintf(path, 64, "%s/effnet-labels-XXXXXX", P_tmpdir);
        file = fdopen(mkstemp(path), "w");
        ck_assert_ptr_nonnull(file);
        for (int i = 0; i < lines; i++)
                fprintf(file, "label %d\r\n", i);
        fclose(file);
}

START_TEST(labels_come_from_a_file)
{
        effnet_config *config = named("lite0");
        effnet_options *options;
        effnet_model *model;
        char path[64];

        write_labels(path, 10);
        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_string(options, EFFNET_OPTION_LABELS_FILE,
                                        path));
        ck_fails(effnet_model_create(&model, config, 1, options),
                 EFFNET_ERROR_MISMATCH);
        ck_message("10");
        ck_message("1000");
        ck_assert_ptr_null(model);
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_CLASSES, 10));
        ck_ok(effnet_model_create(&model, config, 1, options));
        ck_assert_str_eq(effnet_model_label(model, 9), "label 9");
        ck_assert_ptr_null(effnet_model_label(model, 10));
        effnet_model_release(model);
        remove(path);
        ck_fails(effnet_model_create(&model, config, 1, options),
                 EFFNET_ERROR_IO);
        ck_ok(effnet_model_create(&model, config, 1, NULL));
        ck_assert_ptr_null(effnet_model_label(model, 0));
        effnet_model_release(model);
        effnet_options_free(options);
        effnet_config_free(config);
}
END_TEST

/* What is guessed of a file is said. */
START_TEST(sources_and_warnings)
{
        const char *path = test_data("checkpoints/timm-tf-protocol4.pth");
        effnet_options *options;
        effnet_model *model;

        ck_ok(effnet_model_load_file(&model, path, NULL));
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_ARCHITECTURE),
                         "shapes");
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_PADDING),
                         "default of timm");
        ck_assert_int_eq(effnet_model_warning_count(model), 1);
        ck_assert_str_eq(effnet_model_warning(model, 0),
                         "names and shapes are those of efficientnet_b0 and of "
                         "tf_efficientnet_b0: padding symmetric and epsilon "
                         "1e-05 are a guess; say which with "
                         "EFFNET_OPTION_ARCHITECTURE or --arch");
        effnet_model_release(model);
        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_string(options, EFFNET_OPTION_ARCHITECTURE,
                                        "tf_efficientnet_b0.ap_in1k"));
        ck_ok(effnet_options_set_double(options, EFFNET_OPTION_EPSILON, 0.5));
        ck_ok(effnet_model_load_file(&model, path, options));
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_ARCHITECTURE),
                         "option");
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_EPSILON),
                         "option");
        ck_assert_int_eq(effnet_model_warning_count(model), 0);
        effnet_model_release(model);
        effnet_options_free(options);
}
END_TEST

int
main(void)
{
        const TTest *const tests[] = {
                version_agrees,
                status_names,
                message_is_kept_and_copied,
                options_keep_values,
                options_bound_every_int,
                options_refuse,
                tensor_owns,
                tensor_wraps,
                tensor_refuses,
                getters_take_null,
                model_loading_refuses,
                model_is_created_and_counted,
                model_creation_refuses,
                labels_come_from_a_file,
                sources_and_warnings,
        };
        Suite *suite = suite_create("api");
        TCase *tcase = tcase_create("api");

        for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
                tcase_add_test(tcase, tests[i]);
        suite_add_tcase(suite, tcase);
        return test_main(suite);
}
