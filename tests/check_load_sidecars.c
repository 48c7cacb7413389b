/* check_load_sidecars.c: what timm and transformers put beside a checkpoint, as
 * their own code wrote it and understands it (tests/oracle/make_sidecars.py);
 * and what comes first.
 */
#include "api/model.h"
#include "arch/seeded.h"
#include "archive.h"
#include "folder.h"
#include "goldens.h"
#include "hash.h"
#include "pictures.h"
#include "sidecars.h"
#include "support.h"
#include "tensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- as timm wrote and understands it */

typedef struct steps {
        char folder[40], architecture[64], label[40];
        int classes, channels, test_size, padding, activation;
        double epsilon;
        int mode, resize[2], crop[2], filter;
        float norm[6];
} steps;

static bool
read_steps(const char *line, steps *s)
{
        return sscanf(line,
                      "%39s %63s %d %d %d %d %lf %d %d %d %d %d %d %d %f %f "
                      "%f %f %f %f %39s",
                      s->folder, s->architecture, &s->classes, &s->channels,
                      &s->test_size, &s->padding, &s->epsilon, &s->activation,
                      &s->mode, &s->resize[0], &s->resize[1], &s->crop[0],
                      &s->crop[1], &s->filter, &s->norm[0], &s->norm[1],
                      &s->norm[2], &s->norm[3], &s->norm[4], &s->norm[5],
                      s->label) == 21;
}

static void
expect_config(const effnet_model *model, const steps *s)
{
        const effnet_config *config = &model->config;

        ck_assert_str_eq(config->name, s->architecture);
        ck_assert_int_eq(config->padding, s->padding);
        ck_assert_int_eq(config->activation, s->activation);
        ck_assert(config->epsilon == s->epsilon);
        ck_assert_int_eq(config->input_channels, s->channels);
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_ARCHITECTURE),
                         "config.json");
        ck_assert_int_eq(effnet_model_warning_count(model), 0);
}

/* timm's "test" leaves sizes to the caller's option. */
static void
expect_steps(const effnet_model *model, const steps *s)
{
        const en_preset *found = &model->preprocess.steps;

        ck_assert_int_eq(found->mode, s->mode);
        ck_assert_int_eq(found->resize_height, s->resize[0]);
        ck_assert_int_eq(found->resize_width, s->resize[1]);
        ck_assert_int_eq(found->crop_height, s->crop[0]);
        ck_assert_int_eq(found->crop_width, s->crop[1]);
        ck_assert_int_eq(found->filter, s->filter);
        ck_assert_mem_eq(found->mean, s->norm, sizeof(found->mean));
        ck_assert_mem_eq(found->std, s->norm + 3, sizeof(found->std));
        ck_assert_int_eq(found->arithmetic, EFFNET_ARITHMETIC_TORCHVISION);
        ck_assert_int_eq(found->gray, s->channels == 1);
        for (int32_t key = EFFNET_SOURCE_PADDING; key <= EFFNET_SOURCE_MODE;
             key++)
                ck_assert_str_eq(effnet_model_source(model, key),
                                 "config.json");
}

static void
expect_label(const effnet_model *model, const steps *s)
{
        char label[40] = "-";
        const char *found = effnet_model_label(model, s->classes - 1);

        if (found != NULL)
                snprintf(label, sizeof(label), "%s", found);
        for (char *c = label; *c != '\0'; c++)
                if (*c == ' ')
                        *c = '_';
        ck_assert_str_eq(label, s->label);
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_LABELS),
                         found != NULL ? "config.json" : "none");
}

static void
check_timm(const steps *s)
{
        test_folder folder = test_folder_create();
        effnet_options *options = test_with_int(EFFNET_OPTION_TEST_SIZE,
                                                s->test_size);
        effnet_config *config;
        effnet_model *model;

        ck_ok(effnet_config_create(&config, s->architecture));
        test_write_zeros(&folder, "timm", EN_FAMILY_TIMM, config->variant,
                         s->classes, s->channels);
        test_folder_copy(&folder, "sidecars", s->folder, "config.json");
        model = test_load_in(&folder, options);
        expect_config(model, s);
        expect_steps(model, s);
        expect_label(model, s);
        effnet_model_release(model);
        effnet_config_free(config);
        effnet_options_free(options);
        test_folder_free(&folder);
}

