/* check_arch.c: the networks of every name against shapes and
 * counts recorded from the frameworks themselves, and the seeded
 * parameters against their twin in numpy (tests/oracle/make_arch.py).
 */
#include "support.h"

#include "arch/models.h"
#include "arch/seeded.h"
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

/* ------------------------------------------------------------------------
 * Counts
 */

static const struct count {
        const char *name;
        int64_t parameters;
} counts[] = {
        {"b0", 5288548},          {"b1", 7794184},
        {"b2", 9109994},          {"b3", 12233232},
        {"b4", 19341616},         {"b5", 30389784},
        {"b6", 43040704},         {"b7", 66347960},
        {"b8", 87413142},         {"lite0", 4652008},
        {"lite1", 5416680},       {"lite2", 6092072},
        {"lite3", 8197096},       {"lite4", 13006568},
        {"l2", 480309308},        {"es", 5438392},
        {"em", 6899496},          {"el", 10589712},
        {"v2_b0", 7139704},       {"v2_b1", 8141052},
        {"v2_b2", 10096086},      {"v2_b3", 14358406},
        {"v2_s", 21458488},       {"v2_m", 54139356},
        {"v2_l", 118515272},      {"v2_xl", 208119808},
        {"v2_rw_t", 13649388},    {"v2_rw_s", 23941296},
        {"v2_rw_m", 53236442},    {"test_efficientnet", 356196},
        {"gc_v2_rw_t", 13677713}, {"b1_pruned", 6331916},
        {"b2_pruned", 8309737},   {"b3_pruned", 9855020},
        {"es_pruned", 5438392},   {"el_pruned", 10589712},
};

START_TEST(parameter_counts)
{
        effnet_config *config;
        effnet_summary *summary;
        int64_t sum = 0;

        ck_ok(effnet_config_create(&config, counts[_i].name));
        ck_ok(effnet_summary_create(&summary, config, 0, 0));
        ck_assert_int_eq(effnet_summary_parameters(summary),
                         counts[_i].parameters);
        for (int32_t i = 0; i < effnet_summary_layer_count(summary); i++)
                sum += effnet_summary_layer_parameters(summary, i);
        ck_assert_int_eq(sum, counts[_i].parameters);
        effnet_summary_free(summary);
        effnet_config_free(config);
}
END_TEST

START_TEST(classes_change_only_the_classifier)
{
        effnet_config config = named("b0");
        en_network *network;

        config.classes = 10;
        ck_ok(en_network_create(&network, &config, 0, 0));
        ck_assert_int_eq(network->parameters, 5288548 - 990 * 1281);
        en_network_free(network);
        config.classes = 0;
        ck_ok(en_network_create(&network, &config, 0, 0));
        ck_assert_int_eq(network->parameters, 5288548 - 1000 * 1281);
        ck_assert_str_eq(network->layers[network->layer_count - 1].name,
                         "pool");
        en_network_free(network);
}
END_TEST

START_TEST(torchvision_publishes_these_macs)
{
        FILE *file = test_open("arch/weights.txt");
        char *line = NULL, name[64];
        size_t room = 0;
        int lines = 0;

        while (test_line(file, &line, &room) != NULL) {
                effnet_config config;
                en_network *network;
                int32_t size;
                int64_t parameters;
                double gflops;

                ck_assert_int_eq(sscanf(line,
                                        "%63s %" SCNd32 " %" SCNd64 " %lf",
                                        name, &size, &parameters, &gflops),
                                 4);
                config = named(name);
                ck_ok(en_network_create(&network, &config, size, size));
                ck_assert_int_eq(network->parameters, parameters);
                ck_assert_double_eq(round((double)network->macs / 1e6),
                                    round(gflops * 1e3));
                en_network_free(network);
                lines++;
        }
        ck_assert_int_eq(lines, 8 + 3);
        free(line);
        fclose(file);
}
END_TEST

/* ------------------------------------------------------------------------
 * Shapes
 */

/* Walks over "CxHxW*N CxHxW ...". */
typedef struct sizes {
        const char *text;
        int64_t size[3];
        int left; /* times that `size` is still to come */
} sizes;

static bool
next_size(sizes *at)
{
        int used = 0;

        if (at->left == 0) {
                if (sscanf(at->text, " %" SCNd64 "x%" SCNd64 "x%" SCNd64 "%n",
                           &at->size[0], &at->size[1], &at->size[2],
                           &used) != 3)
                        return false;
                at->text += used;
                at->left = 1;
                if (*at->text == '*') {
                        ck_assert_int_eq(
                                sscanf(at->text, "*%d%n", &at->left, &used), 1);
                        at->text += used;
                }
        }
        at->left--;
        return true;
}

