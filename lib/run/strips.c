/* strips.c: choosing groups and strips, from shapes alone. */
#include "run/strips.h"

#include "run/step.h"
#include "run/winograd.h"

/* The widest group: its part of the weights and of a depthwise window stays
 * in the first cache.  The least: two panels of 16.
 */
#define GROUP_CHANNELS 96
#define GROUP_LEAST    32

/* A ring's floats: with the inputs of a block of pixels it fills a second
 * cache of 512 KiB about half.
 */
#define RING_FLOATS 49152

/* Fewer output rows in a strip read the ring's rows too often. */
#define ROWS_LEAST 4

/* Panels are no wider than this: groups begin where one does, and so differ
 * from even ones by less.
 */
#define PANEL_WIDEST 64

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

/* Enough for all threads, where there are channels enough. */
static int32_t
groups_for(int32_t channels, int32_t threads)
{
        int32_t groups = divide_up(channels, GROUP_CHANNELS);
        int32_t most = most_groups(channels);

        groups = divide_up(groups, threads) * threads;
        return groups < most ? groups : most;
}

/* Output rows of a strip whose ring has at most RING_FLOATS; may be < 1. */
static int64_t
rows_that_fit(const en_layer *layer, int32_t groups)
{
        const en_layer *depthwise = layer + 1;
        int64_t row = (int64_t)layer->out_width *
                      divide_up(layer->out_channels, groups);

        return (RING_FLOATS / row - depthwise->kernel) / depthwise->stride + 1;
}

en_strips
en_strips_choose(const en_layer *layer, int32_t threads)
{
        const en_layer *depthwise = layer + 1;
        int32_t channels = (int32_t)en_pixel_stride(layer->out_channels);
        int32_t height = depthwise->out_height;
        en_strips strips = {groups_for(channels, threads), 1, 1, 0, 0};
        int64_t rows = rows_that_fit(layer, strips.groups), ring;

        while (rows < ROWS_LEAST && rows < height &&
               strips.groups < most_groups(channels)) {
                strips.groups++;
                rows = rows_that_fit(layer, strips.groups);
        }
        strips.parts = divide_up(threads, strips.groups);
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
