/* check_kept.c: each layer's output, kept, and class-activation maps. */
#include "arch/config.h"
#include "arch/seeded.h"
#include "base/cpu.h"
#include "goldens.h"
#include "kernels/kernels.h"
#include "maps.h"
#include "memory.h"
#include "reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static effnet_options *
keeping(int64_t threads, int32_t isa)
{
        effnet_options *options;

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_THREADS, threads));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_INSTRUCTION_SET,
                                     isa));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_KEEP_LAYERS, 1));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_KEEP_PARAMETERS,
                                     1));
        return options;
}

static const effnet_tensor *
layer(effnet_session *session, int32_t index)
{
        const effnet_tensor *tensor;

        ck_ok(effnet_session_layer(session, index, &tensor));
        return tensor;
}

static int32_t
find_layer(const effnet_session *session, const char *name)
{
        int32_t count = effnet_session_layer_count(session);

        for (int32_t i = 0; i < count; i++)
                if (strcmp(effnet_session_layer_name(session, i), name) == 0)
                        return i;
        ck_abort_msg("no layer %s", name);
        return -1;
}

/* ---- layers */

/* Names and shapes are the summary's. */
START_TEST(layers_are_those_of_the_summary)
{
        test_map_case c = test_map_case_load(_i);
        effnet_options *options = keeping(1, EFFNET_ISA_BEST);
        effnet_session *session = test_map_session(&c, NULL, options);
        int32_t count = effnet_session_layer_count(session);
        effnet_summary *summary;

        ck_ok(effnet_summary_create(&summary, c.config, c.maps[0].height,
                                    c.maps[0].width));
        ck_assert_int_eq(count, effnet_summary_layer_count(summary));
        ck_ok(effnet_session_run(session, c.input));
        for (int32_t i = 0; i < count; i++) {
                const effnet_tensor *tensor = layer(session, i);
                int64_t output[3];

                ck_assert_str_eq(effnet_session_layer_name(session, i),
                                 effnet_summary_layer_name(summary, i));
                ck_ok(effnet_summary_layer_output(summary, i, output));
                ck_assert_int_eq(effnet_tensor_rank(tensor),
                                 i < count - 2 ? 4 : 2);
                ck_assert_int_eq(effnet_tensor_dimension(tensor, 0),
                                 c.maps[0].batch);
                ck_assert_int_eq(effnet_tensor_dimension(tensor, 1), output[0]);
                ck_assert_int_eq(effnet_tensor_count(tensor),
                                 c.maps[0].batch * output[0] * output[1] *
                                         output[2]);
        }
        ck_assert_ptr_null(effnet_session_layer_name(session, count));
        ck_assert_ptr_null(effnet_session_layer_name(session, -1));
        effnet_summary_free(summary);
        effnet_session_free(session);
        effnet_options_free(options);
        test_map_case_free(&c);
}
END_TEST

static double
difference(const float *found, const double *expected, int64_t count)
{
        double worst = 0, largest = 0;

        for (int64_t i = 0; i < count; i++) {
                worst = fmax(worst, fabs(found[i] - expected[i]));
                largest = fmax(largest, fabs(expected[i]));
        }
        return worst / largest;
}

