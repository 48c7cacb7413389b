/* kernels.c: times the kernels on the layers of EfficientNet-B0 at 224x224,
 * against a measured peak of multiply-adds.  Each pass walks all layers in
 * order; the shortest time of each layer over the passes counts.
 *
 * Links with the static library, for its internals.
 */
#include "kernels/kernels.h"
#include "base/activation.h"
#include "base/fpu.h"
#include "measure.h"
#include "report.h"

#include <math.h>
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
                                      pointwise.inputs, pointwise.outputs, 0,
                                      pointwise.outputs, layer->scaled);
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
        const double begin = measure_now();
        double last = begin;
        int current = 0;

        for (int i = 0; i < layer_count; i++) {
                double time;

                run(&layers[i], buffers[current], buffers[!current]);
                if (layers[i].class != SQUEEZE)
                        current = !current;
                time = measure_now();
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
                const double begin = measure_now();
                double time;

                kernels->activate(values, COUNT, activation);
                time = (measure_now() - begin) / COUNT;
                if (time < best)
                        best = time;
        }
        free(values);
        return best;
}

/* ------------------------------------------------------------------------
 * Results
 */

static void
add_row(bench_report *report, const char *name, double flops, double seconds)
{
        bench_row(report, name);
        bench_number(report, "us", 1e6 * seconds);
        bench_number(report, "gflops", 1e-9 * flops / seconds);
        bench_number(report, "of_peak",
                     report->peak > 0 ? flops / seconds / report->peak
                                      : (double)NAN);
}

static void
add_results(bench_report *report, double best_pass)
{
        double flops = 0, seconds = 0;

        for (int i = 0; i < layer_count; i++) {
                char name[64];

                snprintf(name, sizeof(name), "%-10.10s %s",
                         class_names[layers[i].class], layers[i].name);
                add_row(report, name, layers[i].flops, layers[i].seconds);
        }
        for (int c = 0; c < CLASSES; c++) {
                double class_flops = 0, class_seconds = 0;

                for (int i = 0; i < layer_count; i++) {
                        if ((int)layers[i].class != c)
                                continue;
                        class_flops += layers[i].flops;
                        class_seconds += layers[i].seconds;
                }
                add_row(report, class_names[c], class_flops, class_seconds);
                flops += class_flops;
                seconds += class_seconds;
        }
        add_row(report, "all, sum of the best", flops, seconds);
        add_row(report, "all, best whole pass", flops, best_pass);
}

static void
add_activation(bench_report *report, const char *name, int32_t activation)
{
        const double seconds = activation_time(activation);

        bench_row(report, name);
        bench_number(report, "ns", 1e9 * seconds);
}

int
main(int argc, char **argv)
{
        bench_report *report = bench_begin("kernels", argc, argv);
        const en_cpuid cpuid = en_cpuid_read();
        const double begin = measure_now();
        double best = 1e9;

        kernels = en_kernels_for(report->isa, &cpuid);
        for (int i = 0; i < 3; i++)
                buffers[i] = floats(112 * 112 * 96, 1);
        for (int i = 0; i < 4; i++)
                vectors[i] = floats(2048, 1);
        en_fpu_enter();
        add_network();
        do {
                const double time = pass();

                if (time < best)
                        best = time;
        } while (measure_now() - begin < 2 * report->seconds);
        bench_peak(report);
        add_results(report, best);
        add_activation(report, "SiLU, an element", SILU);
        add_activation(report, "ReLU6, an element", EFFNET_ACTIVATION_RELU6);
        return bench_end(report);
}