START_TEST(as_timm)
{
        FILE *table = test_table("sidecars/steps.txt");
        char line[600];
        int count = 0;
        steps s;

        while (fgets(line, sizeof(line), table) != NULL) {
                if (!read_steps(line, &s))
                        continue;
                check_timm(&s);
                count++;
        }
        fclose(table);
        ck_assert_int_eq(count, 10);
}
END_TEST

/* ---- as transformers wrote and understands it */

static void
check_processor(const char *name, int width, int height, int seed,
                const int size[2], const char *hash)
{
        test_folder folder = test_folder_create();
        uint8_t *pixels = test_picture(width, height, (uint64_t)seed, 0);
        char found[HASH_SIZE];
        effnet_image *image;
        effnet_tensor *tensor;
        effnet_model *model;

        test_write_zeros(&folder, "transformers", EN_FAMILY_HF, EN_B0, 5, 3);
        test_folder_copy(&folder, "sidecars", name, "preprocessor_config.json");
        model = test_load_in(&folder, NULL);
        ck_assert_int_eq(effnet_model_warning_count(model), 0);
        for (int32_t key = EFFNET_SOURCE_MEAN_STD; key <= EFFNET_SOURCE_MODE;
             key++)
                ck_assert_str_eq(effnet_model_source(model, key),
                                 "preprocessor_config.json");
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_PADDING),
                         "default of huggingface");
        ck_ok(effnet_image_wrap(&image, EFFNET_PIXEL_RGB, width, height, pixels,
                                3 * width, NULL, NULL));
        ck_ok(effnet_preprocess_apply(effnet_model_preprocess(model), image,
                                      &tensor));
        ck_assert_int_eq(effnet_tensor_dimension(tensor, 2), size[0]);
        ck_assert_int_eq(effnet_tensor_dimension(tensor, 3), size[1]);
        test_hash(effnet_tensor_const_data(tensor),
                  (size_t)effnet_tensor_count(tensor) * sizeof(float), found);
        ck_assert_msg(strcmp(found, hash) == 0, "%s", name);
        effnet_tensor_free(tensor);
        effnet_image_free(image);
        effnet_model_release(model);
        free(pixels);
        test_folder_free(&folder);
}

START_TEST(as_transformers)
{
        FILE *table = test_table("sidecars/processors.txt");
        char line[300], name[40], hash[HASH_SIZE];
        int width, height, seed, size[2], count = 0;

        while (fgets(line, sizeof(line), table) != NULL) {
                if (sscanf(line, "%39s %d %d %d %d %d %64s", name, &width,
                           &height, &seed, &size[0], &size[1], hash) != 7)
                        continue;
                check_processor(name, width, height, seed, size, hash);
                count++;
        }
        fclose(table);
        ck_assert_int_eq(count, 5);
}
END_TEST

/* ---- networks that only a config.json describes */

typedef struct network {
        char folder[40];
        double width, depth;
        int channels, height, side, seed, start;
} network;

/* By transformers' names, and without what this project would say of it. */
static void
write_seeded(const test_folder *folder, effnet_config *config, int seed)
{
        effnet_options *options = test_with_int(EFFNET_OPTION_KEEP_PARAMETERS,
                                                1);
        test_bytes file = {NULL, 0, 0};
        effnet_model *model;
        uint8_t *key;

        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_CLASSES, 5));
        ck_ok(effnet_model_create(&model, config, (uint64_t)seed, options));
        ck_ok(effnet_model_save_callback(model, test_take, &file,
                                         EFFNET_NAMES_HF, EFFNET_TYPE_F32,
                                         NULL));
        for (key = file.data; memcmp(key, "\"effnet\"", 8) != 0; key++)
                ck_assert(key < file.data + 8192);
        memcpy(key, "\"nobody\"", 8);
        test_folder_write(folder, "m", file.data, file.size);
        free(file.data);
        effnet_model_release(model);
        effnet_options_free(options);
}

static void
write_network(const test_folder *folder, const network *n)
{
        effnet_config *config;

        ck_ok(effnet_config_create_custom(&config, "google/efficientnet-b0",
                                          n->width, n->depth, 64));
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_INPUT_CHANNELS,
                                    n->channels));
        write_seeded(folder, config, n->seed);
        effnet_config_free(config);
}

