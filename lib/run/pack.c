/* pack.c: one row per operation of a table: which values it keeps, and how
 * they are made from its parameters.
 */
#include "run/pack.h"

#include "base/alloc.h"
#include "base/size.h"
#include "base/status.h"
#include "run/fold.h"
#include "run/winograd.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>

/* Parts begin on a cache line. */
#define PART_ALIGN (EN_ALIGNMENT / sizeof(float))

/* Hands out parts of a block that may not exist yet. */
typedef struct cursor {
        const en_kernels *kernels;
        float *block;
        size_t used;
        bool overflow;
} cursor;

static float *
take(cursor *c, size_t floats)
{
        float *part = c->block != NULL ? c->block + c->used : NULL;
        size_t next;

        if (!en_add_size(c->used, floats, &next) ||
            !en_add_size(next, PART_ALIGN - 1, &next)) {
                c->overflow = true;
                return NULL;
        }
        c->used = next / PART_ALIGN * PART_ALIGN;
        return part;
}

static size_t
rounded(int32_t channels)
{
        return en_round_up((size_t)channels, EN_CHANNEL_ALIGN);
}

int32_t
en_kernel_taps(const en_layer *layer)
{
        return layer->kernel * layer->kernel;
}

int32_t
en_conv_inputs(const en_layer *layer)
{
        return en_kernel_taps(layer) * layer->in_channels;
}

static size_t
conv_size(const en_kernels *kernels, const en_layer *layer)
{
        if (en_winograd_applies(layer))
                return kernels->winograd_size(layer->in_channels,
                                              layer->out_channels);
        return kernels->packed_size(en_conv_inputs(layer), layer->out_channels);
}

static void
place_conv(cursor *c, const en_layer *layer, en_packed *packed)
{
        int32_t outputs = layer->out_channels;

        packed->weights = take(c, conv_size(c->kernels, layer));
        packed->bias = take(c, rounded(outputs));
}

static void
place_pointwise(cursor *c, const en_layer *layer, en_packed *packed)
{
        int32_t inputs = layer->in_channels, outputs = layer->out_channels;

        packed->weights = take(c, c->kernels->packed_size(inputs, outputs));
        packed->bias = take(c, rounded(outputs));
}

static void
place_depthwise(cursor *c, const en_layer *layer, en_packed *packed)
{
        size_t channels = rounded(layer->out_channels);

        packed->weights = take(c, (size_t)en_kernel_taps(layer) * channels);
        packed->bias = take(c, channels);
}

static void
place_squeeze(cursor *c, const en_layer *layer, en_packed *packed)
{
        int32_t channels = layer->in_channels, squeezed = layer->squeezed;

        packed->weights = take(c, c->kernels->packed_size(channels, squeezed));
        packed->bias = take(c, rounded(squeezed));
        packed->expand_weights = take(
                c, c->kernels->packed_size(squeezed, channels));
        packed->expand_bias = take(c, rounded(channels));
}

static void
place_context(cursor *c, const en_layer *layer, en_packed *packed)
{
        packed->attend_weights = take(
                c, c->kernels->packed_size(layer->in_channels, 1));
        packed->attend_bias = take(c, rounded(1));
        packed->norm_weights = take(c, rounded(layer->squeezed));
        packed->norm_bias = take(c, rounded(layer->squeezed));
        place_squeeze(c, layer, packed);
}

/* Reads parameter `which` of a layer as it is. */
static effnet_status
read_unchecked(const en_packer *packer, const en_layer *layer, int32_t which,
               float *values)
{
        const en_param *param =
                &packer->network->params[layer->first_param + which];

        return packer->params->read(packer->params->context, param, values);
}

static effnet_status
read_param(const en_packer *packer, const en_layer *layer, int32_t which,
           float *values)
{
        effnet_status status = read_unchecked(packer, layer, which, values);

        if (status != EFFNET_OK || packer->allow_nonfinite)
                return status;
        return en_check_param(
                &packer->network->params[layer->first_param + which], values);
}

/* Parameters 1 to 4 of a layer with batch norm, each of `out_channels`. */
static effnet_status
read_norm(const en_packer *packer, const en_layer *layer, float *values,
          en_batch_norm *norm)
{
        int64_t count = layer->out_channels;

        norm->weight = values;
        norm->bias = values + count;
        norm->mean = values + 2 * count;
        norm->variance = values + 3 * count;
        norm->epsilon = packer->network->config.epsilon;
        for (int32_t i = 0; i < 4; i++) {
                effnet_status status = read_param(packer, layer, 1 + i,
                                                  values + i * count);

                if (status != EFFNET_OK)
                        return status;
        }
        return EFFNET_OK;
}

/* What sums before the layer's activation are multiplied by. */
static double
scale_of(const en_packer *packer, const en_layer *layer)
{
        return layer->activation == EFFNET_ACTIVATION_SILU
                       ? packer->kernels->silu_scale
                       : 1;
}

/* Folds the norm into `weights` [out_channels][count], in place, and into the
 * bias.  The weights were not checked: what is not finite is so after scaling
 * too, and only then is read again to be named.
 */
