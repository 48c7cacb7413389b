/* check_presets.c: preprocessing by architecture and by weights, against what
 * the frameworks themselves do (tests/oracle/make_arch.py).
 */
#include "support.h"

#include "arch/models.h"
#include "arch/preset.h"
#include "lines.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static effnet_config
named(const char *name)
{
        effnet_config config;

        ck_ok(en_config_named(&config, name));
        return config;
}

static void
check_floats(const float found[3], const char **text)
{
        for (int i = 0; i < 3; i++) {
                float expected;
                int used;

                ck_assert_int_eq(sscanf(*text, "%f%n", &expected, &used), 1);
                ck_assert_float_eq(found[i], expected);
                *text += used;
        }
}

/* timm squashes where it resizes to two lengths. */
static void
check_sizes(const en_preset *preset, const char *line, const int32_t resize[2],
            int32_t crop)
{
        ck_assert_int_eq(preset->mode, resize[1] != 0 ? EFFNET_MODE_SQUASH
                                                      : EFFNET_MODE_CENTRE);
        ck_assert_msg(preset->resize_height == resize[0] &&
                              preset->resize_width == resize[1] &&
                              preset->crop_height == crop &&
                              preset->crop_width == crop,
                      "%s: resize %d %d, crop %d", line,
                      (int)preset->resize_height, (int)preset->resize_width,
                      (int)preset->crop_height);
}

static int32_t
filter_of(const char *name)
{
        return strcmp(name, "bicubic") == 0 ? EFFNET_FILTER_BICUBIC
                                            : EFFNET_FILTER_BILINEAR;
}

static void
check_preset(const char *line)
{
        char family[16], name[64], filter[16];
        int32_t resize[2], crop;
        int used;
        effnet_config config;
        en_preset preset;

        ck_assert_int_eq(sscanf(line,
                                "%15s %63s %" SCNd32 " %" SCNd32 " %" SCNd32
                                " %15s%n",
                                family, name, &resize[0], &resize[1], &crop,
                                filter, &used),
                         6);
        config = named(name);
        if (strcmp(family, en_family_name(config.family)) != 0)
                ck_ok(en_config_variant(&config, EN_FAMILY_TIMM,
                                        config.variant));
        ck_assert_str_eq(config.name, name);
        preset = en_preset_for(&config);
        check_sizes(&preset, line, resize, crop);
        ck_assert_int_eq(preset.filter, filter_of(filter));
        line += used;
        check_floats(preset.mean, &line);
        check_floats(preset.std, &line);
}

START_TEST(presets_equal_the_frameworks)
{
        FILE *file = test_open("arch/presets.txt");
        char *line = NULL;
        size_t room = 0;
        int lines = 0;

        while (test_line(file, &line, &room) != NULL) {
                check_preset(line);
                lines++;
        }
        ck_assert_int_eq(lines, 8 + 3 + 9 + 5 + 9 + 5 + 7 + 8 + 8 + 1 + 6);
        free(line);
        fclose(file);
}
END_TEST

/* False where the table of models has no such architecture. */
static bool
check_tagged(const char *line)
{
        char family[16], name[64], tag[32], whole[128], filter[16];
        int32_t test, resize[2], crop, classes;
        effnet_config config;
        en_preset preset;
        int used;

        ck_assert_int_eq(sscanf(line,
                                "%15s %63s %31s %" SCNd32 " %" SCNd32
                                " %" SCNd32 " %" SCNd32 " %15s%n",
                                family, name, tag, &test, &resize[0],
                                &resize[1], &crop, filter, &used),
                         8);
        if (en_config_named(&config, name) != EFFNET_OK)
                return false;
        if (strcmp(tag, "untrained") != 0) {
                snprintf(whole, sizeof(whole), "%s.%s", name, tag);
                config = named(whole);
        } else if (config.family != EN_FAMILY_TIMM) {
                ck_ok(en_config_variant(&config, EN_FAMILY_TIMM,
                                        config.variant));
        }
        ck_assert_str_eq(config.name, name);
        ck_assert_str_eq(en_family_name(config.family), family);
        config.resolution = en_nominal_resolution(
                &en_definitions[config.definition], config.variant);
        config.picture_size = test != 0 ? EN_SIZE_TEST : EN_SIZE_TRAIN;
        preset = en_preset_for(&config);
        check_sizes(&preset, line, resize, crop);
        ck_assert_int_eq(preset.filter, filter_of(filter));
        line += used;
        check_floats(preset.mean, &line);
        check_floats(preset.std, &line);
        ck_assert_int_eq(sscanf(line, "%" SCNd32, &classes), 1);
        ck_assert_int_eq(config.classes, classes);
        return true;
}

