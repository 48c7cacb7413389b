/* check_kernels_limits.c: SiLU of arguments whose exponential is no float, in
 * each kernel that may end in it, beside arguments of usual size: against
 * double precision, and that calls for a part of the outputs, after something
 * else overflowed, give the same bits.
 */
#include "kernel_levels.h"

#include <float.h>

#define HEIGHT   6
#define WIDTH    9
#define PIXELS   (HEIGHT * WIDTH)
#define CHANNELS 48

/* What a call may end with: a multiple of twice any level's `align`. */
#define CHANNELS_FIRST 32

/* Sizes that a kernel's argument may have; the usual ones come more often, so
 * that they meet the others in all ways.
 */
static const float sizes[] = {0.5f, 1,   3, 40,     0.25f, 64,    2, 86,
                              0.1f, 88,  5, 125,    1,     126,   1, 127,
                              7,    128, 1, 200.5f, 1.5f,  2e38f, 3, 1000};

#define SIZES ((int)(sizeof(sizes) / sizeof(sizes[0])))

struct map {
        guarded input, output, weights, bias, sums;
};

/* Of sizes up to `largest`. */
static struct map
map_make(float largest, size_t weights)
{
        struct map m = {.input = guarded_floats(PIXELS * CHANNELS, false),
                        .output = canaries(PIXELS * CHANNELS, false),
                        .weights = guarded_floats((int64_t)weights, false),
                        .bias = guarded_floats(CHANNELS, false),
                        .sums = guarded_floats(HEIGHT * CHANNELS, false)};
        uint32_t state = 3;

        for (int i = 0; i < PIXELS * CHANNELS; i++) {
                const int any = (int)(fabsf(random_float(&state)) * SIZES);
                const float size = sizes[any % SIZES];

                m.input.f[i] = size > largest             ? 0
                               : random_float(&state) < 0 ? -size
                                                          : size;
        }
        memset(m.bias.f, 0, CHANNELS * sizeof(*m.bias.f));
        memset(m.weights.f, 0, weights * sizeof(*m.weights.f));
        return m;
}

static void
map_free(const struct map *m)
{
        guarded_free(m->input);
        guarded_free(m->output);
        guarded_free(m->weights);
        guarded_free(m->bias);
        guarded_free(m->sums);
}

/* Outputs are SiLU of the inputs, to which `more` is added. */
static void
check_map(const en_kernels *k, const struct map *m, double error, double more)
{
        for (int i = 0; i < PIXELS * CHANNELS; i++) {
                const double expected = more + expected_silu(k, m->input.f[i]);
                const double within = error + 8e-7 * fabs(expected);

                ck_assert_msg(fabs(m->output.f[i] - expected) <= within,
                              "%d: of %g expected %.9g, found %.9g", i,
                              (double)m->input.f[i], expected,
                              (double)m->output.f[i]);
        }
}

/* A kernel that asks for the flag must not be misled. */
static void
overflow(void)
{
        volatile float largest = FLT_MAX;

        largest *= 2;
        ck_assert(isinf(largest));
}

/* Channels by the identity: each sum is an input. */
static en_pointwise
pointwise_call(const en_kernels *k, struct map *m)
{
        static float identity[CHANNELS * CHANNELS];

        for (int i = 0; i < CHANNELS; i++)
                identity[i * CHANNELS + i] = 1;
        *m = map_make(INFINITY, k->packed_size(CHANNELS, CHANNELS));
        k->pack_pointwise(identity, CHANNELS, CHANNELS, m->weights.f);
        return (en_pointwise){.input = m->input.f,
                              .input_stride = CHANNELS,
                              .pixels = PIXELS,
                              .inputs = CHANNELS,
                              .weights = m->weights.f,
                              .bias = m->bias.f,
                              .outputs = CHANNELS,
                              .output = m->output.f,
                              .output_stride = CHANNELS,
                              .activation = EFFNET_ACTIVATION_SILU};
}

