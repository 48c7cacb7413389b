/* step_strips.c: an expansion, or the stem, and the depthwise convolution
 * after it in one step, so that the map between them never leaves the second
 * cache; and the projection, where one group has all that it needs.
 *
 * The expanded channels are cut into groups.  For each group a task walks
 * down the map in strips of output rows: it expands the input rows that the
 * strip needs and that are not there yet, into a ring of rows, and convolves
 * the ring's rows.  Within a task every row is expanded once.  A task may
 * have all rows of a group or a part of them; then the few rows that two
 * parts share are expanded by both.  Tasks are in the order of parts: a
 * thread's share is rows, as it is in the projection.
 */
#include "base/alloc.h"
#include "base/size.h"
#include "run/conv.h"
#include "run/later.h"
#include "run/pack.h"
#include "run/project.h"

/* Threads' scratches begin on lines of their own. */
#define LINE (EN_ALIGNMENT / sizeof(float))

typedef struct strips_run {
        const en_step *step;
        const en_exec *exec;
        en_strips strips;
        en_split rows; /* of the output */
} strips_run;

/* A task's part of the work: channels and the ring for them. */
typedef struct channel_group {
        const strips_run *run;
        int32_t begin, end; /* expanded channels */
        float *ring;
        float *scratch;      /* of the stem */
        float *strip;        /* of outputs that are projected, or NULL */
        int64_t rows_before; /* of the input, in the groups before */
} channel_group;

/* A depthwise output as large would leave the third cache before the projection
 * reads it, and a line that an ordinary store misses is read first; unless that
 * cache keeps all that a run touches.
 */
#define STREAM_FLOATS (1 << 20)

static bool
is_streamed(const en_planner *planner, const en_step *step)
{
        const en_layer *depthwise = step->layer + 1;

        return step->layers == 2 && planner->kernels->streams &&
               !planner->stays &&
               en_out_pixels(depthwise) *
                               en_pixel_stride(depthwise->out_channels) >=
                       STREAM_FLOATS;
}

/* What is projected: of the only group. */
static int64_t
strip_floats(const en_step *step)
{
        return step->layers == 2
                       ? 0
                       : en_pixel_stride(step->layer->out_channels) *
                                 step->strips.rows * step->layer[1].out_width;
}

/* Of a thread. */
static int64_t
scratch_floats(const en_step *step)
{
        int64_t floats = step->strips.ring_floats;

        if (step->layer->op == EN_OP_CONV)
                floats += en_conv_scratch(step->layer);
        floats = (int64_t)en_round_up((size_t)floats, LINE) +
                 strip_floats(step);
        return (int64_t)en_round_up((size_t)floats, LINE);
}

static int32_t
group_begin(const strips_run *run, int32_t index)
{
        return en_outputs_begin(run->exec->kernels,
                                run->step->layer->out_channels,
                                run->strips.groups, index);
}

/* Expands the input rows [begin, end), which are no further apart in the ring
 * than in the map.
 */
static void
expand_rows(const channel_group *group, int32_t begin, int32_t end)
{
        const strips_run *run = group->run;
        const en_step *step = run->step;
        const en_layer *layer = step->layer;
        ptrdiff_t in_stride = en_pixel_stride(layer->in_channels);
        ptrdiff_t stride = group->end - group->begin;
        int64_t first = (int64_t)begin * layer->in_width;
        int64_t done = group->rows_before;
        en_pointwise call = {
                .input = step->at[EN_OPERAND_INPUT] + first * in_stride,
                .input_stride = in_stride,
                .pixels = (int64_t)(end - begin) * layer->in_width,
                .ahead = en_pixels_ahead(layer, first, en_out_pixels(layer)),
                .inputs = layer->in_channels,
                .weights = step->packed->weights,
                .bias = step->packed->bias,
                .outputs = layer->out_channels,
                .begin = group->begin,
                .end = group->end,
                .output = group->ring + (int64_t)(begin % run->strips.ring) *
                                                layer->in_width * stride,
                .output_stride = stride,
                .activation = layer->activation,
                .later = en_later_part(step, done + begin, done + end,
                                       (int64_t)run->strips.groups *
                                               layer->in_height),
        };

        run->exec->kernels->pointwise(&call);
}

/* The same for the stem. */
static void
convolve_rows(const channel_group *group, int32_t begin, int32_t end)
{
        const strips_run *run = group->run;
        en_conv_rows rows = {run->step,
                             run->exec,
                             group->begin,
                             group->end,
                             group->end - group->begin,
                             group->scratch};

        for (int32_t y = begin; y < end; y++)
                en_conv_row(&rows, y,
                            group->ring + (int64_t)(y % run->strips.ring) *
                                                  run->step->layer->out_width *
                                                  rows.stride);
}

/* Up to the ring's end, and from its beginning on. */
static void
fill_ring(const channel_group *group, int32_t begin, int32_t end)
{
        int32_t ring = group->run->strips.ring;
        int32_t wrap = (begin / ring + 1) * ring;

        if (group->run->step->layer->op == EN_OP_CONV) {
                convolve_rows(group, begin, end);
                return;
        }
        if (wrap < end) {
                expand_rows(group, begin, wrap);
                begin = wrap;
        }
        if (begin < end)
                expand_rows(group, begin, end);
}

