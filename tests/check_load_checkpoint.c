/* check_load_checkpoint.c: checkpoints recognised, compared and read. */
#include "support.h"

#include "arch/preset.h"
#include "base/options.h"
#include "load/checkpoint.h"
#include "recognise.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- files of torch, value by value (tests/oracle/make_load.py) */

static const struct {
        const char *file, *container, *naming, *name;
        int32_t classes, channels, padding;
        double epsilon;
} files[] = {
        {"torchvision_b0", "torch-zip", "torchvision", "efficientnet_b0", 1000,
         3, EFFNET_PADDING_SYMMETRIC, 1e-5},
        /* its "arch" says so */
        {"timm_lite0_training", "torch-zip", "timm", "tf_efficientnet_lite0",
         10, 3, EFFNET_PADDING_SAME, 1e-3},
        {"timm_b0_headless", "torch-zip", "timm", "efficientnet_b0", 0, 4,
         EFFNET_PADDING_SYMMETRIC, 1e-5},
        {"lm_b0_legacy", "torch-legacy", "EfficientNet-PyTorch",
         "efficientnet-b0", 7, 3, EFFNET_PADDING_SAME_STATIC, 1e-3},
        {"lp_lite0_cuda", "torch-zip", "EfficientNet-PyTorch",
         "efficientnet-lite0", 1000, 1, EFFNET_PADDING_SAME_STATIC, 1e-3},
};

#define FILES (int)(sizeof(files) / sizeof(files[0]))

/* Element k of the storage behind all tensors. */
static float
stored(int64_t k)
{
        return (float)(k % 251 - 125) / 16;
}

static void
compare_param(en_params params, const en_param *param, const char *name)
{
        float *values = malloc((size_t)param->count * sizeof(float));
        int64_t index[4] = {0};

        ck_ok(params.read(params.context, param, values));
        for (int64_t i = 0; i < param->count; i++) {
                int64_t k = (int64_t)strlen(name);

                for (int d = 0; d < param->rank; d++)
                        k += index[d];
                if (values[i] != stored(k)) /* an assertion is a message */
                        ck_abort_msg("%s[%d]: %g, not %g", name, (int)i,
                                     (double)values[i], (double)stored(k));
                for (int d = param->rank; d-- > 0;) {
                        if (++index[d] < param->shape[d])
                                break;
                        index[d] = 0;
                }
        }
        free(values);
}

/* In order, or backwards: nothing depends on it. */
static void
compare_params(en_checkpoint *checkpoint, const char *naming, bool backwards)
{
        en_params params = en_checkpoint_params(checkpoint);
        en_network *network;

        ck_ok(en_network_create(&network, en_checkpoint_config(checkpoint), 0,
                                0));
        for (int32_t i = 0; i < network->param_count; i++) {
                const en_param *param =
                        &network->params[backwards
                                                 ? network->param_count - 1 - i
                                                 : i];
                char name[EN_NAME_SIZE];

                en_name_param(test_naming(naming),
                              &network->layers[param->layer], param->kind,
                              name);
                compare_param(params, param, name);
        }
        en_network_free(network);
}

static int32_t
read_block(void *opaque, uint64_t offset, void *buffer, size_t size)
{
        const en_source *memory = opaque;

        if (offset > memory->size || size > memory->size - offset)
                return 1;
        memcpy(buffer, memory->data + offset, size);
        return 0;
}

START_TEST(torch_files)
{
        char path[200];
        size_t size;
        uint8_t *data;
        en_source sources[3];

        snprintf(path, sizeof(path), "load/%s.pth", files[_i].file);
        data = test_read(test_data(path), &size);
        ck_ok(en_source_open(&sources[0], test_data(path), size));
        en_source_memory(&sources[1], data, size);
        en_source_callback(&sources[2], read_block, &sources[1], size);
        for (int i = 0; i < 3; i++) {
                en_checkpoint *checkpoint;
                const effnet_config *config;

                ck_ok(en_checkpoint_open(&checkpoint, &sources[i], NULL));
                config = en_checkpoint_config(checkpoint);
                ck_assert_str_eq(en_checkpoint_container(checkpoint),
                                 files[_i].container);
                ck_assert_str_eq(config->name, files[_i].name);
                ck_assert_int_eq(config->classes, files[_i].classes);
                ck_assert_int_eq(config->input_channels, files[_i].channels);
                ck_assert_int_eq(config->padding, files[_i].padding);
                ck_assert(config->epsilon == files[_i].epsilon);
                compare_params(checkpoint, files[_i].naming, i == 1);
                en_checkpoint_close(checkpoint);
                en_source_close(&sources[i]);
        }
        free(data);
}
END_TEST

