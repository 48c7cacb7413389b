/* check_load_sidecars.c: what timm and transformers put beside a checkpoint, as
 * their own code wrote it and understands it (tests/oracle/make_sidecars.py);
 * and what nobody should.
 */
#include "support.h"

#include "api/model.h"
#include "arch/seeded.h"
#include "archive.h"
#include "folder.h"
#include "goldens.h"
#include "hash.h"
#include "memory.h"
#include "pictures.h"
#include "tensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static effnet_model *
load(const test_folder *folder, const effnet_options *options)
{
        effnet_model *model;

        ck_ok(effnet_model_load_file(&model, test_in_folder(folder, "m"),
                                     options));
        return model;
}

static effnet_options *
with_int(int32_t key, int64_t value)
{
        effnet_options *options;

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, key, value));
        return options;
}

static const char *
source(const effnet_model *model, int32_t key)
{
        return effnet_model_source(model, key);
}

/* A sparse checkpoint of zeros by timm's or transformers' names. */
static void
write_zeros(const test_folder *folder, const char *naming, en_family family,
            int32_t variant, int32_t classes, int32_t channels)
{
        test_tensors *tensors = test_tensors_create(test_naming(naming), family,
                                                    variant, classes, channels);

        test_tensors_write(tensors, test_in_folder(folder, "m"));
        test_tensors_free(tensors);
}

/* B0 of five classes by transformers' names, beside that text. */
static effnet_status
load_beside(effnet_model **model, const char *naming, en_family family,
            const char *sidecar, const char *text,
            const effnet_options *options)
{
        test_folder folder = test_folder_create();
        effnet_status status;

        write_zeros(&folder, naming, family, EN_B0, 5, 3);
        test_folder_write(&folder, sidecar, text, strlen(text));
        status = effnet_model_load_file(model, test_in_folder(&folder, "m"),
                                        options);
        test_folder_free(&folder);
        return status;
}

/* What such a text begins with, and a whole one. */
#define HF_B0                                                                  \
        "{\"model_type\": \"efficientnet\", \"width_coefficient\": 1, "        \
        "\"depth_coefficient\": 1, "
#define HF_B5                                                                  \
        HF_B0 "\"id2label\": {\"0\": \"a\", \"1\": \"b\", \"2\": \"c\", "      \
              "\"3\": \"d\", \"4\": \"e\"}}"

static effnet_status
beside_timm(effnet_model **model, const char *text,
            const effnet_options *options)
{
        return load_beside(model, "timm", EN_FAMILY_TIMM, "config.json", text,
                           options);
}

static effnet_status
beside_hf(effnet_model **model, const char *text, const effnet_options *options)
{
        return load_beside(model, "transformers", EN_FAMILY_HF, "config.json",
                           text, options);
}

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
        ck_assert_str_eq(source(model, EFFNET_SOURCE_ARCHITECTURE),
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
                ck_assert_str_eq(source(model, key), "config.json");
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
        ck_assert_str_eq(source(model, EFFNET_SOURCE_LABELS),
                         found != NULL ? "config.json" : "none");
}

static void
check_timm(const steps *s)
{
        test_folder folder = test_folder_create();
        effnet_options *options = with_int(EFFNET_OPTION_TEST_SIZE,
                                           s->test_size);
        effnet_config *config;
        effnet_model *model;

        ck_ok(effnet_config_create(&config, s->architecture));
        write_zeros(&folder, "timm", EN_FAMILY_TIMM, config->variant,
                    s->classes, s->channels);
        test_folder_copy(&folder, "sidecars", s->folder, "config.json");
        model = load(&folder, options);
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

        write_zeros(&folder, "transformers", EN_FAMILY_HF, EN_B0, 5, 3);
        test_folder_copy(&folder, "sidecars", name, "preprocessor_config.json");
        model = load(&folder, NULL);
        ck_assert_int_eq(effnet_model_warning_count(model), 0);
        for (int32_t key = EFFNET_SOURCE_MEAN_STD; key <= EFFNET_SOURCE_MODE;
             key++)
                ck_assert_str_eq(source(model, key),
                                 "preprocessor_config.json");
        ck_assert_str_eq(source(model, EFFNET_SOURCE_PADDING),
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
write_network(const test_folder *folder, const network *n)
{
        effnet_options *options = with_int(EFFNET_OPTION_KEEP_PARAMETERS, 1);
        test_bytes file = {NULL, 0, 0};
        effnet_config *config;
        effnet_model *model;
        uint8_t *key;

        ck_ok(effnet_config_create_custom(&config, "google/efficientnet-b0",
                                          n->width, n->depth, 64));
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_CLASSES, 5));
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_INPUT_CHANNELS,
                                    n->channels));
        ck_ok(effnet_model_create(&model, config, (uint64_t)n->seed, options));
        ck_ok(effnet_model_save_callback(model, test_take, &file,
                                         EFFNET_NAMES_HF, EFFNET_TYPE_F32,
                                         NULL));
        for (key = file.data; memcmp(key, "\"effnet\"", 8) != 0; key++)
                ck_assert(key < file.data + 8192);
        memcpy(key, "\"nobody\"", 8);
        test_folder_write(folder, "m", file.data, file.size);
        free(file.data);
        effnet_model_release(model);
        effnet_config_free(config);
        effnet_options_free(options);
}

