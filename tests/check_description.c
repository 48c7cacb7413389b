/* check_description.c: what a saved file says about its model is what a loaded
 * one is given, unless it is damaged or the caller says otherwise.
 */
#include "api/model.h"
#include "arch/words.h"
#include "base/alloc.h"
#include "load/describe.h"
#include "support.h"

#include "archive.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static effnet_model *
create(const effnet_config *config, const char *labels)
{
        effnet_options *options;
        effnet_model *model;

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_KEEP_PARAMETERS,
                                     1));
        ck_ok(effnet_options_set_string(options, EFFNET_OPTION_LABELS_FILE,
                                        labels));
        ck_ok(effnet_model_create(&model, config, 3, options));
        effnet_options_free(options);
        return model;
}

static effnet_model *
create_named(const char *name)
{
        effnet_config *config;
        effnet_model *model;

        ck_ok(effnet_config_create(&config, name));
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_CLASSES, 3));
        model = create(config, NULL);
        effnet_config_free(config);
        return model;
}

static test_bytes
save(const effnet_model *model, int32_t names)
{
        test_bytes file = {NULL, 0, 0};

        ck_ok(effnet_model_save_callback(model, test_take, &file, names,
                                         EFFNET_TYPE_F16, NULL));
        return file;
}

static effnet_model *
load(test_bytes file, const effnet_options *options)
{
        effnet_model *model;

        ck_ok(effnet_model_load_memory(&model, file.data, file.size, options));
        free(file.data);
        return model;
}

static void
expect_alike(const effnet_model *a, const effnet_model *b)
{
        const effnet_config *x = &a->config, *y = &b->config;
        const en_preset *p = &a->preprocess.steps, *q = &b->preprocess.steps;

        ck_assert_int_eq(x->padding, y->padding);
        ck_assert(x->epsilon == y->epsilon && x->width == y->width &&
                  x->depth == y->depth);
        ck_assert_int_eq(x->resolution, y->resolution);
        ck_assert_int_eq(x->activation, y->activation);
        ck_assert_int_eq(x->squeeze_excite, y->squeeze_excite);
        ck_assert_int_eq(p->mode, q->mode);
        ck_assert_int_eq(p->resize_height, q->resize_height);
        ck_assert_int_eq(p->resize_width, q->resize_width);
        ck_assert_int_eq(p->crop_height, q->crop_height);
        ck_assert_int_eq(p->crop_width, q->crop_width);
        ck_assert_int_eq(p->filter, q->filter);
        ck_assert_mem_eq(p->mean, q->mean, sizeof(p->mean));
        ck_assert_mem_eq(p->std, q->std, sizeof(p->std));
        ck_assert_int_eq(p->arithmetic, q->arithmetic);
        ck_assert_int_eq(p->rescale, q->rescale);
        ck_assert(p->rescale_factor == q->rescale_factor);
        ck_assert_int_eq(p->rescale_offset, q->rescale_offset);
        ck_assert_int_eq(p->normalize, q->normalize);
        ck_assert_int_eq(p->normalize_again, q->normalize_again);
        ck_assert_int_eq(p->gray, q->gray);
}

static const char *const names[] = {
        "efficientnet_b5",        "efficientnet-b0",
        "tf_efficientnet_b0.ap",  "efficientnet-lite1",
        "tf_efficientnet_lite3",  "google/efficientnet-b1",
        "tf_efficientnetv2_s",    "efficientnet_v2_s",
        "efficientnet_b1_pruned",
};

/* By timm's names, which alone say none of it. */
START_TEST(tells_what_shapes_do_not)
{
        effnet_model *model = create_named(names[_i]);
        effnet_model *again = load(save(model, EFFNET_NAMES_TIMM), NULL);

        expect_alike(model, again);
        ck_assert_int_eq(again->config.variant, model->config.variant);
        for (int32_t key = EFFNET_SOURCE_ARCHITECTURE;
             key <= EFFNET_SOURCE_MODE; key++)
                ck_assert_str_eq(effnet_model_source(again, key), "metadata");
        ck_assert_int_eq(effnet_model_warning_count(again), 0);
        effnet_model_release(model);
        effnet_model_release(again);
}
END_TEST

/* No name tells its widths; every step is an odd one. */
START_TEST(custom_network_and_steps)
{
        effnet_config *config;
        effnet_model *model, *again;
        en_preset *steps;

        ck_ok(effnet_config_create_custom(&config, "lite0", 0.3, 1.7, 65));
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_CLASSES, 3));
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_SQUEEZE_EXCITE, 1));
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_INPUT_CHANNELS, 1));
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_ACTIVATION,
                                    EFFNET_ACTIVATION_RELU));
        ck_ok(effnet_config_set_double(config, EFFNET_CONFIG_EPSILON, 1.0 / 3));
        model = create(config, NULL);
        steps = &model->preprocess.steps;
        steps->mode = EFFNET_MODE_BORDER;
        steps->filter = EFFNET_FILTER_NEAREST;
        steps->resize_width = steps->resize_height = 77;
        steps->crop_height = 66;
        steps->arithmetic = EFFNET_ARITHMETIC_HF;
        steps->rescale_factor = 1.0 / 7;
        steps->rescale_offset = steps->normalize_again = 1;
        steps->normalize = steps->rescale = 0;
        steps->mean[1] = 1.0F / 3;
        steps->std[2] = nextafterf(0.1F, 1);
        again = load(save(model, EFFNET_NAMES_TIMM), NULL);
        expect_alike(model, again);
        ck_assert_str_eq(effnet_config_name(&again->config), "custom");
        effnet_model_release(model);
        effnet_model_release(again);
        effnet_config_free(config);
}
END_TEST