static void
expect_size(sizes *at, const char *layer, int64_t c, int64_t h, int64_t w)
{
        ck_assert_msg(next_size(at), "%s: no more sizes", layer);
        ck_assert_msg(at->size[0] == c && at->size[1] == h && at->size[2] == w,
                      "%s: expected %" PRId64 " x %" PRId64 " x %" PRId64
                      ", found %" PRId64 " x %" PRId64 " x %" PRId64,
                      layer, at->size[0], at->size[1], at->size[2], c, h, w);
}

static void
check_layer(sizes *at, const en_layer *layer, const en_layer *before)
{
        switch (layer->op) {
        case EN_OP_POOL:
                ck_assert_int_eq(layer->out_height, 1);
                ck_assert_int_eq(layer->out_width, 1);
                ck_assert_int_eq(layer->out_channels, layer->in_channels);
                break;
        case EN_OP_CONTEXT:
                expect_size(at, layer->name, 1, layer->in_height,
                            layer->in_width);
                /* fall through */
        case EN_OP_SQUEEZE_EXCITE:
                expect_size(at, layer->name, layer->squeezed, 1, 1);
                expect_size(at, layer->name, layer->out_channels, 1, 1);
                ck_assert_int_eq(layer->out_height, layer->in_height);
                ck_assert_int_eq(layer->out_width, layer->in_width);
                break;
        default:
                expect_size(at, layer->name, layer->out_channels,
                            layer->out_height, layer->out_width);
        }
        if (before == NULL)
                return;
        ck_assert_int_eq(layer->in_channels, before->out_channels);
        ck_assert_int_eq(layer->in_height, before->out_height);
        ck_assert_int_eq(layer->in_width, before->out_width);
}

static void
check_network(const char *heading, const char *shapes)
{
        char name[64];
        int32_t height, width;
        int64_t parameters, macs;
        effnet_config config;
        en_network *network;
        sizes at = {.text = shapes};

        ck_assert_int_eq(sscanf(heading,
                                "%63s %" SCNd32 " %" SCNd32 " %" SCNd64
                                " %" SCNd64,
                                name, &height, &width, &parameters, &macs),
                         5);
        config = named(name);
        ck_ok(en_network_create(&network, &config, height, width));
        for (int32_t i = 0; i < network->layer_count; i++)
                check_layer(&at, &network->layers[i],
                            i > 0 ? &network->layers[i - 1] : NULL);
        ck_assert_msg(!next_size(&at), "%s has too few layers", name);
        ck_assert_msg(network->parameters == parameters &&
                              network->macs == macs,
                      "%s %d x %d: expected %" PRId64 " parameters, %" PRId64
                      " multiply-adds; found %" PRId64 ", %" PRId64,
                      name, (int)height, (int)width, parameters, macs,
                      network->parameters, network->macs);
        en_network_free(network);
}

/* Names with two sizes instead of three: those of V2, EdgeTPU and L2. */
enum { SHORTER = 3 + 7 + 8 + 8 + 1 + 6 };

START_TEST(shapes_equal_the_frameworks)
{
        FILE *file = test_open("arch/shapes.txt");
        char *heading = NULL, *shapes = NULL;
        size_t heading_room = 0, shapes_room = 0;
        int networks = 0, names = 0;
        const char *name;

        while (test_line(file, &heading, &heading_room) != NULL) {
                ck_assert_ptr_nonnull(test_line(file, &shapes, &shapes_room));
                check_network(heading, shapes);
                networks++;
        }
        /* those of transformers and Keras are the "tf_" ones by other names */
        while ((name = effnet_architecture_name(names)) != NULL &&
               named(name).family < EN_FAMILY_HF)
                names++;
        ck_assert_int_eq(networks, 3 * names - SHORTER);
        free(heading);
        free(shapes);
        fclose(file);
}
END_TEST

/* ------------------------------------------------------------------------
 * What shapes do not tell
 */

START_TEST(layers_of_b0)
{
        effnet_config config = named("efficientnet_b0");
        en_network *network;
        const en_layer *layer;

        ck_ok(en_network_create(&network, &config, 0, 0));
        ck_assert_int_eq(network->layer_count, 67);
        ck_assert_int_eq(network->embedding_size, 1280);
        layer = &network->layers[1]; /* stage 0 has no expansion */
        ck_assert_str_eq(layer->name, "blocks.0.0.depthwise");
        ck_assert(!layer->expanded);
        ck_assert_int_eq(layer->reduction, 2);
        layer = &network->layers[11];
        ck_assert_str_eq(layer->name, "blocks.1.1.project");
        ck_assert_int_eq(layer->residual, 8);
        ck_assert_str_eq(network->layers[8].name, "blocks.1.1.expand");
        ck_assert_int_eq(layer->activation, EN_ACTIVATION_NONE);
        ck_assert_int_eq(layer->flat, 2);
        ck_assert_int_eq(layer->reduction, 4);
        ck_assert_int_eq(network->layers[7].residual, -1);
        ck_assert_int_eq(network->layers[64].reduction, 32);
        ck_assert_int_eq(network->layers[65].reduction, 0);
        ck_assert_str_eq(network->params[0].name, "stem.conv.weight");
        ck_assert_int_eq(network->params[0].rank, 4);
        ck_assert_int_eq(network->params[0].shape[1], 3);
        ck_assert_str_eq(network->params[network->param_count - 1].name,
                         "classifier.bias");
        en_network_free(network);
}
END_TEST

