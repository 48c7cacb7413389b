/* check_kernels_winograd.c: the full 3 x 3 convolution by Winograd's minimal
 * filtering of every level, against double-precision loops of the direct
 * definition and between guard pages.
 */
#include "kernel_convolution.h"

#include <stdlib.h>

#define TILE EN_WINOGRAD_TILE

struct problem {
        int32_t height, width, inputs, outputs;
        int32_t pad_top, pad_left, pad_bottom, pad_right;
        int32_t activation;
        bool residual, at_start;
        int32_t out_height, out_width, across, tiles;
        struct memory m;
};

static void
problem_make(struct problem *p, const en_kernels *k)
{
        struct extent extent = {.kernels = k,
                                .inputs = p->inputs,
                                .outputs = p->outputs,
                                .taps = 9,
                                .at_start = p->at_start};

        p->out_height = p->height + p->pad_top + p->pad_bottom - 2;
        p->out_width = p->width + p->pad_left + p->pad_right - 2;
        p->across = (p->out_width + TILE - 1) / TILE;
        p->tiles = p->across * ((p->out_height + TILE - 1) / TILE);
        extent.in_pixels = p->height * p->width;
        extent.out_pixels = p->out_height * p->out_width;
        extent.packed = k->winograd_size(p->inputs, p->outputs);
        p->m = memory_make(&extent, 5);
        k->pack_winograd(p->m.weights.f, p->inputs, p->outputs, p->m.packed.f);
}

/* Some tiles, with a scratch that has no float too many. */
static void
run_tiles(const struct problem *p, const en_kernels *k, int32_t begin,
          int32_t end, float *strip)
{
        guarded scratch = guarded_floats(
                (int64_t)k->winograd_scratch(p->inputs, end - begin), false);
        const en_winograd call = {
                .input = p->m.input.f,
                .input_stride = p->m.input_stride,
                .in_height = p->height,
                .in_width = p->width,
                .inputs = p->inputs,
                .weights = p->m.packed.f,
                .bias = p->m.bias.f,
                .outputs = p->outputs,
                .out_height = p->out_height,
                .out_width = p->out_width,
                .pad_top = p->pad_top,
                .pad_left = p->pad_left,
                .begin = begin,
                .end = end,
                .strip = strip != NULL,
                .output = strip != NULL ? strip : p->m.output.f,
                .output_stride = p->m.output_stride,
                .residual = p->residual ? p->m.residuals.f : NULL,
                .activation = p->activation,
                .scratch = scratch.f};

        k->winograd(&call);
        guarded_free(scratch);
}

static double
expected_sum(const struct problem *p, int32_t y, int32_t x, int32_t n)
{
        double sum = p->m.bias.f[n];

        for (int32_t i = 0; i < 9; i++) {
                const int32_t row = y - p->pad_top + i / 3;
                const int32_t column = x - p->pad_left + i % 3;
                const float *input = p->m.input.f + (row * p->width + column) *
                                                            p->m.input_stride;

                if (row < 0 || row >= p->height || column < 0 ||
                    column >= p->width)
                        continue;
                for (int32_t c = 0; c < p->inputs; c++) {
                        const int32_t filter = n * p->inputs + c;

                        sum += (double)input[c] *
                               p->m.weights.f[filter * 9 + i];
                }
        }
        return sum;
}

/* Errors of a tile's sums are of the size of the tile's largest, not of each
 * one's own.  Theory promises little here: the bound is 3 times what has been
 * seen.
 */
static void
check_output(const struct problem *p, const en_kernels *k, int64_t pixel,
             int32_t n, double largest)
{
        const ptrdiff_t place = pixel * p->m.output_stride + n;
        const float found = p->m.output.f[place];
        const int32_t y = (int32_t)(pixel / p->out_width);
        const int32_t x = (int32_t)(pixel % p->out_width);
        double expected = expected_activation(k, expected_sum(p, y, x, n),
                                              p->activation);

        if (p->residual)
                expected += p->m.residuals.f[place];
        ck_assert_msg(fabs(found - expected) <= 0x1p-21 * (largest + 1),
                      "%d x %d x %d -> %d, activation %d: (%d, %d), output %d: "
                      "expected %.9g, found %.9g",
                      p->height, p->width, p->inputs, p->outputs, p->activation,
                      y, x, n, expected, (double)found);
}

/* The largest sum that inputs of at most 1 can make. */
static double
largest_sum(const struct problem *p)
{
        double largest = 0;

        for (int32_t n = 0; n < p->outputs; n++) {
                const float *filter = p->m.weights.f + n * p->inputs * 9;
                double sum = fabs(p->m.bias.f[n]);

                for (int32_t i = 0; i < p->inputs * 9; i++)
                        sum += fabs(filter[i]);
                largest = fmax(largest, sum);
        }
        return largest;
}

