/* step_depthwise.c: depthwise convolutions, with the row sums that a
 * squeeze-and-excite after them needs.
 */
#include "run/planner.h"

typedef struct depthwise_run {
        const en_step *step;
        const en_exec *exec;
        en_split rows;
} depthwise_run;

static void
run_rows(void *context, int32_t index, int32_t thread)
{
        const depthwise_run *run = context;
        const en_step *step = run->step;
        const en_layer *layer = step->layer;
        ptrdiff_t stride = en_pixel_stride(layer->out_channels);
        en_depthwise call = {
                .input = step->at[EN_OPERAND_INPUT],
                .in_height = layer->in_height,
                .in_width = layer->in_width,
                .channels = layer->out_channels,
                .input_stride = stride,
                .ring = layer->in_height,
                .weights = step->packed->weights,
                .bias = step->packed->bias,
                .vector_stride = stride,
                .output_stride = stride,
                .output = step->at[EN_OPERAND_OUTPUT],
                .out_height = layer->out_height,
                .out_width = layer->out_width,
                .kernel = layer->kernel,
                .step = layer->stride,
                .pad_top = layer->pad_top,
                .pad_left = layer->pad_left,
                .row_begin = (int32_t)en_split_begin(&run->rows, index),
                .row_end = (int32_t)en_split_end(&run->rows, index),
                .activation = layer->activation,
                .row_sums = step->at[EN_OPERAND_SUMS],
        };

        (void)thread;
        run->exec->kernels->depthwise(&call);
}

static void
plan_depthwise(en_planner *planner, en_step *step)
{
        const en_layer *layer = step->layer;

        en_planner_advance(planner, step, en_out_pixels(layer),
                           layer->out_channels);
        en_planner_sums(planner, step, layer);
}

static effnet_status
run_depthwise(const en_step *step, const en_exec *exec)
{
        depthwise_run run = {
                step, exec,
                en_split_make(step->layer->out_height, 1, exec->threads)};

        return en_pool_run(exec->pool, run.rows.tasks, run_rows, &run);
}

static void
describe_depthwise(const en_step *step, const en_exec *exec, en_tiles *tiles)
{
        tiles->tasks =
                en_split_make(step->layer->out_height, 1, exec->threads).tasks;
}

const en_step_ops en_depthwise_step = {plan_depthwise, run_depthwise,
                                       describe_depthwise, NULL};