static bool
is_edge(const char *name)
{
        static const char *const names[] = {"t_es", "t_em", "t_el"};

        for (int i = 0; i < 3; i++)
                if (strstr(name, names[i]) != NULL)
                        return true;
        return false;
}

/* The published models have them in all blocks of a stage but the first, in
 * that too where the stem is as wide as stage 0, and in none of EdgeTPU's
 * stage 0.
 */
static bool
has_residual(const en_network *network, const en_layer *layer)
{
        bool last = layer->role == EN_ROLE_PROJECT ||
                    layer->role == EN_ROLE_CONV;

        if (layer->stage == 0 && is_edge(network->config.name))
                return false;
        if (layer->stage == 0 && layer->block == 0)
                return last &&
                       layer->out_channels == network->layers[0].out_channels;
        return last && layer->block > 0;
}

START_TEST(residuals)
{
        const char *name = effnet_architecture_name(_i);
        effnet_config config = named(name);
        en_network *network;

        ck_ok(en_network_create(&network, &config, 0, 0));
        for (int32_t i = 0; i < network->layer_count; i++) {
                const en_layer *layer = &network->layers[i];

                ck_assert_msg((layer->residual >= 0) ==
                                      has_residual(network, layer),
                              "%s: %s", name, layer->name);
                if (layer->residual < 0)
                        continue;
                ck_assert_int_eq(network->layers[layer->residual].in_channels,
                                 layer->out_channels);
                ck_assert_int_eq(network->layers[layer->residual].flat,
                                 layer->flat);
                ck_assert_int_ne(network->layers[layer->residual - 1].flat,
                                 layer->flat);
        }
        en_network_free(network);
}
END_TEST

START_TEST(layers_of_v2)
{
        effnet_config config = named("v2_s");
        en_network *network;
        const en_layer *layer;

        ck_ok(en_network_create(&network, &config, 0, 0));
        layer = &network->layers[1]; /* one convolution a block */
        ck_assert_str_eq(layer->name, "blocks.0.0.conv");
        ck_assert_int_eq(layer->op, EN_OP_CONV);
        ck_assert_int_eq(layer->activation, EFFNET_ACTIVATION_SILU);
        ck_assert_int_eq(layer->residual, 1);
        layer = &network->layers[3]; /* fused: the stride is the expansion's */
        ck_assert_str_eq(layer->name, "blocks.1.0.expand");
        ck_assert_int_eq(layer->op, EN_OP_CONV);
        ck_assert_int_eq(layer->kernel, 3);
        ck_assert_int_eq(layer->stride, 2);
        ck_assert_int_eq(layer->out_channels, 96);
        ck_assert_int_eq(layer->residual, -1);
        layer = &network->layers[6];
        ck_assert_str_eq(layer->name, "blocks.1.1.project");
        ck_assert_int_eq(layer->op, EN_OP_POINTWISE);
        ck_assert_int_eq(layer->activation, EN_ACTIVATION_NONE);
        ck_assert_int_eq(layer->residual, 5);
        layer = &network->layers[19]; /* MBConv, with squeeze-and-excite */
        ck_assert_str_eq(layer->name, "blocks.3.0.expand");
        ck_assert_int_eq(layer->op, EN_OP_POINTWISE);
        ck_assert_int_eq(network->layers[21].op, EN_OP_SQUEEZE_EXCITE);
        ck_assert_int_eq(network->layers[21].squeezed, 16);
        en_network_free(network);
}
END_TEST

/* before, after: of the first depthwise layer with stride 2 (kernel 3) and of
 * the second (kernel 5), on maps of 112 and 56.
 */
static const struct padding {
        int32_t padding;
        int32_t k3[2], k5[2];
} paddings[] = {
        {EFFNET_PADDING_SYMMETRIC, {1, 1}, {2, 2}},
        {EFFNET_PADDING_SAME, {0, 1}, {1, 2}},
        {EFFNET_PADDING_SAME_STATIC, {0, 1}, {1, 2}},
};

