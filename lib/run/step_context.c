/* step_context.c: global context (Cao et al. 2019, "GCNet"), as timm's
 * GlobalContext has it: a softmax over the pixels weighs them, their weighted
 * sum goes through two small layers with a layer norm between, and what comes
 * out scales the channels.
 */
#include "run/gate.h"
#include "run/topk.h"

#include <math.h>
#include <string.h>

/* Of timm's LayerNorm2d. */
#define NORM_EPSILON 1e-6

typedef struct context_run {
        const en_step *step;
        const en_exec *exec;
} context_run;

/* The parts of the scratch. */
typedef struct parts {
        float *scores; /* a pixel's stride apart, then close together */
        float *row;
        float *context;
        float *squeezed;
        float *scale;
} parts;

static parts
parts_of(const en_step *step)
{
        const en_layer *layer = step->layer;
        ptrdiff_t stride = en_pixel_stride(layer->in_channels);
        parts p;

        p.scores = step->at[EN_OPERAND_SCRATCH];
        p.row = p.scores + en_out_pixels(layer) * en_pixel_stride(1);
        p.context = p.row + stride;
        p.squeezed = p.context + stride;
        p.scale = p.squeezed + en_pixel_stride(layer->squeezed);
        return p;
}

/* What each pixel weighs. */
static void
attend(const context_run *run, float *scores)
{
        const en_layer *layer = run->step->layer;
        int64_t pixels = en_out_pixels(layer);
        ptrdiff_t stride = en_pixel_stride(1);
        const en_pointwise call = {
                .input = run->step->at[EN_OPERAND_INPUT],
                .input_stride = en_pixel_stride(layer->in_channels),
                .pixels = pixels,
                .inputs = layer->in_channels,
                .weights = run->step->packed->attend_weights,
                .bias = run->step->packed->attend_bias,
                .outputs = 1,
                .output = scores,
                .output_stride = stride,
                .activation = EN_ACTIVATION_NONE,
        };

        run->exec->kernels->pointwise(&call);
        for (int64_t i = 0; i < pixels; i++)
                scores[i] = scores[i * stride];
        en_softmax(scores, pixels, scores);
}

/* Row by row: less rounding than in one long sum. */
static void
weighted_sum(const context_run *run, const parts *p)
{
        const en_layer *layer = run->step->layer;
        int32_t channels = layer->in_channels;
        const float *pixel = run->step->at[EN_OPERAND_INPUT];
        const float *weight = p->scores;

        memset(p->context, 0, (size_t)channels * sizeof(float));
        for (int32_t y = 0; y < layer->in_height; y++) {
                memset(p->row, 0, (size_t)channels * sizeof(float));
                for (int32_t x = 0; x < layer->in_width; x++, weight++) {
                        for (int32_t c = 0; c < channels; c++)
                                p->row[c] += *weight * pixel[c];
                        pixel += en_pixel_stride(channels);
                }
                for (int32_t c = 0; c < channels; c++)
                        p->context[c] += p->row[c];
        }
}

/* Layer norm over the squeezed channels, then the activation. */
static void
normalise(void *context, int32_t index, int32_t thread)
{
        const context_run *run = context;
        float *squeezed = parts_of(run->step).squeezed;
        const en_layer *layer = run->step->layer;
        const en_packed *packed = run->step->packed;
        int32_t n = layer->squeezed;
        double mean = 0, variance = 0, factor;

        (void)index;
        (void)thread;
        for (int32_t i = 0; i < n; i++)
                mean += squeezed[i];
        mean /= n;
        for (int32_t i = 0; i < n; i++)
                variance += (squeezed[i] - mean) * (squeezed[i] - mean);
        factor = 1 / sqrt(variance / n + NORM_EPSILON);
        for (int32_t i = 0; i < n; i++)
                squeezed[i] = (float)((squeezed[i] - mean) * factor *
                                              packed->norm_weights[i] +
                                      packed->norm_bias[i]);
        run->exec->kernels->activate(squeezed, n, layer->activation);
}

static void
gather(void *context, int32_t index, int32_t thread)
{
        const context_run *run = context;
        parts p = parts_of(run->step);

        (void)index;
        (void)thread;
        attend(run, p.scores);
        weighted_sum(run, &p);
}

static void
plan_context(en_planner *planner, en_step *step)
{
        const en_layer *layer = step->layer;
        int64_t vectors = 3 * en_pixel_stride(layer->in_channels) +
                          en_pixel_stride(layer->squeezed);

        step->buffers[EN_OPERAND_SCRATCH] = en_planner_buffer(
                planner, 1,
                (uint64_t)(vectors +
                           en_out_pixels(layer) * en_pixel_stride(1)));
        en_gate_plan(planner, step);
}

static effnet_status
run_context(const en_step *step, const en_exec *exec)
{
        const en_layer *layer = step->layer;
        const en_packed *packed = step->packed;
        context_run run = {step, exec};
        parts p = parts_of(step);
        const en_gate_map squeeze = {p.context, layer->in_channels, p.squeezed,
                                     layer->squeezed, EN_ACTIVATION_NONE};
        const en_gate_map excite = {p.squeezed, layer->squeezed, p.scale,
                                    layer->in_channels, EN_ACTIVATION_SIGMOID};
        effnet_status status = en_pool_run(exec->pool, 1, gather, &run);

        if (status == EFFNET_OK)
                status = en_gate_vector(exec, packed->weights, packed->bias,
                                        squeeze);
        if (status == EFFNET_OK)
                status = en_pool_run(exec->pool, 1, normalise, &run);
        if (status == EFFNET_OK)
                status = en_gate_vector(exec, packed->expand_weights,
                                        packed->expand_bias, excite);
        if (status == EFFNET_OK)
                status = en_gate_apply(exec, step, p.scale);
        return status;
}

const en_step_ops en_context_step = {plan_context, run_context, NULL, NULL};
