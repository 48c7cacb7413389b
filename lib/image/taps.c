/* taps.c: Pillow's filter weights, bit for bit (precompute_coeffs and
 * normalize_coeffs_8bpc of Pillow 13.0.0).  Every operation below is one
 * rounding in double, in this order; a fused multiply-add would change bits.
 */
#include "image/taps.h"

#include "base/alloc.h"
#include "kernels/kernels.h"

#include <math.h>
#include <string.h>

typedef double (*filter_fn)(double);

static double
bilinear(double x)
{
        x = fabs(x);
        return x < 1.0 ? 1.0 - x : 0.0;
}

/* Keys (1981) with a = -0.5. */
static double
bicubic(double x)
{
        const double a = -0.5;

        x = fabs(x);
        if (x < 1.0)
                return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
        if (x < 2.0)
                return (((x - 5) * x + 8) * x - 4) * a;
        return 0.0;
}

typedef struct axis {
        filter_fn filter;
        int32_t inputs;
        double scale;
        double support;
        double inverse; /* of the filter's stretch */
} axis;

static axis
axis_for(int32_t inputs, int32_t outputs, int32_t filter)
{
        double scale = (double)inputs / (double)outputs;
        double stretch = scale < 1.0 ? 1.0 : scale;
        double radius = filter == EFFNET_FILTER_BICUBIC ? 2.0 : 1.0;

        return (axis){
                .filter = filter == EFFNET_FILTER_BICUBIC ? bicubic : bilinear,
                .inputs = inputs,
                .scale = scale,
                .support = radius * stretch,
                .inverse = 1.0 / stretch,
        };
}

static int32_t
fixed_point(double weight)
{
        double scaled = weight * (1 << EN_WEIGHT_BITS);

        return (int32_t)(weight < 0 ? scaled - 0.5 : scaled + 0.5);
}

/* The weights of one output, in double. */
static void
fill_output(const axis *a, int32_t output, double *values, int32_t *start,
            int32_t *length)
{
        double centre = (output + 0.5) * a->scale;
        int32_t low = (int32_t)(centre - a->support + 0.5);
        int32_t high = (int32_t)(centre + a->support + 0.5);
        double sum = 0.0;

        low = low < 0 ? 0 : low;
        high = high > a->inputs ? a->inputs : high;
        for (int32_t i = 0; i < high - low; i++) {
                double distance = (i + low) - centre + 0.5;

                values[i] = a->filter(distance * a->inverse);
                sum += values[i];
        }
        for (int32_t i = 0; sum != 0.0 && i < high - low; i++)
                values[i] = values[i] / sum;
        *start = low;
        *length = high - low;
}

/* Weights in double, with `rows` rows of them, and room for the rest. */
static effnet_status
allocate(en_taps *weights, int32_t rows)
{
        size_t n = (size_t)weights->count;

        weights->start = en_alloc_array(n, sizeof(int32_t));
        weights->length = en_alloc_array(n, sizeof(int32_t));
        /* No overflow: a row of this is at most EN_MAX_IMAGE_SIDE + 1. */
        weights->real = en_alloc_array((size_t)rows,
                                       (size_t)weights->taps * sizeof(double));
        if (weights->start == NULL || weights->length == NULL ||
            weights->real == NULL)
                return EFFNET_ERROR_MEMORY;
        return EFFNET_OK;
}

/* What does not hang on the outputs. */
static axis
prepare(en_taps *weights, int32_t inputs, int32_t outputs, int32_t filter,
        int32_t count)
{
        axis a = axis_for(inputs, outputs, filter);
        int32_t most = (int32_t)ceil(a.support) * 2 + 1;

        memset(weights, 0, sizeof(*weights));
        weights->taps = most < inputs ? most : inputs;
        weights->count = count;
        return a;
}

effnet_status
en_taps_make_real(en_taps *weights, int32_t inputs, int32_t outputs,
                  int32_t filter, int32_t first, int32_t count)
{
        axis a = prepare(weights, inputs, outputs, filter, count);
        effnet_status status = allocate(weights, count);

        for (int32_t i = 0; status == EFFNET_OK && i < count; i++)
                fill_output(&a, first + i,
                            weights->real + (size_t)i * (size_t)weights->taps,
                            &weights->start[i], &weights->length[i]);
        if (status != EFFNET_OK)
                en_taps_free(weights);
        return status;
}

/* A weight's two parts: none is beyond 1.2, so that both fit into 16 bits. */
static uint32_t
low_part(int32_t weight)
{
        return (uint32_t)weight & ((1 << EN_WEIGHT_LOW) - 1);
}

static uint32_t
high_part(int32_t weight)
{
        /* An arithmetic shift, as gcc and clang define it. */
        return (uint32_t)(weight >> EN_WEIGHT_LOW) & 0xffff;
}

static void
round_weights(const en_taps *weights, int32_t output)
{
        int32_t *parts = weights->weight +
                         (size_t)output * (size_t)weights->taps;
        int32_t length = weights->length[output];

        for (int32_t i = 0; i < length; i += 2) {
                int32_t v = fixed_point(weights->real[i]);
                int32_t w = i + 1 < length ? fixed_point(weights->real[i + 1])
                                           : 0;

                parts[i] = (int32_t)(low_part(v) | low_part(w) << 16);
                parts[i + 1] = (int32_t)(high_part(v) | high_part(w) << 16);
        }
}

/* Only one output's weights are kept in double at a time. */
effnet_status
en_taps_make(en_taps *weights, int32_t inputs, int32_t outputs, int32_t filter,
             int32_t first, int32_t count)
{
        axis a = prepare(weights, inputs, outputs, filter, count);
        effnet_status status;

        weights->taps += weights->taps % 2;
        status = allocate(weights, 1);
        weights->weight = en_alloc_array(
                (size_t)count, (size_t)weights->taps * sizeof(int32_t));
        if (weights->weight == NULL)
                status = EFFNET_ERROR_MEMORY;
        for (int32_t i = 0; status == EFFNET_OK && i < count; i++) {
                fill_output(&a, first + i, weights->real, &weights->start[i],
                            &weights->length[i]);
                round_weights(weights, i);
        }
        en_free(weights->real);
        weights->real = NULL;
        if (status != EFFNET_OK)
                en_taps_free(weights);
        return status;
}

void
en_taps_free(en_taps *weights)
{
        en_free(weights->start);
        en_free(weights->length);
        en_free(weights->weight);
        en_free(weights->real);
        memset(weights, 0, sizeof(*weights));
}

int32_t
en_taps_low(const en_taps *weights)
{
        return weights->start[0];
}

int32_t
en_taps_high(const en_taps *weights)
{
        int32_t last = weights->count - 1;

        return weights->start[last] + weights->length[last];
}