/* Every layer of the last image against its naive evaluation in double. */
START_TEST(layers_equal_double)
{
        test_map_case c = test_map_case_load(_i / 2);
        const test_map *m = &c.maps[0];
        effnet_options *options = keeping(1, _i % 2 ? EFFNET_ISA_PORTABLE
                                                    : EFFNET_ISA_BEST);
        effnet_session *session = test_map_session(&c, NULL, options);
        const float *image = effnet_tensor_const_data(c.input);
        en_network *network;
        test_params params;
        en_params provider;
        double **maps;

        image += (m->batch - 1) * effnet_tensor_count(c.input) / m->batch;
        ck_ok(en_network_create(&network, c.config, m->height, m->width));
        memset(&params, 0, sizeof(params));
        params.seeded = (en_seeded){network, m->seed};
        provider = test_params_of(&params);
        maps = test_reference_maps(network, &provider, image);
        ck_ok(effnet_session_run(session, c.input));
        for (int32_t i = 0; i < network->layer_count; i++) {
                const effnet_tensor *tensor = layer(session, i);
                int64_t count = effnet_tensor_count(tensor) / m->batch;
                const float *found = effnet_tensor_const_data(tensor);
                double d = difference(found + (m->batch - 1) * count,
                                      maps[i + 1], count);

                ck_assert_msg(d <= TEST_TOLERANCE, "%s: %s off by %g",
                              m->architecture, network->layers[i].name, d);
        }
        test_reference_free(network, maps);
        en_network_free(network);
        effnet_session_free(session);
        effnet_options_free(options);
        test_map_case_free(&c);
}
END_TEST

static bool
ends_block(const char *name)
{
        const char *part = strrchr(name, '.');

        return strcmp(name, "head") == 0 ||
               (part != NULL &&
                (strcmp(part, ".project") == 0 || strcmp(part, ".conv") == 0));
}

/* The last block, or the head, that gives a map of that shape: stages of the
 * same size differ in their channels.
 */
static const effnet_tensor *
layer_of_map(effnet_session *session, const test_map *m)
{
        int32_t count = effnet_session_layer_count(session);
        const effnet_tensor *found = NULL;

        for (int32_t i = 0; i < count; i++) {
                const effnet_tensor *tensor = layer(session, i);
                bool same = ends_block(effnet_session_layer_name(session, i));

                for (int32_t j = 0; j < 3; j++)
                        same = same && effnet_tensor_dimension(tensor, j + 1) ==
                                               m->shape[j];
                if (same)
                        found = tensor;
        }
        ck_assert_ptr_nonnull(found);
        return found;
}

START_TEST(layers_equal_framework)
{
        test_map_case c = test_map_case_load(_i);
        effnet_options *options = keeping(2, EFFNET_ISA_BEST);
        effnet_session *session = test_map_session(&c, NULL, options);

        ck_ok(effnet_session_run(session, c.input));
        for (int i = 0; i < TEST_MAPS - 1; i++)
                test_map_expect(&c, i, layer_of_map(session, &c.maps[i]),
                                "layer");
        effnet_session_free(session);
        effnet_options_free(options);
        test_map_case_free(&c);
}
END_TEST

/* Requested outputs beside them are copies of layers; all layers are run,
 * whatever is requested.
 */
START_TEST(layers_go_with_requests)
{
        static const int32_t wanted[] = {EFFNET_OUTPUT_REDUCTION_4};
        test_map_case c = test_map_case_load(0);
        effnet_options *options = keeping(1, EFFNET_ISA_BEST);
        effnet_session *session = test_map_session(&c, NULL, options);
        const effnet_tensor *map, *none;

        ck_ok(effnet_session_request(session, wanted, 1));
        ck_ok(effnet_session_run(session, c.input));
        ck_ok(effnet_session_output(session, wanted[0], &map));
        ck_assert_mem_eq(
                effnet_tensor_const_data(map),
                effnet_tensor_const_data(layer(
                        session, find_layer(session, "blocks.1.1.project"))),
                (size_t)effnet_tensor_count(map) * sizeof(float));
        ck_assert_int_eq(
                effnet_tensor_dimension(
                        layer(session, find_layer(session, "classifier")), 1),
                c.maps[0].classes);
        ck_fails(effnet_session_output(session, EFFNET_OUTPUT_LOGITS, &none),
                 EFFNET_ERROR_STATE);
        effnet_session_free(session);
        effnet_options_free(options);
        test_map_case_free(&c);
}
END_TEST

/* A batch on several threads against its images alone on one: the same bits.
 */
