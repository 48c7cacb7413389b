/* step_pointwise.c: 1 x 1 convolutions, and the classifier as one of a single
 * pixel.
 */
#include "run/planner.h"

/* Chunks of pixels hold whole tiles of 2, 3, 4, 6, 8 or 12 rows. */
#define PIXEL_ALIGN 24
#define PIXEL_LEAST 24

typedef struct pointwise_run {
        const en_step *step;
        const en_exec *exec;
        en_split pixels;
} pointwise_run;

static void
run_pixels(void *context, int32_t index, int32_t thread)
{
        const pointwise_run *run = context;
        const en_step *step = run->step;
        const en_layer *layer = step->layer;
        int64_t begin = en_split_begin(&run->pixels, index);
        ptrdiff_t in_stride = en_pixel_stride(layer->in_channels);
        ptrdiff_t out_stride = en_pixel_stride(layer->out_channels);
        const float *scaled = step->at[EN_OPERAND_WEIGHTS];
        const float *residual = step->at[EN_OPERAND_RESIDUAL];
        en_pointwise call = {
                .input = step->at[EN_OPERAND_INPUT] + begin * in_stride,
                .input_stride = in_stride,
                .pixels = en_split_end(&run->pixels, index) - begin,
                .inputs = layer->in_channels,
                .weights = scaled != NULL ? scaled : step->packed->weights,
                .bias = step->packed->bias,
                .outputs = layer->out_channels,
                .output = step->at[EN_OPERAND_OUTPUT] + begin * out_stride,
                .output_stride = out_stride,
                .residual_stride = out_stride,
                .activation = layer->activation,
        };

        (void)thread;
        if (residual != NULL)
                call.residual = residual + begin * out_stride;
        run->exec->kernels->pointwise(&call);
}

/* With a residual the output takes its place: the residual's buffer is read
 * for the last time here, each value just before it is overwritten.
 */
static void
plan_pointwise(en_planner *planner, en_step *step)
{
        const en_layer *layer = step->layer;

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

static effnet_status
run_pointwise(const en_step *step, const en_exec *exec)
{
        pointwise_run run = {step, exec,
                             en_split_make(en_out_pixels(step->layer),
                                           PIXEL_ALIGN, PIXEL_LEAST,
                                           exec->threads)};

        return en_pool_run(exec->pool, run.pixels.tasks, run_pixels, &run);
}

const en_step_ops en_pointwise_step = {plan_pointwise, run_pointwise};

static void
plan_linear(en_planner *planner, en_step *step)
{
        en_planner_advance(planner, step, 1, step->layer->out_channels);
}

static effnet_status
run_linear(const en_step *step, const en_exec *exec)
{
        pointwise_run run = {step, exec, {1, 1, 1}};

        return en_pool_run(exec->pool, 1, run_pixels, &run);
}

const en_step_ops en_linear_step = {plan_linear, run_linear};