/* The expected logits are five. */
static double
difference_of(effnet_model *model, const int64_t shape[4], int seed,
              const float *expected)
{
        effnet_session *session;
        effnet_tensor *input;
        float logits[5];
        size_t written;

        ck_ok(effnet_tensor_create(&input, EFFNET_TYPE_F32, 4, shape));
        en_seeded_values((uint64_t)seed, "input", 0, 2,
                         effnet_tensor_count(input), effnet_tensor_data(input));
        ck_ok(effnet_session_create(&session, model, NULL));
        ck_ok(effnet_session_run(session, input));
        ck_ok(effnet_session_copy_output(session, EFFNET_OUTPUT_LOGITS, logits,
                                         5, &written));
        ck_assert_int_eq(written, 5);
        effnet_session_free(session);
        effnet_tensor_free(input);
        return test_relative_difference(logits, expected, 5);
}

static double
run(const test_folder *folder, const network *n, const float *expected)
{
        effnet_model *model = test_load_in(folder, NULL);
        int64_t shape[4] = {1, n->channels, n->height, n->side};
        double difference = difference_of(model, shape, n->seed, expected);

        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_PADDING),
                         "config.json");
        ck_assert_str_eq(effnet_model_label(model, 2), "z\xc3\xbcrich");
        effnet_model_release(model);
        return difference;
}

START_TEST(networks)
{
        test_array values = test_npy(test_data("sidecars/values.npy"));
        FILE *table = test_table("sidecars/networks.txt");
        char line[300];
        int count = 0;
        network n;

        while (fgets(line, sizeof(line), table) != NULL) {
                test_folder folder;
                double difference;

                if (sscanf(line, "%39s %lf %lf %d %d %d %d %d", n.folder,
                           &n.width, &n.depth, &n.channels, &n.height, &n.side,
                           &n.seed, &n.start) != 8)
                        continue;
                folder = test_folder_create();
                write_network(&folder, &n);
                test_folder_copy(&folder, "sidecars", n.folder, "config.json");
                difference = run(&folder, &n, values.f32 + n.start);
                ck_assert_msg(difference <= TEST_TOLERANCE, "%s: %g", n.folder,
                              difference);
                test_folder_free(&folder);
                count++;
        }
        fclose(table);
        test_array_free(&values);
        ck_assert_int_eq(count, 5);
}
END_TEST

/* The same network padded otherwise: the test above can see. */
START_TEST(padding_shows)
{
        test_array values = test_npy(test_data("sidecars/values.npy"));
        network n = {"hf-none", 0.25, 0.3, 3, 61, 47, 700, 0};
        test_folder folder = test_folder_create();

        write_network(&folder, &n);
        test_folder_copy(&folder, "sidecars", "hf-all", "config.json");
        ck_assert(run(&folder, &n, values.f32) > 10 * TEST_TOLERANCE);
        test_folder_free(&folder);
        test_array_free(&values);
}
END_TEST

/* ---- published networks without any sidecar */

/* Padding as for the size that runs is something else, unless that is the
 * nominal one.
 */
static void
check_default(const char *name, const int64_t shape[4], int seed,
              const float *expected)
{
        effnet_options *options = test_with_int(EFFNET_OPTION_PADDING,
                                                EFFNET_PADDING_SAME);
        test_folder folder = test_folder_create();
        effnet_model *model, *same;
        effnet_config *config;
        double difference;

        ck_ok(effnet_config_create(&config, name));
        write_seeded(&folder, config, seed);
        model = test_load_in(&folder, NULL);
        same = test_load_in(&folder, options);
        ck_assert_str_eq(effnet_config_name(&model->config), name);
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_PADDING),
                         "default of huggingface");
        difference = difference_of(model, shape, seed, expected);
        ck_assert_msg(difference <= TEST_TOLERANCE, "%s: %g", name, difference);
        difference = difference_of(same, shape, seed, expected);
        ck_assert(shape[2] == config->resolution &&
                                  shape[3] == config->resolution
                          ? difference <= TEST_TOLERANCE
                          : difference > 10 * TEST_TOLERANCE);
        effnet_model_release(model);
        effnet_model_release(same);
        effnet_config_free(config);
        effnet_options_free(options);
        test_folder_free(&folder);
}