START_TEST(labels_come_along)
{
        char path[64] = P_tmpdir "/effnet-labels-XXXXXX";
        FILE *text = fdopen(mkstemp(path), "w");
        effnet_config *config;
        effnet_model *model, *again;

        ck_assert_ptr_nonnull(text);
        fputs("cat\na \"d\xc3\xb6g\"\\\t\nL\xc3\xb6we\n", text);
        fclose(text);
        ck_ok(effnet_config_create(&config, "test_efficientnet"));
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_CLASSES, 3));
        model = create(config, path);
        again = load(save(model, 0), NULL);
        ck_assert_str_eq(effnet_model_label(again, 0), "cat");
        ck_assert_str_eq(effnet_model_label(again, 1), "a \"d\xc3\xb6g\"\\\t");
        ck_assert_str_eq(effnet_model_label(again, 2), "L\xc3\xb6we");
        ck_assert_str_eq(effnet_model_source(again, EFFNET_SOURCE_LABELS),
                         "metadata");
        unlink(path);
        effnet_model_release(model);
        effnet_model_release(again);
        effnet_config_free(config);
}
END_TEST

/* The caller's word beats the file's. */
START_TEST(options_come_first)
{
        effnet_model *model = create_named("efficientnet-b0"), *again;
        effnet_options *options;

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_PADDING,
                                     EFFNET_PADDING_SYMMETRIC));
        again = load(save(model, EFFNET_NAMES_TIMM), options);
        ck_assert_int_eq(again->config.padding, EFFNET_PADDING_SYMMETRIC);
        ck_assert(again->config.epsilon == 1e-3);
        ck_assert_str_eq(effnet_model_source(again, EFFNET_SOURCE_PADDING),
                         "option");
        effnet_model_release(again);
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_PADDING, -1));
        ck_ok(effnet_options_set_string(options, EFFNET_OPTION_ARCHITECTURE,
                                        "efficientnet_b0"));
        again = load(save(model, EFFNET_NAMES_TIMM), options);
        ck_assert_int_eq(again->config.padding, EFFNET_PADDING_SYMMETRIC);
        ck_assert(again->config.epsilon == 1e-5);
        effnet_model_release(again);
        effnet_model_release(model);
        effnet_options_free(options);
}
END_TEST

/* A byte for another of the same length, in the description's JSON. */
static const struct {
        const char *from, *to, *reason;
} damages[] = {
        {"\\\"version", "\\\\version", "no JSON"},
        {"architecture", "architecturf", "\"architecture\""},
        {"same-static", "same-strtic", "\"padding\""},
        {"\"base\\\":\\\"b0", "\"base\\\":\\\"b9", NULL},
        {"silu", "silv", "\"activation\""},
        {"\\\"resolution\\\":224", "\\\"resolution\\\":2.4", "\"resolution\""},
        {"\\\"resolution\\\":224", "\\\"resolution\\\":000", "no JSON"},
        {"\\\"resolution\\\":224", "\\\"resolution\\\":-24", "\"resolution\""},
        {"efficientnet-b0", "efficientnet-b1", "describes efficientnet-b1"},
        {"efficientnet-b0", "efficientnet-bX", "unknown architecture"},
        {"centre", "center", "\"preprocessing\""},
        {"bicubic", "bicubik", "\"preprocessing\""},
        {"\\\"crop\\\":[224,224]", "\\\"crop\\\":[224,22 ]", NULL},
        {"\\\"crop\\\":[224,224]", "\\\"crop\\\":[224,000]", "no JSON"},
        {"\\\"crop\\\":[224,224]", "\\\"crop\\\":[224,  0]", "crop"},
        {"\\\"crop\\\":[224,224]", "\\\"crop\\\":[[[124]]]", "deeper"},
        {"\"std\\\":[0.2", "\"std\\\":[1e9", "no JSON"},
        {"\"std\\\":[0.", "\"std\\\":[\\\"", "no JSON"},
        {"normalize_again", "normalize_agein", "\"preprocessing\""},
        {"\\\"multi_label\\\":false", "\\\"multi_label\\\":12345",
         "\"multi_label\""},
        {"\\\"rescale\\\":true", "\\\"rescale\\\":1234", "\"preprocessing\""},
};

static void
damage(test_bytes *file, const char *from, const char *to)
{
        size_t n = strlen(from);
        uint8_t *at = file->data;

        ck_assert_uint_eq(strlen(to), n);
        while (memcmp(at, from, n) != 0)
                ck_assert(++at < file->data + 8192);
        memcpy(at, to, n);
}

