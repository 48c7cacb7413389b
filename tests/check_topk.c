/* check_topk.c: softmax, sigmoid and the best classes. */
#include "effnet.h"
#include "run/topk.h"
#include "support.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANY 1000

/* Not well mixed, but many ties. */
static void
fill(float *values, int64_t n, uint32_t seed)
{
        for (int64_t i = 0; i < n; i++) {
                seed = seed * 1664525 + 1013904223;
                values[i] = (float)(seed >> 24) / 8 - 16;
                if (seed >> 16 & 1)
                        values[i] = values[i / 2];
        }
}

START_TEST(softmax_equals_double)
{
        float logits[MANY], probabilities[MANY];
        double sum = 0;

        fill(logits, MANY, 1);
        for (int i = 0; i < MANY; i++)
                sum += exp((double)logits[i]);
        en_softmax(logits, MANY, probabilities);
        for (int i = 0; i < MANY; i++) {
                double expected = exp((double)logits[i]) / sum;

                ck_assert(fabs(probabilities[i] - expected) <=
                          2 * FLT_EPSILON * expected);
        }
}
END_TEST

START_TEST(softmax_survives_the_range)
{
        float values[] = {3e38F, -3e38F, 3e38F, -INFINITY};
        float one = -12345;

        errno = 0;
        en_softmax(values, 4, values);
        ck_assert(values[0] == 0.5F && values[2] == 0.5F);
        ck_assert(values[1] == 0 && values[3] == 0);
        en_softmax(&one, 1, &one);
        ck_assert(one == 1.0F);
        ck_assert_int_eq(errno, 0);
}
END_TEST

START_TEST(softmax_of_nonfinite_is_nan)
{
        const float with_nan[] = {1, NAN, 2}, with_inf[] = {1, INFINITY};
        float p[3];

        en_softmax(with_nan, 3, p);
        ck_assert(isnan(p[0]) && isnan(p[1]) && isnan(p[2]));
        en_softmax(with_inf, 2, p);
        ck_assert(p[0] == 0 || isnan(p[0]));
        ck_assert(isnan(p[1]));
}
END_TEST

START_TEST(softmax_refuses)
{
        float values[2] = {0, 1};

        ck_fails(effnet_softmax(NULL, 2, values), EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_softmax(values, 2, NULL), EFFNET_ERROR_ARGUMENT);
        ck_message("probabilities");
        ck_fails(effnet_softmax(values, 0, values), EFFNET_ERROR_ARGUMENT);
        ck_message("n is 0");
        ck_ok(effnet_softmax(values, 2, values));
        ck_assert_float_eq_tol(values[0] + values[1], 1, 1e-6F);
}
END_TEST

/* What torch.sigmoid gives in float64, to a unit or so of the last place. */
START_TEST(sigmoid_equals_torch)
{
        FILE *table = fopen(test_data("sigmoid.txt"), "r");
        char line[200];
        int rows = 0;

        ck_assert_ptr_nonnull(table);
        while (fgets(line, sizeof(line), table) != NULL) {
                float x, single, found;
                double exact;

                if (line[0] == '#')
                        continue;
                ck_assert_int_eq(sscanf(line, "%g %lg %g", &x, &exact, &single),
                                 3);
                ck_ok(effnet_sigmoid(&x, 1, &found));
                if (exact < FLT_MIN)
                        ck_assert(found >= 0 && found <= FLT_MIN);
                else
                        ck_assert_double_le(fabs(found - exact),
                                            FLT_EPSILON * exact);
                ck_assert_double_le(fabs((double)found - (double)single), 1e-6);
                rows++;
        }
        fclose(table);
        ck_assert_int_gt(rows, 100);
}
END_TEST

/* Over a range, and from each value to the next float. */
START_TEST(sigmoid_rises)
{
        float last = 0;

        for (int i = 0; i < 140000; i++) {
                float x = (float)(i - 110000) / 1000;
                float two[2] = {x, nextafterf(x, INFINITY)};

                en_sigmoid(two, 2, two);
                ck_assert(two[0] >= last && two[1] >= two[0] && two[1] <= 1);
                last = two[1];
        }
        ck_assert(last == 1);
}
END_TEST

START_TEST(sigmoid_refuses_and_survives)
{
        float values[] = {NAN, 3e38F, -3e38F, INFINITY, -INFINITY};

        errno = 0;
        ck_ok(effnet_sigmoid(values, 5, values));
        ck_assert_int_eq(errno, 0);
        ck_assert(isnan(values[0]) && values[1] == 1 && values[2] == 0 &&
                  values[3] == 1 && values[4] == 0);
        ck_fails(effnet_sigmoid(NULL, 2, values), EFFNET_ERROR_ARGUMENT);
        ck_message("effnet_sigmoid");
        ck_fails(effnet_sigmoid(values, 2, NULL), EFFNET_ERROR_ARGUMENT);
        ck_message("probabilities");
        ck_fails(effnet_sigmoid(values, 0, values), EFFNET_ERROR_ARGUMENT);
        ck_message("n is 0");
}
END_TEST

