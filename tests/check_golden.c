/* check_golden.c: seeded models of every architecture against the outputs of
 * their own framework in float64, and mutations that this must notice.  With
 * EFFNET_GOLDENS=TEXT only the goldens of architectures with TEXT in the name.
 */
#include "goldens.h"
#include "reference.h"

#include "base/cpu.h"
#include "run/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_GOLDENS 100

static test_golden goldens[MAX_GOLDENS];
static int golden_count;

static const struct {
        int32_t isa;
        const char *name;
} levels[] = {
        {EFFNET_ISA_PORTABLE, "portable"}, {EFFNET_ISA_SSE2, "sse2"},
        {EFFNET_ISA_AVX2, "avx2"},         {EFFNET_ISA_AVX512, "avx512"},
        {EFFNET_ISA_NEON, "neon"},
};

#define LEVELS ((int)(sizeof(levels) / sizeof(levels[0])))

static test_case
load(const test_golden *golden)
{
        return test_case_load(golden, "goldens/values.npy");
}

/* Runs `config`, which need not be the case's own. */
static test_difference
run(const test_case *c, const effnet_config *config, int32_t isa)
{
        effnet_options *options;
        effnet_model *model;
        test_difference d;

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_INSTRUCTION_SET,
                                     isa));
        ck_ok(effnet_model_create(&model, config, c->golden.seed, options));
        d = test_case_run(c, model);
        effnet_model_release(model);
        effnet_options_free(options);
        return d;
}

/* V2-L and V2-XL, 100 million parameters and more, take seconds to make: the
 * best level is enough, their layers are those of V2-M.
 */
static bool
is_huge(const test_golden *g)
{
        size_t n = strlen(g->architecture);

        return strstr(g->architecture, "v2_") != NULL &&
               g->architecture[n - 1] == 'l';
}

static bool
is_best(int32_t isa, const en_cpuid *cpuid)
{
        return en_kernels_for(EFFNET_ISA_BEST, cpuid)->id == isa;
}

/* The i-th pair of a golden and a level: all goldens at the best level and in
 * portable C, every fourth at those between, whose templates are the same.
 */
START_TEST(levels_equal_framework)
{
        const test_golden *g = &goldens[_i / LEVELS];
        const int32_t isa = levels[_i % LEVELS].isa;
        const char *level = levels[_i % LEVELS].name;
        const en_cpuid cpuid = en_cpuid_read();
        test_case c;
        test_difference d;

        if (en_kernels_for(isa, &cpuid) == NULL) {
                if (_i < LEVELS)
                        test_skipped(level,
                                     "not built, or not for this processor");
                return;
        }
        if (!is_best(isa, &cpuid) &&
            (is_huge(g) || (isa != EFFNET_ISA_PORTABLE && _i / LEVELS % 4)))
                return;
        c = load(g);
        d = run(&c, c.config, isa);
        printf("%-22s %3d x %3d x %d %-8s logits %.1e embedding %.1e\n",
               g->architecture, (int)g->height, (int)g->width, (int)g->channels,
               level, d.logits, d.embedding);
        test_expect_close(g->architecture, d);
        test_case_free(&c);
}
END_TEST

/* transformers and Keras have the networks of the "tf_" names. */
static bool
is_same(const char *name, const char *golden)
{
        effnet_config a, b;

        ck_ok(en_config_named(&a, name));
        ck_ok(en_config_named(&b, golden));
        if (a.family < EN_FAMILY_HF)
                return strcmp(name, golden) == 0;
        return a.variant == b.variant && a.padding == b.padding &&
               a.epsilon == b.epsilon && a.resolution == b.resolution;
}

START_TEST(every_name_has_a_golden)
{
        const char *name;

        for (int32_t i = 0; (name = effnet_architecture_name(i)) != NULL; i++) {
                bool found = strstr(name, "l2") != NULL; /* 480 M weights */

                for (int j = 0; j < golden_count; j++)
                        found |= is_same(name, goldens[j].architecture);
                ck_assert_msg(found, "no golden of %s", name);
        }
}
END_TEST