static effnet_status
fold(const en_packer *packer, const en_layer *layer, const en_batch_norm *norm,
     float *weights, float *bias)
{
        int64_t count = packer->network->params[layer->first_param].count /
                        layer->out_channels;
        const double scale = scale_of(packer, layer);
        effnet_status status;

        for (int32_t n = 0; n < layer->out_channels; n++) {
                en_folded folded = en_fold(norm, n);
                bool held = en_scale_row(weights + n * count, count,
                                         folded.factor * scale);

                bias[n] = en_round_flushed(folded.bias * scale);
                if ((held && fabsf(bias[n]) <= FLT_MAX) ||
                    packer->allow_nonfinite)
                        continue;
                status = held ? EFFNET_OK
                              : read_param(packer, layer, 0, weights);
                if (status != EFFNET_OK)
                        return status;
                return en_fail(EFFNET_ERROR_FORMAT,
                               "%s: folding its batch norm overflows in "
                               "channel %" PRId32 ": found a factor of %g and "
                               "a bias of %g",
                               layer->name, n, folded.factor * scale,
                               folded.bias * scale);
        }
        return EFFNET_OK;
}

/* The layer's folded weights, at the start of the scratch, and its bias. */
static effnet_status
read_folded(const en_packer *packer, const en_layer *layer, float *bias)
{
        int64_t count = packer->network->params[layer->first_param].count;
        en_batch_norm norm;
        effnet_status status;

        status = read_unchecked(packer, layer, 0, packer->scratch);
        if (status != EFFNET_OK)
                return status;
        status = read_norm(packer, layer, packer->scratch + count, &norm);
        if (status != EFFNET_OK)
                return status;
        return fold(packer, layer, &norm, packer->scratch, bias);
}

/* From [out][in][row][column] to [out][column][row][in], the order in which
 * step_conv.c gathers.
 */
static void
reorder_conv(const en_layer *layer, const float *from, float *to)
{
        int32_t kernel = layer->kernel, inputs = layer->in_channels;

        for (int32_t n = 0; n < layer->out_channels; n++)
                for (int32_t x = 0; x < kernel; x++)
                        for (int32_t y = 0; y < kernel; y++)
                                for (int32_t c = 0; c < inputs; c++) {
                                        int64_t row = (int64_t)n * inputs + c;

                                        row = row * kernel + y;
                                        *to++ = from[row * kernel + x];
                                }
}

static effnet_status
pack_conv(const en_packer *packer, const en_layer *layer,
          const en_packed *packed)
{
        int64_t count = packer->network->params[layer->first_param].count;
        float *reordered = packer->scratch + count;
        effnet_status status = read_folded(packer, layer, packed->bias);

        if (status != EFFNET_OK)
                return status;
        if (en_winograd_applies(layer)) {
                packer->kernels->pack_winograd(
                        packer->scratch, layer->in_channels,
                        layer->out_channels, packed->weights);
                return EFFNET_OK;
        }
        /* The norm's vectors, behind the weights, have done their work. */
        reorder_conv(layer, packer->scratch, reordered);
        packer->kernels->pack_pointwise(reordered, en_conv_inputs(layer),
                                        layer->out_channels, packed->weights);
        return EFFNET_OK;
}

static effnet_status
pack_pointwise(const en_packer *packer, const en_layer *layer,
               const en_packed *packed)
{
        effnet_status status = read_folded(packer, layer, packed->bias);

        if (status != EFFNET_OK)
                return status;
        packer->kernels->pack_pointwise(packer->scratch, layer->in_channels,
                                        layer->out_channels, packed->weights);
        return EFFNET_OK;
}

static effnet_status
pack_depthwise(const en_packer *packer, const en_layer *layer,
               const en_packed *packed)
{
        const int64_t width = packer->kernels->align;
        int64_t taps = en_kernel_taps(layer);
        effnet_status status = read_folded(packer, layer, packed->bias);

        if (status != EFFNET_OK)
                return status;
        for (int64_t c = 0; c < layer->out_channels; c++)
                for (int64_t t = 0; t < taps; t++)
                        packed->weights[(c / width * taps + t) * width +
                                        c % width] =
                                packer->scratch[c * taps + t];
        return EFFNET_OK;
}

/* Reads parameter `which` times `scale`, rounded and flushed. */
static effnet_status
read_scaled(const en_packer *packer, const en_layer *layer, int32_t which,
            double scale, float *values)
{
        const en_param *param =
                &packer->network->params[layer->first_param + which];
        effnet_status status = read_unchecked(packer, layer, which, values);

        if (status != EFFNET_OK || en_scale_row(values, param->count, scale) ||
            packer->allow_nonfinite)
                return status;
        status = read_param(packer, layer, which, values);
        if (status != EFFNET_OK)
                return status;
        return en_fail(EFFNET_ERROR_FORMAT,
                       "%s: a value overflows when it is multiplied by %g, as "
                       "this instruction set's activation needs",
                       param->name, scale);
}

