/* step_depthwise.c: depthwise convolutions, with the row sums that a
 * squeeze-and-excite after them needs.
 */
#include "run/planner.h"

/* An input of so many lies beyond the second cache. */
#define FAR_FLOATS (1 << 19)

typedef struct depthwise_run {
        const en_step *step;
        const en_exec *exec;
        en_split rows;
} depthwise_run;

/* The kernel goes down all rows of a call before the next columns: of a map
 * that lies far it would read short pieces from far apart, which no hardware
 * fetches ahead.  Smaller maps lose a little by more calls.
 */
static int32_t
call_rows(const en_layer *layer)
{
        const int64_t pixels = (int64_t)layer->in_height * layer->in_width;
        const ptrdiff_t stride = en_pixel_stride(layer->in_channels);

        return pixels * stride >= FAR_FLOATS ? 1 : layer->out_height;
}

static void
convolve(const depthwise_run *run, int32_t begin, int32_t end)
{
        const en_step *step = run->step;
        const en_layer *layer = step->layer;
        const ptrdiff_t stride = en_pixel_stride(layer->out_channels);
        const en_depthwise call = {
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
                .row_begin = begin,
                .row_end = end,
                .activation = layer->activation,
                .row_sums = step->at[EN_OPERAND_SUMS],
        };

        run->exec->kernels->depthwise(&call);
}

static void
run_rows(void *context, int32_t index, int32_t thread)
{
        const depthwise_run *run = context;
        const int32_t rows = call_rows(run->step->layer);
        const int32_t last = (int32_t)en_split_end(&run->rows, index);
        int32_t row = (int32_t)en_split_begin(&run->rows, index);

        (void)thread;
        while (row < last) {
                int32_t end = last - row < rows ? last : row + rows;

                convolve(run, row, end);
                row = end;
        }
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