START_TEST(presets_of_every_tag_equal_the_frameworks)
{
        FILE *file = test_open("arch/tags.txt");
        char *line = NULL;
        size_t room = 0;
        int found = 0, others = 0;

        while (test_line(file, &line, &room) != NULL) {
                if (check_tagged(line))
                        found++;
                else
                        others++;
        }
        ck_assert_int_eq(found + others, 12 + 192);
        ck_assert_int_le(others, 2 * 6); /* pruned and gc ones */
        free(line);
        fclose(file);
}
END_TEST

/* timm's names before 0.8, of its files, and of LM's. */
START_TEST(other_spellings_of_tags)
{
        static const struct {
                const char *name, *meant;
                size_t length; /* 0: no such name, as the start of a file's */
        } cases[] = {
                {"tf_efficientnet_b0_ap", "tf_efficientnet_b0.ap_in1k", 0},
                {"tf_efficientnet_b7_ns", "tf_efficientnet_b7.ns_jft_in1k", 0},
                {"tf_efficientnet_l2_ns_475",
                 "tf_efficientnet_l2.ns_jft_in1k_475", 0},
                {"tf_efficientnet_l2_ns", "tf_efficientnet_l2.ns_jft_in1k", 0},
                {"tf_efficientnetv2_s_in21ft1k",
                 "tf_efficientnetv2_s.in21k_ft_in1k", 0},
                {"tf_efficientnetv2_xl_in21k", "tf_efficientnetv2_xl.in21k", 0},
                {"adv-efficientnet-b8", "efficientnet-b8.adv_in1k", 0},
                {"tf_efficientnet_b3_ap-aad25bdd.pth",
                 "tf_efficientnet_b3.ap_in1k", 21},
                {"efficientnet_b1-533bc792.pth", "efficientnet_b1.ft_in1k", 24},
                {"efficientnet_b1-c27df63c.pth",
                 "efficientnet_b1.imagenet1k_v2", 24},
                {"adv-efficientnet-b0-b64d5a18.pth", "efficientnet-b0.adv_in1k",
                 19},
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                effnet_config config, meant = named(cases[i].meant);
                bool whole = cases[i].length == 0;
                size_t length = whole ? strlen(cases[i].name) : cases[i].length;

                ck_assert_int_gt(meant.weights, 0);
                ck_assert_uint_eq(
                        en_config_tagged(&config, cases[i].name, whole),
                        length);
                ck_assert_int_eq(config.weights, meant.weights);
                ck_assert_int_eq(config.family, meant.family);
                ck_assert_int_eq(config.variant, meant.variant);
                ck_assert_int_eq(config.padding, meant.padding);
        }
}
END_TEST

START_TEST(unknown_tags)
{
        static const char *const names[] = {
                "tf_efficientnet_b0.",
                "tf_efficientnet_b0.sw_in12k",
                "tf_efficientnet_b0.ap_in1",
                "tf_efficientnet_b0.ap_in1kk",
                "tf_efficientnet_b0+ap_in1k",
                "adv-efficientnet_b0",
                "adv-",
                ".ap_in1k",
        };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                effnet_config config;

                ck_fails(en_config_named(&config, names[i]),
                         EFFNET_ERROR_ARGUMENT);
        }
}
END_TEST