START_TEST(defaults_are_transformers)
{
        FILE *table = test_table("sidecars/defaults.txt");
        char line[300], name[40];
        int64_t shape[4] = {1, 3, 0, 0};
        int height, width, seed, count = 0;
        float x[5];

        while (fgets(line, sizeof(line), table) != NULL) {
                if (sscanf(line, "%39s %d %d %d %f %f %f %f %f", name, &height,
                           &width, &seed, &x[0], &x[1], &x[2], &x[3],
                           &x[4]) != 9)
                        continue;
                shape[2] = height;
                shape[3] = width;
                check_default(name, shape, seed, x);
                count++;
        }
        fclose(table);
        ck_assert_int_eq(count, 5);
}
END_TEST

/* What the published config.json list under depthwise_padding is what the
 * nominal sizes make of it.
 */
START_TEST(published_padding)
{
        static const int blocks[EN_B7 + 1][3] = {
                {-1, -1, -1}, {16, -1, -1}, {5, 8, 16},   {5, 18, -1},
                {6, -1, -1},  {13, 27, -1}, {31, -1, -1}, {18, -1, -1}};

        for (int32_t v = EN_B0; v <= EN_B7; v++) {
                bool square[EN_MAX_STAGES] = {false};
                effnet_config config;
                int32_t block = 0;

                ck_ok(en_config_variant(&config, EN_FAMILY_HF, v));
                ck_assert_int_eq(config.padding, EFFNET_PADDING_SAME_STATIC);
                for (int32_t i = 0; i < config.stage_count; i++) {
                        for (int j = 0; j < 3; j++)
                                square[i] |= blocks[v][j] == block;
                        block += en_config_repeats(&config, i);
                }
                en_config_pad_square(&config, square);
                ck_assert_int_eq(config.padding_resolution, 0);
        }
}
END_TEST

/* Only transformers' own model can be made to pad so; saved for it, the file
 * says how.
 */
START_TEST(padding_is_saved)
{
        network n = {"hf-last", 0.25, 0.3, 3, 64, 64, 701, 5};
        test_folder folder = test_folder_create();
        effnet_options *options = test_with_int(EFFNET_OPTION_KEEP_PARAMETERS,
                                                1);
        effnet_model *model, *again;
        test_bytes file = {NULL, 0, 0};

        write_network(&folder, &n);
        test_folder_copy(&folder, "sidecars", "hf-last", "config.json");
        model = test_load_in(&folder, options);
        ck_assert_int_ne(model->config.padding_resolution, 0);
        ck_fails(effnet_model_save_callback(model, test_take, &file,
                                            EFFNET_NAMES_LM, EFFNET_TYPE_F32,
                                            NULL),
                 EFFNET_ERROR_UNSUPPORTED);
        ck_message("depthwise_padding");
        ck_ok(effnet_model_save_callback(model, test_take, &file,
                                         EFFNET_NAMES_HF, EFFNET_TYPE_F32,
                                         NULL));
        ck_ok(effnet_model_load_memory(&again, file.data, file.size, NULL));
        ck_assert_int_eq(again->config.padding_resolution,
                         model->config.padding_resolution);
        ck_assert_int_eq(again->config.padding, EFFNET_PADDING_SAME_STATIC);
        effnet_model_release(model);
        effnet_model_release(again);
        effnet_options_free(options);
        test_folder_free(&folder);
        free(file.data);
}
END_TEST

/* ---- what is first */

START_TEST(option_comes_first)
{
        effnet_options *options = test_with_int(EFFNET_OPTION_PADDING,
                                                EFFNET_PADDING_SYMMETRIC);
        effnet_model *model;

        ck_ok(test_beside_timm(&model, TEST_TF_B0, options));
        ck_assert_int_eq(model->config.padding, EFFNET_PADDING_SYMMETRIC);
        ck_assert(model->config.epsilon == 1e-3);
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_PADDING),
                         "option");
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_EPSILON),
                         "config.json");
        effnet_model_release(model);
        ck_ok(effnet_options_set_string(options, EFFNET_OPTION_ARCHITECTURE,
                                        "efficientnet_b0"));
        ck_ok(test_beside_timm(&model, TEST_TF_B0, options));
        ck_assert(model->preprocess.steps.mean[0] == 0.485F);
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_MEAN_STD),
                         "option");
        effnet_model_release(model);
        effnet_options_free(options);
}
END_TEST