static int
is_before(const float *values, int32_t a, int32_t b)
{
        if (isnan(values[a]) || isnan(values[b]))
                return isnan(values[a]) && isnan(values[b]) ? a < b
                                                            : isnan(values[b]);
        return values[a] > values[b] || (values[a] == values[b] && a < b);
}

/* Every class before every later one, and the last before all left out. */
static void
check_order(const float *values, int32_t n, const int32_t *classes,
            const float *scores, int32_t count)
{
        char taken[MANY] = {0};

        for (int32_t i = 0; i < count; i++) {
                ck_assert(classes[i] >= 0 && classes[i] < n);
                ck_assert(!taken[classes[i]]);
                taken[classes[i]] = 1;
                ck_assert(memcmp(&scores[i], &values[classes[i]],
                                 sizeof(float)) == 0);
                if (i > 0)
                        ck_assert(
                                is_before(values, classes[i - 1], classes[i]));
        }
        for (int32_t i = 0; i < n; i++)
                ck_assert(taken[i] || is_before(values, classes[count - 1], i));
}

START_TEST(top_k_orders)
{
        static const int32_t sizes[] = {1, 2, 3, 5, 8, 17, 100, MANY};
        float values[MANY], scores[MANY];
        int32_t classes[MANY];

        for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++)
                for (int32_t count = 1; count <= sizes[s];
                     count = count < 10 ? count + 1 : count * 3) {
                        fill(values, sizes[s], (uint32_t)count);
                        if (count % 2)
                                values[sizes[s] / 2] = NAN;
                        if (count % 3 == 0)
                                values[0] = NAN;
                        en_top_k(values, sizes[s], count, classes, scores);
                        check_order(values, sizes[s], classes, scores, count);
                }
}
END_TEST

START_TEST(top_k_ties_and_nan)
{
        const float values[] = {NAN, 1, 2, -INFINITY, 2, NAN, 0.0F, -0.0F};
        static const int32_t expected[] = {2, 4, 1, 6, 7, 3, 0, 5};
        int32_t count = 100, classes[100];
        float scores[100];

        ck_ok(effnet_top_k(values, 8, &count, classes, scores));
        ck_assert_int_eq(count, 8);
        for (int i = 0; i < 8; i++)
                ck_assert_int_eq(classes[i], expected[i]);
}
END_TEST

START_TEST(top_k_refuses)
{
        const float values[] = {1, 2};
        int32_t count = 1, classes[2];
        float scores[2];

        ck_fails(effnet_top_k(values, 2, NULL, classes, scores),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_top_k(NULL, 2, &count, classes, scores),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_int_eq(count, 0);
        ck_fails(effnet_top_k(values, 2, &count, classes, scores),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("count is 0");
        count = 1;
        ck_fails(effnet_top_k(values, 0, &count, classes, scores),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_int_eq(count, 0);
        count = 1;
        ck_fails(
                effnet_top_k(values, INT64_C(1) << 31, &count, classes, scores),
                EFFNET_ERROR_ARGUMENT);
        ck_assert_int_eq(count, 0);
        count = 1;
        ck_fails(effnet_top_k(values, 2, &count, NULL, scores),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("classes");
        ck_assert_int_eq(count, 0);
        count = 1;
        ck_fails(effnet_top_k(values, 2, &count, classes, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("scores");
        ck_assert_int_eq(count, 0);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("topk");
        TCase *softmax = tcase_create("softmax");
        TCase *sigmoid = tcase_create("sigmoid");
        TCase *top_k = tcase_create("top-k");

        tcase_add_test(softmax, softmax_equals_double);
        tcase_add_test(softmax, softmax_survives_the_range);
        tcase_add_test(softmax, softmax_of_nonfinite_is_nan);
        tcase_add_test(softmax, softmax_refuses);
        suite_add_tcase(suite, softmax);
        tcase_add_test(sigmoid, sigmoid_equals_torch);
        tcase_add_test(sigmoid, sigmoid_rises);
        tcase_add_test(sigmoid, sigmoid_refuses_and_survives);
        suite_add_tcase(suite, sigmoid);
        tcase_add_test(top_k, top_k_orders);
        tcase_add_test(top_k, top_k_ties_and_nan);
        tcase_add_test(top_k, top_k_refuses);
        suite_add_tcase(suite, top_k);
        return test_main(suite);
}