START_TEST(batches_and_threads_change_no_layer)
{
        test_map_case c = test_map_case_load(6); /* two images */
        effnet_options *one = keeping(1, EFFNET_ISA_BEST);
        effnet_options *many = keeping(_i, EFFNET_ISA_BEST);
        effnet_session *alone = test_map_session(&c, NULL, one);
        effnet_session *batch = test_map_session(&c, NULL, many);
        const test_map *m = &c.maps[0];
        const int64_t shape[4] = {1, m->channels, m->height, m->width};
        effnet_tensor *image;
        size_t bytes = sizeof(float);

        ck_ok(effnet_tensor_create(&image, EFFNET_TYPE_F32, 4, shape));
        bytes *= (size_t)effnet_tensor_count(image);
        ck_ok(effnet_session_run(batch, c.input));
        for (int64_t n = 0; n < 2; n++) {
                const char *from = effnet_tensor_const_data(c.input);

                memcpy(effnet_tensor_data(image), from + (size_t)n * bytes,
                       bytes);
                ck_ok(effnet_session_run(alone, image));
                for (int32_t i = 0; i < effnet_session_layer_count(alone);
                     i++) {
                        const effnet_tensor *expected = layer(alone, i);
                        int64_t count = effnet_tensor_count(expected);
                        const float *found = effnet_tensor_const_data(
                                layer(batch, i));

                        ck_assert_mem_eq(found + n * count,
                                         effnet_tensor_const_data(expected),
                                         (size_t)count * sizeof(float));
                }
        }
        effnet_tensor_free(image);
        effnet_session_free(alone);
        effnet_session_free(batch);
        effnet_options_free(one);
        effnet_options_free(many);
        test_map_case_free(&c);
}
END_TEST

static void
refuse_layer(effnet_session *session, int32_t index, effnet_status expected,
             const char *text)
{
        const effnet_tensor *tensor;

        ck_fails(effnet_session_layer(session, index, &tensor), expected);
        ck_message(text);
        ck_assert_ptr_null(tensor);
}

START_TEST(refuses_layers)
{
        test_map_case c = test_map_case_load(9);
        effnet_options *options = keeping(1, EFFNET_ISA_BEST);
        effnet_session *session = test_map_session(&c, NULL, options);
        effnet_session *plain = test_map_session(&c, NULL, NULL);
        int32_t count = effnet_session_layer_count(session);

        refuse_layer(session, 0, EFFNET_ERROR_STATE, "nothing was run yet");
        ck_ok(effnet_session_run(session, c.input));
        refuse_layer(session, -1, EFFNET_ERROR_ARGUMENT, "layer -1");
        refuse_layer(session, count, EFFNET_ERROR_ARGUMENT, "the model has");
        refuse_layer(NULL, 0, EFFNET_ERROR_ARGUMENT, "session is NULL");
        ck_fails(effnet_session_layer(session, 0, NULL), EFFNET_ERROR_ARGUMENT);
        ck_message("tensor is NULL");
        ck_fails(effnet_session_run(session, NULL), EFFNET_ERROR_ARGUMENT);
        refuse_layer(session, 0, EFFNET_ERROR_STATE, "the last run failed");
        ck_ok(effnet_session_run(plain, c.input));
        refuse_layer(plain, 0, EFFNET_ERROR_STATE, "KEEP_LAYERS");
        ck_assert_int_eq(effnet_session_layer_count(plain), 0);
        ck_assert_ptr_null(effnet_session_layer_name(plain, 0));
        ck_assert_int_eq(effnet_session_layer_count(NULL), 0);
        ck_assert_ptr_null(effnet_session_layer_name(NULL, 0));
        effnet_session_free(plain);
        effnet_session_free(session);
        effnet_options_free(options);
        test_map_case_free(&c);
}
END_TEST

/* ---- class maps */

static const int32_t final_map[] = {EFFNET_OUTPUT_FINAL_MAP,
                                    EFFNET_OUTPUT_LOGITS};

