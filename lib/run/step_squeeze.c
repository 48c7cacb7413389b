/* step_squeeze.c: squeeze-and-excite (Hu et al. 2018).  The mean comes from
 * the row sums of the depthwise step.
 */
#include "run/gate.h"

typedef struct mean_run {
        const en_step *step;
        const en_exec *exec;
        float *mean;
        int32_t parts; /* of the channels */
} mean_run;

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
mean_of_rows(void *context, int32_t index, int32_t thread)
{
        const mean_run *run = context;
        const en_layer *layer = run->step->layer;
        const en_kernels *kernels = run->exec->kernels;
        int32_t begin = en_outputs_begin(kernels, layer->in_channels,
                                         run->parts, index);
        int32_t end = en_outputs_begin(kernels, layer->in_channels, run->parts,
                                       index + 1);
        float pixels = (float)en_out_pixels(layer);

        (void)thread;
        if (end > layer->in_channels)
                end = layer->in_channels;
        if (begin >= end)
                return;
        kernels->sum_pixels(run->step->at[EN_OPERAND_SUMS] + begin,
                            en_pixel_stride(layer->in_channels),
                            layer->in_height, end - begin, run->mean + begin);
        for (int32_t c = begin; c < end; c++)
                run->mean[c] /= pixels;
}

static effnet_status
find_mean(const en_step *step, const en_exec *exec, float *mean)
{
        const en_layer *layer = step->layer;
        int64_t work = (int64_t)layer->in_height * layer->in_channels;
        mean_run run = {step, exec, mean, en_gate_parts(exec, work)};

        return en_pool_run(exec->pool, run.parts, mean_of_rows, &run);
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
        const en_layer *layer = step->layer;
        const en_packed *packed = step->packed;
        vectors v = vectors_of(step);
        const en_gate_map squeeze = {v.mean, layer->in_channels, v.squeezed,
                                     layer->squeezed, layer->activation};
        const en_gate_map excite = {v.squeezed, layer->squeezed, v.scale,
                                    layer->in_channels, EN_ACTIVATION_SIGMOID};
        effnet_status status = find_mean(step, exec, v.mean);

        if (status == EFFNET_OK)
                status = en_gate_vector(exec, packed->weights, packed->bias,
                                        squeeze);
        if (status == EFFNET_OK)
                status = en_gate_vector(exec, packed->expand_weights,
                                        packed->expand_bias, excite);
        if (status == EFFNET_OK)
                status = en_gate_apply(exec, step, v.scale);
        return status;
}

const en_step_ops en_squeeze_step = {plan_squeeze, run_squeeze, NULL, NULL};
