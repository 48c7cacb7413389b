/* check_load_checkpoint.c: checkpoints recognised, compared and read. */
#include "support.h"

#include "arch/preset.h"
#include "base/options.h"
#include "load/checkpoint.h"
#include "tensors.h"

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
        {"timm_lite0_training", "torch-zip", "timm", "efficientnet_lite0", 10,
         3, EFFNET_PADDING_SYMMETRIC, 1e-5},
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

static effnet_status
open_tensors(en_checkpoint **checkpoint, test_tensors *tensors,
             const effnet_options *options)
{
        en_source source;

        test_tensors_source(tensors, &source);
        return en_checkpoint_open(checkpoint, &source, options);
}

/* Opens them for the config alone, and frees them. */
static effnet_config
recognise(test_tensors *tensors, const effnet_options *options)
{
        en_checkpoint *checkpoint;
        effnet_config config;

        ck_ok(open_tensors(&checkpoint, tensors, options));
        config = *en_checkpoint_config(checkpoint);
        ck_assert_str_eq(en_checkpoint_container(checkpoint), "safetensors");
        en_checkpoint_close(checkpoint);
        test_tensors_free(tensors);
        return config;
}

static void
expect(test_tensors *tensors, const effnet_options *options,
       effnet_status status, const char *message)
{
        en_checkpoint *checkpoint = (en_checkpoint *)&checkpoint;

        ck_fails(open_tensors(&checkpoint, tensors, options), status);
        ck_assert_ptr_null(checkpoint);
        ck_message("callback: ");
        ck_message(message);
}

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
                                found = recognise(
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
                effnet_config found = recognise(
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

static test_tensors *
lm_b0(int32_t classes, int32_t channels)
{
        return test_tensors_create(test_naming("EfficientNet-PyTorch"),
                                   EN_FAMILY_LM, EN_B0, classes, channels);
}

START_TEST(ends)
{
        static const int32_t cases[][2] = {
                {1, 3}, {1001, 3}, {21843, 3}, {0, 3}, {10, 1}, {10, 4}, {0, 1},
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                effnet_config found = recognise(lm_b0(cases[i][0], cases[i][1]),
                                                NULL);

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
                test_tensors *tensors = lm_b0(classes, 3);
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
        test_tensors *tensors = lm_b0(10, 3);

        test_tensor_find(tensors, "_conv_stem.weight")->shape[1] = 2000;
        expect(tensors, NULL, EFFNET_ERROR_MISMATCH,
               "2000 input channels; expected 1 to 1024");
        test_tensors_free(tensors);
        tensors = lm_b0(10, 3);
        test_tensor_find(tensors, "_fc.weight")->shape[0] = 2000000;
        test_tensor_find(tensors, "_fc.weight")->shape[1] = 1;
        expect(tensors, NULL, EFFNET_ERROR_MISMATCH,
               "2000000 classes; expected 1 to 1000000");
        test_tensors_free(tensors);
        tensors = lm_b0(10, 3);
        test_tensor_find(tensors, "_fc.weight")->shape[0] = 0;
        expect(tensors, NULL, EFFNET_ERROR_MISMATCH, "0 classes");
        test_tensors_free(tensors);
        tensors = lm_b0(10, 3);
        test_tensor_find(tensors, "_fc.bias")->shape[0] = 9;
        expect(tensors, NULL, EFFNET_ERROR_MISMATCH,
               "1 tensor mis-shaped: _fc.bias is [9], expected [10]");
        test_tensors_free(tensors);
        tensors = lm_b0(10, 3);
        test_tensor_drop(tensors, "_fc.weight");
        expect(tensors, NULL, EFFNET_ERROR_MISMATCH,
               "1 tensor missing: _fc.weight");
        test_tensors_free(tensors);
}
END_TEST

/* ---- what does not fit, by its name in the file */

START_TEST(missing)
{
        test_tensors *tensors = lm_b0(10, 3);

        test_tensor_drop(tensors, "_conv_head.weight");
        test_tensor_drop(tensors, "_blocks.15._project_conv.weight");
        test_tensor_drop(tensors, "_conv_stem.weight");
        expect(tensors, NULL, EFFNET_ERROR_MISMATCH,
               "taken for efficientnet-b0 by names of EfficientNet-PyTorch: 3 "
               "tensors missing: _conv_stem.weight, "
               "_blocks.15._project_conv.weight, _conv_head.weight");
        test_tensors_free(tensors);
}
END_TEST

START_TEST(missing_many)
{
        test_tensors *tensors = lm_b0(10, 3);

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
        expect(tensors, NULL, EFFNET_ERROR_MISMATCH,
               "64 tensors missing: _blocks.0._bn1.weight, ");
        ck_message(", ...; 1 tensor mis-shaped: _bn0.weight is [31], expected "
                   "[32]; 64 tensors unexpected: added.0.0, ");
        ck_assert_uint_lt(strlen(effnet_last_error()), 1000);
        test_tensors_free(tensors);
}
END_TEST

START_TEST(misshaped)
{
        test_tensors *tensors = lm_b0(10, 3);
        test_tensor *t = test_tensor_find(tensors,
                                          "_blocks.3._depthwise_conv.weight");

        t->shape[2] = t->shape[3] = 7;
        test_tensor_find(tensors, "_bn1.running_var")->rank = 2;
        test_tensor_find(tensors, "_bn1.running_var")->shape[1] = 1;
        expect(tensors, NULL, EFFNET_ERROR_MISMATCH,
               "2 tensors mis-shaped: _blocks.3._depthwise_conv.weight is "
               "[144, 1, 7, 7], expected [144, 1, 5, 5], _bn1.running_var is "
               "[1280, 1], expected [1280]");
        test_tensors_free(tensors);
}
END_TEST

START_TEST(surplus)
{
        effnet_options options = *en_options_or_default(NULL);
        test_tensors *tensors = lm_b0(10, 3);

        test_tensor_add(tensors, "_bn0.num_batches_tracked", 0, 0)->dtype =
                "I64";
        test_tensor_add(tensors, "extra.weight", 2, 3);
        expect(tensors, NULL, EFFNET_ERROR_MISMATCH,
               ": 1 tensor unexpected: extra.weight");
        options.allow_extra_tensors = 1;
        ck_assert_int_eq(recognise(tensors, &options).variant, EN_B0);
        /* still to be complete */
        tensors = lm_b0(10, 3);
        test_tensor_add(tensors, "extra.weight", 2, 3);
        test_tensor_drop(tensors, "_bn0.bias");
        expect(tensors, &options, EFFNET_ERROR_MISMATCH,
               ": 1 tensor missing: _bn0.bias");
        ck_assert_ptr_null(strstr(effnet_last_error(), "unexpected"));
        test_tensors_free(tensors);
}
END_TEST

START_TEST(integer_weight)
{
        test_tensors *tensors = lm_b0(10, 3);

        test_tensor_find(tensors, "_bn1.bias")->dtype = "I64";
        expect(tensors, NULL, EFFNET_ERROR_UNSUPPORTED,
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
                test_tensors *tensors = lm_b0(10, 3);

                test_tensors_prefix(tensors, given[i]);
                ck_assert_int_eq(recognise(tensors, NULL).variant, EN_B0);
        }
}
END_TEST

START_TEST(prefix_in_messages)
{
        test_tensors *tensors = lm_b0(10, 3);

        test_tensors_prefix(tensors, "module.model.");
        test_tensor_drop(tensors, "module.model._bn1.bias");
        test_tensor_add(tensors, "module.loss.weight", 1, 10);
        expect(tensors, NULL, EFFNET_ERROR_MISMATCH,
               "1 tensor missing: module.model._bn1.bias; 1 tensor "
               "unexpected: module.loss.weight");
        test_tensors_free(tensors);
}
END_TEST

START_TEST(two_networks)
{
        test_tensors *tensors = lm_b0(10, 3);
        int count = tensors->count;

        test_tensors_prefix(tensors, "student.");
        for (int i = 0; i < count; i++) {
                tensors->list[count + i] = tensors->list[i];
                memcpy(tensors->list[count + i].name, "teacher", 7);
        }
        tensors->count = 2 * count;
        expect(tensors, NULL, EFFNET_ERROR_MISMATCH,
               "several networks, \"student.\" and \"teacher.\"");
        test_tensors_free(tensors);
}
END_TEST

/* ---- options */

static effnet_options
with_architecture(const char *name)
{
        effnet_options options = *en_options_or_default(NULL);

        /* only read while it is open */
        options.architecture = (char *)(uintptr_t)name;
        return options;
}

START_TEST(architecture)
{
        effnet_options options = with_architecture("tf_efficientnet_b0");
        effnet_config found;

        found = recognise(test_tensors_create(test_naming("timm"),
                                              EN_FAMILY_TIMM, EN_B0, 10, 3),
                          &options);
        ck_assert_str_eq(found.name, "tf_efficientnet_b0");
        ck_assert_int_eq(found.padding, EFFNET_PADDING_SAME);
        ck_assert(found.epsilon == 1e-3);
        ck_assert_int_eq(found.classes, 10);
        options = with_architecture("efficientnet-b0");
        found = recognise(test_tensors_create(test_naming("torchvision"),
                                              EN_FAMILY_TORCHVISION, EN_B0, 7,
                                              1),
                          &options);
        ck_assert_str_eq(found.name, "efficientnet-b0");
        ck_assert_int_eq(found.padding, EFFNET_PADDING_SAME_STATIC);
        ck_assert_int_eq(found.classes, 7);
        ck_assert_int_eq(found.input_channels, 1);
}
END_TEST

/* "efficientnet_b5" is torchvision's and timm's: the tensors' names decide. */
START_TEST(architecture_of_two)
{
        effnet_options options = with_architecture("efficientnet_b5");
        effnet_config found;

        found = recognise(test_tensors_create(test_naming("timm"),
                                              EN_FAMILY_TIMM, EN_B5, 10, 3),
                          &options);
        ck_assert_int_eq(found.family, EN_FAMILY_TIMM);
        ck_assert(found.epsilon == 1e-5);
        found = recognise(test_tensors_create(test_naming("torchvision"),
                                              EN_FAMILY_TORCHVISION, EN_B5, 10,
                                              3),
                          &options);
        ck_assert_int_eq(found.family, EN_FAMILY_TORCHVISION);
        ck_assert(found.epsilon == 1e-3);
}
END_TEST

START_TEST(wrong_architecture)
{
        effnet_options options = with_architecture("efficientnet-b1");
        test_tensors *tensors = lm_b0(10, 3);

        expect(tensors, &options, EFFNET_ERROR_MISMATCH,
               "taken for efficientnet-b1");
        ck_message("missing");
        options = with_architecture("resnet50");
        expect(tensors, &options, EFFNET_ERROR_ARGUMENT, "resnet50");
        test_tensors_free(tensors);
}
END_TEST

START_TEST(padding_and_epsilon)
{
        effnet_options options = *en_options_or_default(NULL);
        effnet_config found;

        options.padding = EFFNET_PADDING_SAME;
        options.epsilon = 0.25;
        found = recognise(lm_b0(10, 3), &options);
        ck_assert_int_eq(found.padding, EFFNET_PADDING_SAME);
        ck_assert(found.epsilon == 0.25);
}
END_TEST

/* A file's name decides what shapes cannot, if it does not contradict them. */
START_TEST(hints)
{
        static const struct {
                const char *path;
                int32_t variant;
                const char *name;
        } cases[] = {
                {"tf_efficientnet_b0_ns-c0e6a31c.pth", EN_B0,
                 "tf_efficientnet_b0"},
                {"/a/efficientnet_b0/tf_efficientnet_b0.in1k", EN_B0,
                 "tf_efficientnet_b0"},
                {"/a/tf_efficientnet_b0/model.safetensors", EN_B0,
                 "efficientnet_b0"},
                {"tf_efficientnet_b1_aa.pth", EN_B0, "efficientnet_b0"},
                {"tf_efficientnet_b01.pth", EN_B0, "efficientnet_b0"},
                {"my_tf_efficientnet_b0.pth", EN_B0, "efficientnet_b0"},
                {"efficientnet-b0-355c32eb.pth", EN_B0, "efficientnet_b0"},
                {"tf_efficientnet_lite0-0aa007d2.pth", EN_LITE0,
                 "tf_efficientnet_lite0"},
                {"tf_efficientnet_es.in1k", EN_ES, "tf_efficientnet_es"},
                {"efficientnet_es_pruned75.pt", EN_ES, "efficientnet_es"},
                {"tf_efficientnetv2_s_21k-6337ad01.pth", EN_V2_S,
                 "tf_efficientnetv2_s"},
                {"efficientnetv2_s.pth", EN_V2_S, "efficientnetv2_s"},
                {"", EN_V2_S, "efficientnetv2_s"},
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                test_tensors *tensors = test_tensors_create(
                        test_naming("timm"), EN_FAMILY_TIMM, cases[i].variant,
                        5, 1);
                const effnet_config *found;
                en_checkpoint *checkpoint;
                en_source source;

                test_tensors_source(tensors, &source);
                source.name = cases[i].path;
                ck_ok(en_checkpoint_open(&checkpoint, &source, NULL));
                found = en_checkpoint_config(checkpoint);
                ck_assert_str_eq(found->name, cases[i].name);
                ck_assert_int_eq(found->padding,
                                 cases[i].name[0] == 't'
                                         ? EFFNET_PADDING_SAME
                                         : EFFNET_PADDING_SYMMETRIC);
                ck_assert_int_eq(found->classes, 5);
                ck_assert_int_eq(found->input_channels, 1);
                en_checkpoint_close(checkpoint);
                test_tensors_free(tensors);
        }
}
END_TEST

/* So does a tag in it, and the option of the test size. */
START_TEST(hint_of_weights)
{
        test_tensors *tensors = test_tensors_create(
                test_naming("timm"), EN_FAMILY_TIMM, EN_V2_S, 5, 3);
        effnet_options options = *en_options_or_default(NULL);
        en_checkpoint *checkpoint;
        en_source source;

        test_tensors_source(tensors, &source);
        source.name = "efficientnetv2_s.pth";
        ck_ok(en_checkpoint_open(&checkpoint, &source, &options));
        ck_assert_int_eq(en_checkpoint_origin(checkpoint), EN_ORIGIN_FILE_NAME);
        ck_assert_int_eq(
                en_preset_for(en_checkpoint_config(checkpoint)).crop_height,
                384);
        en_checkpoint_close(checkpoint);
        options.test_size = 0;
        ck_ok(en_checkpoint_open(&checkpoint, &source, &options));
        ck_assert_int_eq(
                en_preset_for(en_checkpoint_config(checkpoint)).crop_height,
                288);
        en_checkpoint_close(checkpoint);
        source.name = "tf_efficientnetv2_s_21ft1k-d7dafa41.pth";
        options.test_size = 1;
        ck_ok(en_checkpoint_open(&checkpoint, &source, &options));
        ck_assert_int_gt(en_checkpoint_config(checkpoint)->weights, 0);
        ck_assert_int_eq(
                en_preset_for(en_checkpoint_config(checkpoint)).crop_height,
                384);
        en_checkpoint_close(checkpoint);
        test_tensors_free(tensors);
}
END_TEST

/* What the caller says beats the file's name. */
START_TEST(hint_and_option)
{
        effnet_options options = with_architecture("efficientnet_b0");
        test_tensors *tensors = test_tensors_create(
                test_naming("timm"), EN_FAMILY_TIMM, EN_B0, 5, 3);
        en_checkpoint *checkpoint;
        en_source source;

        test_tensors_source(tensors, &source);
        source.name = "tf_efficientnet_b0.pth";
        ck_ok(en_checkpoint_open(&checkpoint, &source, &options));
        ck_assert_str_eq(en_checkpoint_config(checkpoint)->name,
                         "efficientnet_b0");
        en_checkpoint_close(checkpoint);
        options = *en_options_or_default(NULL);
        options.padding = EFFNET_PADDING_SYMMETRIC;
        ck_ok(en_checkpoint_open(&checkpoint, &source, &options));
        ck_assert_str_eq(en_checkpoint_config(checkpoint)->name,
                         "tf_efficientnet_b0");
        ck_assert_int_eq(en_checkpoint_config(checkpoint)->padding,
                         EFFNET_PADDING_SYMMETRIC);
        en_checkpoint_close(checkpoint);
        test_tensors_free(tensors);
}
END_TEST

/* ---- pruned models, and those without a head */

START_TEST(published_pruned)
{
        test_tensors *tensors = test_tensors_read("timm_b1_pruned");
        effnet_config found = recognise(tensors, NULL);

        ck_assert_str_eq(found.name, "efficientnet_b1_pruned");
        ck_assert_int_eq(found.padding, EFFNET_PADDING_SAME);
        ck_assert(found.epsilon == 1e-3);
}
END_TEST

/* Every tensor of an expansion of block 2.1, 240 wide in B0. */
static void
narrow(test_tensors *tensors, int64_t width)
{
        for (int i = 0; i < tensors->count; i++) {
                test_tensor *t = &tensors->list[i];

                if (strncmp(t->name, "blocks.2.1.", 11) != 0)
                        continue;
                for (int d = 0; d < t->rank; d++)
                        if (t->shape[d] == 240)
                                t->shape[d] = width;
        }
}

static test_tensors *
timm_b0(void)
{
        return test_tensors_create(test_naming("timm"), EN_FAMILY_TIMM, EN_B0,
                                   5, 3);
}

START_TEST(own_pruned)
{
        test_tensors *tensors = timm_b0();
        effnet_config found;

        narrow(tensors, 199);
        test_tensor_find(tensors, "blocks.2.1.se.conv_reduce.weight")
                ->shape[0] = 7;
        test_tensor_find(tensors, "blocks.2.1.se.conv_reduce.bias")->shape[0] =
                7;
        test_tensor_find(tensors, "blocks.2.1.se.conv_expand.weight")
                ->shape[1] = 7;
        found = recognise(tensors, NULL);
        ck_assert_str_eq(found.name, "custom");
        ck_assert_int_eq(found.variant, EN_B0);
        ck_assert_int_eq(found.pruned.block_count, 16);
        ck_assert_int_eq(found.pruned.blocks[4].expanded, 199);
        ck_assert_int_eq(found.pruned.blocks[4].squeezed, 7);
        ck_assert_int_eq(found.pruned.blocks[4].out, 40);
        ck_assert_int_eq(found.pruned.stem, 32);
        ck_assert_int_eq(found.pruned.head, 1280);
        ck_assert_int_eq(found.classes, 5);
}
END_TEST

/* One wrong tensor makes no pruned model. */
START_TEST(wrong_is_not_pruned)
{
        static const char *const names[] = {"blocks.2.1.conv_pw.weight",
                                            "blocks.2.1.conv_pwl.weight",
                                            "blocks.2.1.se.conv_reduce.weight",
                                            "conv_stem.weight",
                                            "conv_head.weight",
                                            "blocks.0.0.conv_dw.weight"};

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                test_tensors *tensors = timm_b0();

                test_tensor_find(tensors, names[i])->shape[0]--;
                expect(tensors, NULL, EFFNET_ERROR_MISMATCH,
                       "taken for efficientnet_b0 by names of timm: 1 tensor "
                       "mis-shaped");
                ck_message(names[i]);
                test_tensors_free(tensors);
        }
}
END_TEST

/* Block 2.1 adds its input, of 40 channels: it cannot put out others. */
START_TEST(pruned_residuals)
{
        test_tensors *tensors = timm_b0();

        for (int i = 0; i < tensors->count; i++) {
                test_tensor *t = &tensors->list[i];

                if (strncmp(t->name, "blocks.2.1.conv_pwl", 19) == 0 ||
                    strncmp(t->name, "blocks.2.1.bn3", 14) == 0)
                        t->shape[0] = 39;
                if (strcmp(t->name, "blocks.3.0.conv_pw.weight") == 0)
                        t->shape[1] = 39;
        }
        expect(tensors, NULL, EFFNET_ERROR_MISMATCH, "6 tensors mis-shaped");
        test_tensors_free(tensors);
}
END_TEST

/* As timm's features_only saves it. */
START_TEST(without_head)
{
        test_tensors *tensors = test_tensors_read("timm_features_b0");
        effnet_config found = recognise(tensors, NULL);

        ck_assert_str_eq(found.name, "efficientnet_b0");
        ck_assert_int_eq(found.headless, 1);
        ck_assert_int_eq(found.classes, 0);
        tensors = test_tensors_read("timm_features_b0");
        test_tensor_drop(tensors, "blocks.6.0.bn3.weight");
        expect(tensors, NULL, EFFNET_ERROR_MISMATCH,
               "1 tensor missing: blocks.6.0.bn3.weight");
        test_tensor_drop(tensors, "conv_stem.weight");
        test_tensor_add(tensors, "bn2.weight", 1, 1280);
        expect(tensors, NULL, EFFNET_ERROR_MISMATCH, "missing");
        test_tensors_free(tensors);
}
END_TEST

/* ---- networks that are none of these */

START_TEST(others)
{
        static const struct {
                const char *file, *message;
        } cases[] = {
                {"other_mixnet_s", "variant not recognised: stem 16, head "
                                   "1536, "},
                {"other_mobilenetv3",
                 "variant not recognised: stem 16, head 1280, "},
                {"other_mobilenet_v2", "not an EfficientNet: expected a "
                                       "tensor features.1.0.block.0.0.weight"},
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                test_tensors *tensors = test_tensors_read(cases[i].file);

                expect(tensors, NULL, EFFNET_ERROR_UNSUPPORTED,
                       cases[i].message);
                test_tensors_free(tensors);
        }
}
END_TEST

START_TEST(relatives)
{
        static const struct {
                int32_t variant;
                const char *tensor, *message;
        } cases[] = {
                {EN_B0, "blocks.4.0.routing_fn.weight",
                 "conditional convolutions"},
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                test_tensors *tensors = test_tensors_create(
                        test_naming("timm"), EN_FAMILY_TIMM, cases[i].variant,
                        5, 3);

                test_tensor_add(tensors, cases[i].tensor, 2, 4);
                expect(tensors, NULL, EFFNET_ERROR_UNSUPPORTED,
                       cases[i].message);
                ck_message(cases[i].tensor);
                test_tensors_free(tensors);
        }
}
END_TEST

/* Linear layers anywhere in a Sequential, with and without a bias. */
START_TEST(replaced_heads)
{
        static const struct {
                const char *naming, *own, *found;
                en_family family;
                bool bias;
        } cases[] = {
                {"torchvision", "classifier.1", "classifier.0",
                 EN_FAMILY_TORCHVISION, true},
                {"torchvision", "classifier.1", "classifier.1.1",
                 EN_FAMILY_TORCHVISION, true},
                {"torchvision", "classifier.1", "classifier",
                 EN_FAMILY_TORCHVISION, false},
                {"timm", "classifier", "classifier.1", EN_FAMILY_TIMM, true},
                {"EfficientNet-PyTorch", "_fc", "_fc.0", EN_FAMILY_LM, false},
                {"transformers", "classifier", "classifier.1", EN_FAMILY_HF,
                 true},
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                test_tensors *tensors = test_tensors_create(
                        test_naming(cases[i].naming), cases[i].family, EN_B0, 7,
                        3);
                char name[60];
                effnet_config config;

                snprintf(name, sizeof(name), "%s.weight", cases[i].own);
                snprintf(test_tensor_find(tensors, name)->name, 60, "%s.weight",
                         cases[i].found);
                snprintf(name, sizeof(name), "%s.bias", cases[i].own);
                if (cases[i].bias)
                        snprintf(test_tensor_find(tensors, name)->name, 60,
                                 "%s.bias", cases[i].found);
                else
                        test_tensor_drop(tensors, name);
                config = recognise(tensors, NULL);
                ck_assert_int_eq(config.variant, EN_B0);
                ck_assert_int_eq(config.classes, 7);
        }
}
END_TEST

START_TEST(other_heads)
{
        test_tensors *tensors = test_tensors_create(
                test_naming("torchvision"), EN_FAMILY_TORCHVISION, EN_B0, 7, 3);
        effnet_options options = *en_options_or_default(NULL);

        test_tensor_add(tensors, "classifier.3.running_mean", 1, 7);
        expect(tensors, NULL, EFFNET_ERROR_UNSUPPORTED,
               "more than the linear layer classifier.1.weight");
        test_tensor_add(tensors, "classifier.4.weight", 2, 3);
        expect(tensors, NULL, EFFNET_ERROR_UNSUPPORTED,
               "classifier.1.weight and classifier.4.weight");
        options.allow_extra_tensors = 1;
        ck_assert_int_eq(recognise(tensors, &options).classes, 0);
}
END_TEST

START_TEST(unlike)
{
        test_tensors *tensors = calloc(1, sizeof(*tensors));

        expect(tensors, NULL, EFFNET_ERROR_UNSUPPORTED, "holds no tensors");
        test_tensor_add(tensors, "layer1.0.conv1.weight", 4, 64);
        expect(tensors, NULL, EFFNET_ERROR_UNSUPPORTED,
               "found 1 tensors from layer1.0.conv1.weight");
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

        tcase_set_timeout(test, 0);
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
        tcase_add_test(test, architecture);
        tcase_add_test(test, architecture_of_two);
        tcase_add_test(test, wrong_architecture);
        tcase_add_test(test, padding_and_epsilon);
        tcase_add_test(test, hints);
        tcase_add_test(test, hint_and_option);
        tcase_add_test(test, hint_of_weights);
        tcase_add_test(test, others);
        tcase_add_test(test, relatives);
        tcase_add_test(test, replaced_heads);
        tcase_add_test(test, other_heads);
        tcase_add_test(test, published_pruned);
        tcase_add_test(test, own_pruned);
        tcase_add_test(test, wrong_is_not_pruned);
        tcase_add_test(test, pruned_residuals);
        tcase_add_test(test, without_head);
        tcase_add_test(test, unlike);
        tcase_add_test(test, shared_weights);
        tcase_add_loop_test(test, lite_weights, 0, 3);
        suite_add_tcase(suite, test);
        return test_main(suite);
}
