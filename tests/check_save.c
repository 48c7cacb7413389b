/* check_save.c: kept parameters, and saving: what is written reads back as it
 * was, what cannot be expressed is refused, and a failure leaves nothing.
 */
#include "load/target.h"
#include "memory.h"
#include "support.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a write callback was given. */
typedef struct bytes {
        uint8_t *data;
        size_t size, capacity;
        long left; /* writes until one fails; negative: none does */
} bytes;

static int32_t
take(void *opaque, const void *data, size_t size)
{
        bytes *to = opaque;

        if (to->left == 0)
                return 1;
        to->left -= to->left > 0;
        if (to->size + size > to->capacity) {
                to->capacity = (to->size + size) * 2;
                to->data = realloc(to->data, to->capacity);
                ck_assert_ptr_nonnull(to->data);
        }
        memcpy(to->data + to->size, data, size);
        to->size += size;
        return 0;
}

static effnet_options *
keeping(void)
{
        effnet_options *options;

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_KEEP_PARAMETERS,
                                     1));
        return options;
}

static effnet_model *
create(const char *name, int classes, const effnet_options *options)
{
        effnet_config *config;
        effnet_model *model;

        ck_ok(effnet_config_create(&config, name));
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_CLASSES, classes));
        ck_ok(effnet_model_create(&model, config, 11, options));
        effnet_config_free(config);
        return model;
}

static effnet_model *
create_kept(const char *name)
{
        effnet_options *options = keeping();
        effnet_model *model = create(name, 7, options);

        effnet_options_free(options);
        return model;
}

/* What the tensors do not tell stands beside them. */
static effnet_model *
load(const bytes *file)
{
        effnet_options *options = keeping();
        effnet_model *model;

        ck_ok(effnet_model_load_memory(&model, file->data, file->size,
                                       options));
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_PADDING),
                         "metadata");
        effnet_options_free(options);
        return model;
}

static const float *
parameter(const effnet_model *model, int32_t index, int64_t *count)
{
        const effnet_tensor *tensor;

        ck_ok(effnet_model_parameter(model, index, &tensor));
        ck_assert_int_eq(effnet_tensor_type(tensor), EFFNET_TYPE_F32);
        *count = effnet_tensor_count(tensor);
        return effnet_tensor_const_data(tensor);
}

/* The nearest value of the type, ties to even, in double arithmetic: the
 * values of a model are normal in bfloat16 and no smaller than 2^-40.
 */
static double
rounded(int32_t dtype, float value)
{
        int fraction = dtype == EFFNET_TYPE_F16 ? 10 : 7, exponent = 0;
        double unit = 1, magnitude = value < 0 ? -(double)value : (double)value;
        double whole, rest;

        if (dtype == EFFNET_TYPE_F32 || value == 0)
                return (double)value;
        while (magnitude >= 2 * unit) {
                unit *= 2;
                exponent++;
        }
        while (magnitude < unit) {
                unit /= 2;
                exponent--;
        }
        if (dtype == EFFNET_TYPE_F16 && exponent < -14)
                unit = 1.0 / 16384;
        unit /= 1 << fraction;
        whole = (double)(int64_t)(magnitude / unit);
        rest = magnitude / unit - whole;
        if (rest > 0.5 || (rest == 0.5 && (int64_t)whole % 2 != 0))
                whole++;
        return (value < 0 ? -1 : 1) * whole * unit;
}

static void
same_parameters(const effnet_model *a, const effnet_model *b, int32_t dtype)
{
        int32_t count = effnet_model_parameter_count(a);

        ck_assert_int_gt(count, 50);
        ck_assert_int_eq(effnet_model_parameter_count(b), count);
        for (int32_t i = 0; i < count; i++) {
                const char *name = effnet_model_parameter_name(a, i);
                int64_t n, m;
                const float *x = parameter(a, i, &n);
                const float *y = parameter(b, i, &m);

                ck_assert_str_eq(name, effnet_model_parameter_name(b, i));
                ck_assert_int_eq(n, m);
                if (dtype == EFFNET_TYPE_F32)
                        ck_assert_mem_eq(x, y, (size_t)n * sizeof(float));
                for (int64_t j = 0; dtype != EFFNET_TYPE_F32 && j < n; j++)
                        if ((double)y[j] != rounded(dtype, x[j]))
                                ck_abort_msg("%s[%ld]: %a became %a", name,
                                             (long)j, (double)x[j],
                                             (double)y[j]);
        }
}