static void
depthwise(const channel_group *group, int32_t begin, int32_t end)
{
        const strips_run *run = group->run;
        const en_step *step = run->step;
        const en_layer *layer = step->layer + 1;
        const en_packed *packed = step->packed + 1;
        const float *sums = step->at[EN_OPERAND_SUMS];
        ptrdiff_t stride = en_pixel_stride(layer->out_channels);
        en_depthwise call = {
                .input = group->ring,
                .input_stride = group->end - group->begin,
                .ring = run->strips.ring,
                .in_height = layer->in_height,
                .in_width = layer->in_width,
                .channels = group->end - group->begin,
                .weights = packed->weights +
                           (int64_t)group->begin * en_kernel_taps(layer),
                .bias = packed->bias + group->begin,
                .vector_stride = stride,
                .output = step->at[EN_OPERAND_OUTPUT] + group->begin,
                .output_stride = stride,
                .streamed = run->strips.streamed,
                .out_height = layer->out_height,
                .out_width = layer->out_width,
                .kernel = layer->kernel,
                .step = layer->stride,
                .pad_top = layer->pad_top,
                .pad_left = layer->pad_left,
                .row_begin = begin,
                .row_end = end,
                .activation = layer->activation,
        };

        if (sums != NULL)
                call.row_sums = step->at[EN_OPERAND_SUMS] + group->begin;
        if (group->strip != NULL) { /* whose first row is row 0 */
                call.output = group->strip;
                call.output_stride = group->end - group->begin;
                call.pad_top -= begin * layer->stride;
                call.row_begin = 0;
                call.row_end = end - begin;
                if (sums != NULL)
                        call.row_sums += begin * stride;
        }
        run->exec->kernels->depthwise(&call);
}

static void
project(const channel_group *group, int32_t begin, int32_t end)
{
        const en_step *step = group->run->step;
        int64_t width = step->layer[1].out_width;

        en_project_pixels(step, group->run->exec, group->strip, begin * width,
                          (end - begin) * width);
}

static int32_t
within(int64_t row, int32_t height)
{
        return row < 0 ? 0 : row < height ? (int32_t)row : height;
}

static void
run_task(void *context, int32_t index, int32_t thread)
{
        const strips_run *run = context;
        const en_step *step = run->step;
        const en_layer *layer = step->layer + 1;
        int32_t part = index / run->strips.groups;
        int32_t number = index % run->strips.groups;
        int32_t row = (int32_t)en_split_begin(&run->rows, part);
        int32_t last = (int32_t)en_split_end(&run->rows, part);
        channel_group group = {run,
                               group_begin(run, number),
                               group_begin(run, number + 1),
                               step->at[EN_OPERAND_SCRATCH] +
                                       thread * scratch_floats(step),
                               NULL,
                               NULL,
                               (int64_t)number * layer->in_height};
        int32_t done = 0;

        group.scratch = group.ring + run->strips.ring_floats;
        if (strip_floats(step) > 0)
                group.strip = group.ring + scratch_floats(step) -
                              (int64_t)en_round_up((size_t)strip_floats(step),
                                                   LINE);
        if (group.begin == group.end)
                return;
        while (row < last) {
                int32_t end = last - row < run->strips.rows
                                      ? last
                                      : row + run->strips.rows;
                int64_t top = (int64_t)row * layer->stride - layer->pad_top;
                int64_t below = (int64_t)(end - 1) * layer->stride -
                                layer->pad_top + layer->kernel;
                int32_t first = within(top, layer->in_height);
                int32_t stop = within(below, layer->in_height);

                if (done < first)
                        done = first;
                fill_ring(&group, done, stop);
                done = stop > done ? stop : done;
                depthwise(&group, row, end);
                if (group.strip != NULL)
                        project(&group, row, end);
                row = end;
        }
}

/* A model repeats its blocks, and for many threads a search takes a
 * millisecond.
 */
static en_strips
strips_of(const en_planner *planner, const en_step *step)
{
        for (const en_step *s = planner->steps; s != step; s++)
                if (s->ops == &en_strips_step &&
                    en_strips_alike(s->layer, step->layer))
                        return s->strips;
        return en_strips_choose(step->layer, planner->kernels, planner->threads,
                                planner->near);
}

static void
plan_strips(en_planner *planner, en_step *step)
{
        const en_layer *second = step->layer + 1;

        en_later_plan(planner, step);
        step->strips = strips_of(planner, step);
        step->strips.streamed = is_streamed(planner, step);
        if (step->layers > 2) {
                en_project_plan(planner, step, scratch_floats(step));
                return;
        }
        en_planner_advance(planner, step, en_out_pixels(second),
                           second->out_channels);
        en_planner_sums(planner, step, second);
        step->buffers[EN_OPERAND_SCRATCH] = en_planner_buffer(
                planner, (uint64_t)planner->threads,
                (uint64_t)scratch_floats(step));
}

static effnet_status
run_strips(const en_step *step, const en_exec *exec)
{
        strips_run run = {step, exec, step->strips, {0, 0, 0}};

        run.rows = en_split_into(step->layer[1].out_height, run.strips.parts);
        return en_pool_run(exec->pool, run.strips.groups * run.rows.tasks,
                           run_task, &run);
}

static void
describe_strips(const en_step *step, const en_exec *exec, en_tiles *tiles)
{
        const en_strips strips = step->strips;
        en_split rows = en_split_into(step->layer[1].out_height, strips.parts);

        tiles->tasks = strips.groups * rows.tasks;
        tiles->groups = strips.groups;
        tiles->rows = strips.rows;
        tiles->ring = strips.ring;
        for (int32_t i = 0; i < rows.tasks; i++)
                tiles->strips += (int32_t)((en_split_end(&rows, i) -
                                            en_split_begin(&rows, i) +
                                            strips.rows - 1) /
                                           strips.rows);
        tiles->panels = en_panel_count(exec->kernels,
                                       step->layer->out_channels);
}

const en_step_ops en_strips_step = {plan_strips, run_strips, describe_strips,
                                    "strips"};
