/* check_kernels_weigh.c: weighted sums of rows of bytes, of every level, against
 * Pillow's formula in 64 bits, between inaccessible pages.
 */
#include "kernel_levels.h"

#include <stdlib.h>

#define MOST_ROWS  70
#define MOST_BYTES 200

static uint32_t
random_bits(uint32_t *state)
{
        *state = *state * 1664525u + 1013904223u;
        return *state >> 8;
}

/* Positive and negative, of 2.0 in all at most, so that sums fit 32 bits. */
static void
make_weights(int32_t *weights, int32_t count, uint32_t *state)
{
        const int64_t one = 1 << EN_WEIGHT_BITS;
        int64_t total = 0;

        for (int32_t i = 0; i < count; i++) {
                weights[i] = (int32_t)(random_bits(state) % (2 * one) -
                                       (count > 1 ? one / 2 : 0));
                total += weights[i] < 0 ? -weights[i] : weights[i];
        }
        for (int32_t i = 0; i < count && total > 2 * one; i++)
                weights[i] = (int32_t)(weights[i] * 2 * one / total);
}

static void
split_weights(const int32_t *weights, int32_t count, int32_t *parts)
{
        for (int32_t i = 0; i < count; i += 2) {
                const uint32_t v = (uint32_t)weights[i];
                const uint32_t w = i + 1 < count ? (uint32_t)weights[i + 1] : 0;
                const uint32_t mask = (1 << EN_WEIGHT_LOW) - 1;

                parts[i] = (int32_t)((v & mask) | (w & mask) << 16);
                parts[i + 1] = (int32_t)((v >> EN_WEIGHT_LOW & 0xffff) |
                                         w >> EN_WEIGHT_LOW << 16);
        }
}

static int
expected_byte(const uint8_t *rows, ptrdiff_t stride, const int32_t *weights,
              int32_t count, size_t i)
{
        const int64_t one = INT64_C(1) << EN_WEIGHT_BITS;
        int64_t sum = one / 2, value;

        for (int32_t row = 0; row < count; row++)
                sum += (int64_t)rows[row * stride + (ptrdiff_t)i] *
                       weights[row];
        value = sum >= 0 ? sum / one : -1;
        return (int)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* Rows of few and many values, so that limits are met too. */
static void
fill_rows(uint8_t *rows, size_t size, uint32_t *state)
{
        const bool extreme = random_bits(state) % 2 == 0;

        for (size_t i = 0; i < size; i++) {
                const uint32_t bits = random_bits(state);

                rows[i] = (uint8_t)(extreme ? 255 * (bits % 2) : bits);
        }
}

static void
check_call(const en_kernels *k, int32_t count, size_t bytes, size_t gap,
           bool at_start, bool upwards, uint32_t *state)
{
        const size_t step = bytes + gap;
        const size_t size = step * (size_t)(count - 1) + bytes;
        const size_t pairs = ((size_t)count + 1) / 2 * 2 * sizeof(int32_t);
        uint8_t *rows = test_guarded(size, at_start);
        uint8_t *to = test_guarded(bytes, at_start);
        int32_t *parts = test_guarded(pairs, at_start);
        int32_t weights[MOST_ROWS];
        en_weighing call = {rows, (ptrdiff_t)step, count, parts, bytes, to};

        fill_rows(rows, size, state);
        make_weights(weights, count, state);
        split_weights(weights, count, parts);
        if (upwards) {
                call.rows = rows + step * (size_t)(count - 1);
                call.stride = -call.stride;
        }
        k->weigh(&call);
        for (size_t i = 0; i < bytes; i++) {
                const int expected = expected_byte(call.rows, call.stride,
                                                   weights, count, i);

                ck_assert_msg(to[i] == expected,
                              "%s: %d rows of %zu bytes, byte %zu: expected "
                              "%d, found %d",
                              k->name, (int)count, bytes, i, expected, to[i]);
        }
        test_guarded_free(rows, size, at_start);
        test_guarded_free(to, bytes, at_start);
        test_guarded_free(parts, pairs, at_start);
}

START_TEST(as_pillow)
{
        const en_kernels *k = level_kernels(_i);
        uint32_t state = 1;

        if (k == NULL)
                return;
        for (size_t bytes = 1; bytes <= MOST_BYTES; bytes++)
                for (int32_t count = 1; count <= 5; count += 2)
                        check_call(k, count, bytes, bytes % 3, bytes % 2,
                                   count % 3 == 0, &state);
        for (int32_t count = 7; count <= MOST_ROWS; count++)
                check_call(k, count, 96, 5, count % 4 < 2, false, &state);
}
END_TEST

/* So many rows that the sums of the lower parts alone leave 32 bits. */
START_TEST(partial_sums_wrap)
{
        const en_kernels *k = level_kernels(_i);
        const int32_t count = 9000, v = (1 << EN_WEIGHT_LOW) - 1, w = -v;
        const uint32_t low = (uint32_t)v, high = 0;
        const uint32_t low2 = (uint32_t)w & low;
        const uint32_t high2 = (uint32_t)(w >> EN_WEIGHT_LOW) & 0xffff;
        uint8_t *rows, to[64];
        int32_t *parts;

        if (k == NULL)
                return;
        rows = malloc((size_t)count * sizeof(to));
        parts = malloc((size_t)count * sizeof(*parts));
        ck_assert(rows != NULL && parts != NULL);
        memset(rows, 255, (size_t)count * sizeof(to));
        for (int32_t i = 0; i < count; i += 2) {
                parts[i] = (int32_t)(low | low2 << 16);
                parts[i + 1] = (int32_t)(high | high2 << 16);
        }
        /* All but the last pair cancel: v - v; there 1.0 is left. */
        parts[count - 2] = 0;
        parts[count - 1] = 1 << (EN_WEIGHT_BITS - EN_WEIGHT_LOW);
        k->weigh(
                &(en_weighing){rows, sizeof(to), count, parts, sizeof(to), to});
        for (size_t i = 0; i < sizeof(to); i++)
                ck_assert_int_eq(to[i], 255);
        free(rows);
        free(parts);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("kernels: weighted sums of rows");
        TCase *tests = tcase_create("levels");

        tcase_add_loop_test(tests, as_pillow, 0, LEVELS);
        tcase_add_loop_test(tests, partial_sums_wrap, 0, LEVELS);
        suite_add_tcase(suite, tests);
        return test_main(suite);
}