START_TEST(presets_of_hf_and_keras)
{
        effnet_config config = named("google/efficientnet-b3");
        en_preset preset = en_preset_for(&config);

        ck_assert_int_eq(preset.mode, EFFNET_MODE_SQUASH);
        ck_assert_int_eq(preset.resize_height, 300);
        ck_assert_int_eq(preset.resize_width, 300);
        ck_assert_int_eq(preset.arithmetic, EFFNET_ARITHMETIC_HF);
        ck_assert_int_eq(preset.normalize_again, 1);
        ck_assert_float_eq(preset.mean[0], 0.485F);
        ck_assert_float_eq(preset.std[1], 0.4732864F);
        config = named("EfficientNetV2S");
        preset = en_preset_for(&config);
        ck_assert_int_eq(preset.mode, EFFNET_MODE_SQUASH);
        ck_assert_int_eq(preset.filter, EFFNET_FILTER_BILINEAR);
        ck_assert_float_eq(preset.std[1], 128.0F / 255);
        config = named("EfficientNetV2B0");
        preset = en_preset_for(&config);
        ck_assert_int_eq(preset.mode, EFFNET_MODE_CROP_FIRST);
        ck_assert_float_eq(preset.std[1], 0.224F);
        config = named("efficientnetb4");
        preset = en_preset_for(&config);
        ck_assert_int_eq(preset.mode, EFFNET_MODE_CROP_FIRST);
        ck_assert_int_eq(preset.filter, EFFNET_FILTER_BICUBIC);
        ck_assert_int_eq(preset.crop_width, 380);
}
END_TEST

START_TEST(presets_of_lm_and_lp)
{
        static const int32_t lite[] = {224, 240, 260, 280, 300};
        char name[32];

        for (int i = 0; i < 5; i++) {
                effnet_config config;
                en_preset preset;

                snprintf(name, sizeof(name), "efficientnet-lite%d", i);
                config = named(name);
                preset = en_preset_for(&config);
                ck_assert_int_eq(preset.mode, EFFNET_MODE_CROP_FIRST);
                ck_assert_int_eq(preset.resize_height, 0);
                ck_assert_int_eq(preset.resize_width, 0);
                ck_assert_int_eq(preset.crop_height, lite[i]);
                ck_assert_int_eq(preset.crop_width, lite[i]);
                ck_assert_int_eq(preset.filter, EFFNET_FILTER_BICUBIC);
                ck_assert_float_eq(preset.mean[1], (float)(127.0 / 255));
                ck_assert_float_eq(preset.std[2], (float)(128.0 / 255));
        }
        for (int i = 0; i < 9; i++) {
                effnet_config config;
                en_preset preset;

                snprintf(name, sizeof(name), "efficientnet-b%d", i);
                config = named(name);
                preset = en_preset_for(&config);
                ck_assert_int_eq(preset.mode, EFFNET_MODE_CENTRE);
                ck_assert_int_eq(preset.resize_height, config.resolution);
                ck_assert_int_eq(preset.resize_width, 0);
                ck_assert_int_eq(preset.crop_height, config.resolution);
                ck_assert_float_eq(preset.mean[0], 0.485F);
                ck_assert_float_eq(preset.std[2], 0.225F);
        }
}
END_TEST

START_TEST(preset_follows_the_resolution)
{
        effnet_config config = named("b0");
        en_preset preset;

        config.resolution = 448;
        preset = en_preset_for(&config);
        ck_assert_int_eq(preset.resize_height, 512);
        ck_assert_int_eq(preset.crop_height, 448);
        config.resolution = 1;
        preset = en_preset_for(&config);
        ck_assert_int_eq(preset.resize_height, 1);
        ck_assert_int_eq(preset.crop_height, 1);
        config.resolution = 16384;
        preset = en_preset_for(&config);
        ck_assert_int_eq(preset.resize_height, 16384);
        ck_assert_int_eq(preset.crop_height, 16384);
        ck_ok(en_config_custom(&config, "b4", 1.4, 1.8, 190));
        preset = en_preset_for(&config);
        ck_assert_int_eq(preset.resize_height, 192);
        ck_assert_int_eq(preset.crop_height, 190);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("presets");
        TCase *tc = tcase_create("presets");

        tcase_add_test(tc, presets_equal_the_frameworks);
        tcase_add_test(tc, presets_of_every_tag_equal_the_frameworks);
        tcase_add_test(tc, other_spellings_of_tags);
        tcase_add_test(tc, unknown_tags);
        tcase_add_test(tc, presets_of_hf_and_keras);
        tcase_add_test(tc, presets_of_lm_and_lp);
        tcase_add_test(tc, preset_follows_the_resolution);
        suite_add_tcase(suite, tc);
        return test_main(suite);
}
