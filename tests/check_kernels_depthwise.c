/* check_kernels_depthwise.c: the depthwise convolution, sums over pixels and
 * their scaling, of every level, against double-precision loops and between
 * guard pages.
 */
#include "kernel_levels.h"

#include <stdlib.h>

struct problem {
        int32_t height, width, channels;
        int32_t kernel, step;
        int32_t pad_top, pad_left, pad_bottom, pad_right;
        int32_t activation;
        bool sums, streamed, at_start;
        int32_t align, rounded, out_height, out_width;
        ptrdiff_t stride;
        guarded input, weights, bias, output, row_sums;
};

#define GAP EN_CHANNEL_ALIGN

/* Of tap `i` of channel `c` among the weights. */
static int64_t
tap_place(const struct problem *p, int32_t i, int32_t c)
{
        const int32_t block = c / p->align;

        return (int64_t)(block * p->kernel * p->kernel + i) * p->align +
               c % p->align;
}

/* The gap after the channels of each pixel must stay as it is. */
static void
problem_make(struct problem *p, const en_kernels *k)
{
        const int32_t rounded = rounded_for(k, p->channels);
        uint32_t state = 11;

        p->align = k->align;
        p->rounded = rounded;
        p->stride = rounded + GAP;
        p->out_height = (p->height + p->pad_top + p->pad_bottom - p->kernel) /
                                p->step +
                        1;
        p->out_width = (p->width + p->pad_left + p->pad_right - p->kernel) /
                               p->step +
                       1;
        p->input = random_floats((p->height * p->width - 1) * p->stride +
                                         rounded,
                                 p->at_start, &state);
        p->weights = random_floats(tap_place(p, 0, rounded), p->at_start,
                                   &state);
        p->bias = random_floats(rounded, p->at_start, &state);
        p->output = canaries((p->out_height * p->out_width - 1) * p->stride +
                                     rounded,
                             p->at_start);
        p->row_sums = canaries((int64_t)p->out_height * rounded, p->at_start);
}

static void
problem_free(struct problem *p)
{
        guarded_free(p->input);
        guarded_free(p->weights);
        guarded_free(p->bias);
        guarded_free(p->output);
        guarded_free(p->row_sums);
}

static en_depthwise
problem_call(const struct problem *p, int32_t row_begin, int32_t row_end)
{
        const en_depthwise call = {.input = p->input.f,
                                   .in_height = p->height,
                                   .in_width = p->width,
                                   .channels = p->channels,
                                   .input_stride = p->stride,
                                   .ring = p->height,
                                   .weights = p->weights.f,
                                   .bias = p->bias.f,
                                   .vector_stride = p->rounded,
                                   .output_stride = p->stride,
                                   .output = p->output.f,
                                   .streamed = p->streamed,
                                   .out_height = p->out_height,
                                   .out_width = p->out_width,
                                   .kernel = p->kernel,
                                   .step = p->step,
                                   .pad_top = p->pad_top,
                                   .pad_left = p->pad_left,
                                   .row_begin = row_begin,
                                   .row_end = row_end,
                                   .activation = p->activation,
                                   .row_sums = p->sums ? p->row_sums.f : NULL};

        return call;
}

static void
problem_run(const struct problem *p, const en_kernels *k, int32_t row_begin,
            int32_t row_end)
{
        const en_depthwise call = problem_call(p, row_begin, row_end);

        k->depthwise(&call);
}

struct sum {
        double value, size;
};

static struct sum
expected_sum(const struct problem *p, int32_t y, int32_t x, int32_t c)
{
        struct sum sum = {p->bias.f[c], fabs(p->bias.f[c])};

        for (int32_t i = 0; i < p->kernel * p->kernel; i++) {
                const int32_t row = y * p->step - p->pad_top + i / p->kernel;
                const int32_t column = x * p->step - p->pad_left +
                                       i % p->kernel;
                double term;

                if (row < 0 || row >= p->height || column < 0 ||
                    column >= p->width)
                        continue;
                term = (double)p->input
                               .f[(row * p->width + column) * p->stride + c] *
                       p->weights.f[tap_place(p, i, c)];
                sum.value += term;
                sum.size += fabs(term);
        }
        return sum;
}

/* Row sums are checked as sums, in float and in the order of the columns, of
 * what the kernel wrote.
 */