static void
check_outputs(const struct problem *p, const en_kernels *k)
{
        const double largest = largest_sum(p);

        for (int64_t i = 0; i < (int64_t)p->m.output.count; i++)
                if (is_output(&p->m, i, p->outputs))
                        check_output(p, k, i / p->m.output_stride,
                                     (int32_t)(i % p->m.output_stride),
                                     largest);
}

/* Sides around whole tiles, and channels around the panels of 8 to 48. */
static const struct problem shapes[] = {
        {.height = 1, .width = 1, .inputs = 1, .outputs = 1},
        {.height = 3, .width = 2, .inputs = 3, .outputs = 5},
        {.height = 4, .width = 4, .inputs = 8, .outputs = 8},
        {.height = 5, .width = 4, .inputs = 9, .outputs = 16},
        {.height = 4, .width = 7, .inputs = 24, .outputs = 24},
        {.height = 8, .width = 9, .inputs = 17, .outputs = 33},
        {.height = 11, .width = 6, .inputs = 48, .outputs = 41},
        {.height = 6, .width = 41, .inputs = 20, .outputs = 56},
        {.height = 37, .width = 5, .inputs = 7, .outputs = 49},
        {.height = 12, .width = 13, .inputs = 300, .outputs = 17},
};

#define SHAPES ((int)(sizeof(shapes) / sizeof(shapes[0])))

/* Symmetric, TensorFlow's of other strides, none, and more than enough. */
static const int32_t paddings[][4] = {
        {1, 1, 1, 1}, {0, 0, 1, 1}, {0, 0, 0, 0}, {2, 5, 1, 0}, {7, 2, 3, 9}};

#define PADDINGS ((int)(sizeof(paddings) / sizeof(paddings[0])))

static struct problem
problem_of(int i)
{
        const int32_t *padding = paddings[i / SHAPES % PADDINGS];
        struct problem p = shapes[i % SHAPES];

        p.pad_top = padding[0];
        p.pad_left = padding[1];
        p.pad_bottom = padding[2];
        p.pad_right = padding[3];
        p.activation = activations[i % ACTIVATIONS];
        p.residual = i / 2 % 2;
        p.at_start = i % 2;
        return p;
}

static bool
is_empty(const struct problem *p)
{
        return p->height + p->pad_top + p->pad_bottom < 3 ||
               p->width + p->pad_left + p->pad_right < 3;
}

START_TEST(outputs_equal_double_sums)
{
        const en_kernels *k = level_kernels(_i);

        for (int i = 0; k != NULL && i < SHAPES * PADDINGS; i++) {
                struct problem p = problem_of(i);

                if (is_empty(&p))
                        continue;
                problem_make(&p, k);
                run_tiles(&p, k, 0, p.tiles, NULL);
                check_outputs(&p, k);
                memory_free(&p.m);
        }
}
END_TEST

START_TEST(no_split_of_the_tiles_changes_a_bit)
{
        const en_kernels *k = level_kernels(_i);

        for (int i = 0; k != NULL && i < SHAPES * PADDINGS; i++) {
                struct problem whole = problem_of(i), split = whole;

                if (is_empty(&whole))
                        continue;
                problem_make(&whole, k);
                problem_make(&split, k);
                run_tiles(&whole, k, 0, whole.tiles, NULL);
                for (int32_t end = split.tiles, n = 1; end > 0; n++) {
                        const int32_t begin = end > n ? end - n : 0;

                        run_tiles(&split, k, begin, end, NULL);
                        end = begin;
                }
                expect_same_output(&split.m, &whole.m);
                memory_free(&whole.m);
                memory_free(&split.m);
        }
}
END_TEST

/* Pixel (y, x) of the output in a strip of all tiles. */
static const float *
strip_pixel(const struct problem *p, const float *strip, int32_t y, int32_t x)
{
        const int32_t tile = y / TILE * p->across + x / TILE;
        const ptrdiff_t row = y % TILE * (ptrdiff_t)p->tiles * TILE;

        return strip + (row + tile * TILE + x % TILE) * p->m.output_stride;
}