/* A file that becomes shorter while it is read, and one that fails. */
static int32_t
read_until(void *opaque, uint64_t offset, void *buffer, size_t size)
{
        uint64_t *left = opaque;

        (void)offset;
        if (*left < size)
                return 1;
        *left -= size;
        memset(buffer, 0, size);
        return 0;
}

START_TEST(failing_callback)
{
        uint64_t left = 0;
        en_checkpoint *checkpoint;
        en_source source;

        en_source_callback(&source, read_until, &left, 1000);
        ck_fails(en_checkpoint_open(&checkpoint, &source, NULL),
                 EFFNET_ERROR_IO);
        ck_message("callback");
}
END_TEST

/* The parameter of another network is refused. */
START_TEST(other_network)
{
        en_source source;
        en_checkpoint *checkpoint;
        en_params params;
        en_param param = {.name = "blocks.9.9.depthwise.weight"};
        float value;

        ck_ok(en_source_open(&source, test_data("load/torchvision_b0.pth"),
                             1 << 20));
        ck_ok(en_checkpoint_open(&checkpoint, &source, NULL));
        params = en_checkpoint_params(checkpoint);
        ck_fails(params.read(params.context, &param, &value),
                 EFFNET_ERROR_INTERNAL);
        snprintf(param.name, sizeof(param.name), "stem.bn.weight");
        ck_fails(params.read(params.context, &param, &value),
                 EFFNET_ERROR_INTERNAL);
        en_checkpoint_close(checkpoint);
        en_source_close(&source);
}
END_TEST

/* ---- every variant under every project's names */

START_TEST(all_variants)
{
        int tried = 0;

        for (int32_t i = 0; i < en_naming_count; i++) {
                for (int32_t r = 0; r < en_namings[i].range_count; r++) {
                        const en_naming_range *range = &en_namings[i].ranges[r];

                        for (int32_t v = range->first; v <= range->last; v++) {
                                effnet_config expected, found;

                                ck_ok(en_config_variant(&expected,
                                                        range->family, v));
                                found = test_recognise(
                                        test_tensors_create(&en_namings[i],
                                                            range->family, v,
                                                            1000, 3),
                                        NULL);
                                ck_assert_str_eq(found.name, expected.name);
                                ck_assert_int_eq(found.family, expected.family);
                                ck_assert_int_eq(found.variant, v);
                                ck_assert_int_eq(found.padding,
                                                 expected.padding);
                                ck_assert(found.epsilon == expected.epsilon);
                                tried++;
                        }
                }
        }
        ck_assert_int_eq(tried, 11 + 34 + 9 + 5 + 8 + 8 + 9 + 8 + 7);
}
END_TEST

/* What shapes do not tell, from the families' own code: checkpoints.md is the
 * source, not the table of models.
 */
START_TEST(family_defaults)
{
        static const struct {
                const char *naming;
                en_family family;
                int32_t variant, padding;
                double epsilon;
        } cases[] = {
                {"torchvision", EN_FAMILY_TORCHVISION, EN_B4,
                 EFFNET_PADDING_SYMMETRIC, 1e-5},
                {"torchvision", EN_FAMILY_TORCHVISION, EN_B5,
                 EFFNET_PADDING_SYMMETRIC, 1e-3},
                {"torchvision", EN_FAMILY_TORCHVISION, EN_B7,
                 EFFNET_PADDING_SYMMETRIC, 1e-3},
                {"timm", EN_FAMILY_TIMM, EN_B5, EFFNET_PADDING_SYMMETRIC, 1e-5},
                {"timm", EN_FAMILY_TIMM, EN_LITE4, EFFNET_PADDING_SYMMETRIC,
                 1e-5},
                {"torchvision", EN_FAMILY_TORCHVISION, EN_V2_S,
                 EFFNET_PADDING_SYMMETRIC, 1e-3},
                {"timm", EN_FAMILY_TIMM, EN_V2_S, EFFNET_PADDING_SYMMETRIC,
                 1e-5},
                {"timm", EN_FAMILY_TIMM, EN_V2_B0, EFFNET_PADDING_SAME, 1e-3},
                {"timm", EN_FAMILY_TIMM, EN_ES, EFFNET_PADDING_SYMMETRIC, 1e-5},
                {"EfficientNet-PyTorch", EN_FAMILY_LM, EN_B1,
                 EFFNET_PADDING_SAME_STATIC, 1e-3},
                {"EfficientNet-PyTorch", EN_FAMILY_LP, EN_LITE1,
                 EFFNET_PADDING_SAME_STATIC, 1e-3},
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                effnet_config found = test_recognise(
                        test_tensors_create(test_naming(cases[i].naming),
                                            cases[i].family, cases[i].variant,
                                            5, 3),
                        NULL);

                ck_assert_int_eq(found.variant, cases[i].variant);
                ck_assert_int_eq(found.family, cases[i].family);
                ck_assert_int_eq(found.padding, cases[i].padding);
                ck_assert(found.epsilon == cases[i].epsilon);
        }
}
END_TEST

