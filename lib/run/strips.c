/* strips.c: choosing groups and strips, from shapes and the second cache. */
#include "run/strips.h"

#include "run/step.h"
#include "run/winograd.h"

/* The widest group: its part of the weights and of a depthwise window stays
 * in the first cache.  The least: two panels of 16.
 */
#define GROUP_CHANNELS 96
#define GROUP_LEAST    32

/* What a ring may take: with the inputs of a block of pixels 49152 floats fill
 * a second cache of 512 KiB about half.  Fewer output rows in a strip read the
 * ring's rows too often.
 */
typedef struct room {
        int64_t floats;
        int64_t rows;
} room;

#define ROOM ((room){49152, 4})

/* For inputs beyond it; 3/8 of 2 MiB, the largest that was measured: small cores
 * share larger ones.
 */
#define ROOM_FAR ((room){196608, 2})

/* Panels are no wider than this: groups begin where one does, and so differ
 * from even ones by less.
 */
#define PANEL_WIDEST 64

/* Beyond it tasks are not balanced, and less than a 50th is not worth a
 * finer cut.
 */
#define THREADS_MOST 16
#define GAIN_LEAST   50

/* Multiply-adds for each value of the expanded map that the seams of threads'
 * rows may cost: measured, on cores with second caches of their own.
 */
#define SEAMS_MOST 6

/* The map between the two is never whole: no residual may need it. */
bool
en_strips_apply(const en_network *network, int32_t index)
{
        const en_layer *layer = &network->layers[index];

        return index + 1 < network->layer_count &&
               layer[1].op == EN_OP_DEPTHWISE &&
               (layer->op == EN_OP_POINTWISE || layer->op == EN_OP_CONV) &&
               !en_winograd_applies(layer) && layer->role != EN_ROLE_PROJECT &&
               layer->residual < 0 && !en_is_residual(network, index + 1);
}

static int32_t
divide_up(int64_t a, int64_t b)
{
        return (int32_t)((a + b - 1) / b);
}

static int32_t
most_groups(int32_t channels)
{
        return channels < GROUP_LEAST ? 1 : channels / GROUP_LEAST;
}

/* Output rows of a strip whose ring has at most so many floats; may be < 1. */
static int64_t
rows_that_fit(const en_layer *layer, int32_t groups, int64_t floats)
{
        const en_layer *depthwise = layer + 1;
        int64_t row = (int64_t)layer->out_width *
                      divide_up(layer->out_channels, groups);

        return (floats / row - depthwise->kernel) / depthwise->stride + 1;
}

bool
en_strips_project(const en_network *network, int32_t index)
{
        const en_layer *layer = &network->layers[index];

        return en_strips_apply(network, index) &&
               index + 2 < network->layer_count &&
               layer[2].op == EN_OP_POINTWISE &&
               layer[2].role == EN_ROLE_PROJECT && layer[2].residual < 0 &&
               !en_is_residual(network, index + 2) &&
               most_groups((int32_t)en_pixel_stride(layer->out_channels)) == 1;
}

/* As many that strips have rows enough. */
static int32_t
groups_that_fit(const en_layer *layer, room most)
{
        int32_t channels = (int32_t)en_pixel_stride(layer->out_channels);
        int32_t groups = divide_up(channels, GROUP_CHANNELS);
        int64_t rows = rows_that_fit(layer, groups, most.floats);

        while (rows < most.rows && rows < layer[1].out_height &&
               groups < most_groups(channels))
                rows = rows_that_fit(layer, ++groups, most.floats);
        return groups;
}

/* What each thread is busy for, in no unit. */
typedef struct load {
        int64_t busy[THREADS_MOST];
        int32_t threads;
        int64_t time; /* of the busiest */
        int64_t all;
} load;

static void
add_task(load *to, int64_t work)
{
        int64_t *least = to->busy;

        for (int32_t i = 1; i < to->threads; i++)
                if (to->busy[i] < *least)
                        least = &to->busy[i];
        *least += work;
        to->all += work;
        if (*least > to->time)
                to->time = *least;
}

/* Half rows that part `index` expands besides its own. */
static int64_t
seam_halves(const en_layer *second, int32_t parts, int32_t index)
{
        const int32_t sides = (index > 0) + (index + 1 < parts);

        return sides * (int64_t)(second->kernel - second->stride);
}

/* Of parts x groups tasks as if they were handed out in order: the expansion is
 * about half of the work.
 */