/* Logits of one small picture, or the embedding without classes. */
static void
outputs(effnet_model *model, float values[1280])
{
        const int64_t shape[] = {1, 3, 32, 32};
        effnet_session *session;
        effnet_tensor *input;
        float *pixels;

        ck_ok(effnet_tensor_create(&input, EFFNET_TYPE_F32, 4, shape));
        pixels = effnet_tensor_data(input);
        for (int i = 0; i < 3 * 32 * 32; i++)
                pixels[i] = (float)(i * 37 % 101) / 50 - 1;
        ck_ok(effnet_session_create(&session, model, NULL));
        ck_ok(effnet_session_run(session, input));
        memset(values, 0, 1280 * sizeof(float));
        ck_ok(effnet_session_copy_output(session,
                                         effnet_model_classes(model) > 0
                                                 ? EFFNET_OUTPUT_LOGITS
                                                 : EFFNET_OUTPUT_EMBEDDING,
                                         values, 1280, NULL));
        effnet_session_free(session);
        effnet_tensor_free(input);
}

static const struct {
        const char *name; /* of the architecture */
        int32_t names;    /* it is saved by */
} trips[] = {
        {"efficientnet_b0", EFFNET_NAMES_TORCHVISION},
        {"efficientnet_b0", EFFNET_NAMES_OWN},
        {"efficientnet_b1", EFFNET_NAMES_TIMM},
        {"efficientnet-b0", EFFNET_NAMES_LM},
        {"efficientnet-b1", EFFNET_NAMES_TIMM},
        {"tf_efficientnet_b0", EFFNET_NAMES_HF},
        {"efficientnet-lite0", EFFNET_NAMES_OWN},
        {"efficientnet-lite1", EFFNET_NAMES_TIMM},
        {"tf_efficientnet_lite0", EFFNET_NAMES_LM},
        {"tf_efficientnetv2_b0", EFFNET_NAMES_TIMM},
        {"efficientnet_es", EFFNET_NAMES_OWN},
        {"test_efficientnet", EFFNET_NAMES_TIMM},
        {"efficientnetv2_rw_t", EFFNET_NAMES_TIMM},
};

static void
round_trip(effnet_model *model, int32_t names, int32_t dtype)
{
        bytes file = {.left = -1};
        effnet_model *again;
        float x[1280], y[1280];

        ck_ok(effnet_model_save_callback(model, take, &file, names, dtype,
                                         NULL));
        again = load(&file);
        ck_assert_str_eq(effnet_model_container(again), "safetensors");
        ck_assert_int_eq(effnet_model_classes(again),
                         effnet_model_classes(model));
        same_parameters(model, again, dtype);
        if (dtype == EFFNET_TYPE_F32) {
                outputs(model, x);
                outputs(again, y);
                ck_assert_mem_eq(x, y, sizeof(x));
        }
        effnet_model_release(again);
        free(file.data);
}

START_TEST(reads_back)
{
        effnet_model *model = create_kept(trips[_i].name);

        round_trip(model, trips[_i].names, EFFNET_TYPE_F32);
        if (_i % 4 == 0) {
                round_trip(model, trips[_i].names, EFFNET_TYPE_F16);
                round_trip(model, trips[_i].names, EFFNET_TYPE_BF16);
        }
        effnet_model_release(model);
}
END_TEST

/* transformers' bare model has no prefix. */
START_TEST(bare_names)
{
        const en_naming *naming;
        effnet_config config;

        ck_ok(en_config_named(&config, "tf_efficientnet_b0"));
        ck_ok(en_target_find(&naming, &config, EFFNET_NAMES_HF));
        ck_assert_str_eq(naming->keys[0],
                         "efficientnet.embeddings.convolution.weight");
        config.classes = 0;
        ck_ok(en_target_find(&naming, &config, EFFNET_NAMES_HF));
        ck_assert_str_eq(naming->keys[0], "embeddings.convolution.weight");
}
END_TEST