START_TEST(ends)
{
        static const int32_t cases[][2] = {
                {1, 3}, {1001, 3}, {21843, 3}, {0, 3}, {10, 1}, {10, 4}, {0, 1},
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                effnet_config found = test_recognise(
                        test_lm_b0(cases[i][0], cases[i][1]), NULL);

                ck_assert_int_eq(found.classes, cases[i][0]);
                ck_assert_int_eq(found.input_channels, cases[i][1]);
        }
}
END_TEST

/* Networks converted from TensorFlow's may have a class 0 of their own:
 * ImageNet's names are for 1000 classes alone.
 */
START_TEST(labels_of_1001)
{
        for (int32_t classes = 1000; classes <= 1001; classes++) {
                test_tensors *tensors = test_lm_b0(classes, 3);
                effnet_model *model;
                en_source source;

                test_tensors_source(tensors, &source);
                ck_ok(effnet_model_load_callback(
                        &model, source.read, source.opaque, source.size, NULL));
                ck_assert_int_eq(effnet_model_classes(model), classes);
                if (classes == 1000)
                        ck_assert_str_eq(effnet_model_label(model, 0), "tench");
                else
                        ck_assert_ptr_null(effnet_model_label(model, 0));
                effnet_model_release(model);
                test_tensors_free(tensors);
        }
}
END_TEST

START_TEST(bad_ends)
{
        test_tensors *tensors = test_lm_b0(10, 3);

        test_tensor_find(tensors, "_conv_stem.weight")->shape[1] = 2000;
        test_refused(tensors, NULL, EFFNET_ERROR_MISMATCH,
                     "2000 input channels; expected 1 to 1024");
        test_tensors_free(tensors);
        tensors = test_lm_b0(10, 3);
        test_tensor_find(tensors, "_fc.weight")->shape[0] = 2000000;
        test_tensor_find(tensors, "_fc.weight")->shape[1] = 1;
        test_refused(tensors, NULL, EFFNET_ERROR_MISMATCH,
                     "2000000 classes; expected 1 to 1000000");
        test_tensors_free(tensors);
        tensors = test_lm_b0(10, 3);
        test_tensor_find(tensors, "_fc.weight")->shape[0] = 0;
        test_refused(tensors, NULL, EFFNET_ERROR_MISMATCH, "0 classes");
        test_tensors_free(tensors);
        tensors = test_lm_b0(10, 3);
        test_tensor_find(tensors, "_fc.bias")->shape[0] = 9;
        test_refused(tensors, NULL, EFFNET_ERROR_MISMATCH,
                     "1 tensor mis-shaped: _fc.bias is [9], expected [10]");
        test_tensors_free(tensors);
        tensors = test_lm_b0(10, 3);
        test_tensor_drop(tensors, "_fc.weight");
        test_refused(tensors, NULL, EFFNET_ERROR_MISMATCH,
                     "1 tensor missing: _fc.weight");
        test_tensors_free(tensors);
}
END_TEST

/* ---- what does not fit, by its name in the file */

START_TEST(missing)
{
        test_tensors *tensors = test_lm_b0(10, 3);

        test_tensor_drop(tensors, "_conv_head.weight");
        test_tensor_drop(tensors, "_blocks.15._project_conv.weight");
        test_tensor_drop(tensors, "_conv_stem.weight");
        test_refused(
                tensors, NULL, EFFNET_ERROR_MISMATCH,
                "taken for efficientnet-b0 by names of EfficientNet-PyTorch: 3 "
                "tensors missing: _conv_stem.weight, "
                "_blocks.15._project_conv.weight, _conv_head.weight");
        test_tensors_free(tensors);
}
END_TEST

