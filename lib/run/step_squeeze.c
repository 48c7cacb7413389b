/* step_squeeze.c: squeeze-and-excite (Hu et al. 2018).  The mean comes from
 * the row sums of the depthwise step; the scale goes into the cheaper operand
 * of the projection that follows.
 */
#include "run/planner.h"

typedef struct squeeze_run {
        const en_step *step;
        const en_exec *exec;
} squeeze_run;

/* The three vectors of the scratch. */
typedef struct vectors {
        float *mean;
        float *squeezed;
        float *scale;
} vectors;

static vectors
vectors_of(const en_step *step)
{
        vectors v;

        v.mean = step->at[EN_OPERAND_SCRATCH];
        v.squeezed = v.mean + en_pixel_stride(step->layer->in_channels);
        v.scale = v.squeezed + en_pixel_stride(step->layer->squeezed);
        return v;
}

/* Where they are fewer than the activations. */
static bool
scales_next_weights(const en_step *step)
{
        const en_step *next = step->next;

        return next != NULL && next->layer->op == EN_OP_POINTWISE &&
               next->layer->out_channels < en_out_pixels(next->layer);
}

static void
mean_of_rows(const squeeze_run *run, float *mean)
{
        const en_layer *layer = run->step->layer;
        float pixels = (float)en_out_pixels(layer);

        run->exec->kernels->sum_pixels(run->step->at[EN_OPERAND_SUMS],
                                       en_pixel_stride(layer->in_channels),
                                       layer->in_height, layer->in_channels,
                                       mean);
        for (int32_t c = 0; c < layer->in_channels; c++)
                mean[c] /= pixels;
}

static void
reduce(const squeeze_run *run, const vectors *v)
{
        const en_layer *layer = run->step->layer;
        const en_packed *packed = run->step->packed;
        en_pointwise call = {
                .input = v->mean,
                .input_stride = en_pixel_stride(layer->in_channels),
                .pixels = 1,
                .inputs = layer->in_channels,
                .weights = packed->weights,
                .bias = packed->bias,
                .outputs = layer->squeezed,
                .output = v->squeezed,
                .output_stride = en_pixel_stride(layer->squeezed),
                .activation = layer->activation,
        };

        run->exec->kernels->pointwise(&call);
}

static void
expand(const squeeze_run *run, const vectors *v)
{
        const en_layer *layer = run->step->layer;
        const en_packed *packed = run->step->packed;
        en_pointwise call = {
                .input = v->squeezed,
                .input_stride = en_pixel_stride(layer->squeezed),
                .pixels = 1,
                .inputs = layer->squeezed,
                .weights = packed->expand_weights,
                .bias = packed->expand_bias,
                .outputs = layer->in_channels,
                .output = v->scale,
                .output_stride = en_pixel_stride(layer->in_channels),
                .activation = EN_ACTIVATION_SIGMOID,
        };

        run->exec->kernels->pointwise(&call);
}

static void
run_whole(void *context, int32_t index, int32_t thread)
{
        const squeeze_run *run = context;
        const en_step *step = run->step, *next = step->next;
        vectors v = vectors_of(step);

        (void)index;
        (void)thread;
        mean_of_rows(run, v.mean);
        reduce(run, &v);
        expand(run, &v);
        if (scales_next_weights(step))
                run->exec->kernels->scale_packed(next->packed->weights, v.scale,
                                                 next->layer->in_channels,
                                                 next->layer->out_channels,
                                                 step->at[EN_OPERAND_WEIGHTS]);
        else
                run->exec->kernels->scale_pixels(
                        step->at[EN_OPERAND_OUTPUT],
                        en_pixel_stride(step->layer->in_channels),
                        en_out_pixels(step->layer), step->layer->in_channels,
                        v.scale);
}

/* The value stays where it is: scaled in place, or not touched at all. */
static void
plan_squeeze(en_planner *planner, en_step *step)
{
        const en_layer *layer = step->layer;

        step->buffers[EN_OPERAND_INPUT] = planner->value;
        step->buffers[EN_OPERAND_OUTPUT] = planner->value;
        step->buffers[EN_OPERAND_SUMS] = planner->sums;
        step->buffers[EN_OPERAND_SCRATCH] = en_planner_buffer(
                planner, 1,
                (uint64_t)(2 * en_pixel_stride(layer->in_channels) +
                           en_pixel_stride(layer->squeezed)));
        if (!scales_next_weights(step))
                return;
        planner->weights = en_planner_buffer(
                planner, 1,
                planner->kernels->packed_size(step->next->layer->in_channels,
                                              step->next->layer->out_channels));
        step->buffers[EN_OPERAND_WEIGHTS] = planner->weights;
}

static effnet_status
run_squeeze(const en_step *step, const en_exec *exec)
{
        squeeze_run run = {step, exec};

        return en_pool_run(exec->pool, 1, run_whole, &run);
}

const en_step_ops en_squeeze_step = {plan_squeeze, run_squeeze};