/* All classes' maps as the golden has them: N x classes x height x width. */
static effnet_tensor *
class_maps(effnet_session *session, const test_map *m)
{
        const int64_t shape[4] = {m->batch, m->shape[0], m->shape[1],
                                  m->shape[2]};
        int64_t pixels = shape[2] * shape[3];
        effnet_tensor *all;
        float *values;

        ck_ok(effnet_tensor_create(&all, EFFNET_TYPE_F32, 4, shape));
        values = effnet_tensor_data(all);
        for (int32_t k = 0; k < m->classes; k++) {
                effnet_tensor *map;
                const float *one;

                ck_ok(effnet_session_class_map(session, k, &map));
                ck_assert_int_eq(effnet_tensor_rank(map), 4);
                ck_assert_int_eq(effnet_tensor_dimension(map, 0), m->batch);
                ck_assert_int_eq(effnet_tensor_dimension(map, 1), 1);
                ck_assert_int_eq(effnet_tensor_dimension(map, 2), shape[2]);
                ck_assert_int_eq(effnet_tensor_dimension(map, 3), shape[3]);
                one = effnet_tensor_const_data(map);
                for (int64_t n = 0; n < m->batch; n++)
                        memcpy(values + (n * m->classes + k) * pixels,
                               one + n * pixels,
                               (size_t)pixels * sizeof(float));
                effnet_tensor_free(map);
        }
        return all;
}

START_TEST(class_maps_equal_framework)
{
        static const int32_t levels[] = {EFFNET_ISA_BEST, EFFNET_ISA_PORTABLE};
        test_map_case c = test_map_case_load(_i / 2);
        effnet_options *options = keeping(1, levels[_i % 2]);
        effnet_session *session = test_map_session(&c, NULL, options);
        effnet_tensor *maps;

        ck_ok(effnet_session_request(session, final_map, 1));
        ck_ok(effnet_session_run(session, c.input));
        maps = class_maps(session, &c.maps[TEST_MAPS - 1]);
        test_map_expect(&c, TEST_MAPS - 1, maps, "class maps");
        effnet_tensor_free(maps);
        effnet_session_free(session);
        effnet_options_free(options);
        test_map_case_free(&c);
}
END_TEST

static const float *
parameter(const effnet_model *model, const char *name)
{
        for (int32_t i = 0; i < effnet_model_parameter_count(model); i++) {
                const effnet_tensor *tensor;

                if (strcmp(effnet_model_parameter_name(model, i), name) != 0)
                        continue;
                ck_ok(effnet_model_parameter(model, i, &tensor));
                return effnet_tensor_const_data(tensor);
        }
        ck_abort_msg("no parameter %s", name);
        return NULL;
}

/* The mean of a class's map and its bias are its logit, for as many classes
 * as fill several panels of packed weights.
 */
static void
check_class_maps(int32_t isa)
{
        enum { CLASSES = 203 };
        test_map_case c = test_map_case_load(9); /* two images */
        const test_map *m = &c.maps[TEST_MAPS - 1];
        int64_t pixels = m->shape[1] * m->shape[2];
        effnet_options *options = keeping(1, isa);
        effnet_session *session;
        effnet_model *model;
        const effnet_tensor *logits;
        float found[2 * CLASSES];
        const float *bias;

        c.config->classes = CLASSES;
        session = test_map_session(&c, &model, options);
        bias = parameter(model, "classifier.bias");
        ck_ok(effnet_session_request(session, final_map, 2));
        ck_ok(effnet_session_run(session, c.input));
        for (int32_t k = 0; k < CLASSES; k++) {
                effnet_tensor *map;
                const float *at;

                ck_ok(effnet_session_class_map(session, k, &map));
                at = effnet_tensor_const_data(map);
                for (int n = 0; n < 2; n++) {
                        double sum = 0;

                        for (int64_t p = 0; p < pixels; p++)
                                sum += *at++;
                        found[n * CLASSES + k] = (float)(sum / (double)pixels +
                                                         bias[k]);
                }
                effnet_tensor_free(map);
        }
        ck_ok(effnet_session_output(session, EFFNET_OUTPUT_LOGITS, &logits));
        ck_assert_double_le(
                test_relative_difference(
                        found, effnet_tensor_const_data(logits), 2 * CLASSES),
                2e-6);
        effnet_session_free(session);
        effnet_model_release(model);
        effnet_options_free(options);
        test_map_case_free(&c);
}

