/* kernels.c: times the kernels on the layers of EfficientNet-B0 at 224x224,
 * against a measured peak of multiply-adds.  Each pass walks all layers in
 * order; the shortest time of each layer over the passes counts.
 *
 *   kernels [LEVEL] [PASSES]
 *
 * Links with the static library, for its internals.
 */
#include "kernels/kernels.h"
#include "base/activation.h"
#include "base/fpu.h"
#include "clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LAYERS 128
#define NONE       EN_ACTIVATION_NONE
#define SILU       EFFNET_ACTIVATION_SILU

enum class {
        STEM,
        EXPAND,
        DEPTHWISE,
        SQUEEZE,
        PROJECT,
        HEAD,
        CLASSIFIER,
        CLASSES
};
static const char *const class_names[CLASSES] = {
        "stem",    "expand", "depthwise", "squeeze-excite",
        "project", "head",   "classifier"};

struct layer {
        enum class class;
        char name[40];
        en_pointwise pointwise; /* or, where kernel > 0 */
        en_depthwise depthwise;
        int64_t sum_pixels; /* > 0: a sum over them */
        float *scaled;      /* not NULL: a scaling, of pixels or weights */
        double flops;
        double seconds; /* best so far */
};

static const en_kernels *kernels;
static struct layer layers[MAX_LAYERS];
static int layer_count;
static float *buffers[3];
static float *vectors[4]; /* bias, scale and two pooled vectors */

static float *
floats(size_t count, float size)
{
        static uint32_t state = 1;
        float *values = aligned_alloc(64, (count * sizeof(float) + 63) & ~63UL);

        if (values == NULL)
                exit(EXIT_FAILURE);
        for (size_t i = 0; i < count; i++) {
                state = state * 1664525 + 1013904223;
                values[i] = size * ((float)(state >> 8) * 0x1p-23f - 1);
        }
        return values;
}

static int32_t
rounded(int32_t channels)
{
        return (channels + EN_CHANNEL_ALIGN - 1) & -EN_CHANNEL_ALIGN;
}

/* ------------------------------------------------------------------------
 * The network
 */

static struct layer *add(enum class class)
{
        struct layer *layer = &layers[layer_count++];

        layer->class = class;
        layer->seconds = 1e9;
        return layer;
}

static void
add_pointwise(enum class class, int32_t pixels, int32_t inputs, int32_t outputs,
              int32_t activation, bool residual)
{
        struct layer *layer = add(class);
        float *raw = floats((size_t)inputs * (size_t)outputs, 0.1f);
        float *packed = floats(kernels->packed_size(inputs, outputs), 0);

        kernels->pack_pointwise(raw, inputs, outputs, packed);
        free(raw);
        snprintf(layer->name, sizeof(layer->name), "%d x %d -> %d", pixels,
                 inputs, outputs);
        layer->pointwise = (en_pointwise){.input_stride = rounded(inputs),
                                          .pixels = pixels,
                                          .inputs = inputs,
                                          .weights = packed,
                                          .bias = vectors[0],
                                          .outputs = outputs,
                                          .output_stride = rounded(outputs),
                                          .residual = residual ? buffers[2]
                                                               : NULL,
                                          .residual_stride = rounded(outputs),
                                          .activation = activation};
        layer->flops = 2.0 * pixels * inputs * outputs;
}

static void
add_depthwise(int32_t size, int32_t channels, int32_t kernel, int32_t step)
{
        struct layer *layer = add(DEPTHWISE);
        const int32_t out = size / step;

        snprintf(layer->name, sizeof(layer->name), "%dx%d/%d %d x %d", kernel,
                 kernel, step, size, channels);
        layer->depthwise = (en_depthwise){
                .in_height = size,
                .in_width = size,
                .channels = channels,
                .input_stride = channels,
                .ring = size,
                .vector_stride = channels,
                .output_stride = channels,
                .weights = floats((size_t)(kernel * kernel * channels), 0.1f),
                .bias = vectors[0],
                .out_height = out,
                .out_width = out,
                .kernel = kernel,
                .step = step,
                .pad_top = kernel / 2,
                .pad_left = kernel / 2,
                .row_end = out,
                .activation = SILU,
                .row_sums = floats((size_t)(out * channels), 0)};
        layer->flops = 2.0 * out * out * kernel * kernel * channels;
}

