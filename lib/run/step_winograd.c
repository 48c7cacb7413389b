/* step_winograd.c: a full 3 x 3 convolution of stride 1 by Winograd's minimal
 * filtering, alone or with the projection after it.
 *
 * The map is walked in blocks of tiles, row by row.  With a projection, a
 * block's expanded outputs go to a strip of pixels, four rows high, of which
 * those of each row of tiles are projected into their place.
 */
#include "base/alloc.h"
#include "base/size.h"
#include "run/project.h"
#include "run/winograd.h"

/* Threads' scratches begin on lines of their own. */
#define LINE (EN_ALIGNMENT / sizeof(float))

/* Fewer tiles in a task read the weights too often. */
#define TILES_LEAST 6

typedef struct winograd_run {
        const en_step *step;
        const en_exec *exec;
        en_split tiles;
} winograd_run;

bool
en_winograd_applies(const en_layer *layer)
{
        return layer->op == EN_OP_CONV && layer->role != EN_ROLE_STEM &&
               layer->kernel == 3 && layer->stride == 1;
}

static int32_t
tiles_across(const en_layer *layer)
{
        return (layer->out_width + EN_WINOGRAD_TILE - 1) / EN_WINOGRAD_TILE;
}

int32_t
en_winograd_tiles(const en_layer *layer)
{
        return tiles_across(layer) *
               ((layer->out_height + EN_WINOGRAD_TILE - 1) / EN_WINOGRAD_TILE);
}

static int32_t
block_count(int32_t tiles)
{
        return (tiles + EN_WINOGRAD_BLOCK - 1) / EN_WINOGRAD_BLOCK;
}

/* What the kernel needs, and a strip. */
static size_t
kernel_floats(const en_step *step, const en_kernels *kernels)
{
        size_t floats = kernels->winograd_scratch(step->layer->in_channels,
                                                  EN_WINOGRAD_BLOCK);

        return en_round_up(floats, LINE);
}

static int64_t
scratch_floats(const en_step *step, const en_kernels *kernels)
{
        int64_t pixels = EN_WINOGRAD_BLOCK * EN_WINOGRAD_TILE *
                         EN_WINOGRAD_TILE;
        int64_t strip = pixels * en_project_stride(step);

        return (int64_t)(kernel_floats(step, kernels) +
                         en_round_up((size_t)strip, LINE));
}

/* Tiles [begin, begin + count) are side by side in the map; their pixels in
 * the strip begin at `expanded`, rows being `row` floats apart.
 */
static void
project_run(const winograd_run *run, int32_t begin, int32_t count,
            const float *expanded, int64_t row)
{
        const en_layer *layer = run->step->layer;
        int32_t across = tiles_across(layer);
        int32_t y = begin / across * EN_WINOGRAD_TILE;
        int32_t x = begin % across * EN_WINOGRAD_TILE;
        int32_t pixels = count * EN_WINOGRAD_TILE;

        if (pixels > layer->out_width - x)
                pixels = layer->out_width - x;
        for (int32_t i = 0; i < EN_WINOGRAD_TILE && y + i < layer->out_height;
             i++)
                en_project_pixels(run->step, run->exec, expanded + i * row,
                                  (int64_t)(y + i) * layer->out_width + x,
                                  pixels);
}

static void
project_block(const winograd_run *run, const en_winograd *call)
{
        int32_t across = tiles_across(run->step->layer);
        int64_t tile = EN_WINOGRAD_TILE * call->output_stride;
        const float *expanded = call->output;

        for (int32_t i = call->begin; i < call->end;) {
                int32_t count = across - i % across;

                if (count > call->end - i)
                        count = call->end - i;
                project_run(run, i, count, expanded,
                            (call->end - call->begin) * tile);
                expanded += count * tile;
                i += count;
        }
}

static en_winograd
make_call(const winograd_run *run, int32_t thread)
{
        const en_step *step = run->step;
        const en_layer *layer = step->layer;
        const en_kernels *kernels = run->exec->kernels;
        float *scratch = step->at[EN_OPERAND_SCRATCH] +
                         thread * scratch_floats(step, kernels);
        en_winograd call = {
                .input = step->at[EN_OPERAND_INPUT],
                .input_stride = en_pixel_stride(layer->in_channels),
                .in_height = layer->in_height,
                .in_width = layer->in_width,
                .inputs = layer->in_channels,
                .weights = step->packed->weights,
                .bias = step->packed->bias,
                .outputs = layer->out_channels,
                .out_height = layer->out_height,
                .out_width = layer->out_width,
                .pad_top = layer->pad_top,
                .pad_left = layer->pad_left,
                .strip = step->layers > 1,
                .output = step->at[EN_OPERAND_OUTPUT],
                .output_stride = en_pixel_stride(layer->out_channels),
                .residual = step->at[EN_OPERAND_RESIDUAL],
                .activation = layer->activation,
                .scratch = scratch,
        };

        if (call.strip) {
                call.output = scratch + kernel_floats(step, kernels);
                call.residual = NULL;
        }
        return call;
}

static void
run_task(void *context, int32_t index, int32_t thread)
{
        const winograd_run *run = context;
        int64_t begin = en_split_begin(&run->tiles, index);
        int64_t count = en_split_end(&run->tiles, index) - begin;
        en_split blocks = en_split_into(count, block_count((int32_t)count));
        en_winograd call = make_call(run, thread);

        for (int32_t i = 0; i < blocks.tasks; i++) {
                call.begin = (int32_t)(begin + en_split_begin(&blocks, i));
                call.end = (int32_t)(begin + en_split_end(&blocks, i));
                run->exec->kernels->winograd(&call);
                if (call.strip)
                        project_block(run, &call);
        }
}

static void
plan_winograd(en_planner *planner, en_step *step)
{
        en_project_plan(planner, step, scratch_floats(step, planner->kernels));
}

static en_split
split_tiles(const en_step *step, const en_exec *exec)
{
        return en_split_make(en_winograd_tiles(step->layer), TILES_LEAST,
                             exec->threads);
}

static effnet_status
run_winograd(const en_step *step, const en_exec *exec)
{
        winograd_run run = {step, exec, split_tiles(step, exec)};

        return en_pool_run(exec->pool, run.tiles.tasks, run_task, &run);
}

static void
describe_winograd(const en_step *step, const en_exec *exec, en_tiles *tiles)
{
        tiles->tasks = split_tiles(step, exec).tasks;
        tiles->panels = en_panel_count(exec->kernels,
                                       step->layer->out_channels);
}

const en_step_ops en_winograd_step = {plan_winograd, run_winograd,
                                      describe_winograd, "winograd"};
