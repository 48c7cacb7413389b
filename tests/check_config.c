/* check_config.c: names, keys, compound scaling and its rounding, and the
 * public functions of config and summary with each of their errors.
 */
#include "support.h"

#include "arch/config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int64_t
get_int(const effnet_config *config, int32_t key)
{
        int64_t value;

        ck_ok(effnet_config_get_int(config, key, &value));
        return value;
}

static double
get_double(const effnet_config *config, int32_t key)
{
        double value;

        ck_ok(effnet_config_get_double(config, key, &value));
        return value;
}

static effnet_config *
create(const char *name)
{
        effnet_config *config;

        ck_ok(effnet_config_create(&config, name));
        return config;
}

/* ------------------------------------------------------------------------
 * Names
 */

static const struct meaning {
        const char *asked, *name, *family;
        int32_t padding;
        double epsilon;
        int32_t resolution;
} meanings[] = {
        {"b0", "efficientnet_b0", "torchvision", EFFNET_PADDING_SYMMETRIC, 1e-5,
         224},
        {"b4", "efficientnet_b4", "torchvision", EFFNET_PADDING_SYMMETRIC, 1e-5,
         380},
        {"b5", "efficientnet_b5", "torchvision", EFFNET_PADDING_SYMMETRIC, 1e-3,
         456},
        {"efficientnet_b7", "efficientnet_b7", "torchvision",
         EFFNET_PADDING_SYMMETRIC, 1e-3, 600},
        {"b8", "efficientnet_b8", "timm", EFFNET_PADDING_SYMMETRIC, 1e-5, 672},
        {"efficientnet-b1", "efficientnet-b1", "lm", EFFNET_PADDING_SAME_STATIC,
         1e-3, 240},
        {"efficientnet-b8", "efficientnet-b8", "lm", EFFNET_PADDING_SAME_STATIC,
         1e-3, 672},
        {"tf_efficientnet_b2", "tf_efficientnet_b2", "timm",
         EFFNET_PADDING_SAME, 1e-3, 260},
        {"lite0", "efficientnet-lite0", "lp", EFFNET_PADDING_SAME_STATIC, 1e-3,
         224},
        {"lite3", "efficientnet-lite3", "lp", EFFNET_PADDING_SAME_STATIC, 1e-3,
         280},
        {"efficientnet-lite4", "efficientnet-lite4", "lp",
         EFFNET_PADDING_SAME_STATIC, 1e-3, 300},
        {"tf_efficientnet_lite3", "tf_efficientnet_lite3", "timm",
         EFFNET_PADDING_SAME, 1e-3, 300},
        {"tf_efficientnet_lite4", "tf_efficientnet_lite4", "timm",
         EFFNET_PADDING_SAME, 1e-3, 380},
        {"efficientnet_lite0", "efficientnet_lite0", "timm",
         EFFNET_PADDING_SYMMETRIC, 1e-5, 224},
        {"v2_s", "efficientnet_v2_s", "torchvision", EFFNET_PADDING_SYMMETRIC,
         1e-3, 384},
        {"efficientnet_v2_l", "efficientnet_v2_l", "torchvision",
         EFFNET_PADDING_SYMMETRIC, 1e-3, 480},
        {"efficientnetv2_m", "efficientnetv2_m", "timm",
         EFFNET_PADDING_SYMMETRIC, 1e-5, 480},
        {"tf_efficientnetv2_s", "tf_efficientnetv2_s", "timm",
         EFFNET_PADDING_SAME, 1e-3, 384},
        {"tf_efficientnetv2_xl", "tf_efficientnetv2_xl", "timm",
         EFFNET_PADDING_SAME, 1e-3, 512},
        {"v2_b0", "tf_efficientnetv2_b0", "timm", EFFNET_PADDING_SAME, 1e-3,
         224},
        {"v2_b3", "tf_efficientnetv2_b3", "timm", EFFNET_PADDING_SAME, 1e-3,
         300},
        {"efficientnetv2_rw_t", "efficientnetv2_rw_t", "timm",
         EFFNET_PADDING_SYMMETRIC, 1e-5, 288},
        {"tf_efficientnet_l2", "tf_efficientnet_l2", "timm",
         EFFNET_PADDING_SAME, 1e-3, 800},
        {"test_efficientnet", "test_efficientnet", "timm",
         EFFNET_PADDING_SYMMETRIC, 1e-5, 160},
};