/* Weights `which` and the bias after them, of a layer without a norm, times
 * `scale`.
 */
static effnet_status
pack_affine(const en_packer *packer, const en_layer *layer, int32_t which,
            double scale, float *weights, float *bias)
{
        const en_param *param =
                &packer->network->params[layer->first_param + which];
        int32_t outputs = (int32_t)param->shape[0];
        int32_t inputs = (int32_t)param->shape[1];
        effnet_status status;

        status = read_scaled(packer, layer, which, scale, packer->scratch);
        if (status == EFFNET_OK)
                status = read_scaled(packer, layer, which + 1, scale, bias);
        if (status != EFFNET_OK)
                return status;
        packer->kernels->pack_pointwise(packer->scratch, inputs, outputs,
                                        weights);
        return EFFNET_OK;
}

static effnet_status
pack_squeeze(const en_packer *packer, const en_layer *layer,
             const en_packed *packed)
{
        effnet_status status;

        status = pack_affine(packer, layer, 0, scale_of(packer, layer),
                             packed->weights, packed->bias);
        if (status != EFFNET_OK)
                return status;
        return pack_affine(packer, layer, 2, 1, packed->expand_weights,
                           packed->expand_bias);
}

/* Parameters of a layer with global context, in their order. */
enum { ATTEND = 0, REDUCE = 2, NORM = 4, EXPAND = 6 };

static effnet_status
pack_context(const en_packer *packer, const en_layer *layer,
             const en_packed *packed)
{
        const double scale = scale_of(packer, layer);
        effnet_status status;

        status = pack_affine(packer, layer, ATTEND, 1, packed->attend_weights,
                             packed->attend_bias);
        if (status == EFFNET_OK)
                status = pack_affine(packer, layer, REDUCE, 1, packed->weights,
                                     packed->bias);
        if (status == EFFNET_OK)
                status = read_scaled(packer, layer, NORM, scale,
                                     packed->norm_weights);
        if (status == EFFNET_OK)
                status = read_scaled(packer, layer, NORM + 1, scale,
                                     packed->norm_bias);
        if (status == EFFNET_OK)
                status = pack_affine(packer, layer, EXPAND, 1,
                                     packed->expand_weights,
                                     packed->expand_bias);
        return status;
}

static effnet_status
pack_linear(const en_packer *packer, const en_layer *layer,
            const en_packed *packed)
{
        return pack_affine(packer, layer, 0, 1, packed->weights, packed->bias);
}

static const struct {
        void (*place)(cursor *c, const en_layer *layer, en_packed *packed);
        effnet_status (*pack)(const en_packer *packer, const en_layer *layer,
                              const en_packed *packed);
} operations[] = {
        [EN_OP_CONV] = {place_conv, pack_conv},
        [EN_OP_POINTWISE] = {place_pointwise, pack_pointwise},
        [EN_OP_DEPTHWISE] = {place_depthwise, pack_depthwise},
        [EN_OP_SQUEEZE_EXCITE] = {place_squeeze, pack_squeeze},
        [EN_OP_CONTEXT] = {place_context, pack_context},
        [EN_OP_POOL] = {NULL, NULL},
        [EN_OP_LINEAR] = {place_pointwise, pack_linear},
};

/* Every parameter of the layer at once, and a full convolution's weights
 * twice.
 */
static bool
scratch_of(const en_network *network, const en_layer *layer, size_t *floats)
{
        uint64_t total = 0;

        for (int32_t i = 0; i < layer->param_count; i++) {
                const en_param *param =
                        &network->params[layer->first_param + i];
                uint64_t count = (uint64_t)param->count;

                if (layer->op == EN_OP_CONV && i == 0)
                        count *= 2;
                if (!en_add_u64(total, count, &total))
                        return false;
        }
        if (total > SIZE_MAX)
                return false;
        *floats = (size_t)total;
        return true;
}

effnet_status
en_pack_place(en_weights *weights, const en_network *network, float *block,
              size_t *floats, size_t *scratch)
{
        cursor c = {weights->kernels, block, 0, false};

        *scratch = 0;
        for (int32_t i = 0; i < network->layer_count; i++) {
                const en_layer *layer = &network->layers[i];
                size_t needed = 0, before = c.used;

                if (operations[layer->op].place == NULL)
                        continue;
                operations[layer->op].place(&c, layer, &weights->layers[i]);
                if (c.overflow || !scratch_of(network, layer, &needed))
                        return en_fail(EFFNET_ERROR_LIMIT,
                                       "%s: the weights overflow the address "
                                       "space",
                                       layer->name);
                weights->layers[i].bytes = (c.used - before) * sizeof(float);
                if (needed > *scratch)
                        *scratch = needed;
        }
        *floats = c.used;
        return EFFNET_OK;
}

effnet_status
en_pack_layer(const en_packer *packer, int32_t index, const en_packed *packed)
{
        const en_layer *layer = &packer->network->layers[index];

        if (operations[layer->op].pack == NULL)
                return EFFNET_OK;
        return operations[layer->op].pack(packer, layer, packed);
}
