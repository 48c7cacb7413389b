/* step_pointwise.c: 1 x 1 convolutions, and the classifier as one of a single
 * pixel.
 */
#include "run/later.h"

/* Fewer pixels in a task read its weights too often: where the pixels are few,
 * tasks are parts of the outputs instead.
 */
#define PIXELS_LEAST 48

/* Outputs that are no more than a panel; parts may be empty. */
#define PIECE      16
#define PIECES_FEW 8

typedef struct pointwise_run {
        const en_step *step;
        const en_exec *exec;
        en_split pixels;
        int32_t parts; /* of the outputs, of each task of pixels */
} pointwise_run;

static int32_t
outputs_begin(const pointwise_run *run, int32_t part)
{
        return en_outputs_begin(run->exec->kernels,
                                run->step->layer->out_channels, run->parts,
                                part);
}

static void
run_task(void *context, int32_t index, int32_t thread)
{
        const pointwise_run *run = context;
        const en_step *step = run->step;
        const en_layer *layer = step->layer;
        int32_t task = index / run->parts;
        int32_t part = index % run->parts;
        int32_t first = outputs_begin(run, part);
        int64_t begin = en_split_begin(&run->pixels, task);
        int64_t end = en_split_end(&run->pixels, task);
        ptrdiff_t in_stride = en_pixel_stride(layer->in_channels);
        ptrdiff_t out_stride = en_pixel_stride(layer->out_channels);
        const float *scaled = step->at[EN_OPERAND_WEIGHTS];
        const float *residual = step->at[EN_OPERAND_RESIDUAL];
        en_pointwise call = {
                .input = step->at[EN_OPERAND_INPUT] + begin * in_stride,
                .input_stride = in_stride,
                .pixels = end - begin,
                .ahead = en_pixels_ahead(layer, begin, end),
                .inputs = layer->in_channels,
                .weights = scaled != NULL ? scaled : step->packed->weights,
                .bias = step->packed->bias,
                .outputs = layer->out_channels,
                .begin = first,
                .end = outputs_begin(run, part + 1),
                .output = step->at[EN_OPERAND_OUTPUT] + begin * out_stride +
                          first,
                .output_stride = out_stride,
                .residual_stride = out_stride,
                .activation = layer->activation,
                .later = en_later_part(step, index, index + 1,
                                       run->parts * run->pixels.tasks),
        };

        (void)thread;
        if (residual != NULL)
                call.residual = residual + begin * out_stride + first;
        if (call.begin < call.end)
                run->exec->kernels->pointwise(&call);
}

/* With a residual the output takes its place: the residual's buffer is read
 * for the last time here, each value just before it is overwritten.
 */
static void
plan_pointwise(en_planner *planner, en_step *step)
{
        const en_layer *layer = step->layer;

        en_later_plan(planner, step);
        step->buffers[EN_OPERAND_WEIGHTS] = planner->weights;
        planner->weights = -1;
        if (layer->residual < 0) {
                en_planner_advance(planner, step, en_out_pixels(layer),
                                   layer->out_channels);
                return;
        }
        step->buffers[EN_OPERAND_INPUT] = planner->value;
        planner->value = en_planner_step(planner, layer->residual)
                                 ->buffers[EN_OPERAND_INPUT];
        step->buffers[EN_OPERAND_RESIDUAL] = planner->value;
        step->buffers[EN_OPERAND_OUTPUT] = planner->value;
}

/* Two tasks a thread; where outputs are few, a panel each, since parts of
 * several panels would differ by much.  But a single pixel's panels are
 * multiplied several at a time.
 */
static int32_t
parts_of(const en_exec *exec, const en_layer *layer, int32_t tasks)
{
        int32_t parts = (2 * exec->threads + tasks - 1) / tasks;
        int32_t pieces = (int32_t)en_pixel_stride(layer->out_channels) / PIECE;

        return layer->op != EN_OP_LINEAR && parts > 1 &&
                               pieces < PIECES_FEW * parts
                       ? pieces
                       : parts;
}

static pointwise_run
split_pointwise(const en_step *step, const en_exec *exec)
{
        const en_layer *layer = step->layer;
        int64_t pixels = layer->op == EN_OP_LINEAR ? 1 : en_out_pixels(layer);
        pointwise_run run = {step, exec,
                             en_split_make(pixels, PIXELS_LEAST, exec->threads),
                             1};

        if (exec->threads > 1)
                run.parts = parts_of(exec, layer, run.pixels.tasks);
        return run;
}

static effnet_status
run_pointwise(const en_step *step, const en_exec *exec)
{
        pointwise_run run = split_pointwise(step, exec);

        return en_pool_run(exec->pool, run.parts * run.pixels.tasks, run_task,
                           &run);
}

static void
describe_pointwise(const en_step *step, const en_exec *exec, en_tiles *tiles)
{
        pointwise_run run = split_pointwise(step, exec);

        tiles->tasks = run.parts * run.pixels.tasks;
        tiles->panels = en_panel_count(exec->kernels,
                                       step->layer->out_channels);
}

const en_step_ops en_pointwise_step = {plan_pointwise, run_pointwise,
                                       describe_pointwise, NULL};

static void
plan_linear(en_planner *planner, en_step *step)
{
        en_planner_advance(planner, step, 1, step->layer->out_channels);
}

const en_step_ops en_linear_step = {plan_linear, run_pointwise,
                                    describe_pointwise, NULL};