/* It is ignored with a warning, and no message of the caller's is lost. */
START_TEST(damaged_ones_are_no_failure)
{
        effnet_model *model = create_named("efficientnet-b0"), *again;
        test_bytes file = save(model, EFFNET_NAMES_LM);
        const char *warning;

        ck_fails(effnet_config_create(NULL, "b0"), EFFNET_ERROR_ARGUMENT);
        damage(&file, damages[_i].from, damages[_i].to);
        again = load(file, NULL);
        ck_message("config is NULL");
        ck_assert_int_eq(again->config.padding, EFFNET_PADDING_SAME_STATIC);
        if (damages[_i].reason != NULL) {
                ck_assert_int_eq(effnet_model_warning_count(again), 1);
                warning = effnet_model_warning(again, 0);
                ck_assert_msg(strstr(warning, damages[_i].reason) != NULL, "%s",
                              warning);
                ck_assert_ptr_nonnull(strstr(warning, "ignored"));
        } else {
                ck_assert_int_eq(effnet_model_warning_count(again), 0);
        }
        ck_assert_int_eq(again->preprocess.steps.resize_width, 0);
        effnet_model_release(again);
        effnet_model_release(model);
}
END_TEST

/* Without a description, and with no architecture to be taken for. */
START_TEST(success_leaves_the_message)
{
        effnet_model *model = create_named("efficientnetv2_rw_t"), *again;
        test_bytes file = save(model, EFFNET_NAMES_OWN);

        ck_fails(effnet_config_create(NULL, "b0"), EFFNET_ERROR_ARGUMENT);
        damage(&file, "\"effnet\"", "\"effnot\"");
        again = load(file, NULL);
        ck_message("config is NULL");
        ck_assert_str_eq(effnet_model_source(again, EFFNET_SOURCE_PADDING),
                         "default of timm");
        effnet_model_release(again);
        effnet_model_release(model);
}
END_TEST

/* The description of another file of the same variant, whose shapes differ. */
START_TEST(a_custom_name_that_does_not_fit)
{
        effnet_model *model = create_named("efficientnet-b0"), *again;
        test_bytes file = save(model, EFFNET_NAMES_TIMM);

        damage(&file, "efficientnet-b0\\\",", "custom\\\",         ");
        damage(&file, "\"width\\\":1.0", "\"width\\\":99 ");
        again = load(file, NULL);
        ck_assert_int_eq(again->config.padding, EFFNET_PADDING_SAME_STATIC);
        ck_assert_str_eq(effnet_model_source(again, EFFNET_SOURCE_PADDING),
                         "metadata");
        ck_assert(again->config.width == 1);
        effnet_model_release(again);
        effnet_model_release(model);
}
END_TEST

START_TEST(words)
{
        int32_t value = 9;

        for (int v = 0; v < EN_VOCABULARIES; v++)
                for (int32_t i = -1; i < 9; i++) {
                        const char *word = en_word((en_vocabulary)v, i);

                        if (word == NULL)
                                continue;
                        ck_assert(en_word_find((en_vocabulary)v, word, &value));
                        ck_assert_int_eq(value, i);
                }
        ck_assert(!en_word_find(EN_WORDS_MODE, NULL, &value));
        ck_assert(!en_word_find(EN_WORDS_MODE, "bicubic", &value));
}
END_TEST

/* Numbers of a generator read back. */
START_TEST(numbers_read_back)
{
        uint64_t state = 1;

        for (int i = 0; i < 20000; i++) {
                en_json *json;
                double value, found;
                char *text;
                size_t length;

                state = state * UINT64_C(6364136223846793005) + 1;
                memcpy(&value, &state, sizeof(value));
                if (!isfinite(value)) {
                        ck_assert_ptr_null(en_json_of_number(value));
                        continue;
                }
                json = en_json_of_number(value);
                ck_ok(en_json_print(&text, &length, json));
                ck_assert_uint_eq(strlen(text), length);
                ck_assert(strtod(text, NULL) == value);
                ck_assert(en_json_number(json, &found) && found == value);
                en_json_free(json);
                en_free(text);
        }
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("description");
        TCase *tests = tcase_create("description");

        tcase_add_loop_test(tests, tells_what_shapes_do_not, 0,
                            (int)(sizeof(names) / sizeof(names[0])));
        tcase_add_test(tests, custom_network_and_steps);
        tcase_add_test(tests, labels_come_along);
        tcase_add_test(tests, options_come_first);
        tcase_add_loop_test(tests, damaged_ones_are_no_failure, 0,
                            (int)(sizeof(damages) / sizeof(damages[0])));
        tcase_add_test(tests, a_custom_name_that_does_not_fit);
        tcase_add_test(tests, success_leaves_the_message);
        tcase_add_test(tests, words);
        tcase_add_test(tests, numbers_read_back);
        suite_add_tcase(suite, tests);
        return test_main(suite);
}