START_TEST(missing_many)
{
        test_tensors *tensors = test_lm_b0(10, 3);

        for (int block = 0; block < 16; block++) {
                static const char *const names[] = {
                        "weight", "bias", "running_mean", "running_var"};

                for (int i = 0; i < 4; i++) {
                        char name[80];

                        snprintf(name, sizeof(name), "_blocks.%d._bn1.%s",
                                 block, names[i]);
                        test_tensor_drop(tensors, name);
                        snprintf(name, sizeof(name), "added.%d.%d", block, i);
                        test_tensor_add(tensors, name, 1, 1);
                }
                test_tensor_find(tensors, "_bn0.weight")->shape[0] = 31;
        }
        test_refused(tensors, NULL, EFFNET_ERROR_MISMATCH,
                     "64 tensors missing: _blocks.0._bn1.weight, ");
        ck_message(", ...; 1 tensor mis-shaped: _bn0.weight is [31], expected "
                   "[32]; 64 tensors unexpected: added.0.0, ");
        ck_assert_uint_lt(strlen(effnet_last_error()), 1000);
        test_tensors_free(tensors);
}
END_TEST

START_TEST(misshaped)
{
        test_tensors *tensors = test_lm_b0(10, 3);
        test_tensor *t = test_tensor_find(tensors,
                                          "_blocks.3._depthwise_conv.weight");

        t->shape[2] = t->shape[3] = 7;
        test_tensor_find(tensors, "_bn1.running_var")->rank = 2;
        test_tensor_find(tensors, "_bn1.running_var")->shape[1] = 1;
        test_refused(
                tensors, NULL, EFFNET_ERROR_MISMATCH,
                "2 tensors mis-shaped: _blocks.3._depthwise_conv.weight is "
                "[144, 1, 7, 7], expected [144, 1, 5, 5], _bn1.running_var is "
                "[1280, 1], expected [1280]");
        test_tensors_free(tensors);
}
END_TEST

START_TEST(surplus)
{
        effnet_options options = *en_options_or_default(NULL);
        test_tensors *tensors = test_lm_b0(10, 3);

        test_tensor_add(tensors, "_bn0.num_batches_tracked", 0, 0)->dtype =
                "I64";
        test_tensor_add(tensors, "extra.weight", 2, 3);
        test_refused(tensors, NULL, EFFNET_ERROR_MISMATCH,
                     ": 1 tensor unexpected: extra.weight");
        options.allow_extra_tensors = 1;
        ck_assert_int_eq(test_recognise(tensors, &options).variant, EN_B0);
        /* still to be complete */
        tensors = test_lm_b0(10, 3);
        test_tensor_add(tensors, "extra.weight", 2, 3);
        test_tensor_drop(tensors, "_bn0.bias");
        test_refused(tensors, &options, EFFNET_ERROR_MISMATCH,
                     ": 1 tensor missing: _bn0.bias");
        ck_assert_ptr_null(strstr(effnet_last_error(), "unexpected"));
        test_tensors_free(tensors);
}
END_TEST

START_TEST(integer_weight)
{
        test_tensors *tensors = test_lm_b0(10, 3);

        test_tensor_find(tensors, "_bn1.bias")->dtype = "I64";
        test_refused(tensors, NULL, EFFNET_ERROR_UNSUPPORTED,
                     "tensor _bn1.bias: element type int64");
        test_tensors_free(tensors);
}
END_TEST

/* ---- prefixes */

START_TEST(prefixes)
{
        static const char *const given[] = {
                "module.",   "_orig_mod.",    "module._orig_mod.module.",
                "model.",    "module.model.", "encoder.backbone.",
                "backbone.", "net.",
        };

        for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
                test_tensors *tensors = test_lm_b0(10, 3);

                test_tensors_prefix(tensors, given[i]);
                ck_assert_int_eq(test_recognise(tensors, NULL).variant, EN_B0);
        }
}
END_TEST

START_TEST(prefix_in_messages)
{
        test_tensors *tensors = test_lm_b0(10, 3);

        test_tensors_prefix(tensors, "module.model.");
        test_tensor_drop(tensors, "module.model._bn1.bias");
        test_tensor_add(tensors, "module.loss.weight", 1, 10);
        test_refused(tensors, NULL, EFFNET_ERROR_MISMATCH,
                     "1 tensor missing: module.model._bn1.bias; 1 tensor "
                     "unexpected: module.loss.weight");
        test_tensors_free(tensors);
}
END_TEST

START_TEST(two_networks)
{
        test_tensors *tensors = test_lm_b0(10, 3);
        int count = tensors->count;

        test_tensors_prefix(tensors, "student.");
        for (int i = 0; i < count; i++) {
                tensors->list[count + i] = tensors->list[i];
                memcpy(tensors->list[count + i].name, "teacher", 7);
        }
        tensors->count = 2 * count;
        test_refused(tensors, NULL, EFFNET_ERROR_MISMATCH,
                     "several networks, \"student.\" and \"teacher.\"");
        test_tensors_free(tensors);
}
END_TEST

