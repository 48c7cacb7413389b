/* check_weights.c: folding and packing: what is refused and named, and what it
 * needs of memory.
 */
#include "memory.h"
#include "network.h"
#include "support.h"

#include <float.h>
#include <math.h>
#include <string.h>

START_TEST(memory_runs_out_in_packing)
{
        effnet_status status = EFFNET_ERROR_MEMORY;
        test_network f;
        long n;

        test_set_small(&f, 1);
        en_engine_free(f.engine);
        f.engine = NULL;
        for (n = 0; status == EFFNET_ERROR_MEMORY && n < 100; n++) {
                en_weights_free(f.weights);
                test_memory_fail(n, _i);
                status = test_pack(&f, EFFNET_ISA_BEST, false);
                test_memory_reset();
                if (status == EFFNET_OK)
                        break;
                ck_assert_int_eq(status, EFFNET_ERROR_MEMORY);
                ck_assert_ptr_null(f.weights);
        }
        ck_assert_int_ge(n, 3);
        ck_assert_int_eq(status, EFFNET_OK);
        for (n = 0; n < 2; n++) {
                test_memory_fail(n, 1);
                status = en_engine_create(
                        &f.engine, &f.config, f.weights,
                        &(en_resources){.threads = 2, .memory = INT64_MAX});
                test_memory_reset();
                ck_assert_int_eq(status, EFFNET_ERROR_MEMORY);
                ck_assert_ptr_null(f.engine);
        }
        test_clear(&f);
}
END_TEST

/* Beside the block, packing holds one layer's values, not the network's. */
START_TEST(packing_holds_one_layer)
{
        test_network f;
        int64_t all = 0, largest = 0;

        memset(&f, 0, sizeof(f));
        ck_ok(en_config_custom(&f.config, "b0", 1.0, 1.0, 224));
        test_set_network(&f, 32, 32);
        for (int32_t i = 0; i < f.network->layer_count; i++) {
                const en_layer *layer = &f.network->layers[i];
                int64_t floats = 0;

                for (int32_t j = 0; j < layer->param_count; j++)
                        floats +=
                                f.network->params[layer->first_param + j].count;
                all += floats;
                largest = floats > largest ? floats : largest;
        }
        test_memory_reset();
        ck_ok(test_pack(&f, EFFNET_ISA_BEST, false));
        ck_assert_uint_le(test_memory_bytes(),
                          f.weights->bytes + (size_t)largest * sizeof(float) +
                                  65536);
        ck_assert_uint_le(f.weights->bytes,
                          (size_t)all * sizeof(float) * 102 / 100);
        test_clear(&f);
}
END_TEST

START_TEST(failing_read)
{
        test_network f;

        test_set_small(&f, 1);
        for (int32_t i = 0; i < f.network->param_count; i++) {
                en_weights_free(f.weights);
                f.params.failing = f.network->params[i].name;
                ck_fails(test_pack(&f, EFFNET_ISA_BEST, false),
                         EFFNET_ERROR_IO);
                ck_assert_ptr_null(f.weights);
                ck_message(f.params.failing);
        }
        test_clear(&f);
}
END_TEST

static void
expect_refused(test_network *f, const en_param *param, float value)
{
        f->params.poisoned = param->name;
        f->params.element = param->count / 2;
        f->params.value = value;
        ck_fails(test_pack(f, EFFNET_ISA_BEST, false), EFFNET_ERROR_FORMAT);
        ck_assert_ptr_null(f->weights);
        ck_message(param->name);
        ck_ok(test_pack(f, EFFNET_ISA_BEST, true));
        en_weights_free(f->weights);
        f->weights = NULL;
}

START_TEST(nonfinite_is_named)
{
        test_network f;

        test_set_small(&f, 1);
        en_weights_free(f.weights);
        f.weights = NULL;
        for (int32_t i = 0; i < f.network->param_count; i += 7)
                expect_refused(&f, &f.network->params[i],
                               i % 2 ? (float)NAN : -INFINITY);
        for (int32_t i = 0; i < f.network->param_count; i++)
                if (f.network->params[i].kind == EN_PARAM_BN_VAR)
                        expect_refused(&f, &f.network->params[i], -0.25F);
        test_clear(&f);
}
END_TEST

/* The largest float overflows in the channels whose norm has a factor above 1,
 * or as much below as the level's scale of SiLU is above.
 */
START_TEST(overflowing_fold_is_named)
{
        const en_param *param;
        int32_t overflows = 0;
        test_network f;

        test_set_small(&f, 1);
        param = test_find_param(f.network, "stem.conv.weight");
        f.params.poisoned = param->name;
        f.params.value = FLT_MAX;
        for (int64_t n = 0; n < param->shape[0]; n++) {
                en_weights_free(f.weights);
                f.params.element = n * (param->count / param->shape[0]);
                if (test_pack(&f, EFFNET_ISA_BEST, false) == EFFNET_OK)
                        continue;
                overflows++;
                ck_fails(test_pack(&f, EFFNET_ISA_BEST, false),
                         EFFNET_ERROR_FORMAT);
                ck_message("stem: folding");
                ck_ok(test_pack(&f, EFFNET_ISA_BEST, true));
        }
        ck_assert_int_gt(overflows, 0);
        ck_assert_int_lt(overflows, param->shape[0]);
        test_clear(&f);
}
END_TEST