START_TEST(names_mean)
{
        const struct meaning *m = &meanings[_i];
        effnet_config *config = create(m->asked);
        bool lite = strstr(m->name, "lite") != NULL;

        ck_assert_str_eq(effnet_config_name(config), m->name);
        ck_assert_str_eq(effnet_config_family(config), m->family);
        ck_assert_int_eq(get_int(config, EFFNET_CONFIG_PADDING), m->padding);
        ck_assert_double_eq(get_double(config, EFFNET_CONFIG_EPSILON),
                            m->epsilon);
        ck_assert_int_eq(get_int(config, EFFNET_CONFIG_RESOLUTION),
                         m->resolution);
        ck_assert_int_eq(get_int(config, EFFNET_CONFIG_ACTIVATION),
                         lite ? EFFNET_ACTIVATION_RELU6
                              : EFFNET_ACTIVATION_SILU);
        ck_assert_int_eq(get_int(config, EFFNET_CONFIG_SQUEEZE_EXCITE), !lite);
        ck_assert_int_eq(get_int(config, EFFNET_CONFIG_CLASSES), 1000);
        ck_assert_int_eq(get_int(config, EFFNET_CONFIG_INPUT_CHANNELS), 3);
        effnet_config_free(config);
}
END_TEST

START_TEST(edge_has_relu_and_no_squeeze_and_excite)
{
        static const char *const names[] = {"es", "efficientnet_em",
                                            "tf_efficientnet_el"};
        effnet_config *config = create(names[_i]);

        ck_assert_str_eq(effnet_config_family(config), "timm");
        ck_assert_int_eq(get_int(config, EFFNET_CONFIG_ACTIVATION),
                         EFFNET_ACTIVATION_RELU);
        ck_assert_int_eq(get_int(config, EFFNET_CONFIG_SQUEEZE_EXCITE), 0);
        ck_assert_int_eq(get_int(config, EFFNET_CONFIG_PADDING),
                         _i == 2 ? EFFNET_PADDING_SAME
                                 : EFFNET_PADDING_SYMMETRIC);
        effnet_config_free(config);
}
END_TEST

START_TEST(every_listed_name_is_known_once)
{
        const char *name, *other;
        int32_t n = 0;

        for (; (name = effnet_architecture_name(n)) != NULL; n++) {
                effnet_config *config = create(name);

                ck_assert_str_eq(effnet_config_name(config), name);
                effnet_config_free(config);
                for (int32_t i = 0; i < n; i++) {
                        other = effnet_architecture_name(i);
                        ck_assert_str_ne(name, other);
                }
        }
        ck_assert_int_eq(n, 8 + 1 + 9 + 5 + 5 + 9 + 5 + 3 + 8 + 4 + 12 + 6 + 8 +
                                    15 + 9);
        ck_assert_ptr_null(effnet_architecture_name(n + 1));
        ck_assert_ptr_null(effnet_architecture_name(-1));
        ck_assert_ptr_null(effnet_architecture_name(INT32_MAX));
}
END_TEST

/* A message cuts it. */
#define LONG_NAME                                                              \
        "a name far longer than any architecture's, which a message must cut " \
        "short without harm, whatever its length may be, however long it is"

static const char *const strangers[] = {
        "",
        "b",
        "b9",
        "b00",
        "B0",
        "b0 ",
        "lite5",
        "efficientnet_b9",
        "efficientnet-b9",
        "efficientnet",
        "resnet50",
        "custom",
        "tf_efficientnet_lite5",
        LONG_NAME,
};