START_TEST(products)
{
        const en_kernels *k = level_kernels(_i);
        struct map m;
        en_pointwise call;
        float whole[PIXELS * CHANNELS];

        if (k == NULL)
                return;
        call = pointwise_call(k, &m);
        k->pointwise(&call);
        check_map(k, &m, 1e-17, 0);
        memcpy(whole, m.output.f, sizeof(whole));
        call.pixels = 1;
        for (int i = 0; i < PIXELS; i++) {
                overflow();
                k->pointwise(&call);
                call.input += CHANNELS;
                call.output += CHANNELS;
        }
        ck_assert_mem_eq(m.output.f, whole, sizeof(whole));
        map_free(&m);
}
END_TEST

/* The outputs take their place. */
START_TEST(products_with_residuals)
{
        const en_kernels *k = level_kernels(_i);
        struct map m;
        en_pointwise call;

        if (k == NULL)
                return;
        call = pointwise_call(k, &m);
        for (int i = 0; i < PIXELS * CHANNELS; i++)
                m.output.f[i] = 1;
        call.residual = m.output.f;
        call.residual_stride = CHANNELS;
        k->pointwise(&call);
        check_map(k, &m, 1e-7, 1);
        map_free(&m);
}
END_TEST

/* Infinities, and arguments beside them; of three vectors of 16 channels the
 * last has no neighbour.
 */
static float
infinite_bias(int channel)
{
        return channel == 2 || channel == 34    ? INFINITY
               : channel == 21 || channel == 45 ? -INFINITY
                                                : 1;
}

static void
check_infinite(const en_kernels *k, float x, float found)
{
        if (!isinf(x))
                ck_assert(fabs(found - expected_silu(k, x)) < 1e-6);
        else if (x / k->silu_scale > 0)
                ck_assert(found == INFINITY);
        else
                ck_assert(isnan(found) || fabsf(found) < 1e-35f);
}

START_TEST(infinite_sums)
{
        const en_kernels *k = level_kernels(_i);
        static const float zeros[CHANNELS];
        struct map m;
        en_pointwise call;

        if (k == NULL)
                return;
        call = pointwise_call(k, &m);
        call.inputs = 1;
        k->pack_pointwise(zeros, 1, CHANNELS, m.weights.f);
        for (int i = 0; i < CHANNELS; i++)
                m.bias.f[i] = infinite_bias(i);
        for (int i = 0; i < PIXELS; i++)
                m.input.f[i * CHANNELS] = 0;
        k->pointwise(&call);
        for (int i = 0; i < PIXELS * CHANNELS; i++)
                check_infinite(k, m.bias.f[i % CHANNELS], m.output.f[i]);
        map_free(&m);
}
END_TEST

/* The middle tap is 1, the others 0. */
static en_depthwise
depthwise_call(const en_kernels *k, struct map *m)
{
        const int32_t align = k->align;

        *m = map_make(1000, (size_t)9 * CHANNELS);
        for (int i = 0; i < CHANNELS; i++)
                m->weights.f[i / align * align * 9 + 4 * align + i % align] = 1;
        return (en_depthwise){.input = m->input.f,
                              .input_stride = CHANNELS,
                              .ring = HEIGHT,
                              .in_height = HEIGHT,
                              .in_width = WIDTH,
                              .channels = CHANNELS,
                              .weights = m->weights.f,
                              .bias = m->bias.f,
                              .vector_stride = CHANNELS,
                              .output = m->output.f,
                              .output_stride = CHANNELS,
                              .out_height = HEIGHT,
                              .out_width = WIDTH,
                              .kernel = 3,
                              .step = 1,
                              .pad_top = 1,
                              .pad_left = 1,
                              .row_end = HEIGHT,
                              .activation = EFFNET_ACTIVATION_SILU,
                              .row_sums = m->sums.f};
}

static void
check_row_sums(const struct map *m)
{
        for (int i = 0; i < HEIGHT * CHANNELS; i++) {
                const float *row = m->output.f +
                                   i / CHANNELS * WIDTH * CHANNELS;
                double sum = 0, size = 0;

                for (int x = 0; x < WIDTH; x++) {
                        sum += row[x * CHANNELS + i % CHANNELS];
                        size += fabsf(row[x * CHANNELS + i % CHANNELS]);
                }
                ck_assert(fabs(m->sums.f[i] - sum) <= 1e-6 * size);
        }
}