/* Neither has the saved file a classifier. */
START_TEST(without_classes)
{
        effnet_options *options = keeping();
        effnet_model *model;

        ck_ok(effnet_model_load_file(
                &model, test_data("checkpoints/timm-headless.pth"), options));
        ck_assert_int_eq(effnet_model_classes(model), 0);
        round_trip(model, EFFNET_NAMES_OWN, EFFNET_TYPE_F32);
        effnet_model_release(model);
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_PADDING,
                                     EFFNET_PADDING_SAME));
        ck_ok(effnet_model_load_file(
                &model, test_data("checkpoints/timm-headless.pth"), options));
        round_trip(model, EFFNET_NAMES_LM, EFFNET_TYPE_F32);
        effnet_model_release(model);
        effnet_options_free(options);
}
END_TEST

static const struct {
        const char *name;
        int32_t names;
        const char *reason;
} refusals[] = {
        {"efficientnet-lite0", EFFNET_NAMES_HF, "no model of the kind lite0"},
        {"efficientnet_es", EFFNET_NAMES_HF, "no model of the kind es"},
        {"tf_efficientnetv2_b0", EFFNET_NAMES_HF, "no model of the kind v2_b0"},
        {"tf_efficientnetv2_b0", EFFNET_NAMES_TORCHVISION,
         "no model of the kind v2_b0"},
        {"tf_efficientnetv2_b0", EFFNET_NAMES_LM, "no model of the kind v2_b0"},
        {"efficientnet_lite0", EFFNET_NAMES_TORCHVISION,
         "no model of the kind lite0"},
        {"efficientnet_b1_pruned", EFFNET_NAMES_TORCHVISION,
         "no model of the kind b1_pruned"},
        {"efficientnet-b0", EFFNET_NAMES_TORCHVISION, "symmetrically"},
        {"tf_efficientnet_b0", EFFNET_NAMES_TORCHVISION, "symmetrically"},
        {"efficientnet_b0", EFFNET_NAMES_LM, "as TensorFlow does"},
        {"efficientnet_b0", EFFNET_NAMES_HF, "as TensorFlow does"},
};

START_TEST(refuses_what_a_target_lacks)
{
        effnet_model *model = create_kept(refusals[_i].name);
        bytes file = {.left = -1};

        ck_fails(effnet_model_save_callback(model, take, &file,
                                            refusals[_i].names, EFFNET_TYPE_F32,
                                            NULL),
                 EFFNET_ERROR_UNSUPPORTED);
        ck_message(refusals[_i].reason);
        ck_assert_uint_eq(file.size, 0);
        effnet_model_release(model);
}
END_TEST

START_TEST(refuses_other_blocks)
{
        effnet_options *options = keeping();
        effnet_config *config;
        effnet_model *model;
        bytes file = {.left = -1};

        ck_ok(effnet_config_create(&config, "efficientnet_b0"));
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_ACTIVATION,
                                    EFFNET_ACTIVATION_RELU));
        ck_ok(effnet_model_create(&model, config, 1, options));
        ck_fails(effnet_model_save_callback(model, take, &file,
                                            EFFNET_NAMES_TORCHVISION,
                                            EFFNET_TYPE_F32, NULL),
                 EFFNET_ERROR_UNSUPPORTED);
        ck_message("activation");
        effnet_model_release(model);
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_ACTIVATION,
                                    EFFNET_ACTIVATION_SILU));
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_SQUEEZE_EXCITE, 0));
        ck_ok(effnet_model_create(&model, config, 1, options));
        ck_fails(effnet_model_save_callback(model, take, &file,
                                            EFFNET_NAMES_TORCHVISION,
                                            EFFNET_TYPE_F32, NULL),
                 EFFNET_ERROR_UNSUPPORTED);
        ck_message("squeeze-and-excite");
        ck_assert_uint_eq(file.size, 0);
        effnet_model_release(model);
        effnet_config_free(config);
        effnet_options_free(options);
}
END_TEST

