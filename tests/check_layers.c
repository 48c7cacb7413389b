/* check_layers.c: each step of a plan against the layer that it ends with,
 * evaluated naively in double; what differs is named by its first layer.
 */
#include "network.h"
#include "run/plan.h"
#include "support.h"

#include <math.h>
#include <string.h>

#define TOLERANCE 2e-5

static const struct {
        const char *base;
        double width;
        int32_t height, width_pixels;
        int32_t padding;
        int32_t headless;
} cases[] = {
        {"b0", 0.5, 37, 50, EFFNET_PADDING_SYMMETRIC, 0},
        {"b0", 0.25, 64, 64, EFFNET_PADDING_SAME, 0},
        {"lite0", 0.5, 33, 61, EFFNET_PADDING_SAME_STATIC, 0},
        {"v2_s", 0.25, 40, 33, EFFNET_PADDING_SYMMETRIC, 0},
        {"es", 0.5, 40, 47, EFFNET_PADDING_SAME, 0},
        {"b0", 0.25, 64, 47, EFFNET_PADDING_SAME, 1},
        {"gc_v2_rw_t", 0.25, 72, 61, EFFNET_PADDING_SYMMETRIC, 0},
};

#define CASES ((int)(sizeof(cases) / sizeof(cases[0])))

static void
set_case(test_network *f, int i)
{
        memset(f, 0, sizeof(*f));
        ck_ok(en_config_custom(&f->config, cases[i].base, cases[i].width, 1,
                               224));
        f->config.padding = cases[i].padding;
        f->config.headless = cases[i].headless;
        f->config.classes = 10;
        test_set_network(f, cases[i].height, cases[i].width_pixels);
}

/* max |found - expected| / max |expected|; `found` is channels-last. */
static double
difference(const en_layer *layer, const float *found, const double *expected)
{
        ptrdiff_t stride = en_pixel_stride(layer->out_channels);
        int64_t pixels = en_out_pixels(layer);
        double worst = 0, largest = 0;

        for (int32_t c = 0; c < layer->out_channels; c++)
                for (int64_t p = 0; p < pixels; p++) {
                        double e = expected[c * pixels + p];

                        worst = fmax(worst, fabs(found[p * stride + c] - e));
                        largest = fmax(largest, fabs(e));
                }
        return worst / largest;
}

/* Where the scale went into weights, the map is still without it. */
static bool
leaves_its_input(const en_step *step)
{
        return (step->layer->op == EN_OP_SQUEEZE_EXCITE ||
                step->layer->op == EN_OP_CONTEXT) &&
               step->at[EN_OPERAND_WEIGHTS] != NULL;
}

/* The name of the first layer that differs, or "none". */
static const char *
first_difference(const test_network *f, const en_plan *plan, double **maps)
{
        const en_exec exec = {.kernels = f->weights->kernels,
                              .threads = 1,
                              .image = f->image};

        for (int32_t i = 0; i < plan->step_count; i++) {
                const en_step *step = &plan->steps[i];
                const en_layer *layer = step->layer + step->layers - 1;
                ptrdiff_t index = layer - plan->network->layers;
                const double *expected = leaves_its_input(step)
                                                 ? maps[index]
                                                 : maps[index + 1];

                ck_ok(step->ops->run(step, &exec));
                if (!(difference(layer, step->at[EN_OPERAND_OUTPUT],
                                 expected) <= TOLERANCE))
                        return f->network->layers[index].name;
        }
        return "none";
}

/* Expects the name of the first layer that differs to begin so. */
static void
expect_difference(test_network *f, int32_t level, double **maps,
                  const char *expected)
{
        const en_resources resources = {.threads = 1, .memory = INT64_MAX};
        const char *found;
        en_plan *plan;

        ck_ok(test_pack(f, level, false));
        ck_ok(en_plan_create(&plan, &f->config, f->weights,
                             en_request_default(&f->config), f->network->height,
                             f->network->width, &resources));
        found = first_difference(f, plan, maps);
        ck_assert_msg(strncmp(found, expected, strlen(expected)) == 0,
                      "%s: the first layer that differs is %s, expected %s",
                      f->weights->kernels->name, found, expected);
        en_plan_free(plan);
        en_weights_free(f->weights);
        f->weights = NULL;
}

START_TEST(every_layer_equals_double)
{
        static const int32_t levels[] = {EFFNET_ISA_PORTABLE, EFFNET_ISA_BEST,
                                         TEST_LEVEL_LANES8, TEST_LEVEL_LANES16};
        test_network f;
        double **maps;

        set_case(&f, _i);
        maps = test_reference_maps(f.network, &f.provider, f.image);
        for (int i = 0; i < 4; i++)
                expect_difference(&f, levels[i], maps, "none");
        test_reference_free(f.network, maps);
        test_clear(&f);
}
END_TEST

/* One wrong number in a layer is found in that layer. */
START_TEST(the_first_difference_is_named)
{
        static const char *const wrong[][2] = {
                {"stem.bn.bias", "blocks.0.0.depthwise"},
                {"blocks.1.0.project.conv.weight", "blocks.1.0.project"},
                {"blocks.2.1.depthwise.bn.running_mean",
                 "blocks.2.1.depthwise"},
                /* The scale goes into pixels, or the projection's weights. */
                {"blocks.3.0.se.expand.bias", "blocks.3.0."},
                {"head.bn.weight", "head"},
                {"classifier.bias", "classifier"},
        };
        test_network f;
        double **maps;

        set_case(&f, 0);
        maps = test_reference_maps(f.network, &f.provider, f.image);
        f.params.poisoned = test_find_param(f.network, wrong[_i][0])->name;
        f.params.value = 9;
        expect_difference(&f, EFFNET_ISA_BEST, maps, wrong[_i][1]);
        test_reference_free(f.network, maps);
        test_clear(&f);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("layers");
        TCase *tcase = tcase_create("layers");

        tcase_add_loop_test(tcase, every_layer_equals_double, 0, CASES);
        tcase_add_loop_test(tcase, the_first_difference_is_named, 0, 6);
        suite_add_tcase(suite, tcase);
        return test_main(suite);
}
