/* gate.c: scaling channels by what was squeezed out of them. */
#include "run/gate.h"

void
en_gate_vector(const en_kernels *kernels, const float *weights,
               const float *bias, en_gate_map map)
{
        const en_pointwise call = {
                .input = map.input,
                .input_stride = en_pixel_stride(map.inputs),
                .pixels = 1,
                .inputs = map.inputs,
                .weights = weights,
                .bias = bias,
                .outputs = map.outputs,
                .output = map.output,
                .output_stride = en_pixel_stride(map.outputs),
                .activation = map.activation,
        };

        kernels->pointwise(&call);
}

/* Where they are fewer than the activations, and those are not kept. */
static bool
scales_next_weights(const en_step *step)
{
        const en_step *next = step->next;

        return !step->kept && next != NULL &&
               next->layer->op == EN_OP_POINTWISE &&
               next->layer->out_channels < en_out_pixels(next->layer);
}

void
en_gate_plan(en_planner *planner, en_step *step)
{
        step->buffers[EN_OPERAND_INPUT] = planner->value;
        step->buffers[EN_OPERAND_OUTPUT] = planner->value;
        if (!scales_next_weights(step))
                return;
        planner->weights = en_planner_buffer(
                planner, 1,
                planner->kernels->packed_size(step->next->layer->in_channels,
                                              step->next->layer->out_channels));
        step->buffers[EN_OPERAND_WEIGHTS] = planner->weights;
}

void
en_gate_apply(const en_kernels *kernels, const en_step *step,
              const float *scale)
{
        const en_layer *layer = step->layer;
        const en_step *next = step->next;

        if (scales_next_weights(step))
                kernels->scale_packed(next->packed->weights, scale,
                                      next->layer->in_channels,
                                      next->layer->out_channels,
                                      step->at[EN_OPERAND_WEIGHTS]);
        else
                kernels->scale_pixels(step->at[EN_OPERAND_OUTPUT],
                                      en_pixel_stride(layer->in_channels),
                                      en_out_pixels(layer), layer->in_channels,
                                      scale);
}