START_TEST(arguments_and_state)
{
        effnet_model *model = create_kept("test_efficientnet");
        effnet_model *plain = create("test_efficientnet", 7, NULL);
        const effnet_tensor *tensor;
        bytes file = {.left = -1};
        int32_t count = effnet_model_parameter_count(model);

        ck_assert_int_eq(count, 75);
        ck_assert_str_eq(effnet_model_parameter_name(model, 0),
                         "stem.conv.weight");
        ck_assert_str_eq(effnet_model_parameter_name(model, count - 1),
                         "classifier.bias");
        ck_assert_ptr_null(effnet_model_parameter_name(model, count));
        ck_assert_ptr_null(effnet_model_parameter_name(model, -1));
        ck_ok(effnet_model_parameter(model, 0, &tensor));
        ck_assert_int_eq(effnet_tensor_rank(tensor), 4);
        ck_assert_int_eq(effnet_tensor_dimension(tensor, 0), 24);
        ck_assert_int_eq(effnet_tensor_dimension(tensor, 1), 3);
        ck_fails(effnet_model_parameter(model, count, &tensor),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_ptr_null(tensor);
        ck_fails(effnet_model_parameter(model, -1, &tensor),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_model_parameter(model, 0, NULL), EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_model_parameter(NULL, 0, &tensor),
                 EFFNET_ERROR_ARGUMENT);

        ck_assert_int_eq(effnet_model_parameter_count(plain), 0);
        ck_assert_ptr_null(effnet_model_parameter_name(plain, 0));
        ck_fails(effnet_model_parameter(plain, 0, &tensor), EFFNET_ERROR_STATE);
        ck_message("EFFNET_OPTION_KEEP_PARAMETERS");
        ck_fails(effnet_model_save_file(plain, "x", 0, EFFNET_TYPE_F32, NULL),
                 EFFNET_ERROR_STATE);
        ck_message("EFFNET_OPTION_KEEP_PARAMETERS");
        ck_fails(effnet_model_save_callback(plain, take, &file, 0,
                                            EFFNET_TYPE_F32, NULL),
                 EFFNET_ERROR_STATE);
        ck_fails(effnet_model_save_file(NULL, "x", 0, EFFNET_TYPE_F32, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_model_save_file(model, NULL, 0, EFFNET_TYPE_F32, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_model_save_callback(NULL, take, &file, 0,
                                            EFFNET_TYPE_F32, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_model_save_callback(model, NULL, &file, 0,
                                            EFFNET_TYPE_F32, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_model_save_callback(model, take, &file, 5,
                                            EFFNET_TYPE_F32, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("names");
        ck_fails(effnet_model_save_callback(model, take, &file, -1,
                                            EFFNET_TYPE_F32, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_model_save_callback(model, take, &file, 0,
                                            EFFNET_TYPE_U8, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("dtype");
        ck_assert_uint_eq(file.size, 0);
        effnet_model_release(plain);
        effnet_model_release(model);
}
END_TEST

START_TEST(keeping_counts_as_memory)
{
        effnet_options *options = keeping();
        effnet_config *config;
        effnet_model *model;
        int64_t kept = 0, n;

        model = create("test_efficientnet", 7, options);
        for (int32_t i = 0; i < effnet_model_parameter_count(model); i++) {
                parameter(model, i, &n);
                kept += n * 4;
        }
        effnet_model_release(model);
        ck_ok(effnet_config_create(&config, "test_efficientnet"));
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_CLASSES, 7));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_MAX_MEMORY_BYTES,
                                     kept - 1));
        ck_fails(effnet_model_create(&model, config, 1, options),
                 EFFNET_ERROR_LIMIT);
        ck_message("parameters to keep");
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_MAX_MEMORY_BYTES,
                                     kept + kept / 2));
        ck_fails(effnet_model_create(&model, config, 1, options),
                 EFFNET_ERROR_LIMIT);
        ck_message("beside the parameters");
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_MAX_MEMORY_BYTES,
                                     3 * kept));
        ck_ok(effnet_model_create(&model, config, 1, options));
        effnet_model_release(model);
        effnet_config_free(config);
        effnet_options_free(options);
}
END_TEST

/* A finite value beyond the type is named; infinities and NaNs pass. */
START_TEST(narrow_types_overflow)
{
        effnet_model *model = create_kept("test_efficientnet");
        const effnet_tensor *tensor;
        bytes file = {.left = -1};
        float *values;

        ck_ok(effnet_model_parameter(model, 3, &tensor));
        values = (float *)(uintptr_t)effnet_tensor_const_data(tensor);
        values[2] = 65519;
        ck_ok(effnet_model_save_callback(model, take, &file, 0, EFFNET_TYPE_F16,
                                         NULL));
        values[2] = -65520;
        ck_fails(effnet_model_save_callback(model, take, &file, 0,
                                            EFFNET_TYPE_F16, NULL),
                 EFFNET_ERROR_UNSUPPORTED);
        ck_message(effnet_model_parameter_name(model, 3));
        ck_message("float16");
        ck_message("element 2");
        ck_ok(effnet_model_save_callback(model, take, &file, 0,
                                         EFFNET_TYPE_BF16, NULL));
        values[2] = 3.4e38F;
        ck_fails(effnet_model_save_callback(model, take, &file, 0,
                                            EFFNET_TYPE_BF16, NULL),
                 EFFNET_ERROR_UNSUPPORTED);
        values[2] = -(float)HUGE_VAL;
        ck_ok(effnet_model_save_callback(model, take, &file, 0, EFFNET_TYPE_F16,
                                         NULL));
        free(file.data);
        effnet_model_release(model);
}
END_TEST

/* Files in a folder of one's own. */
static int
count_files(const char *folder)
{
        DIR *stream = opendir(folder);
        int count = 0;

        ck_assert_ptr_nonnull(stream);
        while (readdir(stream) != NULL)
                count++;
        closedir(stream);
        return count - 2;
}

static char *
path_in(const char *folder, const char *name)
{
        static char paths[4][256];
        static int next;
        char *path = paths[next++ % 4];

        snprintf(path, 256, "%s/%s", folder, name);
        return path;
}

START_TEST(files_are_whole_or_not_there)
{
        effnet_model *model = create_kept("test_efficientnet");
        char folder[] = P_tmpdir "/effnet-save-XXXXXX";
        const char *path, *link, *inner;
        bytes file = {.left = -1};
        struct stat info;
        uint8_t *data;
        size_t size;

        ck_assert_ptr_nonnull(mkdtemp(folder));
        path = path_in(folder, "a.safetensors");
        link = path_in(folder, "link");
        inner = path_in(folder, "none/a");
        ck_ok(effnet_model_save_callback(model, take, &file, 0, EFFNET_TYPE_F32,
                                         NULL));
        ck_ok(effnet_model_save_file(model, path, 0, EFFNET_TYPE_F32, NULL));
        data = test_read(path, &size);
        ck_assert_uint_eq(size, file.size);
        ck_assert_mem_eq(data, file.data, size);
        free(data);
        ck_assert_int_eq(count_files(folder), 1);

        /* An existing file stays when saving fails. */
        ck_fails(effnet_model_save_file(model, path, EFFNET_NAMES_HF,
                                        EFFNET_TYPE_F32, NULL),
                 EFFNET_ERROR_UNSUPPORTED);
        ck_message(path);
        ck_fails(effnet_model_save_file(model, inner, 0, EFFNET_TYPE_F32, NULL),
                 EFFNET_ERROR_IO);
        ck_message("none/a");
        ck_fails(
                effnet_model_save_file(model, folder, 0, EFFNET_TYPE_F32, NULL),
                EFFNET_ERROR_IO);
        ck_message("directory");
        ck_assert_int_eq(count_files(folder), 1);
        ck_assert_int_eq(stat(path, &info), 0);
        ck_assert_uint_eq((size_t)info.st_size, file.size);

        /* It is replaced with its permissions, and a link stays one. */
        ck_assert_int_eq(chmod(path, 0640), 0);
        ck_assert_int_eq(symlink("a.safetensors", link), 0);
        ck_ok(effnet_model_save_file(model, link, 0, EFFNET_TYPE_F16, NULL));
        ck_assert_int_eq(lstat(link, &info), 0);
        ck_assert(S_ISLNK(info.st_mode));
        ck_assert_int_eq(lstat(path, &info), 0);
        ck_assert_int_eq(info.st_mode & 0777, 0640);
        ck_assert_uint_lt((size_t)info.st_size, file.size);
        ck_assert_int_eq(count_files(folder), 2);
        unlink(link);
        unlink(path);
        ck_assert_int_eq(rmdir(folder), 0);
        free(file.data);
        effnet_model_release(model);
}
END_TEST

START_TEST(full_disk)
{
        effnet_model *model = create_kept("test_efficientnet");

        if (access("/dev/full", W_OK) != 0) {
                test_skipped("a full disk", "there is no /dev/full");
        } else {
                ck_fails(effnet_model_save_file(model, "/dev/full", 0,
                                                EFFNET_TYPE_F32, NULL),
                         EFFNET_ERROR_IO);
                ck_message("no space left");
        }
        effnet_model_release(model);
}
END_TEST

START_TEST(failing_callback)
{
        effnet_model *model = create_kept("test_efficientnet");

        for (long n = 0; n < 60; n += 7) {
                bytes file = {.left = n};

                ck_fails(effnet_model_save_callback(model, take, &file, 0,
                                                    EFFNET_TYPE_F32, NULL),
                         EFFNET_ERROR_IO);
                ck_message("callback");
                free(file.data);
        }
        effnet_model_release(model);
}
END_TEST

START_TEST(memory_runs_out)
{
        effnet_options *options = keeping();
        effnet_status status = EFFNET_ERROR_MEMORY;
        effnet_model *model = NULL;
        effnet_config *config;
        long n;

        ck_ok(effnet_config_create(&config, "test_efficientnet"));
        for (n = 0; status == EFFNET_ERROR_MEMORY && n < 200; n++) {
                test_memory_fail(n, _i);
                status = effnet_model_create(&model, config, 1, options);
                test_memory_reset();
        }
        ck_assert_int_gt(n, 8);
        ck_ok(status);
        status = EFFNET_ERROR_MEMORY;
        for (n = 0; status == EFFNET_ERROR_MEMORY && n < 200; n++) {
                bytes file = {.left = -1, .capacity = 1 << 22};

                file.data = malloc(file.capacity);
                test_memory_fail(n, _i);
                status = effnet_model_save_callback(model, take, &file, 0,
                                                    EFFNET_TYPE_F32, NULL);
                test_memory_reset();
                free(file.data);
        }
        ck_assert_int_gt(n, 2);
        ck_ok(status);
        effnet_model_release(model);
        effnet_config_free(config);
        effnet_options_free(options);
}
END_TEST

static Suite *
suite(void)
{
        Suite *made = suite_create("save");
        TCase *tests = tcase_create("save");

        tcase_add_loop_test(tests, reads_back, 0,
                            (int)(sizeof(trips) / sizeof(trips[0])));
        tcase_add_test(tests, without_classes);
        tcase_add_test(tests, bare_names);
        tcase_add_loop_test(tests, refuses_what_a_target_lacks, 0,
                            (int)(sizeof(refusals) / sizeof(refusals[0])));
        tcase_add_test(tests, refuses_other_blocks);
        tcase_add_test(tests, arguments_and_state);
        tcase_add_test(tests, keeping_counts_as_memory);
        tcase_add_test(tests, narrow_types_overflow);
        tcase_add_test(tests, files_are_whole_or_not_there);
        tcase_add_test(tests, full_disk);
        tcase_add_test(tests, failing_callback);
        tcase_add_loop_test(tests, memory_runs_out, 0, 2);
        suite_add_tcase(made, tests);
        return made;
}

int
main(void)
{
        return test_main(suite());
}