START_TEST(class_maps_make_the_logits)
{
        const en_cpuid cpuid = en_cpuid_read();

        if (en_kernels_for(_i, &cpuid) != NULL)
                check_class_maps(_i);
        else
                test_skipped("class maps of an instruction set",
                             "not built, or not for this processor");
}
END_TEST

static void
refuse_class_map(effnet_session *session, int32_t class_index,
                 effnet_status expected, const char *text)
{
        effnet_tensor *map;

        ck_fails(effnet_session_class_map(session, class_index, &map),
                 expected);
        ck_message(text);
        ck_assert_ptr_null(map);
}

START_TEST(refuses_class_maps)
{
        test_map_case c = test_map_case_load(9);
        effnet_session *session = test_map_session(&c, NULL, NULL);
        int32_t classes = c.maps[0].classes;
        effnet_tensor *map;

        refuse_class_map(session, 0, EFFNET_ERROR_STATE, "no output");
        ck_ok(effnet_session_run(session, c.input));
        refuse_class_map(session, 0, EFFNET_ERROR_STATE,
                         "no final map (output 4): not among");
        ck_ok(effnet_session_request(session, final_map, 1));
        refuse_class_map(session, 0, EFFNET_ERROR_STATE, "no output");
        ck_ok(effnet_session_run(session, c.input));
        refuse_class_map(session, -1, EFFNET_ERROR_ARGUMENT, "class -1");
        refuse_class_map(session, classes, EFFNET_ERROR_ARGUMENT, "class 7");
        refuse_class_map(NULL, 0, EFFNET_ERROR_ARGUMENT, "session is NULL");
        ck_fails(effnet_session_class_map(session, 0, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("map is NULL");
        ck_ok(effnet_session_class_map(session, classes - 1, &map));
        effnet_tensor_free(map);
        for (long n = 0; n < 3; n++) {
                effnet_status status;

                test_memory_fail(n, 0);
                status = effnet_session_class_map(session, 0, &map);
                test_memory_reset();
                ck_fails(status, EFFNET_ERROR_MEMORY);
                ck_assert_ptr_null(map);
        }
        effnet_session_free(session);
        c.config->classes = 0;
        session = test_map_session(&c, NULL, NULL);
        ck_ok(effnet_session_request(session, final_map, 1));
        ck_ok(effnet_session_run(session, c.input));
        refuse_class_map(session, 0, EFFNET_ERROR_STATE, "no classifier");
        effnet_session_free(session);
        test_map_case_free(&c);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("kept");
        TCase *layers = tcase_create("layers");
        TCase *classes = tcase_create("class maps");
        int cases = test_map_cases();

        tcase_add_loop_test(layers, layers_are_those_of_the_summary, 0, cases);
        tcase_add_loop_test(layers, layers_equal_double, 0, 2 * cases);
        tcase_add_loop_test(layers, layers_equal_framework, 0, cases);
        tcase_add_test(layers, layers_go_with_requests);
        tcase_add_loop_test(layers, batches_and_threads_change_no_layer, 1, 4);
        tcase_add_test(layers, refuses_layers);
        suite_add_tcase(suite, layers);
        tcase_add_loop_test(classes, class_maps_equal_framework, 0, 2 * cases);
        tcase_add_loop_test(classes, class_maps_make_the_logits,
                            EFFNET_ISA_BEST, EFFNET_ISA_SSE2 + 1);
        tcase_add_test(classes, refuses_class_maps);
        suite_add_tcase(suite, classes);
        return test_main(suite);
}