START_TEST(not_wanted)
{
        effnet_options *options = test_with_int(EFFNET_OPTION_SIDECARS, 0);
        effnet_model *model;

        ck_ok(test_beside_timm(&model, TEST_TF_B0, options));
        ck_assert_str_eq(model->config.name, "efficientnet_b0");
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_ARCHITECTURE),
                         "shapes");
        effnet_model_release(model);
        effnet_options_free(options);
}
END_TEST

/* It beats the file's name, but not what the file says. */
START_TEST(ranks)
{
        test_folder folder = test_folder_create();
        test_tensors *tensors = test_tensors_create(
                test_naming("timm"), EN_FAMILY_TIMM, EN_B0, 5, 3);
        const char *path = test_in_folder(&folder,
                                          "efficientnet_b0.ra_in1k.pth");
        effnet_model *model;

        test_tensors_write(tensors, path);
        test_folder_write(&folder, "config.json", TEST_TF_B0,
                          sizeof(TEST_TF_B0) - 1);
        ck_ok(effnet_model_load_file(&model, path, NULL));
        ck_assert_str_eq(model->config.name, "tf_efficientnet_b0");
        effnet_model_release(model);
        tensors->metadata = "{\"format\": \"pt\", \"arch\": "
                            "\"efficientnet_b0\"}";
        test_tensors_write(tensors, path);
        ck_ok(effnet_model_load_file(&model, path, NULL));
        ck_assert_str_eq(model->config.name, "efficientnet_b0");
        ck_assert_int_eq(model->config.padding, EFFNET_PADDING_SYMMETRIC);
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_PADDING),
                         "metadata");
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_MEAN_STD),
                         "config.json");
        ck_assert_int_eq(model->preprocess.steps.resize_height, 224);
        effnet_model_release(model);
        test_tensors_free(tensors);
        test_folder_free(&folder);
}
END_TEST

/* transformers' problem_type. */
START_TEST(multi_label)
{
        effnet_model *model;

        ck_ok(test_beside_hf(&model,
                             TEST_HF_B0 "\"problem_type\": "
                                        "\"multi_label_classification\"}",
                             NULL));
        ck_assert_int_eq(effnet_model_multi_label(model), 1);
        ck_assert_str_eq(effnet_model_source(model, EFFNET_SOURCE_MULTI_LABEL),
                         "config.json");
        effnet_model_release(model);
        ck_ok(test_beside_hf(&model, TEST_HF_B0 "\"problem_type\": null}",
                             NULL));
        ck_assert_int_eq(effnet_model_multi_label(model), 0);
        effnet_model_release(model);
}
END_TEST

/* Made up by transformers: they say nothing. */
START_TEST(made_up_labels)
{
        effnet_model *model;

        ck_ok(test_beside_hf(&model,
                             TEST_HF_B0
                             "\"id2label\": {\"0\": \"LABEL_0\", \"1\": "
                             "\"LABEL_1\", \"2\": \"LABEL_2\", \"3\": "
                             "\"LABEL_3\", \"4\": \"LABEL_4\"}}",
                             NULL));
        ck_assert_ptr_null(effnet_model_label(model, 0));
        ck_assert_int_eq(effnet_model_warning_count(model), 0);
        effnet_model_release(model);
}
END_TEST

static void
add_tests(TCase *test)
{
        tcase_add_test(test, as_timm);
        tcase_add_test(test, as_transformers);
        tcase_add_test(test, networks);
        tcase_add_test(test, padding_shows);
        tcase_add_test(test, defaults_are_transformers);
        tcase_add_test(test, published_padding);
        tcase_add_test(test, padding_is_saved);
        tcase_add_test(test, option_comes_first);
        tcase_add_test(test, not_wanted);
        tcase_add_test(test, ranks);
        tcase_add_test(test, made_up_labels);
        tcase_add_test(test, multi_label);
}

int
main(void)
{
        Suite *suite = suite_create("load_sidecars");
        TCase *test = tcase_create("sidecars");

        add_tests(test);
        suite_add_tcase(suite, test);
        return test_main(suite);
}