START_TEST(padding_rules)
{
        const struct padding *p = &paddings[_i];
        effnet_config config = named("b0");
        en_network *network;
        const en_layer *layer;

        config.padding = p->padding;
        ck_ok(en_network_create(&network, &config, 0, 0));
        layer = &network->layers[5];
        ck_assert_str_eq(layer->name, "blocks.1.0.depthwise");
        ck_assert_int_eq(layer->pad_top, p->k3[0]);
        ck_assert_int_eq(layer->pad_bottom, p->k3[1]);
        ck_assert_int_eq(layer->pad_left, p->k3[0]);
        ck_assert_int_eq(layer->pad_right, p->k3[1]);
        layer = &network->layers[13];
        ck_assert_str_eq(layer->name, "blocks.2.0.depthwise");
        ck_assert_int_eq(layer->pad_top, p->k5[0]);
        ck_assert_int_eq(layer->pad_bottom, p->k5[1]);
        en_network_free(network);
}
END_TEST

/* ------------------------------------------------------------------------
 * Seeded parameters
 */

static void
check_digest(const en_network *network, en_params params, const char *line)
{
        char name[64];
        int64_t count;
        uint32_t first, last, bits = 0;
        uint64_t sum, found = 0;
        const en_param *param = NULL;
        float *values;

        ck_assert_int_eq(sscanf(line,
                                "%63s %" SCNd64 " %" SCNx32 " %" SCNx32
                                " %" SCNx64,
                                name, &count, &first, &last, &sum),
                         5);
        for (int32_t i = 0; i < network->param_count && param == NULL; i++)
                if (strcmp(network->params[i].name, name) == 0)
                        param = &network->params[i];
        ck_assert_msg(param != NULL, "no parameter %s", name);
        ck_assert_int_eq(param->count, count);
        values = malloc((size_t)count * sizeof(float));
        ck_assert_ptr_nonnull(values);
        ck_ok(params.read(params.context, param, values));
        for (int64_t i = 0; i < count; i++) {
                memcpy(&bits, &values[i], sizeof(bits));
                found += bits;
        }
        ck_assert_uint_eq(bits, last);
        memcpy(&bits, &values[0], sizeof(bits));
        ck_assert_uint_eq(bits, first);
        ck_assert_msg(found == sum, "%s differs from its twin", name);
        free(values);
}

START_TEST(seeded_values_equal_their_twin)
{
        FILE *file = test_open("arch/seeded.txt");
        char *line = NULL, name[64];
        size_t room = 0;
        en_network *network = NULL;
        en_seeded seeded = {NULL, 0};
        effnet_config config;
        int models = 0, left = 0;

        while (test_line(file, &line, &room) != NULL) {
                if (left > 0) {
                        check_digest(network, en_seeded_params(&seeded), line);
                        left--;
                        continue;
                }
                en_network_free(network);
                ck_assert_int_eq(
                        sscanf(line, "%63s %" SCNu64, name, &seeded.seed), 2);
                config = named(name);
                config.classes = 10;
                ck_ok(en_network_create(&network, &config, 0, 0));
                seeded.network = network;
                left = network->param_count;
                models++;
        }
        ck_assert_int_eq(left, 0);
        ck_assert_int_eq(models, 6);
        en_network_free(network);
        free(line);
        fclose(file);
}
END_TEST

START_TEST(seeds_and_names_matter)
{
        float a[64], b[64];

        en_seeded_values(1, "a", 0, 1, 64, a);
        en_seeded_values(2, "a", 0, 1, 64, b);
        ck_assert_mem_ne(a, b, sizeof(a));
        en_seeded_values(1, "b", 0, 1, 64, b);
        ck_assert_mem_ne(a, b, sizeof(a));
        for (int i = 0; i < 64; i++)
                ck_assert(a[i] > -1 && a[i] < 1 && a[i] != 0);
}
END_TEST

static Suite *
arch_suite(void)
{
        Suite *suite = suite_create("arch");
        TCase *tc = tcase_create("arch");
        int names = 0;

        while (effnet_architecture_name(names) != NULL)
                names++;
        tcase_add_loop_test(tc, parameter_counts, 0,
                            (int)(sizeof(counts) / sizeof(counts[0])));
        tcase_add_test(tc, classes_change_only_the_classifier);
        tcase_add_test(tc, torchvision_publishes_these_macs);
        tcase_add_test(tc, shapes_equal_the_frameworks);
        tcase_add_test(tc, layers_of_b0);
        tcase_add_test(tc, layers_of_v2);
        tcase_add_loop_test(tc, residuals, 0, names);
        tcase_add_loop_test(tc, padding_rules, 0,
                            (int)(sizeof(paddings) / sizeof(paddings[0])));
        tcase_add_test(tc, seeded_values_equal_their_twin);
        tcase_add_test(tc, seeds_and_names_matter);
        suite_add_tcase(suite, tc);
        return suite;
}

int
main(void)
{
        return test_main(arch_suite());
}