START_TEST(a_strip_has_the_same_bits)
{
        const en_kernels *k = level_kernels(_i);

        for (int i = 0; k != NULL && i < SHAPES * PADDINGS; i++) {
                struct problem p = problem_of(i);
                guarded strip;

                if (is_empty(&p))
                        continue;
                p.residual = false;
                problem_make(&p, k);
                strip = canaries(p.tiles * TILE * TILE * p.m.output_stride,
                                 p.at_start);
                run_tiles(&p, k, 0, p.tiles, NULL);
                run_tiles(&p, k, 0, p.tiles, strip.f);
                for (int32_t y = 0; y < p.out_height; y++)
                        for (int32_t x = 0; x < p.out_width; x++)
                                ck_assert(
                                        memcmp(strip_pixel(&p, strip.f, y, x),
                                               p.m.output.f +
                                                       (y * p.out_width +
                                                        x) * p.m.output_stride,
                                               (size_t)p.outputs *
                                                       sizeof(float)) == 0);
                guarded_free(strip);
                memory_free(&p.m);
        }
}
END_TEST

/* Where nothing comes in, only the bias goes out, without rounding. */
START_TEST(zeros_give_the_bias)
{
        const en_kernels *k = level_kernels(_i);
        struct problem p = {.height = 9, .width = 6, .inputs = 5, .outputs = 9};

        if (k == NULL)
                return;
        p.pad_top = p.pad_left = p.pad_bottom = p.pad_right = 1;
        p.activation = EN_ACTIVATION_NONE;
        problem_make(&p, k);
        memset(p.m.input.f, 0, p.m.input.count * sizeof(float));
        run_tiles(&p, k, 0, p.tiles, NULL);
        for (int64_t i = 0; i < (int64_t)p.m.output.count; i++)
                if (i % p.m.output_stride < p.outputs)
                        ck_assert(p.m.output.f[i] ==
                                  p.m.bias.f[i % p.m.output_stride]);
        memory_free(&p.m);
}
END_TEST

static int32_t
tile_of(const struct problem *p, int32_t y, int32_t x)
{
        return y / TILE * p->across + x / TILE;
}

/* Whether a pixel of the output's tile sees the input pixel. */
static bool
tile_sees(const struct problem *p, int32_t y, int32_t x, int32_t in_y,
          int32_t in_x)
{
        for (int32_t i = 0; i < 9; i++) {
                const int32_t row = in_y + p->pad_top - i / 3;
                const int32_t column = in_x + p->pad_left - i % 3;

                if (row >= 0 && row < p->out_height && column >= 0 &&
                    column < p->out_width &&
                    tile_of(p, row, column) == tile_of(p, y, x))
                        return true;
        }
        return false;
}

/* NaN and infinity make NaN of all outputs that see them, and of none in a
 * tile without such an output.
 */
static void
check_spread(const struct problem *p, const en_kernels *k, int32_t in_y,
             int32_t in_x, float value)
{
        float *at = p->m.input.f +
                    (in_y * p->width + in_x) * p->m.input_stride + 2;
        const float before = *at;

        *at = value;
        run_tiles(p, k, 0, p->tiles, NULL);
        for (int32_t y = 0; y < p->out_height; y++)
                for (int32_t x = 0; x < p->out_width; x++) {
                        const float found =
                                p->m.output.f[(y * p->out_width + x) *
                                              p->m.output_stride];
                        const int32_t down = in_y + p->pad_top - y;
                        const int32_t right = in_x + p->pad_left - x;

                        if (down >= 0 && down < 3 && right >= 0 && right < 3)
                                ck_assert(!isfinite(found));
                        else if (!tile_sees(p, y, x, in_y, in_x))
                                ck_assert(isfinite(found));
                }
        *at = before;
}

START_TEST(not_finite_stays_so)
{
        const en_kernels *k = level_kernels(_i);
        struct problem p = {.height = 9, .width = 6, .inputs = 5, .outputs = 9};

        if (k == NULL)
                return;
        p.pad_top = p.pad_left = p.pad_bottom = p.pad_right = 1;
        p.activation = EN_ACTIVATION_NONE;
        problem_make(&p, k);
        for (int32_t y = 0; y < p.height; y++)
                for (int32_t x = 0; x < p.width; x++) {
                        check_spread(&p, k, y, x, NAN);
                        check_spread(&p, k, y, x, INFINITY);
                        check_spread(&p, k, y, x, -INFINITY);
                }
        memory_free(&p.m);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("kernels: Winograd convolution");
        TCase *tests = tcase_create("levels");

        tcase_add_loop_test(tests, outputs_equal_double_sums, 0, LEVELS);
        tcase_add_loop_test(tests, no_split_of_the_tiles_changes_a_bit, 0,
                            LEVELS);
        tcase_add_loop_test(tests, a_strip_has_the_same_bits, 0, LEVELS);
        tcase_add_loop_test(tests, zeros_give_the_bias, 0, LEVELS);
        tcase_add_loop_test(tests, not_finite_stays_so, 0, LEVELS);
        suite_add_tcase(suite, tests);
        return test_main(suite);
}