/* ------------------------------------------------------------------------
 * Mutations: each must be seen by ten times the tolerance.
 */

static const test_golden *
find_golden(const char *architecture, int32_t height)
{
        for (int i = 0; i < golden_count; i++)
                if (strcmp(goldens[i].architecture, architecture) == 0 &&
                    goldens[i].height == height)
                        return &goldens[i];
        ck_abort_msg("no golden of %s at %d", architecture, (int)height);
        return NULL;
}

static void
check_seen(const char *architecture, const char *mutation, double logits,
           double embedding)
{
        printf("%-22s with %-24s logits %.1e embedding %.1e\n", architecture,
               mutation, logits, embedding);
        ck_assert_msg(logits > 10 * TEST_TOLERANCE &&
                              embedding > 10 * TEST_TOLERANCE,
                      "%s: %s moves the outputs by only %g and %g",
                      architecture, mutation, logits, embedding);
}

/* A wrong value of a key; a negative one stands for the epsilon 1e-3 or 1e-5,
 * whichever is wrong.
 */
static const struct mutation {
        const char *architecture;
        int32_t height;
        const char *what;
        int32_t key;
        int32_t value;
} mutations[] = {
        {"efficientnet_b0", 128, "epsilon", EFFNET_CONFIG_EPSILON, -1},
        {"efficientnet_b0", 128, "same padding", EFFNET_CONFIG_PADDING,
         EFFNET_PADDING_SAME},
        {"efficientnet_b0", 128, "relu6", EFFNET_CONFIG_ACTIVATION,
         EFFNET_ACTIVATION_RELU6},
        {"efficientnet_b0", 128, "relu", EFFNET_CONFIG_ACTIVATION,
         EFFNET_ACTIVATION_RELU},
        {"efficientnet_b0", 128, "no squeeze-and-excite",
         EFFNET_CONFIG_SQUEEZE_EXCITE, 0},
        {"efficientnet_b5", 64, "epsilon", EFFNET_CONFIG_EPSILON, -1},
        {"efficientnet_b7", 64, "epsilon", EFFNET_CONFIG_EPSILON, -1},
        {"efficientnet_b7", 64, "same padding", EFFNET_CONFIG_PADDING,
         EFFNET_PADDING_SAME},
        {"tf_efficientnet_b0", 128, "epsilon", EFFNET_CONFIG_EPSILON, -1},
        {"tf_efficientnet_b0", 128, "symmetric padding", EFFNET_CONFIG_PADDING,
         EFFNET_PADDING_SYMMETRIC},
        {"efficientnet-b2", 64, "same padding", EFFNET_CONFIG_PADDING,
         EFFNET_PADDING_SAME},
        {"efficientnet-b2", 64, "symmetric padding", EFFNET_CONFIG_PADDING,
         EFFNET_PADDING_SYMMETRIC},
        {"efficientnet-b2", 64, "another nominal size",
         EFFNET_CONFIG_RESOLUTION, 300},
        {"efficientnet_v2_s", 96, "epsilon", EFFNET_CONFIG_EPSILON, -1},
        {"tf_efficientnetv2_b0", 96, "symmetric padding", EFFNET_CONFIG_PADDING,
         EFFNET_PADDING_SYMMETRIC},
        {"efficientnet_es", 64, "silu", EFFNET_CONFIG_ACTIVATION,
         EFFNET_ACTIVATION_SILU},
        {"efficientnet-lite0", 128, "epsilon", EFFNET_CONFIG_EPSILON, -1},
        {"efficientnet-lite0", 128, "silu", EFFNET_CONFIG_ACTIVATION,
         EFFNET_ACTIVATION_SILU},
        {"efficientnet-lite0", 128, "relu", EFFNET_CONFIG_ACTIVATION,
         EFFNET_ACTIVATION_RELU},
        {"efficientnet-lite0", 128, "squeeze-and-excite",
         EFFNET_CONFIG_SQUEEZE_EXCITE, 1},
        {"efficientnet-lite0", 128, "symmetric padding", EFFNET_CONFIG_PADDING,
         EFFNET_PADDING_SYMMETRIC},
};