/* What leads to a SiLU is scaled where its level says so, and only there may
 * the largest float overflow.
 */
static void
expect_scaled(test_network *f, int32_t level, const char *name)
{
        const bool overflows = fabs(test_kernels_of(level)->silu_scale) > 1;

        en_weights_free(f->weights);
        f->weights = NULL;
        f->params.poisoned = test_find_param(f->network, name)->name;
        f->params.value = FLT_MAX;
        if (overflows) {
                ck_fails(test_pack(f, level, false), EFFNET_ERROR_FORMAT);
                ck_message(name);
        }
        ck_ok(test_pack(f, level, overflows));
}

START_TEST(overflowing_scale_is_named)
{
        static const int32_t levels[] = {EFFNET_ISA_PORTABLE, EFFNET_ISA_BEST,
                                         TEST_LEVEL_LANES16};
        const int32_t level = levels[_i];
        test_network f = {0};

        test_set_small(&f, 1);
        expect_scaled(&f, level, "blocks.1.0.se.reduce.weight");
        expect_scaled(&f, level, "blocks.1.0.se.reduce.bias");
        test_clear(&f);
        memset(&f, 0, sizeof(f));
        ck_ok(en_config_custom(&f.config, "gc_v2_rw_t", 0.25, 1.0, 64));
        test_set_network(&f, 64, 64);
        expect_scaled(&f, level, "blocks.4.0.context.norm.weight");
        expect_scaled(&f, level, "blocks.4.0.context.norm.bias");
        test_clear(&f);
}
END_TEST

/* An infinity stays in its lane: padding lanes never enter a sum. */
START_TEST(nonfinite_stays_in_its_lane)
{
        test_network f;
        float expected[10];
        const float *logits;

        test_set_small(&f, 1);
        ck_ok(en_engine_run(f.engine, f.image, 1, 33, 47));
        memcpy(expected, test_output_of(f.engine, EFFNET_OUTPUT_LOGITS, 1, 10),
               sizeof(expected));
        en_engine_free(f.engine);
        en_weights_free(f.weights);
        f.params.poisoned = test_find_param(f.network, "classifier.bias")->name;
        f.params.element = 9;
        f.params.value = INFINITY;
        ck_ok(test_pack(&f, EFFNET_ISA_BEST, true));
        ck_ok(en_engine_create(
                &f.engine, &f.config, f.weights,
                &(en_resources){.threads = 1, .memory = INT64_MAX}));
        ck_ok(en_engine_run(f.engine, f.image, 1, 33, 47));
        logits = test_output_of(f.engine, EFFNET_OUTPUT_LOGITS, 1, 10);
        ck_assert_mem_eq(logits, expected, 9 * sizeof(float));
        ck_assert(isinf(logits[9]));
        ck_assert(isnan(test_output_of(f.engine, EFFNET_OUTPUT_PROBABILITIES, 1,
                                       10)[9]));
        test_clear(&f);
}
END_TEST

/* Subnormal weights, and ones that become so by folding, are 0. */
START_TEST(subnormal_weights_are_flushed)
{
        test_network f;
        size_t floats;

        test_set_small(&f, 1);
        en_weights_free(f.weights);
        f.params.poisoned = test_find_param(f.network, "stem.bn.weight")->name;
        f.params.value = 1e-38F;
        ck_ok(test_pack(&f, EFFNET_ISA_BEST, false));
        floats = f.weights->bytes / sizeof(float);
        for (size_t i = 0; i < floats; i++)
                ck_assert(fpclassify(f.weights->block[i]) != FP_SUBNORMAL);
        en_weights_free(f.weights);
        f.params.poisoned =
                test_find_param(f.network, "classifier.weight")->name;
        f.params.value = 1e-39F;
        ck_ok(test_pack(&f, EFFNET_ISA_BEST, false));
        for (size_t i = 0; i < floats; i++)
                ck_assert(fpclassify(f.weights->block[i]) != FP_SUBNORMAL);
        test_clear(&f);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("weights");
        TCase *packing = tcase_create("packing");

        tcase_add_loop_test(packing, memory_runs_out_in_packing, 0, 2);
        tcase_add_test(packing, packing_holds_one_layer);
        tcase_add_test(packing, failing_read);
        tcase_add_test(packing, nonfinite_is_named);
        tcase_add_test(packing, overflowing_fold_is_named);
        tcase_add_loop_test(packing, overflowing_scale_is_named, 0, 3);
        tcase_add_test(packing, nonfinite_stays_in_its_lane);
        tcase_add_test(packing, subnormal_weights_are_flushed);
        suite_add_tcase(suite, packing);
        return test_main(suite);
}
