/* network.c: from a config to the list of its layers. */
#include "arch/network.h"

#include "arch/count.h"
#include "arch/geometry.h"
#include "base/alloc.h"
#include "base/fpu.h"
#include "base/size.h"
#include "base/status.h"

#include <inttypes.h>
#include <stdio.h>

/* Layers outside the blocks, and in one, at most. */
#define OUTER_LAYERS 4
#define BLOCK_LAYERS 4

/* Where the unrolling stands: the map that the next layer takes. */
typedef struct cursor {
        en_network *network;
        effnet_status status;
        int32_t channels;
        int32_t unpruned; /* what `channels` would be */
        en_axis height, width;
        int32_t reduction;
        int32_t stage, block, flat; /* -1, 0, blocks so far, outside blocks */
        int32_t preceding;          /* stages */
        en_block kind;
        bool expanded;
} cursor;

static const char *const op_names[] = {
        [EN_OP_CONV] = "conv",
        [EN_OP_POINTWISE] = "pointwise",
        [EN_OP_DEPTHWISE] = "depthwise",
        [EN_OP_SQUEEZE_EXCITE] = "squeeze-excite",
        [EN_OP_CONTEXT] = "global-context",
        [EN_OP_POOL] = "pool",
        [EN_OP_LINEAR] = "linear",
};

static const struct {
        en_op op;
        const char *name;
} roles[] = {
        [EN_ROLE_STEM] = {EN_OP_CONV, "stem"},
        [EN_ROLE_CONV] = {EN_OP_CONV, "conv"},
        [EN_ROLE_EXPAND] = {EN_OP_POINTWISE, "expand"},
        [EN_ROLE_DEPTHWISE] = {EN_OP_DEPTHWISE, "depthwise"},
        [EN_ROLE_SE] = {EN_OP_SQUEEZE_EXCITE, "se"},
        [EN_ROLE_CONTEXT] = {EN_OP_CONTEXT, "context"},
        [EN_ROLE_PROJECT] = {EN_OP_POINTWISE, "project"},
        [EN_ROLE_HEAD] = {EN_OP_POINTWISE, "head"},
        [EN_ROLE_POOL] = {EN_OP_POOL, "pool"},
        [EN_ROLE_CLASSIFIER] = {EN_OP_LINEAR, "classifier"},
};

const char *
en_op_name(en_op op)
{
        return op_names[op];
}

static int32_t
scaled(const effnet_config *config, int32_t channels)
{
        return config->nearest_widths
                       ? en_scale_channels_nearest(channels, config->width)
                       : en_scale_channels(channels, config->width);
}

/* The stem's or the head's channels: `own` where it is pruned. */
static int32_t
end_channels(const effnet_config *config, int32_t channels, int32_t own)
{
        if (own > 0)
                return own;
        return config->fixed_ends ? channels : scaled(config, channels);
}

static void
name_layer(en_layer *layer)
{
        const char *name = roles[layer->role].name;

        if (layer->stage < 0)
                snprintf(layer->name, sizeof(layer->name), "%s", name);
        else
                snprintf(layer->name, sizeof(layer->name),
                         "blocks.%" PRId32 ".%" PRId32 ".%s", layer->stage,
                         layer->block, name);
}

/* The next layer, with what its place and its input tell; its output is still
 * its input's size.
 */
static en_layer *
append(cursor *at, en_role role, int32_t channels)
{
        en_network *network = at->network;
        en_layer *layer = &network->layers[network->layer_count++];

        layer->op = roles[role].op;
        layer->role = role;
        layer->stage = at->stage;
        layer->block = at->block;
        layer->flat = at->stage < 0 ? -1 : at->flat;
        layer->preceding = at->preceding;
        layer->kind = at->kind;
        layer->expanded = at->expanded;
        layer->in_channels = at->channels;
        layer->in_height = layer->out_height = at->height.size;
        layer->in_width = layer->out_width = at->width.size;
        layer->out_channels = channels;
        layer->kernel = layer->stride = 1;
        layer->activation = EN_ACTIVATION_NONE;
        layer->residual = -1;
        name_layer(layer);
        return layer;
}

static bool
is_countable(const en_layer *layer)
{
        uint64_t n = (uint64_t)layer->out_channels;

        return en_mul_u64(n, (uint64_t)layer->out_height, &n) &&
               en_mul_u64(n, (uint64_t)layer->out_width, &n) &&
               n <= INT64_MAX / sizeof(float);
}