#define MUTATIONS (int)(sizeof(mutations) / sizeof(mutations[0]))

static void
mutate(effnet_config *config, const struct mutation *m)
{
        double epsilon;

        if (m->key != EFFNET_CONFIG_EPSILON) {
                ck_ok(effnet_config_set_int(config, m->key, m->value));
                return;
        }
        ck_ok(effnet_config_get_double(config, m->key, &epsilon));
        ck_ok(effnet_config_set_double(config, m->key,
                                       epsilon < 1e-4 ? 1e-3 : 1e-5));
}

START_TEST(a_wrong_config_is_seen)
{
        const struct mutation *m = &mutations[_i];
        test_case c = load(find_golden(m->architecture, m->height));
        test_difference d;

        mutate(c.config, m);
        d = run(&c, c.config, EFFNET_ISA_BEST);
        check_seen(m->architecture, m->what, d.logits, d.embedding);
        test_case_free(&c);
}
END_TEST

/* Gives one layer's batch norm another layer's values. */
typedef struct swap {
        en_seeded seeded;
        const char *layer, *other;
} swap;

static effnet_status
read_swapped(void *context, const en_param *param, float *values)
{
        swap *s = context;
        en_params seeded = en_seeded_params(&s->seeded);
        en_param asked = *param;
        size_t n = strlen(s->layer);

        if (strncmp(param->name, s->layer, n) == 0 &&
            strncmp(param->name + n, ".bn.", 4) == 0)
                snprintf(asked.name, sizeof(asked.name), "%s%s", s->other,
                         param->name + n);
        return seeded.read(seeded.context, &asked, values);
}

START_TEST(a_swapped_batch_norm_is_seen)
{
        test_case c = load(find_golden("efficientnet_b0", 128));
        const test_golden *g = &c.golden;
        en_cpuid cpuid = en_cpuid_read();
        en_network *network;
        en_weights *weights;
        en_engine *engine;
        const effnet_tensor *logits, *embedding;
        swap s = {.layer = "blocks.3.1.expand",
                  .other = "blocks.3.1.depthwise"};
        en_params params = {read_swapped, &s};

        ck_ok(en_network_create(&network, c.config, 0, 0));
        s.seeded = (en_seeded){network, g->seed};
        ck_ok(en_weights_create(&weights, network, &params,
                                en_kernels_for(EFFNET_ISA_BEST, &cpuid),
                                en_options_or_default(NULL)));
        ck_ok(en_engine_create(
                &engine, c.config, weights,
                &(en_resources){.threads = 1, .memory = INT64_MAX}));
        ck_ok(en_engine_run(engine, c.input, 1, g->height, g->width));
        ck_ok(en_engine_output(engine, EFFNET_OUTPUT_LOGITS, &logits));
        ck_ok(en_engine_output(engine, EFFNET_OUTPUT_EMBEDDING, &embedding));
        check_seen(g->architecture, "a swapped batch norm",
                   test_relative_difference(effnet_tensor_const_data(logits),
                                            c.logits, g->classes),
                   test_relative_difference(effnet_tensor_const_data(embedding),
                                            c.embedding, c.embedding_size));
        en_engine_free(engine);
        en_weights_free(weights);
        en_network_free(network);
        test_case_free(&c);
}
END_TEST

/* ------------------------------------------------------------------------
 * The naive evaluation: the network and the generator alone, without kernels.
 */

static void
to_float(const double *from, int64_t n, float *to)
{
        for (int64_t i = 0; i < n; i++)
                to[i] = (float)from[i];
}