START_TEST(depthwise_sums)
{
        const en_kernels *k = level_kernels(_i);
        struct map m;
        en_depthwise call;
        float whole[PIXELS * CHANNELS];

        if (k == NULL)
                return;
        call = depthwise_call(k, &m);
        k->depthwise(&call);
        check_map(k, &m, 1e-17, 0);
        check_row_sums(&m);
        memcpy(whole, m.output.f, sizeof(whole));
        for (int i = 0; i < 2 * HEIGHT; i++) {
                const int32_t begin = i % 2 * CHANNELS_FIRST;

                overflow();
                call.row_begin = i / 2;
                call.row_end = i / 2 + 1;
                call.input = m.input.f + begin;
                call.output = m.output.f + begin;
                call.bias = m.bias.f + begin;
                call.row_sums = m.sums.f + begin;
                call.weights = m.weights.f + 9 * begin;
                call.channels = begin > 0 ? CHANNELS - begin : CHANNELS_FIRST;
                k->depthwise(&call);
        }
        ck_assert_mem_eq(m.output.f, whole, sizeof(whole));
        check_row_sums(&m);
        map_free(&m);
}
END_TEST

#define TILES ((HEIGHT + 3) / 4 * ((WIDTH + 3) / 4))

static en_winograd
winograd_call(const en_kernels *k, struct map *m, float *scratch)
{
        static float taps[CHANNELS * CHANNELS * 9];

        for (int i = 0; i < CHANNELS; i++)
                taps[(i * CHANNELS + i) * 9 + 4] = 1;
        *m = map_make(1000, k->winograd_size(CHANNELS, CHANNELS));
        k->pack_winograd(taps, CHANNELS, CHANNELS, m->weights.f);
        return (en_winograd){.input = m->input.f,
                             .input_stride = CHANNELS,
                             .in_height = HEIGHT,
                             .in_width = WIDTH,
                             .inputs = CHANNELS,
                             .weights = m->weights.f,
                             .bias = m->bias.f,
                             .outputs = CHANNELS,
                             .out_height = HEIGHT,
                             .out_width = WIDTH,
                             .pad_top = 1,
                             .pad_left = 1,
                             .end = TILES,
                             .output = m->output.f,
                             .output_stride = CHANNELS,
                             .activation = EFFNET_ACTIVATION_SILU,
                             .scratch = scratch};
}

/* Its transforms round by the largest of a patch. */
START_TEST(winograd_sums)
{
        const en_kernels *k = level_kernels(_i);
        float whole[PIXELS * CHANNELS];
        struct map m;
        en_winograd call;
        guarded scratch;

        if (k == NULL)
                return;
        scratch = guarded_floats((int64_t)k->winograd_scratch(CHANNELS, TILES),
                                 false);
        call = winograd_call(k, &m, scratch.f);
        k->winograd(&call);
        check_map(k, &m, 5e-3, 0);
        memcpy(whole, m.output.f, sizeof(whole));
        for (int32_t i = 0; i < TILES; i++) {
                overflow();
                call.begin = i;
                call.end = i + 1;
                k->winograd(&call);
        }
        ck_assert_mem_eq(m.output.f, whole, sizeof(whole));
        guarded_free(scratch);
        map_free(&m);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("kernels: SiLU of large arguments");
        TCase *tests = tcase_create("levels");

        tcase_add_loop_test(tests, products, 0, LEVELS);
        tcase_add_loop_test(tests, products_with_residuals, 0, LEVELS);
        tcase_add_loop_test(tests, infinite_sums, 0, LEVELS);
        tcase_add_loop_test(tests, depthwise_sums, 0, LEVELS);
        tcase_add_loop_test(tests, winograd_sums, 0, LEVELS);
        suite_add_tcase(suite, tests);
        return test_main(suite);
}