/* ---- shared data and the demo's weights */

static effnet_status
open_file(en_checkpoint **checkpoint, en_source *source, const char *path)
{
        ck_ok(en_source_open(source, path, UINT64_C(1) << 33));
        return en_checkpoint_open(checkpoint, source, NULL);
}

START_TEST(shared_weights)
{
        const char *partial = test_shared("data/weights/"
                                          "efficientnet-b0_partial."
                                          "safetensors");
        const char *v2 = test_shared("data/weights/"
                                     "tf_efficientnetv2_b0.safetensors");
        en_checkpoint *checkpoint;
        en_source source;

        if (partial == NULL || v2 == NULL)
                return;
        ck_fails(open_file(&checkpoint, &source, partial),
                 EFFNET_ERROR_MISMATCH);
        ck_message("3 tensors missing: _blocks.15._project_conv.weight, "
                   "_conv_head.weight, _fc.weight");
        ck_message(partial);
        en_source_close(&source);
        ck_ok(open_file(&checkpoint, &source, v2));
        ck_assert_str_eq(en_checkpoint_config(checkpoint)->name,
                         "tf_efficientnetv2_b0");
        en_checkpoint_close(checkpoint);
        en_source_close(&source);
}
END_TEST

/* The cache that the demo fills. */
static const char *
find_weights(const char *name)
{
        static char path[2048];
        const char *folder = getenv("EFFNET_WEIGHTS");
        const char *cache = getenv("XDG_CACHE_HOME");
        const char *home = getenv("HOME");

        if (folder != NULL)
                snprintf(path, sizeof(path), "%s/%s", folder, name);
        else if (cache != NULL)
                snprintf(path, sizeof(path), "%s/effnet/%s", cache, name);
        else
                snprintf(path, sizeof(path), "%s/.cache/effnet/%s",
                         home != NULL ? home : "", name);
        if (access(path, R_OK) == 0)
                return path;
        test_skipped(name, "the weights are not in the cache");
        return NULL;
}

START_TEST(lite_weights)
{
        static const struct {
                const char *file, *name;
                int64_t parameters;
        } cases[] = {
                {"efficientnet-lite0-57934424.pth", "efficientnet-lite0",
                 4652008},
                {"efficientnet-lite1-77cc7160.pth", "efficientnet-lite1",
                 5416680},
                {"efficientnet-lite2-9656183e.pth", "efficientnet-lite2",
                 6092072},
        };
        const char *path = find_weights(cases[_i].file);
        en_checkpoint *checkpoint;
        en_source source;
        en_network *network;
        en_params params;

        if (path == NULL)
                return;
        ck_ok(open_file(&checkpoint, &source, path));
        ck_assert_str_eq(en_checkpoint_config(checkpoint)->name,
                         cases[_i].name);
        ck_assert_str_eq(en_checkpoint_container(checkpoint), "torch-legacy");
        ck_ok(en_network_create(&network, en_checkpoint_config(checkpoint), 0,
                                0));
        ck_assert_int_eq(network->parameters, cases[_i].parameters);
        params = en_checkpoint_params(checkpoint);
        for (int32_t i = 0; i < network->param_count; i++) {
                const en_param *param = &network->params[i];
                float *values = malloc((size_t)param->count * sizeof(float));

                ck_ok(params.read(params.context, param, values));
                for (int64_t k = 0; k < param->count; k++) {
                        if (!(fabs((double)values[k]) < 1e4))
                                ck_abort_msg("%s: %g", param->name,
                                             (double)values[k]);
                }
                free(values);
        }
        en_network_free(network);
        en_checkpoint_close(checkpoint);
        en_source_close(&source);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("load_checkpoint");
        TCase *test = tcase_create("checkpoint");

        tcase_add_loop_test(test, torch_files, 0, FILES);
        tcase_add_test(test, failing_callback);
        tcase_add_test(test, other_network);
        tcase_add_test(test, all_variants);
        tcase_add_test(test, family_defaults);
        tcase_add_test(test, ends);
        tcase_add_test(test, labels_of_1001);
        tcase_add_test(test, bad_ends);
        tcase_add_test(test, missing);
        tcase_add_test(test, missing_many);
        tcase_add_test(test, misshaped);
        tcase_add_test(test, surplus);
        tcase_add_test(test, integer_weight);
        tcase_add_test(test, prefixes);
        tcase_add_test(test, prefix_in_messages);
        tcase_add_test(test, two_networks);
        tcase_add_test(test, shared_weights);
        tcase_add_loop_test(test, lite_weights, 0, 3);
        suite_add_tcase(suite, test);
        return test_main(suite);
}