static void
check_row(const struct problem *p, const en_kernels *k, int32_t y, int32_t c)
{
        float row_sum = 0;

        for (int32_t x = 0; x < p->out_width; x++) {
                const struct sum sum = expected_sum(p, y, x, c);
                const double expected = expected_activation(k, sum.value,
                                                            p->activation);
                const float found =
                        p->output.f[(y * p->out_width + x) * p->stride + c];

                row_sum += found;
                ck_assert_msg(
                        fabs(found - expected) <=
                                sum_tolerance(expected, sum.size,
                                              p->kernel * p->kernel + 1),
                        "%d x %d x %d, kernel %d, step %d, padding %d and %d, "
                        "activation %d: row %d, column %d, channel %d: "
                        "expected %.9g, found %.9g",
                        p->height, p->width, p->channels, p->kernel, p->step,
                        p->pad_top, p->pad_left, p->activation, y, x, c,
                        expected, (double)found);
        }
        if (p->sums)
                ck_assert(p->row_sums.f[y * p->rounded + c] == row_sum);
        else
                ck_assert(p->row_sums.f[y * p->rounded + c] == CANARY);
}

static void
check_rows(const struct problem *p, const en_kernels *k, int32_t begin,
           int32_t end)
{
        for (int32_t y = begin; y < end; y++)
                for (int32_t c = 0; c < p->rounded; c++)
                        check_row(p, k, y, c);
}

/* Nothing but the rows [begin, end) was written. */
static void
check_canaries(const struct problem *p, int32_t begin, int32_t end)
{
        for (int64_t i = 0; i < (int64_t)p->output.count; i++) {
                const int64_t row = i / p->stride / p->out_width;

                if (row < begin || row >= end || i % p->stride >= p->rounded)
                        ck_assert(p->output.f[i] == CANARY);
        }
        for (int64_t i = 0; i < (int64_t)p->row_sums.count; i++) {
                const int64_t row = i / p->rounded;

                if (row < begin || row >= end)
                        ck_assert(p->row_sums.f[i] == CANARY);
        }
}

static void
check_problem(const en_kernels *k, struct problem p)
{
        problem_make(&p, k);
        problem_run(&p, k, 0, p.out_height);
        check_rows(&p, k, 0, p.out_height);
        check_canaries(&p, 0, p.out_height);
        problem_free(&p);
}

#define COUNT(array) ((int)(sizeof(array) / sizeof(array[0])))

/* Around the tile of 8 columns and the chunk of 96 channels. */
static const int32_t widths[] = {1, 2, 3, 5, 7, 8, 9, 14, 15, 16, 17, 33};
static const int32_t channel_counts[] = {1, 8, 13, 24, 96, 104, 200};

/* The paddings of PyTorch, of TensorFlow's SAME on an even side, none, and
 * more than half a kernel.
 */
static void
check_paddings(const en_kernels *k, struct problem p)
{
        const int32_t half = p.kernel / 2;

        for (int i = 0; i < 4; i++) {
                const int32_t before = i == 0   ? half
                                       : i == 1 ? (p.kernel - p.step) / 2
                                       : i == 2 ? 0
                                                : p.kernel - 1;
                const int32_t after = i == 1 ? p.kernel - p.step - before
                                             : before;

                p.pad_top = p.pad_left = before > 0 ? before : 0;
                p.pad_bottom = p.pad_right = after > 0 ? after : 0;
                if (p.width + p.pad_left + p.pad_right < p.kernel ||
                    p.height + p.pad_top + p.pad_bottom < p.kernel)
                        continue;
                check_problem(k, p);
        }
}

START_TEST(outputs_equal_double_sums)
{
        const en_kernels *k = level_kernels(_i);
        int turn = 0;

        for (int i = 0; k != NULL && i < COUNT(widths) * 4; i++) {
                for (int32_t step = 1; step <= 3; step++) {
                        struct problem p = {
                                .height = 1 + turn % 7,
                                .width = widths[i / 4],
                                .channels =
                                        channel_counts[turn %
                                                       COUNT(channel_counts)],
                                .kernel = 2 * (i % 4) + 1,
                                .step = step,
                                .activation = activations[turn % ACTIVATIONS],
                                .sums = turn / 2 % 2,
                                .streamed = turn / 4 % 2,
                                .at_start = turn % 2};

                        check_paddings(k, p);
                        turn++;
                }
        }
}
END_TEST