/* Of the smaller of the projection's operands. */
static void
add_scaling(int32_t pixels, int32_t inputs, int32_t outputs)
{
        struct layer *layer = add(SQUEEZE);
        const bool weights = outputs <= pixels;

        snprintf(layer->name, sizeof(layer->name), "scale %d x %d",
                 weights ? outputs : pixels, inputs);
        layer->scaled = buffers[2];
        layer->pointwise.pixels = pixels;
        layer->pointwise.inputs = inputs;
        layer->pointwise.outputs = outputs;
        if (weights)
                layer->pointwise.weights = floats(
                        kernels->packed_size(inputs, outputs), 0.1f);
}

static void
add_block(int32_t *size, int32_t inputs, int32_t expansion, int32_t outputs,
          int32_t kernel, int32_t step)
{
        const int32_t expanded = inputs * expansion;
        const int32_t squeezed = inputs / 4;

        if (expansion > 1)
                add_pointwise(EXPAND, *size * *size, inputs, expanded, SILU,
                              false);
        add_depthwise(*size, expanded, kernel, step);
        *size /= step;
        add_pointwise(SQUEEZE, 1, expanded, squeezed, SILU, false);
        add_pointwise(SQUEEZE, 1, squeezed, expanded, EN_ACTIVATION_SIGMOID,
                      false);
        add_scaling(*size * *size, expanded, outputs);
        add_pointwise(PROJECT, *size * *size, expanded, outputs, NONE,
                      step == 1 && inputs == outputs);
}

/* Tan and Le, arXiv:1905.11946, table 1. */
static void
add_network(void)
{
        static const struct {
                int32_t expansion, kernel, step, outputs, repeats;
        } stages[] = {{1, 3, 1, 16, 1}, {6, 3, 2, 24, 2},  {6, 5, 2, 40, 2},
                      {6, 3, 2, 80, 3}, {6, 5, 1, 112, 3}, {6, 5, 2, 192, 4},
                      {6, 3, 1, 320, 1}};
        int32_t size = 112, channels = 32;
        struct layer *sum;

        add_pointwise(STEM, size * size, 27, channels, SILU, false);
        for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
                for (int32_t j = 0; j < stages[i].repeats; j++) {
                        add_block(&size, channels, stages[i].expansion,
                                  stages[i].outputs, stages[i].kernel,
                                  j == 0 ? stages[i].step : 1);
                        channels = stages[i].outputs;
                }
        add_pointwise(HEAD, size * size, channels, 1280, SILU, false);
        sum = add(HEAD);
        snprintf(sum->name, sizeof(sum->name), "pool %d", 1280);
        sum->sum_pixels = size * size;
        add_pointwise(CLASSIFIER, 1, 1280, 1000, NONE, false);
}

/* ------------------------------------------------------------------------
 * Timing
 */

static void
run(const struct layer *layer, const float *input, float *output)
{
        en_pointwise pointwise = layer->pointwise;
        en_depthwise depthwise = layer->depthwise;

        if (layer->scaled != NULL && pointwise.weights != NULL) {
                kernels->scale_packed(pointwise.weights, vectors[1],
                                      pointwise.inputs, pointwise.outputs,
                                      layer->scaled);
        } else if (layer->scaled != NULL) {
                kernels->scale_pixels(layer->scaled, pointwise.inputs,
                                      pointwise.pixels, pointwise.inputs,
                                      vectors[1]);
        } else if (layer->sum_pixels > 0) {
                kernels->sum_pixels(input, 1280, layer->sum_pixels, 1280,
                                    vectors[2]);
        } else if (depthwise.kernel > 0) {
                depthwise.input = input;
                depthwise.output = output;
                kernels->depthwise(&depthwise);
        } else {
                pointwise.input = pointwise.pixels == 1 ? vectors[2] : input;
                pointwise.output = pointwise.pixels == 1 ? vectors[3] : output;
                kernels->pointwise(&pointwise);
        }
}