static load
load_of(const en_layer *layer, const en_kernels *kernels, int32_t threads,
        const en_strips *cut)
{
        const en_layer *second = layer + 1;
        const en_split rows = en_split_into(second->out_height, cut->parts);
        load sum = {{0}, threads, 0, 0};

        for (int32_t i = 0; i < rows.tasks; i++) {
                int64_t height = en_split_end(&rows, i) -
                                 en_split_begin(&rows, i);
                int64_t work = 4 * height * second->stride +
                               seam_halves(second, rows.tasks, i);
                int32_t begin = 0;

                for (int32_t j = 0; j < cut->groups; j++) {
                        int32_t end = en_outputs_begin(kernels,
                                                       layer->out_channels,
                                                       cut->groups, j + 1);

                        add_task(&sum, (end - begin) * work);
                        begin = end;
                }
        }
        return sum;
}

/* Whether each thread has rows of its own, as it has in the projection too,
 * although the rows at the seams are then expanded twice: mostly less work than
 * to fetch what another core wrote.
 */
static bool
keeps_rows(const en_layer *layer, int32_t threads)
{
        const en_layer *second = layer + 1;
        const int64_t seams = (threads - 1) *
                              (int64_t)(second->kernel - second->stride);

        return threads > 1 &&
               en_split_into(second->out_height, threads).tasks == threads &&
               seams * layer->in_channels <=
                       SEAMS_MOST * (int64_t)layer->out_height;
}

/* An input of half the second cache, or a thread's rows of it, is read anew,
 * from beyond it, for each group: so fewer ones, and as much room as there is,
 * in the same proportion.
 */
static room
room_for(const en_layer *layer, int32_t threads, uint64_t near)
{
        const int64_t floats = (int64_t)(near / sizeof(float));
        const int64_t input = (int64_t)layer->in_height * layer->in_width *
                              en_pixel_stride(layer->in_channels);
        const int32_t parts = keeps_rows(layer, threads) ? threads : 1;
        room most = ROOM_FAR;

        if (layer->op != EN_OP_POINTWISE || input / parts <= floats / 2)
                return ROOM;
        if (most.floats > floats / 8 * 3)
                most.floats = floats / 8 * 3;
        return most.floats > ROOM.floats ? most : ROOM;
}

/* Takes more groups, or parts, where threads would wait for each other. */
static void
balance(const en_layer *layer, const en_kernels *kernels, int32_t threads,
        en_strips *best)
{
        const int32_t parts[] = {1, 2, threads};
        const load first = load_of(layer, kernels, threads, best);
        const int64_t gain = first.all / threads / GAIN_LEAST;
        const int32_t least = keeps_rows(layer, threads) ? threads : 1;
        int64_t time = first.time;
        int32_t most = most_groups(
                (int32_t)en_pixel_stride(layer->out_channels));
        en_strips cut = *best;

        if (most > cut.groups + 2 * threads)
                most = cut.groups + 2 * threads;
        for (; cut.groups <= most; cut.groups++)
                for (int32_t i = 0; i < 3; i++) {
                        int64_t other;

                        if (time - gain <= first.all / threads)
                                return;
                        cut.parts = parts[i];
                        if (cut.parts < least ||
                            cut.groups * cut.parts < threads)
                                continue;
                        other = load_of(layer, kernels, threads, &cut).time;
                        if (other >= time - gain)
                                continue;
                        time = other;
                        *best = cut;
                }
}

/* All fields that the choice depends on. */
bool
en_strips_alike(const en_layer *a, const en_layer *b)
{
        return a->op == b->op && a->in_channels == b->in_channels &&
               a->in_height == b->in_height && a->in_width == b->in_width &&
               a->out_channels == b->out_channels &&
               a->out_height == b->out_height && a->out_width == b->out_width &&
               a[1].out_height == b[1].out_height &&
               a[1].kernel == b[1].kernel && a[1].stride == b[1].stride;
}

en_strips
en_strips_choose(const en_layer *layer, const en_kernels *kernels,
                 int32_t threads, uint64_t near)
{
        const en_layer *depthwise = layer + 1;
        const room most = room_for(layer, threads, near);
        int32_t channels = (int32_t)en_pixel_stride(layer->out_channels);
        int32_t height = depthwise->out_height;
        en_strips strips = {.groups = groups_that_fit(layer, most), .parts = 1};
        int64_t rows, ring;

        strips.parts = keeps_rows(layer, threads)
                               ? threads
                               : divide_up(threads, strips.groups);
        if (threads > 1 && threads <= THREADS_MOST)
                balance(layer, kernels, threads, &strips);
        rows = rows_that_fit(layer, strips.groups, most.floats);
        if (rows > height)
                rows = height;
        strips.rows = rows < 1 ? 1 : (int32_t)rows;
        ring = (int64_t)(strips.rows - 1) * depthwise->stride +
               depthwise->kernel;
        strips.ring = ring < layer->out_height ? (int32_t)ring
                                               : layer->out_height;
        strips.ring_floats = (int64_t)strips.ring * layer->out_width *
                             (divide_up(channels, strips.groups) +
                              PANEL_WIDEST);
        return strips;
}
