/* step_pool.c: the global average.  Rows are summed first, then their sums:
 * less rounding than in one long sum.
 */
#include "run/planner.h"

typedef struct pool_run {
        const en_step *step;
        const en_exec *exec;
} pool_run;

static void
run_whole(void *context, int32_t index, int32_t thread)
{
        const pool_run *run = context;
        const en_step *step = run->step;
        const en_layer *layer = step->layer;
        const en_kernels *kernels = run->exec->kernels;
        ptrdiff_t stride = en_pixel_stride(layer->in_channels);
        float *rows = step->at[EN_OPERAND_SCRATCH];
        float *mean = step->at[EN_OPERAND_OUTPUT];
        float pixels = (float)((int64_t)layer->in_height * layer->in_width);

        (void)index;
        (void)thread;
        for (int32_t y = 0; y < layer->in_height; y++)
                kernels->sum_pixels(step->at[EN_OPERAND_INPUT] +
                                            y * layer->in_width * stride,
                                    stride, layer->in_width, layer->in_channels,
                                    rows + y * stride);
        kernels->sum_pixels(rows, stride, layer->in_height, layer->in_channels,
                            mean);
        for (int32_t c = 0; c < layer->in_channels; c++)
                mean[c] /= pixels;
}

static void
plan_pool(en_planner *planner, en_step *step)
{
        const en_layer *layer = step->layer;

        en_planner_advance(planner, step, 1, layer->in_channels);
        step->buffers[EN_OPERAND_SCRATCH] = en_planner_buffer(
                planner, (uint64_t)layer->in_height,
                (uint64_t)en_pixel_stride(layer->in_channels));
}

static effnet_status
run_pool(const en_step *step, const en_exec *exec)
{
        pool_run run = {step, exec};

        return en_pool_run(exec->pool, 1, run_whole, &run);
}

const en_step_ops en_pool_step = {plan_pool, run_pool, NULL, NULL};
