/* project.c: the projection that ends a fused block. */
#include "run/project.h"

/* The map between the two is never whole: no residual may need it. */
bool
en_project_applies(const en_network *network, int32_t index)
{
        const en_layer *layer = &network->layers[index];

        return index + 1 < network->layer_count && layer->op == EN_OP_CONV &&
               layer->role == EN_ROLE_EXPAND && layer->residual < 0 &&
               layer[1].op == EN_OP_POINTWISE &&
               layer[1].role == EN_ROLE_PROJECT &&
               (layer[1].residual < 0 || layer[1].residual == index) &&
               !en_is_residual(network, index + 1);
}

int64_t
en_project_stride(const en_step *step)
{
        return step->layers > 1 ? en_pixel_stride(step->layer->out_channels)
                                : 0;
}

/* A residual is this step's own input, of which rows are still to be read
 * when the first are written: the output needs a place of its own.
 */
void
en_project_plan(en_planner *planner, en_step *step, int64_t scratch)
{
        const en_layer *last = step->layer + step->layers - 1;

        if (last->residual >= 0)
                step->buffers[EN_OPERAND_RESIDUAL] = planner->value;
        en_planner_advance(planner, step, en_out_pixels(last),
                           last->out_channels);
        step->buffers[EN_OPERAND_SCRATCH] = en_planner_buffer(
                planner, (uint64_t)planner->threads, (uint64_t)scratch);
}

void
en_project_pixels(const en_step *step, const en_exec *exec,
                  const float *expanded, int64_t begin, int64_t count)
{
        const en_layer *layer = step->layer + step->layers - 1;
        const en_packed *packed = step->packed + step->layers - 1;
        ptrdiff_t stride = en_pixel_stride(layer->out_channels);
        const float *residual = step->at[EN_OPERAND_RESIDUAL];
        en_pointwise call = {
                .input = expanded,
                .input_stride = en_pixel_stride(layer->in_channels),
                .pixels = count,
                .inputs = layer->in_channels,
                .weights = packed->weights,
                .bias = packed->bias,
                .outputs = layer->out_channels,
                .output = step->at[EN_OPERAND_OUTPUT] + begin * stride,
                .output_stride = stride,
                .residual_stride = stride,
                .activation = layer->activation,
        };

        if (residual != NULL)
                call.residual = residual + begin * stride;
        exec->kernels->pointwise(&call);
}
