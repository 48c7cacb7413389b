/* check_load_variant.c: what decides which network the tensors are: options,
 * names of files, pruned widths, and what is none of them.
 */
#include "support.h"

#include "arch/preset.h"
#include "base/options.h"
#include "load/checkpoint.h"
#include "recognise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

        found = test_recognise(test_tensors_create(test_naming("timm"),
                                                   EN_FAMILY_TIMM, EN_B0, 10,
                                                   3),
                               &options);
        ck_assert_str_eq(found.name, "tf_efficientnet_b0");
        ck_assert_int_eq(found.padding, EFFNET_PADDING_SAME);
        ck_assert(found.epsilon == 1e-3);
        ck_assert_int_eq(found.classes, 10);
        options = with_architecture("efficientnet-b0");
        found = test_recognise(test_tensors_create(test_naming("torchvision"),
                                                   EN_FAMILY_TORCHVISION, EN_B0,
                                                   7, 1),
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

        found = test_recognise(test_tensors_create(test_naming("timm"),
                                                   EN_FAMILY_TIMM, EN_B5, 10,
                                                   3),
                               &options);
        ck_assert_int_eq(found.family, EN_FAMILY_TIMM);
        ck_assert(found.epsilon == 1e-5);
        found = test_recognise(test_tensors_create(test_naming("torchvision"),
                                                   EN_FAMILY_TORCHVISION, EN_B5,
                                                   10, 3),
                               &options);
        ck_assert_int_eq(found.family, EN_FAMILY_TORCHVISION);
        ck_assert(found.epsilon == 1e-3);
}
END_TEST

START_TEST(wrong_architecture)
{
        effnet_options options = with_architecture("efficientnet-b1");
        test_tensors *tensors = test_lm_b0(10, 3);

        test_refused(tensors, &options, EFFNET_ERROR_MISMATCH,
                     "taken for efficientnet-b1");
        ck_message("missing");
        options = with_architecture("resnet50");
        test_refused(tensors, &options, EFFNET_ERROR_ARGUMENT, "resnet50");
        test_tensors_free(tensors);
}
END_TEST

START_TEST(padding_and_epsilon)
{
        effnet_options options = *en_options_or_default(NULL);
        effnet_config found;

        options.padding = EFFNET_PADDING_SAME;
        options.epsilon = 0.25;
        found = test_recognise(test_lm_b0(10, 3), &options);
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
        ck_assert_int_eq(en_checkpoint_finding(checkpoint)
                                 ->origins[EFFNET_SOURCE_ARCHITECTURE],
                         EN_ORIGIN_FILE_NAME);
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
        effnet_config found = test_recognise(tensors, NULL);

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
        found = test_recognise(tensors, NULL);
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
                test_refused(
                        tensors, NULL, EFFNET_ERROR_MISMATCH,
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
        test_refused(tensors, NULL, EFFNET_ERROR_MISMATCH,
                     "6 tensors mis-shaped");
        test_tensors_free(tensors);
}
END_TEST

/* Without the top, qubvel's files have Keras' names but for the constants of
 * the input; the crop comes first then.
 */
START_TEST(without_the_top)
{
        test_tensors *tensors = test_tensors_create(
                test_naming("Keras"), EN_FAMILY_KERAS, EN_B0, 0, 3);
        effnet_config found = test_recognise(tensors, NULL);

        ck_assert_int_eq(found.family, EN_FAMILY_QUBVEL);
        ck_assert_int_eq(en_preset_for(&found).mode, EFFNET_MODE_CROP_FIRST);
        for (int i = 0; i < 2; i++) {
                tensors = test_tensors_create(test_naming("Keras"),
                                              EN_FAMILY_KERAS, EN_B0, 0, 3);
                test_tensor_add(tensors,
                                i == 0 ? "normalization/mean"
                                       : "normalization_3/variance",
                                1, 3);
                found = test_recognise(tensors, NULL);
                ck_assert_int_eq(found.family, EN_FAMILY_KERAS);
        }
        tensors = test_tensors_create(test_naming("Keras"), EN_FAMILY_KERAS,
                                      EN_B0, 5, 3);
        found = test_recognise(tensors, NULL);
        ck_assert_int_eq(found.family, EN_FAMILY_KERAS);
        tensors = test_tensors_create(test_naming("Keras V2"), EN_FAMILY_KERAS,
                                      EN_V2_B0, 0, 3);
        found = test_recognise(tensors, NULL);
        ck_assert_int_eq(found.family, EN_FAMILY_KERAS);
}
END_TEST

/* As timm's features_only saves it. */
START_TEST(without_head)
{
        test_tensors *tensors = test_tensors_read("timm_features_b0");
        effnet_config found = test_recognise(tensors, NULL);

        ck_assert_str_eq(found.name, "efficientnet_b0");
        ck_assert_int_eq(found.headless, 1);
        ck_assert_int_eq(found.classes, 0);
        tensors = test_tensors_read("timm_features_b0");
        test_tensor_drop(tensors, "blocks.6.0.bn3.weight");
        test_refused(tensors, NULL, EFFNET_ERROR_MISMATCH,
                     "1 tensor missing: blocks.6.0.bn3.weight");
        test_tensor_drop(tensors, "conv_stem.weight");
        test_tensor_add(tensors, "bn2.weight", 1, 1280);
        test_refused(tensors, NULL, EFFNET_ERROR_MISMATCH, "missing");
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

                test_refused(tensors, NULL, EFFNET_ERROR_UNSUPPORTED,
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
                test_refused(tensors, NULL, EFFNET_ERROR_UNSUPPORTED,
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
                config = test_recognise(tensors, NULL);
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
        test_refused(tensors, NULL, EFFNET_ERROR_UNSUPPORTED,
                     "more than the linear layer classifier.1.weight");
        test_tensor_add(tensors, "classifier.4.weight", 2, 3);
        test_refused(tensors, NULL, EFFNET_ERROR_UNSUPPORTED,
                     "classifier.1.weight and classifier.4.weight");
        options.allow_extra_tensors = 1;
        ck_assert_int_eq(test_recognise(tensors, &options).classes, 0);
}
END_TEST

START_TEST(unlike)
{
        test_tensors *tensors = calloc(1, sizeof(*tensors));

        test_refused(tensors, NULL, EFFNET_ERROR_UNSUPPORTED,
                     "holds no tensors");
        test_tensor_add(tensors, "layer1.0.conv1.weight", 4, 64);
        test_refused(tensors, NULL, EFFNET_ERROR_UNSUPPORTED,
                     "found 1 tensors from layer1.0.conv1.weight");
        test_tensors_free(tensors);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("load_variant");
        TCase *test = tcase_create("variant");

        tcase_add_test(test, without_the_top);
        tcase_add_test(test, architecture);
        tcase_add_test(test, architecture_of_two);
        tcase_add_test(test, wrong_architecture);
        tcase_add_test(test, padding_and_epsilon);
        tcase_add_test(test, hints);
        tcase_add_test(test, hint_of_weights);
        tcase_add_test(test, hint_and_option);
        tcase_add_test(test, published_pruned);
        tcase_add_test(test, own_pruned);
        tcase_add_test(test, wrong_is_not_pruned);
        tcase_add_test(test, pruned_residuals);
        tcase_add_test(test, without_head);
        tcase_add_test(test, others);
        tcase_add_test(test, relatives);
        tcase_add_test(test, replaced_heads);
        tcase_add_test(test, other_heads);
        tcase_add_test(test, unlike);
        suite_add_tcase(suite, test);
        return test_main(suite);
}