/* Moves past a layer whose fields are set, and adds it to the totals. */
static void
finish(cursor *at, en_layer *layer)
{
        en_network *network = at->network;

        layer->reduction = at->reduction;
        at->channels = layer->out_channels;
        en_add_params(network, layer);
        network->parameters += layer->parameters;
        if (at->status != EFFNET_OK)
                return;
        if (layer->out_height < 1 || layer->out_width < 1)
                at->status = en_fail(
                        EFFNET_ERROR_ARGUMENT,
                        "layer %s would be empty: its input is %" PRId32
                        " x %" PRId32 ", its kernel %" PRId32,
                        layer->name, layer->in_height, layer->in_width,
                        layer->kernel);
        else if (!is_countable(layer) || !en_count_macs(layer) ||
                 __builtin_add_overflow(network->macs, layer->macs,
                                        &network->macs))
                at->status = en_fail(
                        EFFNET_ERROR_ARGUMENT,
                        "layer %s overflows: its output is %" PRId32
                        " x %" PRId32 " x %" PRId32,
                        layer->name, layer->out_channels, layer->out_height,
                        layer->out_width);
}

/* A convolution with batch norm and `activation`. */
static en_layer *
append_conv(cursor *at, en_role role, int32_t channels, int32_t activation)
{
        en_layer *layer = append(at, role, channels);

        layer->activation = activation;
        return layer;
}

static void
set_kernel(cursor *at, en_layer *layer, int32_t kernel, int32_t stride)
{
        int32_t padding = at->network->config.padding;
        en_span rows = en_convolve_axis(at->height, kernel, stride, padding);
        en_span columns = en_convolve_axis(at->width, kernel, stride, padding);

        layer->kernel = kernel;
        layer->stride = stride;
        layer->pad_top = rows.before;
        layer->pad_bottom = rows.after;
        layer->pad_left = columns.before;
        layer->pad_right = columns.after;
        layer->out_height = rows.out.size;
        layer->out_width = columns.out.size;
        at->height = rows.out;
        at->width = columns.out;
        at->reduction *= stride;
}

static void
add_stem(cursor *at)
{
        const effnet_config *config = &at->network->config;
        en_layer *layer = append_conv(
                at, EN_ROLE_STEM,
                end_channels(config, config->stem, config->pruned.stem),
                config->activation);

        set_kernel(at, layer, 3, 2);
        finish(at, layer);
        at->unpruned = end_channels(config, config->stem, 0);
}

static void
add_attention(cursor *at, int32_t squeezed)
{
        const effnet_config *config = &at->network->config;
        en_role role = config->attention == EN_ATTENTION_CONTEXT
                               ? EN_ROLE_CONTEXT
                               : EN_ROLE_SE;
        en_layer *layer = append(at, role, at->channels);

        layer->squeezed = squeezed;
        layer->activation = config->activation;
        finish(at, layer);
}

/* Where a block begins, and what it is to become. */
typedef struct block {
        const en_stage *stage;
        int32_t first; /* layer */
        int32_t in_channels, expanded, squeezed, out_channels;
        int32_t stride;
        bool skips; /* its input is added: so it is in the model that was
                     * pruned, whatever the widths now */
} block;

/* The last layer of a block, with the residual if there is one. */
static void
finish_block(cursor *at, const block *b, en_layer *layer)
{
        if (b->skips && b->in_channels == b->out_channels)
                layer->residual = b->first;
        finish(at, layer);
}

/* MBConv: expand, depthwise, squeeze-and-excite, project. */
static void
add_mbconv(cursor *at, const block *b)
{
        const effnet_config *config = &at->network->config;
        int32_t expanded = b->stage->expansion != 1 ? b->expanded
                                                    : at->channels;
        en_layer *layer;

        at->expanded = b->stage->expansion != 1;
        if (at->expanded)
                finish(at, append_conv(at, EN_ROLE_EXPAND, expanded,
                                       config->activation));
        layer = append_conv(at, EN_ROLE_DEPTHWISE, expanded,
                            config->activation);
        set_kernel(at, layer, b->stage->kernel, b->stride);
        finish(at, layer);
        if (config->squeeze_excite)
                add_attention(at, b->squeezed);
        finish_block(at, b,
                     append_conv(at, EN_ROLE_PROJECT, b->out_channels,
                                 EN_ACTIVATION_NONE));
}

/* Fused MBConv (Tan & Le 2021): the expansion is the k x k convolution, and
 * there even where the ratio is 1.
 */
static void
add_fused(cursor *at, const block *b)
{
        en_layer *layer = append_conv(at, EN_ROLE_EXPAND, b->expanded,
                                      at->network->config.activation);

        layer->op = EN_OP_CONV;
        layer->expanded = at->expanded = true;
        set_kernel(at, layer, b->stage->kernel, b->stride);
        finish(at, layer);
        finish_block(at, b,
                     append_conv(at, EN_ROLE_PROJECT, b->out_channels,
                                 EN_ACTIVATION_NONE));
}

/* One convolution; the residual comes after its activation. */
static void
add_conv(cursor *at, const block *b)
{
        en_layer *layer = append_conv(at, EN_ROLE_CONV, b->out_channels,
                                      at->network->config.activation);

        set_kernel(at, layer, b->stage->kernel, b->stride);
        finish_block(at, b, layer);
}

