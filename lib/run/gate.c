/* gate.c: scaling channels by what was squeezed out of them. */
#include "run/gate.h"

int32_t
en_gate_parts(const en_exec *exec, int64_t work)
{
        int64_t parts = work / EN_GATE_LEAST;

        return parts < 1               ? 1
               : parts < exec->threads ? (int32_t)parts
                                       : exec->threads;
}

typedef struct vector_run {
        const en_exec *exec;
        const float *weights, *bias;
        en_gate_map map;
        int32_t parts;
} vector_run;

static void
run_vector(void *context, int32_t index, int32_t thread)
{
        const vector_run *run = context;
        const en_gate_map *map = &run->map;
        const en_kernels *kernels = run->exec->kernels;
        int32_t begin = en_outputs_begin(kernels, map->outputs, run->parts,
                                         index);
        const en_pointwise call = {
                .input = map->input,
                .input_stride = en_pixel_stride(map->inputs),
                .pixels = 1,
                .inputs = map->inputs,
                .weights = run->weights,
                .bias = run->bias,
                .outputs = map->outputs,
                .begin = begin,
                .end = en_outputs_begin(kernels, map->outputs, run->parts,
                                        index + 1),
                .output = map->output + begin,
                .output_stride = en_pixel_stride(map->outputs),
                .activation = map->activation,
        };

        (void)thread;
        if (call.begin < call.end)
                kernels->pointwise(&call);
}

effnet_status
en_gate_vector(const en_exec *exec, const float *weights, const float *bias,
               en_gate_map map)
{
        vector_run run = {
                exec, weights, bias, map,
                en_gate_parts(exec, (int64_t)map.inputs * map.outputs)};

        return en_pool_run(exec->pool, run.parts, run_vector, &run);
}

bool
en_gate_scales_weights(const en_step *step)
{
        const en_step *next = step->next;

        return (step->layer->op == EN_OP_SQUEEZE_EXCITE ||
                step->layer->op == EN_OP_CONTEXT) &&
               !step->kept && next != NULL &&
               next->layer->op == EN_OP_POINTWISE &&
               next->layer->out_channels < en_out_pixels(next->layer);
}

void
en_gate_plan(en_planner *planner, en_step *step)
{
        step->buffers[EN_OPERAND_INPUT] = planner->value;
        step->buffers[EN_OPERAND_OUTPUT] = planner->value;
        if (!en_gate_scales_weights(step))
                return;
        planner->weights = en_planner_buffer(
                planner, 1,
                planner->kernels->packed_size(step->next->layer->in_channels,
                                              step->next->layer->out_channels));
        step->buffers[EN_OPERAND_WEIGHTS] = planner->weights;
}

typedef struct scale_run {
        const en_exec *exec;
        const en_step *step;
        const float *scale;
        int32_t parts; /* of the next layer's outputs */
        en_split pixels;
} scale_run;

static void
scale_weights(void *context, int32_t index, int32_t thread)
{
        const scale_run *run = context;
        const en_step *next = run->step->next;
        const en_kernels *kernels = run->exec->kernels;
        int32_t outputs = next->layer->out_channels;

        (void)thread;
        kernels->scale_packed(
                next->packed->weights, run->scale, next->layer->in_channels,
                outputs, en_outputs_begin(kernels, outputs, run->parts, index),
                en_outputs_begin(kernels, outputs, run->parts, index + 1),
                run->step->at[EN_OPERAND_WEIGHTS]);
}

static void
scale_pixels(void *context, int32_t index, int32_t thread)
{
        const scale_run *run = context;
        const en_layer *layer = run->step->layer;
        ptrdiff_t stride = en_pixel_stride(layer->in_channels);
        int64_t begin = en_split_begin(&run->pixels, index);

        (void)thread;
        run->exec->kernels->scale_pixels(
                run->step->at[EN_OPERAND_OUTPUT] + begin * stride, stride,
                en_split_end(&run->pixels, index) - begin, layer->in_channels,
                run->scale);
}

effnet_status
en_gate_apply(const en_exec *exec, const en_step *step, const float *scale)
{
        const en_layer *layer = step->layer;
        scale_run run = {exec, step, scale, 1, {0, 0, 0}};
        int64_t pixels = en_out_pixels(layer);

        if (en_gate_scales_weights(step)) {
                run.parts = en_gate_parts(
                        exec, (int64_t)layer->in_channels *
                                      step->next->layer->out_channels);
                return en_pool_run(exec->pool, run.parts, scale_weights, &run);
        }
        run.pixels = en_split_into(
                pixels, en_gate_parts(exec, pixels * layer->in_channels));
        return en_pool_run(exec->pool, run.pixels.tasks, scale_pixels, &run);
}