/* Every activation with and without sums, past the caches and not. */
START_TEST(activations_and_sums)
{
        const en_kernels *k = level_kernels(_i);

        for (int i = 0; k != NULL && i < ACTIVATIONS * 4; i++)
                check_problem(k,
                              (struct problem){.height = 12,
                                               .width = 24,
                                               .channels = 20,
                                               .kernel = 3,
                                               .step = 1,
                                               .pad_top = 1,
                                               .pad_left = 1,
                                               .pad_bottom = 1,
                                               .pad_right = 1,
                                               .activation = activations[i / 4],
                                               .sums = i % 2,
                                               .streamed = i / 2 % 2});
}
END_TEST

static void
expect_same_bits(const struct problem *found, const struct problem *expected)
{
        ck_assert(memcmp(found->output.f, expected->output.f,
                         expected->output.count * sizeof(float)) == 0);
        ck_assert(memcmp(found->row_sums.f, expected->row_sums.f,
                         expected->row_sums.count * sizeof(float)) == 0);
}

START_TEST(no_split_of_the_rows_changes_a_bit)
{
        const en_kernels *k = level_kernels(_i / 2);
        const int32_t half = 1 + _i % 2;
        struct problem whole = {.height = 11,
                                .width = 24,
                                .channels = 104,
                                .kernel = 2 * half + 1,
                                .step = 1,
                                .pad_top = half,
                                .pad_left = half,
                                .pad_bottom = half,
                                .pad_right = half,
                                .sums = true};

        if (k == NULL)
                return;
        whole.activation = EFFNET_ACTIVATION_SILU;
        problem_make(&whole, k);
        problem_run(&whole, k, 0, 11);
        for (int32_t cut = 1; cut < 11; cut++) {
                struct problem split = whole;

                problem_make(&split, k);
                problem_run(&split, k, 0, cut);
                check_canaries(&split, 0, cut);
                problem_run(&split, k, cut, 11);
                expect_same_bits(&split, &whole);
                problem_free(&split);
        }
        problem_free(&whole);
}
END_TEST

START_TEST(streamed_outputs_have_the_same_bits)
{
        const en_kernels *k = level_kernels(_i);

        for (int i = 0; k != NULL && i < ACTIVATIONS * 4; i++) {
                const int32_t half = 1 + i / 2 % 2;
                struct problem plain = {.height = 12,
                                        .width = 24,
                                        .channels = 112,
                                        .kernel = 2 * half + 1,
                                        .step = 1,
                                        .pad_top = half,
                                        .pad_left = half,
                                        .pad_bottom = half,
                                        .pad_right = half,
                                        .activation = activations[i / 4],
                                        .sums = i % 2};
                struct problem streamed;

                problem_make(&plain, k);
                streamed = plain;
                problem_make(&streamed, k);
                streamed.streamed = true;
                problem_run(&plain, k, 0, 12);
                problem_run(&streamed, k, 0, 12);
                expect_same_bits(&streamed, &plain);
                problem_free(&plain);
                problem_free(&streamed);
        }
}
END_TEST

/* A group of channels, and a ring of rows for it that is only as high as
 * `rows` rows of outputs need: rows are copied in just before they are needed,
 * and what lies there before is NaN.
 */
static void
walk_ring(const struct problem *p, const en_kernels *k, int32_t c,
          int32_t channels, int32_t rows)
{
        const ptrdiff_t row = (ptrdiff_t)p->width * channels;
        const int32_t high = p->kernel + (rows - 1) * p->step;
        guarded ring = guarded_floats(high * row, p->at_start);
        int32_t next = 0;

        for (int64_t i = 0; i < (int64_t)ring.count; i++)
                ring.f[i] = NAN;
        for (int32_t y = 0; y < p->out_height; y += rows) {
                const int32_t last = y + rows < p->out_height ? y + rows
                                                              : p->out_height;
                const int32_t end = (last - 1) * p->step - p->pad_top +
                                    p->kernel;
                en_depthwise call = problem_call(p, y, last);

                for (; next < end && next < p->height; next++)
                        for (ptrdiff_t i = 0; i < row; i++)
                                ring.f[next % high * row + i] =
                                        p->input.f[(next * p->width +
                                                    i / channels) *
                                                           p->stride +
                                                   c + i % channels];
                call.input = ring.f;
                call.input_stride = channels;
                call.ring = high;
                call.channels = channels;
                call.weights += tap_place(p, 0, c);
                call.bias += c;
                call.output += c;
                call.row_sums += c;
                k->depthwise(&call);
        }
        guarded_free(ring);
}