static void (*const add_block[])(cursor *at, const block *b) = {
        [EN_BLOCK_MBCONV] = add_mbconv,
        [EN_BLOCK_FUSED] = add_fused,
        [EN_BLOCK_CONV] = add_conv,
};

/* The next block of a stage of `channels`.  It squeezes to a quarter of its
 * input, not of the expanded width.  transformers adds no stage's input
 * (modeling_efficientnet.py: id_skip), which differs from the others' rule
 * where a stage is as wide as the one before it, as in no published model.
 */
static block
describe_block(const cursor *at, const en_stage *stage, int32_t channels)
{
        const en_pruned *pruned = &at->network->config.pruned;
        en_family family = at->network->config.family;
        int32_t base = stage->plain ? channels : at->channels;
        block b = {
                .stage = stage,
                .first = at->network->layer_count,
                .in_channels = at->channels,
                .expanded = base * stage->expansion,
                .squeezed = at->channels >= 8 ? at->channels / 4 : 1,
                .out_channels = channels,
                .stride = at->block == 0 ? stage->stride : 1,
        };

        b.skips = b.stride == 1 && at->unpruned == channels && !stage->plain &&
                  !(at->block == 0 && family == EN_FAMILY_HF);
        if (at->flat < pruned->block_count) {
                b.expanded = pruned->blocks[at->flat].expanded;
                b.squeezed = pruned->blocks[at->flat].squeezed;
                b.out_channels = pruned->blocks[at->flat].out;
        }
        return b;
}

static void
add_stage(cursor *at, int32_t index)
{
        const effnet_config *config = &at->network->config;
        const en_stage *stage = &config->stages[index];
        int32_t channels = scaled(config, stage->channels);
        int32_t repeats = en_config_repeats(config, index);

        at->stage = index;
        at->kind = (en_block)stage->block;
        for (at->block = 0; at->block < repeats; at->block++) {
                const block b = describe_block(at, stage, channels);

                add_block[stage->block](at, &b);
                at->unpruned = channels;
                at->flat++;
        }
        at->preceding++;
        at->stage = -1;
        at->block = 0;
        at->kind = EN_BLOCK_MBCONV;
        at->expanded = false;
}

static void
add_head(cursor *at)
{
        const effnet_config *config = &at->network->config;
        int32_t channels = end_channels(config, config->head,
                                        config->pruned.head);
        en_layer *layer;

        if (!config->headless)
                finish(at, append_conv(at, EN_ROLE_HEAD, channels,
                                       config->activation));
        at->network->embedding_size = at->channels;
        layer = append(at, EN_ROLE_POOL, at->channels);
        layer->out_height = layer->out_width = 1;
        at->height.size = at->width.size = 1;
        at->reduction = 0;
        finish(at, layer);
        if (config->classes > 0 && !config->headless)
                finish(at, append(at, EN_ROLE_CLASSIFIER, config->classes));
}

static effnet_status
allocate(en_network *network)
{
        int32_t blocks = en_config_blocks(&network->config);
        size_t n = OUTER_LAYERS + BLOCK_LAYERS * (size_t)blocks;

        network->layers = en_alloc_zero(n, sizeof(*network->layers));
        network->params = en_alloc_zero(n * EN_MAX_LAYER_PARAMS,
                                        sizeof(*network->params));
        if (network->layers == NULL || network->params == NULL)
                return EFFNET_ERROR_MEMORY;
        return EFFNET_OK;
}

static effnet_status
unroll(en_network *network)
{
        const effnet_config *config = &network->config;
        int32_t nominal = config->padding_resolution != 0
                                  ? config->padding_resolution
                                  : config->resolution;
        cursor at = {
                .network = network,
                .channels = config->input_channels,
                .height = {network->height, nominal},
                .width = {network->width, nominal},
                .reduction = 1,
                .stage = -1,
        };

        add_stem(&at);
        for (int32_t i = 0; i < config->stage_count; i++)
                add_stage(&at, i);
        add_head(&at);
        return at.status;
}

effnet_status
en_network_create(en_network **network, const effnet_config *config,
                  int32_t height, int32_t width)
{
        en_network *made;
        effnet_status status;
        uint64_t mode;

        *network = NULL;
        if (height == 0 && width == 0)
                height = width = config->resolution;
        if (height < 1 || width < 1)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "input of %" PRId32 " x %" PRId32
                               "; expected at least 1 x 1",
                               height, width);
        made = en_alloc_zero(1, sizeof(*made));
        if (made == NULL)
                return EFFNET_ERROR_MEMORY;
        made->config = *config;
        made->height = height;
        made->width = width;
        mode = en_fpu_enter();
        status = allocate(made);
        if (status == EFFNET_OK)
                status = unroll(made);
        en_fpu_leave(mode);
        if (status != EFFNET_OK) {
                en_network_free(made);
                return status;
        }
        *network = made;
        return EFFNET_OK;
}

void
en_network_free(en_network *network)
{
        if (network == NULL)
                return;
        en_free(network->layers);
        en_free(network->params);
        en_free(network);
}
