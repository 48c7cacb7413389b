/* step_conv.c: a full convolution as a matrix product, row by row; each row
 * may be projected at once.
 *
 * For an output row, the input columns under it are gathered as
 * [column][kernel row][channel].  The patch of output pixel x is then the
 * contiguous run of `kernel` columns that begins at column x * stride, so that
 * patches overlap in memory instead of being written out: the product walks
 * them with a pixel stride of stride * kernel * channels.
 */
#include "base/size.h"
#include "run/conv.h"
#include "run/pack.h"
#include "run/project.h"

#include <string.h>

/* How to find a value of the input: that of the image is NCHW. */
typedef struct view {
        const float *data;
        int64_t channel, row, pixel; /* distances */
} view;

typedef struct conv_run {
        const en_step *step;
        const en_exec *exec;
        en_split rows;
} conv_run;

static int64_t
column_floats(const en_layer *layer)
{
        return (int64_t)layer->kernel * layer->in_channels;
}

/* Input columns that an output row reaches. */
static int32_t
columns_of(const en_layer *layer)
{
        return (layer->out_width - 1) * layer->stride + layer->kernel;
}

int64_t
en_conv_scratch(const en_layer *layer)
{
        int64_t floats = columns_of(layer) * column_floats(layer);

        return (int64_t)en_round_up((size_t)floats, EN_CHANNEL_ALIGN);
}

static view
view_of_input(const en_step *step, const en_exec *exec)
{
        const en_layer *layer = step->layer;
        view input = {step->at[EN_OPERAND_INPUT], 1, 0, 0};

        if (input.data != NULL) {
                input.pixel = en_pixel_stride(layer->in_channels);
                input.row = input.pixel * layer->in_width;
                return input;
        }
        input.data = exec->image;
        input.channel = (int64_t)layer->in_height * layer->in_width;
        input.row = layer->in_width;
        input.pixel = 1;
        return input;
}

/* Channels that are copied side by side: those of a picture. */
#define GROUP 3

/* `count` columns of GROUP channels, from lines that are input->channel apart
 * to places that are `distance` apart.
 */
static void
copy_group(const view *input, const float *from, int32_t count, float *to,
           int64_t distance)
{
        const float *second = from + input->channel;
        const float *third = second + input->channel;
        int64_t pixel = input->pixel;

        for (int32_t x = 0; x < count; x++, to += distance) {
                to[0] = *from;
                to[1] = *second;
                to[2] = *third;
                from += pixel;
                second += pixel;
                third += pixel;
        }
}

static void
copy_line(const view *input, const float *from, int32_t count, float *to,
          int64_t distance)
{
        for (int32_t x = 0; x < count; x++, to += distance) {
                *to = *from;
                from += input->pixel;
        }
}

/* Pixels whose channels lie side by side. */
static void
copy_pixels(const view *input, const float *from, int32_t channels,
            int32_t count, float *to, int64_t distance)
{
        for (int32_t x = 0; x < count; x++, to += distance) {
                memcpy(to, from, (size_t)channels * sizeof(float));
                from += input->pixel;
        }
}

static void
copy_columns(const en_layer *layer, const view *input, const float *from,
             int32_t count, float *to)
{
        int64_t distance = column_floats(layer);
        int32_t c = 0;

        if (input->channel == 1) {
                copy_pixels(input, from, layer->in_channels, count, to,
                            distance);
                return;
        }
        for (; c + GROUP <= layer->in_channels; c += GROUP)
                copy_group(input, from + c * input->channel, count, to + c,
                           distance);
        for (; c < layer->in_channels; c++)
                copy_line(input, from + c * input->channel, count, to + c,
                          distance);
}

static void
clear_columns(const en_layer *layer, int32_t count, float *to)
{
        for (int32_t x = 0; x < count; x++, to += column_floats(layer))
                for (int32_t c = 0; c < layer->in_channels; c++)
                        to[c] = 0;
}

/* The part of the columns that comes from input row `y`: zeros to the left and
 * right of the row, and all zeros above and below the map.
 */