static double
pass(void)
{
        const double begin = bench_now();
        double last = begin;
        int current = 0;

        for (int i = 0; i < layer_count; i++) {
                double time;

                run(&layers[i], buffers[current], buffers[!current]);
                if (layers[i].class != SQUEEZE)
                        current = !current;
                time = bench_now();
                if (time - last < layers[i].seconds)
                        layers[i].seconds = time - last;
                last = time;
        }
        return last - begin;
}

/* Seconds per element, in the first cache. */
static double
activation_time(int32_t activation)
{
        enum { COUNT = 2048 };
        float *values = floats(COUNT, 4);
        double best = 1;

        for (int i = 0; i < 3000; i++) {
                const double begin = bench_now();
                double time;

                kernels->activate(values, COUNT, activation);
                time = (bench_now() - begin) / COUNT;
                if (time < best)
                        best = time;
        }
        free(values);
        return best;
}

/* ------------------------------------------------------------------------
 * Printing
 */

static void
print_row(const char *name, double flops, double seconds, double peak)
{
        printf("%-32s %9.1f us %8.1f GFLOP/s", name, 1e6 * seconds,
               1e-9 * flops / seconds);
        if (peak > 0)
                printf(" %6.1f %%", 100 * flops / seconds / peak);
        printf("\n");
}

static void
print_results(double peak, double best_pass)
{
        double flops = 0, seconds = 0;

        for (int i = 0; i < layer_count; i++) {
                char name[64];

                snprintf(name, sizeof(name), "%-10.10s %s",
                         class_names[layers[i].class], layers[i].name);
                print_row(name, layers[i].flops, layers[i].seconds, peak);
        }
        for (int c = 0; c < CLASSES; c++) {
                double class_flops = 0, class_seconds = 0;

                for (int i = 0; i < layer_count; i++) {
                        if ((int)layers[i].class != c)
                                continue;
                        class_flops += layers[i].flops;
                        class_seconds += layers[i].seconds;
                }
                print_row(class_names[c], class_flops, class_seconds, peak);
                flops += class_flops;
                seconds += class_seconds;
        }
        print_row("B0, sum of the layers' best", flops, seconds, peak);
        print_row("B0, best whole pass", flops, best_pass, peak);
}

/* The level of that name, or the best; NULL where this machine has none. */
static const en_kernels *
level(const char *name, const en_cpuid *cpuid)
{
        if (name == NULL)
                return en_kernels_for(EFFNET_ISA_BEST, cpuid);
        for (int32_t isa = EFFNET_ISA_PORTABLE; isa <= EFFNET_ISA_NEON; isa++) {
                const en_kernels *k = en_kernels_for(isa, cpuid);

                if (k != NULL && strcmp(k->name, name) == 0)
                        return k;
        }
        return NULL;
}

int
main(int argc, char **argv)
{
        const en_cpuid cpuid = en_cpuid_read();
        const int passes = argc > 2 ? atoi(argv[2]) : 100;
        double peak, silu, relu6, best = 1e9;

        kernels = level(argc > 1 ? argv[1] : NULL, &cpuid);
        if (kernels == NULL) {
                fprintf(stderr, "kernels: this machine has no %s\n", argv[1]);
                return EXIT_FAILURE;
        }
        for (int i = 0; i < 3; i++)
                buffers[i] = floats(112 * 112 * 96, 1);
        for (int i = 0; i < 4; i++)
                vectors[i] = floats(2048, 1);
        en_fpu_enter();
        add_network();
        peak = bench_peak(kernels->id);
        for (int i = 0; i < passes; i++) {
                const double time = pass();

                if (time < best)
                        best = time;
        }
        silu = activation_time(SILU);
        relu6 = activation_time(EFFNET_ACTIVATION_RELU6);
        printf("level %s, peak %.1f GFLOP/s\n", kernels->name, 1e-9 * peak);
        print_results(peak, best);
        printf("SiLU %.3f ns, ReLU6 %.3f ns per element", 1e9 * silu,
               1e9 * relu6);
        if (peak > 0) /* 32 FLOP per cycle of the AVX2 peak */
                printf("; in cycles %.2f and %.2f", silu * peak / 32,
                       relu6 * peak / 32);
        printf("\n");
        return EXIT_SUCCESS;
}