static void
check_ring(const en_kernels *k, struct problem whole)
{
        struct problem groups = whole;

        problem_make(&whole, k);
        problem_make(&groups, k);
        problem_run(&whole, k, 0, whole.out_height);
        walk_ring(&groups, k, 0, 32, 1);
        walk_ring(&groups, k, 32, 128 - 32 - 2 * k->align, 2);
        walk_ring(&groups, k, 128 - 2 * k->align, 2 * k->align, 3);
        expect_same_bits(&groups, &whole);
        problem_free(&whole);
        problem_free(&groups);
}

START_TEST(groups_in_rings_equal_the_whole)
{
        const en_kernels *k = level_kernels(_i);

        for (int i = 0; k != NULL && i < 3 * 3 * 3; i++) {
                const int32_t kernel = 3 + 2 * (i % 3);
                const int32_t padding = i / 9 * kernel / 2;

                check_ring(k,
                           (struct problem){
                                   .height = 11,
                                   .width = i / 3 % 3 == 0 ? 24 : 48,
                                   .channels = 128,
                                   .kernel = kernel,
                                   .step = 1 + i / 3 % 3,
                                   .pad_top = padding,
                                   .pad_left = padding,
                                   .pad_bottom = padding,
                                   .pad_right = padding,
                                   .activation = activations[i % ACTIVATIONS],
                                   .sums = true,
                                   .at_start = i % 2});
        }
}
END_TEST

/* In pixel order: equal in every bit to a loop of float additions. */
START_TEST(sums_over_pixels)
{
        static const int32_t pixel_counts[] = {0, 1, 2, 7, 49};
        static const int32_t channels[] = {1, 8, 20, 32, 40, 72, 320};
        const en_kernels *k = level_kernels(_i);
        uint32_t state = 2;

        for (int i = 0; k != NULL && i < 5 * 7 * 2; i++) {
                const int32_t pixels = pixel_counts[i % 5];
                const int32_t rounded = rounded_for(k, channels[i / 5 % 7]);
                const ptrdiff_t stride = rounded + GAP;
                guarded input = random_floats(
                        pixels > 0 ? (pixels - 1) * stride + rounded : 0,
                        i / 35, &state);
                guarded sums = canaries(rounded, i / 35);

                k->sum_pixels(input.f, stride, pixels, channels[i / 5 % 7],
                              sums.f);
                for (int32_t c = 0; c < rounded; c++) {
                        float sum = 0;

                        for (int32_t p = 0; p < pixels; p++)
                                sum += input.f[p * stride + c];
                        ck_assert(sums.f[c] == sum);
                }
                guarded_free(input);
                guarded_free(sums);
        }
}
END_TEST

START_TEST(scaled_pixels)
{
        static const int32_t channels[] = {1, 8, 20, 72};
        const en_kernels *k = level_kernels(_i);
        uint32_t state = 2;

        for (int i = 0; k != NULL && i < 4 * 2; i++) {
                const int32_t rounded = rounded_for(k, channels[i / 2]);
                const ptrdiff_t stride = rounded + GAP;
                const int64_t count = 4 * stride + rounded;
                guarded scale = random_floats(rounded, i % 2, &state);
                guarded values = random_floats(count, i % 2, &state);
                guarded before = canaries(count, false);

                memcpy(before.f, values.f, before.count * sizeof(float));
                k->scale_pixels(values.f, stride, 5, channels[i / 2], scale.f);
                for (int64_t j = 0; j < count; j++) {
                        const int64_t c = j % stride;
                        const float factor = c < rounded ? scale.f[c] : 1;

                        ck_assert(values.f[j] == before.f[j] * factor);
                }
                guarded_free(scale);
                guarded_free(values);
                guarded_free(before);
        }
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("kernels: depthwise");
        TCase *tests = tcase_create("levels");

        tcase_add_loop_test(tests, outputs_equal_double_sums, 0, LEVELS);
        tcase_add_loop_test(tests, activations_and_sums, 0, LEVELS);
        tcase_add_loop_test(tests, streamed_outputs_have_the_same_bits, 0,
                            LEVELS);
        tcase_add_loop_test(tests, no_split_of_the_rows_changes_a_bit, 0,
                            2 * LEVELS);
        tcase_add_loop_test(tests, groups_in_rings_equal_the_whole, 0, LEVELS);
        tcase_add_loop_test(tests, sums_over_pixels, 0, LEVELS);
        tcase_add_loop_test(tests, scaled_pixels, 0, LEVELS);
        suite_add_tcase(suite, tests);
        return test_main(suite);
}
