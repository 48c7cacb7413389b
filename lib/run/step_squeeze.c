/* step_squeeze.c: squeeze-and-excite (Hu et al. 2018).  The mean comes from
 * the row sums of the depthwise step.
 */
#include "run/gate.h"

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
run_whole(void *context, int32_t index, int32_t thread)
{
        const squeeze_run *run = context;
        const en_step *step = run->step;
        const en_layer *layer = step->layer;
        const en_packed *packed = step->packed;
        vectors v = vectors_of(step);

        (void)index;
        (void)thread;
        mean_of_rows(run, v.mean);
        en_gate_vector(run->exec->kernels, packed->weights, packed->bias,
                       (en_gate_map){v.mean, layer->in_channels, v.squeezed,
                                     layer->squeezed, layer->activation});
        en_gate_vector(
                run->exec->kernels, packed->expand_weights, packed->expand_bias,
                (en_gate_map){v.squeezed, layer->squeezed, v.scale,
                              layer->in_channels, EN_ACTIVATION_SIGMOID});
        en_gate_apply(run->exec->kernels, step, v.scale);
}

static void
plan_squeeze(en_planner *planner, en_step *step)
{
        const en_layer *layer = step->layer;

        step->buffers[EN_OPERAND_SUMS] = planner->sums;
        step->buffers[EN_OPERAND_SCRATCH] = en_planner_buffer(
                planner, 1,
                (uint64_t)(2 * en_pixel_stride(layer->in_channels) +
                           en_pixel_stride(layer->squeezed)));
        en_gate_plan(planner, step);
}

static effnet_status
run_squeeze(const en_step *step, const en_exec *exec)
{
        squeeze_run run = {step, exec};

        return en_pool_run(exec->pool, 1, run_whole, &run);
}

const en_step_ops en_squeeze_step = {plan_squeeze, run_squeeze, NULL, NULL};