static void
gather_line(const en_layer *layer, const view *input, int32_t y, float *to)
{
        int64_t distance = column_floats(layer);
        int32_t columns = columns_of(layer), begin = 0, end = 0;

        if (y >= 0 && y < layer->in_height) {
                begin = layer->pad_left < columns ? layer->pad_left : columns;
                end = layer->in_width < columns - begin
                              ? begin + layer->in_width
                              : columns;
                copy_columns(layer, input, input->data + y * input->row,
                             end - begin, to + begin * distance);
        }
        clear_columns(layer, begin, to);
        clear_columns(layer, columns - end, to + end * distance);
}

static void
gather_row(const en_layer *layer, const view *input, int32_t out_row,
           float *columns)
{
        for (int32_t ky = 0; ky < layer->kernel; ky++)
                gather_line(layer, input,
                            out_row * layer->stride - layer->pad_top + ky,
                            columns + (int64_t)ky * layer->in_channels);
}

void
en_conv_row(const en_conv_rows *rows, int32_t y, float *output)
{
        const en_layer *layer = rows->step->layer;
        const en_packed *packed = rows->step->packed;
        const float *residual = layer->residual < 0
                                        ? NULL
                                        : rows->step->at[EN_OPERAND_RESIDUAL];
        view input = view_of_input(rows->step, rows->exec);
        en_pointwise call = {
                .input = rows->scratch,
                .input_stride = layer->stride * column_floats(layer),
                .pixels = layer->out_width,
                .inputs = en_conv_inputs(layer),
                .weights = packed->weights,
                .bias = packed->bias,
                .outputs = layer->out_channels,
                .begin = rows->begin,
                .end = rows->end,
                .output = output,
                .output_stride = rows->stride,
                .residual_stride = rows->stride,
                .activation = layer->activation,
        };

        if (residual != NULL)
                call.residual = residual +
                                (int64_t)y * layer->out_width * rows->stride;
        gather_row(layer, &input, y, rows->scratch);
        rows->exec->kernels->pointwise(&call);
}

/* A row into its place, or, with a projection, behind the scratch and from
 * there.
 */
static void
run_row(const conv_run *run, const en_conv_rows *rows, int32_t y)
{
        const en_step *step = run->step;
        const en_layer *layer = step->layer;
        int64_t first = (int64_t)y * layer->out_width;
        float *expanded = rows->scratch + en_conv_scratch(layer);

        if (step->layers == 1) {
                en_conv_row(rows, y,
                            step->at[EN_OPERAND_OUTPUT] + first * rows->stride);
                return;
        }
        en_conv_row(rows, y, expanded);
        en_project_pixels(step, run->exec, expanded, first, layer->out_width);
}

static int64_t
scratch_floats(const en_step *step)
{
        int64_t row = step->layer->out_width * en_project_stride(step);

        return en_conv_scratch(step->layer) + row;
}

static void
run_rows(void *context, int32_t index, int32_t thread)
{
        const conv_run *run = context;
        const en_step *step = run->step;
        en_conv_rows rows = {
                .step = step,
                .exec = run->exec,
                .stride = en_pixel_stride(step->layer->out_channels),
                .scratch = step->at[EN_OPERAND_SCRATCH] +
                           thread * scratch_floats(step),
        };
        int64_t end = en_split_end(&run->rows, index);

        for (int64_t y = en_split_begin(&run->rows, index); y < end; y++)
                run_row(run, &rows, (int32_t)y);
}

static void
plan_conv(en_planner *planner, en_step *step)
{
        en_project_plan(planner, step, scratch_floats(step));
}

static effnet_status
run_conv(const en_step *step, const en_exec *exec)
{
        conv_run run = {
                step, exec,
                en_split_make(step->layer->out_height, 1, exec->threads)};

        return en_pool_run(exec->pool, run.rows.tasks, run_rows, &run);
}

static void
describe_conv(const en_step *step, const en_exec *exec, en_tiles *tiles)
{
        const en_layer *layer = step->layer;

        tiles->tasks = en_split_make(layer->out_height, 1, exec->threads).tasks;
        tiles->panels = en_panel_count(exec->kernels, layer->out_channels);
}

const en_step_ops en_conv_step = {plan_conv, run_conv, describe_conv, NULL};