START_TEST(unknown_names)
{
        effnet_config *config = (effnet_config *)&config;

        ck_fails(effnet_config_create(&config, strangers[_i]),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("unknown architecture");
        ck_assert_ptr_null(config);
        config = (effnet_config *)&config;
        ck_fails(effnet_config_create_custom(&config, strangers[_i], 1, 1, 224),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_ptr_null(config);
        config = (effnet_config *)&config;
        ck_fails(
                effnet_config_create_scaled(&config, strangers[_i], 1, 1, 1, 1),
                EFFNET_ERROR_ARGUMENT);
        ck_assert_ptr_null(config);
}
END_TEST

START_TEST(families_define_variants)
{
        effnet_config config;

        ck_ok(en_config_variant(&config, EN_FAMILY_TIMM, EN_B3));
        ck_assert_str_eq(config.name, "efficientnet_b3");
        ck_assert_int_eq(config.family, EN_FAMILY_TIMM);
        ck_assert_int_eq(config.padding, EFFNET_PADDING_SYMMETRIC);
        ck_assert_double_eq(config.epsilon, 1e-5);
        ck_ok(en_config_variant(&config, EN_FAMILY_TIMM, EN_B6));
        ck_assert_double_eq(config.epsilon, 1e-5);
        ck_ok(en_config_variant(&config, EN_FAMILY_TIMM, EN_LITE4));
        ck_assert_str_eq(config.name, "efficientnet_lite4");
        ck_assert_int_eq(config.resolution, 380);
        ck_ok(en_config_variant(&config, EN_FAMILY_LM, EN_B8));
        ck_assert_str_eq(config.name, "efficientnet-b8");
        ck_fails(en_config_variant(&config, EN_FAMILY_TORCHVISION, EN_B8),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("torchvision defines no EfficientNet b8");
        ck_fails(en_config_variant(&config, EN_FAMILY_LP, EN_B0),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(en_config_variant(&config, EN_FAMILY_LM, EN_VARIANTS),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(en_config_variant(&config, EN_FAMILY_LM, -1),
                 EFFNET_ERROR_ARGUMENT);
}
END_TEST

/* ------------------------------------------------------------------------
 * Keys
 */

static const struct range {
        int32_t key;
        const char *name;
        int64_t least, most;
} ranges[] = {
        {EFFNET_CONFIG_CLASSES, "classes", 1, 1000000},
        {EFFNET_CONFIG_INPUT_CHANNELS, "input_channels", 1, 1024},
        {EFFNET_CONFIG_PADDING, "padding", 0, 2},
        {EFFNET_CONFIG_ACTIVATION, "activation", 0, 2},
        {EFFNET_CONFIG_SQUEEZE_EXCITE, "squeeze_excite", 0, 1},
        {EFFNET_CONFIG_RESOLUTION, "resolution", 1, 16384},
};

START_TEST(int_keys)
{
        const struct range *r = &ranges[_i];
        effnet_config *config = create("b0");
        double number = 1;

        ck_ok(effnet_config_set_int(config, r->key, r->least));
        ck_assert_int_eq(get_int(config, r->key), r->least);
        ck_ok(effnet_config_set_int(config, r->key, r->most));
        ck_assert_int_eq(get_int(config, r->key), r->most);
        ck_fails(effnet_config_set_int(config, r->key, r->least - 1),
                 EFFNET_ERROR_ARGUMENT);
        ck_message(r->name);
        ck_fails(effnet_config_set_int(config, r->key, r->most + 1),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_config_set_int(config, r->key, INT64_MIN),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_config_set_int(config, r->key,
                                       r->least + (INT64_C(1) << 32)),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_int_eq(get_int(config, r->key), r->most);
        ck_fails(effnet_config_set_double(config, r->key, 1),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("is an int");
        ck_fails(effnet_config_get_double(config, r->key, &number),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_double_eq(number, 0);
        effnet_config_free(config);
}
END_TEST

START_TEST(double_keys)
{
        static const double wrong[] = {0, -1, 1.5, NAN, INFINITY, -INFINITY};
        effnet_config *config = create("b4");
        int64_t number = 1;

        ck_ok(effnet_config_set_double(config, EFFNET_CONFIG_EPSILON, 1));
        ck_assert_double_eq(get_double(config, EFFNET_CONFIG_EPSILON), 1);
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                ck_fails(effnet_config_set_double(config, EFFNET_CONFIG_EPSILON,
                                                  wrong[i]),
                         EFFNET_ERROR_ARGUMENT);
                ck_message("epsilon");
        }
        ck_assert_double_eq(get_double(config, EFFNET_CONFIG_WIDTH), 1.4);
        ck_assert_double_eq(get_double(config, EFFNET_CONFIG_DEPTH), 1.8);
        ck_fails(effnet_config_set_double(config, EFFNET_CONFIG_WIDTH, 1),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("only be read");
        ck_fails(effnet_config_set_double(config, EFFNET_CONFIG_DEPTH, 1),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_config_set_int(config, EFFNET_CONFIG_EPSILON, 1),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("is a double");
        ck_fails(effnet_config_get_int(config, EFFNET_CONFIG_WIDTH, &number),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_int_eq(number, 0);
        effnet_config_free(config);
}
END_TEST

START_TEST(unknown_keys)
{
        static const int32_t keys[] = {0, -1, 10, INT32_MIN, INT32_MAX};
        effnet_config *config = create("b0");
        int64_t number;
        double real;

        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
                number = 1;
                real = 1;
                ck_fails(effnet_config_set_int(config, keys[i], 1),
                         EFFNET_ERROR_ARGUMENT);
                ck_message("unknown config key");
                ck_fails(effnet_config_get_int(config, keys[i], &number),
                         EFFNET_ERROR_ARGUMENT);
                ck_fails(effnet_config_set_double(config, keys[i], 1),
                         EFFNET_ERROR_ARGUMENT);
                ck_fails(effnet_config_get_double(config, keys[i], &real),
                         EFFNET_ERROR_ARGUMENT);
                ck_assert_int_eq(number, 0);
                ck_assert_double_eq(real, 0);
        }
        effnet_config_free(config);
}
END_TEST

START_TEST(a_copy_is_independent)
{
        effnet_config *config = create("b0"), *copied;

        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_CLASSES, 10));
        ck_ok(effnet_config_copy(&copied, config));
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_CLASSES, 20));
        ck_assert_int_eq(get_int(copied, EFFNET_CONFIG_CLASSES), 10);
        effnet_config_free(config);
        ck_assert_str_eq(effnet_config_name(copied), "efficientnet_b0");
        effnet_config_free(copied);
}
END_TEST

START_TEST(null_arguments)
{
        effnet_config *config = create("b0"), *other = config;
        int64_t number = 1;
        double real = 1;

        ck_fails(effnet_config_create(NULL, "b0"), EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_config_create(&other, NULL), EFFNET_ERROR_ARGUMENT);
        ck_assert_ptr_null(other);
        other = config;
        ck_fails(effnet_config_create_scaled(NULL, "b0", 1, 1, 1, 1),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_config_create_scaled(&other, NULL, 1, 1, 1, 1),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_ptr_null(other);
        other = config;
        ck_fails(effnet_config_create_custom(NULL, "b0", 1, 1, 224),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_config_create_custom(&other, NULL, 1, 1, 224),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_ptr_null(other);
        other = config;
        ck_fails(effnet_config_copy(NULL, config), EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_config_copy(&other, NULL), EFFNET_ERROR_ARGUMENT);
        ck_assert_ptr_null(other);
        ck_assert_ptr_null(effnet_config_name(NULL));
        ck_assert_ptr_null(effnet_config_family(NULL));
        ck_fails(effnet_config_set_int(NULL, EFFNET_CONFIG_CLASSES, 1),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_config_get_int(NULL, EFFNET_CONFIG_CLASSES, &number),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_int_eq(number, 0);
        ck_fails(effnet_config_get_int(config, EFFNET_CONFIG_CLASSES, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_config_set_double(NULL, EFFNET_CONFIG_EPSILON, 1),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_config_get_double(NULL, EFFNET_CONFIG_EPSILON, &real),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_double_eq(real, 0);
        ck_fails(effnet_config_get_double(config, EFFNET_CONFIG_EPSILON, NULL),
                 EFFNET_ERROR_ARGUMENT);
        effnet_config_free(NULL);
        effnet_config_free(config);
}
END_TEST

/* ------------------------------------------------------------------------
 * Scaling
 */

/* Tan & Le, section 3.3: alpha 1.2, beta 1.1, gamma 1.15. */
START_TEST(compound_scaling)
{
        static const int resolutions[] = {224, 256, 296, 344, 392, 448};
        effnet_config *config;

        for (int phi = 0; phi <= 5; phi++) {
                ck_ok(effnet_config_create_scaled(&config, "b0", 1.2, 1.1, 1.15,
                                                  phi));
                ck_assert_str_eq(effnet_config_name(config), "custom");
                ck_assert_str_eq(effnet_config_family(config), "torchvision");
                ck_assert_double_eq_tol(get_double(config, EFFNET_CONFIG_DEPTH),
                                        pow(1.2, phi), 1e-12);
                ck_assert_double_eq_tol(get_double(config, EFFNET_CONFIG_WIDTH),
                                        pow(1.1, phi), 1e-12);
                ck_assert_int_eq(get_int(config, EFFNET_CONFIG_RESOLUTION),
                                 resolutions[phi]);
                effnet_config_free(config);
        }
}
END_TEST

START_TEST(scaling_starts_from_the_base)
{
        effnet_config *config;

        ck_fails(effnet_config_create_scaled(&config, "b1_pruned", 1, 1, 1, 1),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("efficientnet_b1_pruned is pruned");
        ck_assert_ptr_null(config);
        ck_fails(effnet_config_create_custom(&config, "efficientnet_b3_pruned",
                                             1, 1, 224),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_ptr_null(config);
        ck_ok(effnet_config_create_scaled(&config, "lite2", 2, 3, 0.5, 1));
        ck_assert_double_eq_tol(get_double(config, EFFNET_CONFIG_DEPTH), 2.4,
                                1e-12);
        ck_assert_double_eq_tol(get_double(config, EFFNET_CONFIG_WIDTH), 3.3,
                                1e-12);
        ck_assert_int_eq(get_int(config, EFFNET_CONFIG_RESOLUTION), 128);
        ck_assert_int_eq(get_int(config, EFFNET_CONFIG_ACTIVATION),
                         EFFNET_ACTIVATION_RELU6);
        effnet_config_free(config);
        ck_ok(effnet_config_create_scaled(&config, "b0", 1.2, 1.1, 1.15, -1));
        ck_assert_int_eq(get_int(config, EFFNET_CONFIG_RESOLUTION), 192);
        effnet_config_free(config);
}
END_TEST

static const struct scaling {
        double alpha, beta, gamma, phi;
        const char *message;
} bad_scalings[] = {
        {0, 1, 1, 1, "alpha"},
        {-1, 1, 1, 1, "alpha"},
        {NAN, 1, 1, 1, "alpha"},
        {INFINITY, 1, 1, 1, "alpha"},
        {1, 0, 1, 1, "beta"},
        {1, NAN, 1, 1, "beta"},
        {1, 1, 0, 1, "gamma"},
        {1, 1, INFINITY, 1, "gamma"},
        {1, 1, 1, NAN, "phi"},
        {1, 1, 1, INFINITY, "phi"},
        {1.2, 1.1, 1.15, 1e300, "width"},
        {1, 100.5, 1, 1, "width"},
        {1, 0.0099, 1, 1, "width"},
        {101, 1, 1, 1, "depth"},
        {0.009, 1, 1, 1, "depth"},
        {1, 1, 74, 1, "resolution"},
        {1, 1, 0.01, 1, "resolution"},
        {1, 1, 1e300, 1e300, "resolution"},
};

START_TEST(impossible_scalings)
{
        const struct scaling *s = &bad_scalings[_i];
        effnet_config *config = (effnet_config *)&config;

        ck_fails(effnet_config_create_scaled(&config, "b0", s->alpha, s->beta,
                                             s->gamma, s->phi),
                 EFFNET_ERROR_ARGUMENT);
        ck_message(s->message);
        ck_assert_ptr_null(config);
}
END_TEST

START_TEST(custom_coefficients)
{
        static const struct {
                double width, depth;
                int32_t resolution;
                const char *message;
        } wrong[] = {
                {0.009, 1, 224, "width"},    {100.1, 1, 224, "width"},
                {NAN, 1, 224, "width"},      {1, 0, 224, "depth"},
                {1, 101, 224, "depth"},      {1, -INFINITY, 224, "depth"},
                {1, 1, 0, "resolution"},     {1, 1, -5, "resolution"},
                {1, 1, 16385, "resolution"},
        };
        effnet_config *config;

        ck_ok(effnet_config_create_custom(&config, "tf_efficientnet_b0", 0.5,
                                          0.5, 1));
        ck_assert_str_eq(effnet_config_name(config), "custom");
        ck_assert_str_eq(effnet_config_family(config), "timm");
        ck_assert_int_eq(get_int(config, EFFNET_CONFIG_RESOLUTION), 1);
        ck_assert_double_eq(get_double(config, EFFNET_CONFIG_WIDTH), 0.5);
        effnet_config_free(config);
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                config = (effnet_config *)&config;
                ck_fails(effnet_config_create_custom(
                                 &config, "b0", wrong[i].width, wrong[i].depth,
                                 wrong[i].resolution),
                         EFFNET_ERROR_ARGUMENT);
                ck_message(wrong[i].message);
                ck_assert_ptr_null(config);
        }
}
END_TEST

/* The published coefficients make the published model. */
START_TEST(custom_makes_b4)
{
        effnet_config *named = create("b4"), *custom;
        effnet_summary *a, *b;

        ck_ok(effnet_config_create_custom(&custom, "b0", 1.4, 1.8, 380));
        ck_ok(effnet_summary_create(&a, named, 0, 0));
        ck_ok(effnet_summary_create(&b, custom, 0, 0));
        ck_assert_int_eq(effnet_summary_parameters(b), 19341616);
        ck_assert_int_eq(effnet_summary_macs(a), effnet_summary_macs(b));
        effnet_summary_free(a);
        effnet_summary_free(b);
        effnet_config_free(named);
        effnet_config_free(custom);
}
END_TEST

static const int32_t channels[] = {16, 24, 32, 40, 80, 112, 192, 320, 1280};
static const int32_t repeats[] = {1, 2, 3, 4};

static void
check_rounding(const char *line)
{
        bool width = line[0] == 'w';
        size_t n = width ? sizeof(channels) / sizeof(channels[0])
                         : sizeof(repeats) / sizeof(repeats[0]);
        double factor;
        int used, expected;

        ck_assert_int_eq(sscanf(line, "%*c %lf%n", &factor, &used), 1);
        for (size_t i = 0; i < n; i++) {
                line += used;
                ck_assert_int_eq(sscanf(line, " %d%n", &expected, &used), 1);
                if (width)
                        ck_assert_int_eq(en_scale_channels(channels[i], factor),
                                         expected);
                else
                        ck_assert_int_eq(en_scale_repeats(repeats[i], factor),
                                         expected);
        }
}

/* V2 B2 and B3 have 16 channels where the 90 % rule gives 24. */
START_TEST(rounding_to_the_nearest)
{
        ck_assert_int_eq(en_scale_channels(16, 1.2), 24);
        ck_assert_int_eq(en_scale_channels_nearest(16, 1.2), 16);
        ck_assert_int_eq(en_scale_channels_nearest(48, 1.1), 56);
        ck_assert_int_eq(en_scale_channels_nearest(16, 0.1), 8);
        for (int32_t c = 8; c <= 640; c += 8)
                ck_assert_int_eq(en_scale_channels_nearest(c, 1.0), c);
}
END_TEST

START_TEST(rounding_equals_torchvision)
{
        FILE *file = fopen(test_data("arch/rounding.txt"), "r");
        char line[256];
        int lines = 0;

        ck_assert_ptr_nonnull(file);
        while (fgets(line, sizeof(line), file) != NULL) {
                if (line[0] == '#')
                        continue;
                check_rounding(line);
                lines++;
        }
        fclose(file);
        ck_assert_int_eq(lines, 208);
}
END_TEST

/* ------------------------------------------------------------------------
 * Summary
 */

START_TEST(summary_of_a_size)
{
        effnet_config *config = create("b0");
        effnet_summary *summary;
        int64_t output[3];
        int32_t last;

        ck_ok(effnet_summary_create(&summary, config, 97, 75));
        ck_assert_int_eq(effnet_summary_layer_count(summary), 67);
        ck_assert_str_eq(effnet_summary_layer_name(summary, 0), "stem");
        ck_assert_str_eq(effnet_summary_layer_op(summary, 0), "conv");
        ck_ok(effnet_summary_layer_output(summary, 0, output));
        ck_assert_int_eq(output[0], 32);
        ck_assert_int_eq(output[1], 49);
        ck_assert_int_eq(output[2], 38);
        ck_assert_int_eq(effnet_summary_layer_parameters(summary, 0),
                         32 * 27 + 64);
        ck_assert_int_eq(effnet_summary_layer_macs(summary, 0),
                         49 * 38 * 32 * 27);
        ck_assert_str_eq(effnet_summary_layer_op(summary, 1), "depthwise");
        ck_assert_str_eq(effnet_summary_layer_op(summary, 2), "squeeze-excite");
        ck_assert_str_eq(effnet_summary_layer_name(summary, 2),
                         "blocks.0.0.se");
        ck_assert_int_eq(effnet_summary_layer_macs(summary, 2), 2 * 32 * 8);
        ck_assert_str_eq(effnet_summary_layer_op(summary, 3), "pointwise");
        last = effnet_summary_layer_count(summary) - 1;
        ck_assert_str_eq(effnet_summary_layer_op(summary, last), "linear");
        ck_assert_str_eq(effnet_summary_layer_op(summary, last - 1), "pool");
        ck_assert_int_eq(effnet_summary_layer_macs(summary, last - 1), 0);
        ck_ok(effnet_summary_layer_output(summary, last, output));
        ck_assert_int_eq(output[0], 1000);
        ck_assert_int_eq(output[1] * output[2], 1);
        effnet_summary_free(summary);
        effnet_config_free(config);
}
END_TEST

START_TEST(summary_arguments)
{
        effnet_config *config = create("b0");
        effnet_summary *summary = (effnet_summary *)config;
        int64_t output[3] = {1, 1, 1};

        ck_fails(effnet_summary_create(NULL, config, 0, 0),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_summary_create(&summary, NULL, 0, 0),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_ptr_null(summary);
        ck_ok(effnet_summary_create(&summary, config, 0, 0));
        ck_fails(effnet_summary_layer_output(summary, -1, output),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("expected 0 to 66");
        ck_assert_int_eq(output[0] + output[1] + output[2], 0);
        ck_fails(effnet_summary_layer_output(summary, 67, output),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_summary_layer_output(summary, 0, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_summary_layer_output(NULL, 0, output),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_ptr_null(effnet_summary_layer_name(summary, 67));
        ck_assert_ptr_null(effnet_summary_layer_name(summary, -1));
        ck_assert_ptr_null(effnet_summary_layer_op(summary, 67));
        ck_assert_int_eq(effnet_summary_layer_parameters(summary, -1), 0);
        ck_assert_int_eq(effnet_summary_layer_macs(summary, 67), 0);
        ck_assert_int_eq(effnet_summary_parameters(NULL), 0);
        ck_assert_int_eq(effnet_summary_macs(NULL), 0);
        ck_assert_int_eq(effnet_summary_layer_count(NULL), 0);
        ck_assert_ptr_null(effnet_summary_layer_name(NULL, 0));
        ck_assert_ptr_null(effnet_summary_layer_op(NULL, 0));
        effnet_summary_free(summary);
        effnet_summary_free(NULL);
        effnet_config_free(config);
}
END_TEST

static const struct size {
        int32_t height, width;
        const char *message;
} bad_sizes[] = {
        {0, 224, "0 x 224"},
        {224, 0, "224 x 0"},
        {-1, -1, "-1 x -1"},
        {INT32_MIN, 1, "x 1"},
        {INT32_MAX, INT32_MAX, "layer stem overflows"},
};

START_TEST(impossible_sizes)
{
        effnet_config *config = create("b0");
        effnet_summary *summary = (effnet_summary *)config;

        ck_fails(effnet_summary_create(&summary, config, bad_sizes[_i].height,
                                       bad_sizes[_i].width),
                 EFFNET_ERROR_ARGUMENT);
        ck_message(bad_sizes[_i].message);
        ck_assert_ptr_null(summary);
        effnet_config_free(config);
}
END_TEST

/* The nominal 224 needs no padding before its first row and one after: of one
 * row and that, no window of three.
 */
START_TEST(static_padding_can_be_too_small)
{
        effnet_config *config = create("efficientnet-b0");
        effnet_summary *summary;

        ck_fails(effnet_summary_create(&summary, config, 1, 224),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("layer stem would be empty");
        ck_assert_ptr_null(summary);
        ck_fails(effnet_summary_create(&summary, config, 9, 9),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("layer blocks.");
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_PADDING,
                                    EFFNET_PADDING_SAME));
        ck_ok(effnet_summary_create(&summary, config, 1, 1));
        effnet_summary_free(summary);
        effnet_config_free(config);
}
END_TEST

START_TEST(the_largest_config_is_countable)
{
        effnet_config *config;
        effnet_summary *summary;

        ck_ok(effnet_config_create_custom(&config, "b0", 100, 100, 16384));
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_CLASSES, 1000000));
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_INPUT_CHANNELS,
                                    1024));
        ck_ok(effnet_summary_create(&summary, config, 0, 0));
        ck_assert_int_eq(effnet_summary_layer_count(summary),
                         4 + 4 * 1600 - 100);
        ck_assert_int_gt(effnet_summary_parameters(summary), INT64_C(1) << 40);
        ck_assert_int_gt(effnet_summary_macs(summary), INT64_C(1) << 60);
        effnet_summary_free(summary);
        effnet_config_free(config);
        ck_ok(effnet_config_create_custom(&config, "b0", 0.01, 0.01, 1));
        ck_ok(effnet_summary_create(&summary, config, 0, 0));
        ck_assert_int_eq(effnet_summary_layer_count(summary), 4 + 4 * 7 - 1);
        effnet_summary_free(summary);
        effnet_config_free(config);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

static Suite *
config_suite(void)
{
        Suite *suite = suite_create("config");
        TCase *tc = tcase_create("config");

        tcase_add_loop_test(tc, names_mean, 0, COUNT(meanings));
        tcase_add_loop_test(tc, edge_has_relu_and_no_squeeze_and_excite, 0, 3);
        tcase_add_test(tc, every_listed_name_is_known_once);
        tcase_add_loop_test(tc, unknown_names, 0, COUNT(strangers));
        tcase_add_test(tc, families_define_variants);
        tcase_add_loop_test(tc, int_keys, 0, COUNT(ranges));
        tcase_add_test(tc, double_keys);
        tcase_add_test(tc, unknown_keys);
        tcase_add_test(tc, a_copy_is_independent);
        tcase_add_test(tc, null_arguments);
        tcase_add_test(tc, compound_scaling);
        tcase_add_test(tc, scaling_starts_from_the_base);
        tcase_add_loop_test(tc, impossible_scalings, 0, COUNT(bad_scalings));
        tcase_add_test(tc, custom_coefficients);
        tcase_add_test(tc, custom_makes_b4);
        tcase_add_test(tc, rounding_equals_torchvision);
        tcase_add_test(tc, rounding_to_the_nearest);
        tcase_add_test(tc, summary_of_a_size);
        tcase_add_test(tc, summary_arguments);
        tcase_add_loop_test(tc, impossible_sizes, 0, COUNT(bad_sizes));
        tcase_add_test(tc, static_padding_can_be_too_small);
        tcase_add_test(tc, the_largest_config_is_countable);
        suite_add_tcase(suite, tc);
        return suite;
}

int
main(void)
{
        return test_main(config_suite());
}