/* The expected logits are five. */
static double
run(const test_folder *folder, const network *n, const float *expected)
{
        effnet_model *model = load(folder, NULL);
        int64_t shape[4] = {1, n->channels, n->height, n->side};
        effnet_session *session;
        effnet_tensor *input;
        float logits[5];
        size_t written;

        ck_assert_str_eq(source(model, EFFNET_SOURCE_PADDING), "config.json");
        ck_assert_str_eq(effnet_model_label(model, 2), "z\xc3\xbcrich");
        ck_ok(effnet_tensor_create(&input, EFFNET_TYPE_F32, 4, shape));
        en_seeded_values((uint64_t)n->seed, "input", 0, 2,
                         effnet_tensor_count(input), effnet_tensor_data(input));
        ck_ok(effnet_session_create(&session, model, NULL));
        ck_ok(effnet_session_run(session, input));
        ck_ok(effnet_session_copy_output(session, EFFNET_OUTPUT_LOGITS, logits,
                                         5, &written));
        ck_assert_int_eq(written, 5);
        effnet_session_free(session);
        effnet_tensor_free(input);
        effnet_model_release(model);
        return test_relative_difference(logits, expected, 5);
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

/* Only transformers' own model can be made to pad so; saved for it, the file
 * says how.
 */
START_TEST(padding_is_saved)
{
        network n = {"hf-last", 0.25, 0.3, 3, 64, 64, 701, 5};
        test_folder folder = test_folder_create();
        effnet_options *options = with_int(EFFNET_OPTION_KEEP_PARAMETERS, 1);
        effnet_model *model, *again;
        test_bytes file = {NULL, 0, 0};

        write_network(&folder, &n);
        test_folder_copy(&folder, "sidecars", "hf-last", "config.json");
        model = load(&folder, options);
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

#define TF_B0                                                                  \
        "{\"architecture\": \"tf_efficientnet_b0\", \"num_classes\": 5, "      \
        "\"pretrained_cfg\": {\"mean\": [0.5, 0.5, 0.5], \"crop_pct\": 1.0}}"

START_TEST(option_comes_first)
{
        effnet_options *options = with_int(EFFNET_OPTION_PADDING,
                                           EFFNET_PADDING_SYMMETRIC);
        effnet_model *model;

        ck_ok(beside_timm(&model, TF_B0, options));
        ck_assert_int_eq(model->config.padding, EFFNET_PADDING_SYMMETRIC);
        ck_assert(model->config.epsilon == 1e-3);
        ck_assert_str_eq(source(model, EFFNET_SOURCE_PADDING), "option");
        ck_assert_str_eq(source(model, EFFNET_SOURCE_EPSILON), "config.json");
        effnet_model_release(model);
        ck_ok(effnet_options_set_string(options, EFFNET_OPTION_ARCHITECTURE,
                                        "efficientnet_b0"));
        ck_ok(beside_timm(&model, TF_B0, options));
        ck_assert(model->preprocess.steps.mean[0] == 0.485F);
        ck_assert_str_eq(source(model, EFFNET_SOURCE_MEAN_STD), "option");
        effnet_model_release(model);
        effnet_options_free(options);
}
END_TEST

START_TEST(not_wanted)
{
        effnet_options *options = with_int(EFFNET_OPTION_SIDECARS, 0);
        effnet_model *model;

        ck_ok(beside_timm(&model, TF_B0, options));
        ck_assert_str_eq(model->config.name, "efficientnet_b0");
        ck_assert_str_eq(source(model, EFFNET_SOURCE_ARCHITECTURE), "shapes");
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
        test_folder_write(&folder, "config.json", TF_B0, sizeof(TF_B0) - 1);
        ck_ok(effnet_model_load_file(&model, path, NULL));
        ck_assert_str_eq(model->config.name, "tf_efficientnet_b0");
        effnet_model_release(model);
        tensors->metadata = "{\"format\": \"pt\", \"arch\": "
                            "\"efficientnet_b0\"}";
        test_tensors_write(tensors, path);
        ck_ok(effnet_model_load_file(&model, path, NULL));
        ck_assert_str_eq(model->config.name, "efficientnet_b0");
        ck_assert_int_eq(model->config.padding, EFFNET_PADDING_SYMMETRIC);
        ck_assert_str_eq(source(model, EFFNET_SOURCE_PADDING), "metadata");
        ck_assert_str_eq(source(model, EFFNET_SOURCE_MEAN_STD), "config.json");
        ck_assert_int_eq(model->preprocess.steps.resize_height, 224);
        effnet_model_release(model);
        test_tensors_free(tensors);
        test_folder_free(&folder);
}
END_TEST

/* ---- of another network, or of none */

static void
expect_ignored(effnet_model *model, const char *warning)
{
        const char *found = effnet_model_warning(model, 0);

        ck_assert_msg(found != NULL && strstr(found, warning) != NULL,
                      "expected \"%s\" in \"%s\"", warning,
                      found != NULL ? found : "(no warning)");
        ck_assert_str_ne(source(model, EFFNET_SOURCE_ARCHITECTURE),
                         "config.json");
        ck_assert_str_ne(source(model, EFFNET_SOURCE_MEAN_STD), "config.json");
        ck_assert_str_ne(source(model, EFFNET_SOURCE_LABELS), "config.json");
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
                {true, TF_B0,
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
        effnet_options *strict = with_int(EFFNET_OPTION_SIDECARS, 2);

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                effnet_status (*beside)(effnet_model **, const char *,
                                        const effnet_options *) =
                        cases[i].hf ? beside_hf : beside_timm;
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

                ck_ok(beside_hf(&model, texts[i], NULL));
                ck_assert_int_eq(effnet_model_warning_count(model), 0);
                ck_assert_str_eq(source(model, EFFNET_SOURCE_ARCHITECTURE),
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
                {true, HF_B0 "\"strides\": [1, 1, 1, 1, 1, 1, 1]}", "strides"},
                {true, HF_B0 "\"pooling_type\": \"max\"}", "pooling_type"},
                {true, HF_B0 "\"hidden_act\": \"gelu\"}", "hidden_act"},
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

                ck_fails(cases[i].hf ? beside_hf(&model, cases[i].text, NULL)
                                     : beside_timm(&model, cases[i].text, NULL),
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
                ck_ok(beside_timm(&model, text, NULL));
                ck_assert_int_eq(effnet_model_warning_count(model), 1);
                warning = effnet_model_warning(model, 0);
                ck_assert_msg(strstr(warning, cases[i].warning) != NULL, "%s",
                              warning);
                ck_ok(en_preprocess_check(&model->preprocess.steps));
                /* that of the architecture, which config.json told */
                ck_assert_str_eq(source(model, cases[i].key), "config.json");
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
                ck_ok(load_beside(&model, "transformers", EN_FAMILY_HF,
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

        ck_ok(load_beside(&model, "transformers", EN_FAMILY_HF,
                          "preprocessor_config.json",
                          "{\"image_processor_type\": \"ViTImageProcessor\"}",
                          NULL));
        ck_assert_int_eq(effnet_model_warning_count(model), 1);
        ck_assert_str_eq(source(model, EFFNET_SOURCE_CROP),
                         "default of huggingface");
        effnet_model_release(model);
        ck_ok(load_beside(&model, "timm", EN_FAMILY_TIMM,
                          "preprocessor_config.json",
                          "{\"image_processor_type\": "
                          "\"EfficientNetImageProcessor\"}",
                          NULL));
        ck_assert_str_eq(source(model, EFFNET_SOURCE_CROP), "default of timm");
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

        write_zeros(&folder, "timm", EN_FAMILY_TIMM, EN_B0, 5, 3);
        test_folder_write(&folder, "config.json", text, size);
        ck_fails(effnet_config_create(NULL, "b0"), EFFNET_ERROR_ARGUMENT);
        model = load(&folder, options);
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
        for (size_t n = 1; n + 1 < sizeof(TF_B0); n += 7)
                expect_damaged(TF_B0, n, NULL);
}
END_TEST

START_TEST(too_much)
{
        effnet_options *options = with_int(EFFNET_OPTION_MAX_HEADER_BYTES,
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

        ck_ok(beside_hf(&model,
                        HF_B0 "\"id2label\": {\"0\": \"a\", \"1\": \"b\", "
                              "\"2\": \"c\", \"3\": \"d\", "
                              "\"999999999\": \"e\"}}",
                        NULL));
        ck_assert_str_eq(source(model, EFFNET_SOURCE_LABELS), "none");
        ck_assert_str_eq(source(model, EFFNET_SOURCE_ARCHITECTURE),
                         "config.json");
        ck_assert_ptr_nonnull(strstr(effnet_model_warning(model, 0),
                                     "its labels are ignored"));
        effnet_model_release(model);
        ck_ok(beside_hf(&model, HF_B0 "\"num_labels\": 1000000000}", NULL));
        expect_ignored(model, "its number of classes is none");
}
END_TEST

/* Made up by transformers: they say nothing. */
START_TEST(made_up_labels)
{
        effnet_model *model;

        ck_ok(beside_hf(&model,
                        HF_B0 "\"id2label\": {\"0\": \"LABEL_0\", \"1\": "
                              "\"LABEL_1\", \"2\": \"LABEL_2\", \"3\": "
                              "\"LABEL_3\", \"4\": \"LABEL_4\"}}",
                        NULL));
        ck_assert_ptr_null(effnet_model_label(model, 0));
        ck_assert_int_eq(effnet_model_warning_count(model), 0);
        effnet_model_release(model);
}
END_TEST

/* Neither a folder nor a pipe, nor what may not be read. */
START_TEST(no_files)
{
        test_folder folder = test_folder_create();
        effnet_model *model;

        write_zeros(&folder, "timm", EN_FAMILY_TIMM, EN_B0, 5, 3);
        test_folder_make(&folder, "config.json");
        model = load(&folder, NULL);
        expect_ignored(model, "config.json is ignored");
        test_folder_free(&folder);
        folder = test_folder_create();
        write_zeros(&folder, "timm", EN_FAMILY_TIMM, EN_B0, 5, 3);
        ck_assert_int_eq(
                symlink("nowhere", test_in_folder(&folder, "config.json")), 0);
        model = load(&folder, NULL);
        ck_assert_str_eq(source(model, EFFNET_SOURCE_ARCHITECTURE), "shapes");
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

        write_zeros(&folder, "transformers", EN_FAMILY_HF, EN_B0, 5, 3);
        test_folder_copy(&folder, "sidecars", "hf-crop",
                         "preprocessor_config.json");
        test_folder_write(&folder, "config.json", HF_B5, sizeof(HF_B5) - 1);
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

/* transformers' problem_type. */
START_TEST(multi_label)
{
        effnet_model *model;

        ck_ok(beside_hf(&model,
                        HF_B0 "\"problem_type\": "
                              "\"multi_label_classification\"}",
                        NULL));
        ck_assert_int_eq(effnet_model_multi_label(model), 1);
        ck_assert_str_eq(source(model, EFFNET_SOURCE_MULTI_LABEL),
                         "config.json");
        effnet_model_release(model);
        ck_ok(beside_hf(&model, HF_B0 "\"problem_type\": null}", NULL));
        ck_assert_int_eq(effnet_model_multi_label(model), 0);
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
        tcase_add_test(test, padding_is_saved);
        tcase_add_test(test, option_comes_first);
        tcase_add_test(test, not_wanted);
        tcase_add_test(test, ranks);
        tcase_add_test(test, of_another);
        tcase_add_test(test, of_something_else);
        tcase_add_test(test, not_run);
        tcase_add_test(test, senseless_parts);
        tcase_add_test(test, senseless_processors);
        tcase_add_test(test, other_processors);
        tcase_add_test(test, damaged);
        tcase_add_test(test, too_much);
        tcase_add_test(test, many_labels);
        tcase_add_test(test, made_up_labels);
        tcase_add_test(test, no_files);
        tcase_add_test(test, out_of_memory);
        tcase_add_test(test, multi_label);
}

int
main(void)
{
        Suite *suite = suite_create("load_sidecars");
        TCase *test = tcase_create("sidecars");

        tcase_set_timeout(test, 0);
        add_tests(test);
        suite_add_tcase(suite, test);
        return test_main(suite);
}