/* Runs `network` naively, with the weights of `original`. */
static test_difference
run_naively(const test_case *c, const en_network *network,
            const en_network *original)
{
        int64_t n = c->embedding_size + c->golden.classes;
        double *outputs = calloc((size_t)n, sizeof(double));
        float *rounded = calloc((size_t)n, sizeof(float));
        en_seeded seeded = {original, c->golden.seed};
        en_params params = en_seeded_params(&seeded);
        test_difference d;

        test_reference(network, &params, c->input, outputs,
                       outputs + c->embedding_size);
        to_float(outputs, n, rounded);
        d.embedding = test_relative_difference(rounded, c->embedding,
                                               c->embedding_size);
        d.logits = test_relative_difference(rounded + c->embedding_size,
                                            c->logits, c->golden.classes);
        free(outputs);
        free(rounded);
        return d;
}

static const struct naive {
        const char *architecture;
        int32_t height;
} naive[] = {
        {"efficientnet_b0", 64},       {"tf_efficientnet_b0", 33},
        {"efficientnet-b2", 64},       {"efficientnet-lite2", 65},
        {"tf_efficientnet_lite1", 64}, {"test_efficientnet", 33},
        {"tf_efficientnetv2_b0", 75},  {"efficientnet_es", 64},
};

/* Both are double precision: only the rounding of the golden remains. */
START_TEST(naive_evaluation_equals_framework)
{
        test_case c = load(
                find_golden(naive[_i].architecture, naive[_i].height));
        en_network *network;
        test_difference d;

        ck_ok(en_network_create(&network, c.config, c.golden.height,
                                c.golden.width));
        d = run_naively(&c, network, network);
        ck_assert_msg(d.logits <= 2e-7 && d.embedding <= 2e-7,
                      "%s: off by %g and %g", naive[_i].architecture, d.logits,
                      d.embedding);
        en_network_free(network);
        test_case_free(&c);
}
END_TEST

START_TEST(a_dropped_residual_is_seen)
{
        test_case c = load(find_golden("efficientnet_b0", 64));
        en_network *original, *network;
        test_difference d;

        ck_ok(en_network_create(&original, c.config, c.golden.height,
                                c.golden.width));
        ck_ok(en_network_create(&network, c.config, c.golden.height,
                                c.golden.width));
        for (int32_t i = 0; i < network->layer_count; i++) {
                en_layer *layer = &network->layers[i];

                if (layer->residual < 0 || layer->block != 1)
                        continue;
                layer->residual = -1;
                d = run_naively(&c, network, original);
                check_seen(layer->name, "a dropped residual", d.logits,
                           d.embedding);
                layer->residual = original->layers[i].residual;
        }
        en_network_free(network);
        en_network_free(original);
        test_case_free(&c);
}
END_TEST

/* Keeps the goldens with `part` in their architecture's name. */
static void
keep_goldens(const char *part)
{
        int kept = 0;

        for (int i = 0; i < golden_count; i++)
                if (strstr(goldens[i].architecture, part) != NULL)
                        goldens[kept++] = goldens[i];
        golden_count = kept;
}

/* With a `part` only the goldens of every level. */
static Suite *
golden_suite(const char *part)
{
        Suite *suite = suite_create("golden");
        TCase *tc = tcase_create("golden");

        suite_add_tcase(suite, tc);
        tcase_add_loop_test(tc, levels_equal_framework, 0,
                            golden_count * LEVELS);
        if (part != NULL)
                return suite;
        tcase_add_test(tc, every_name_has_a_golden);
        tcase_add_loop_test(tc, a_wrong_config_is_seen, 0, MUTATIONS);
        tcase_add_test(tc, a_swapped_batch_norm_is_seen);
        tcase_add_loop_test(tc, naive_evaluation_equals_framework, 0,
                            (int)(sizeof(naive) / sizeof(naive[0])));
        tcase_add_test(tc, a_dropped_residual_is_seen);
        return suite;
}

int
main(void)
{
        const char *part = getenv("EFFNET_GOLDENS");

        golden_count = test_goldens(goldens, MAX_GOLDENS);
        if (part != NULL)
                keep_goldens(part);
        return test_main(golden_suite(part));
}
