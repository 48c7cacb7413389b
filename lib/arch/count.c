/* count.c: which parameters a layer has, and its multiply-adds. */
#include "arch/count.h"

#include "base/size.h"

#include <stdio.h>

/* A parameter's part of the name and which of the layer's sizes its
 * dimensions are.
 */
typedef enum dimension {
        END,
        ONE,
        IN,     /* input channels; 1 where depthwise */
        OUT,    /* output channels */
        KERNEL, /* side of the kernel */
        SQUEEZED
} dimension;

typedef struct pattern {
        en_param_kind kind;
        const char *suffix;
        bool statistic;
        dimension shape[4];
} pattern;

static const pattern conv_patterns[] = {
        {EN_PARAM_CONV_WEIGHT, "conv.weight", false, {OUT, IN, KERNEL, KERNEL}},
        {EN_PARAM_BN_WEIGHT, "bn.weight", false, {OUT}},
        {EN_PARAM_BN_BIAS, "bn.bias", false, {OUT}},
        {EN_PARAM_BN_MEAN, "bn.running_mean", true, {OUT}},
        {EN_PARAM_BN_VAR, "bn.running_var", true, {OUT}},
        {.suffix = NULL},
};

static const pattern se_patterns[] = {
        {EN_PARAM_SE_REDUCE_WEIGHT,
         "reduce.weight",
         false,
         {SQUEEZED, IN, ONE, ONE}},
        {EN_PARAM_SE_REDUCE_BIAS, "reduce.bias", false, {SQUEEZED}},
        {EN_PARAM_SE_EXPAND_WEIGHT,
         "expand.weight",
         false,
         {OUT, SQUEEZED, ONE, ONE}},
        {EN_PARAM_SE_EXPAND_BIAS, "expand.bias", false, {OUT}},
        {.suffix = NULL},
};

static const pattern context_patterns[] = {
        {EN_PARAM_ATTEND_WEIGHT, "attend.weight", false, {ONE, IN, ONE, ONE}},
        {EN_PARAM_ATTEND_BIAS, "attend.bias", false, {ONE}},
        {EN_PARAM_SE_REDUCE_WEIGHT,
         "reduce.weight",
         false,
         {SQUEEZED, IN, ONE, ONE}},
        {EN_PARAM_SE_REDUCE_BIAS, "reduce.bias", false, {SQUEEZED}},
        {EN_PARAM_LN_WEIGHT, "norm.weight", false, {SQUEEZED}},
        {EN_PARAM_LN_BIAS, "norm.bias", false, {SQUEEZED}},
        {EN_PARAM_SE_EXPAND_WEIGHT,
         "expand.weight",
         false,
         {OUT, SQUEEZED, ONE, ONE}},
        {EN_PARAM_SE_EXPAND_BIAS, "expand.bias", false, {OUT}},
        {.suffix = NULL},
};

static const pattern linear_patterns[] = {
        {EN_PARAM_LINEAR_WEIGHT, "weight", false, {OUT, IN}},
        {EN_PARAM_LINEAR_BIAS, "bias", false, {OUT}},
        {.suffix = NULL},
};

static const pattern no_patterns[] = {{.suffix = NULL}};

static const pattern *const patterns[] = {
        [EN_OP_CONV] = conv_patterns,
        [EN_OP_POINTWISE] = conv_patterns,
        [EN_OP_DEPTHWISE] = conv_patterns,
        [EN_OP_SQUEEZE_EXCITE] = se_patterns,
        [EN_OP_CONTEXT] = context_patterns,
        [EN_OP_POOL] = no_patterns,
        [EN_OP_LINEAR] = linear_patterns,
};

static int64_t
measure(const en_layer *layer, dimension which)
{
        switch (which) {
        case IN: return layer->op == EN_OP_DEPTHWISE ? 1 : layer->in_channels;
        case OUT: return layer->out_channels;
        case KERNEL: return layer->kernel;
        case SQUEEZED: return layer->squeezed;
        default: return 1;
        }
}

static void
describe(en_param *param, const en_layer *layer, const pattern *from)
{
        snprintf(param->name, sizeof(param->name), "%s.%s", layer->name,
                 from->suffix);
        param->kind = from->kind;
        param->rank = 0;
        param->count = 1;
        while (param->rank < 4 && from->shape[param->rank] != END) {
                int64_t n = measure(layer, from->shape[param->rank]);

                param->shape[param->rank++] = n;
                param->count *= n;
        }
}

void
en_add_params(en_network *network, en_layer *layer)
{
        layer->first_param = network->param_count;
        layer->param_count = 0;
        layer->parameters = 0;
        for (const pattern *p = patterns[layer->op]; p->suffix != NULL; p++) {
                en_param *param = &network->params[network->param_count++];

                describe(param, layer, p);
                param->layer = (int32_t)(layer - network->layers);
                layer->param_count++;
                if (!p->statistic)
                        layer->parameters += param->count;
        }
}

/* Multiply-adds of one output element. */
static uint64_t
macs_each(const en_layer *layer)
{
        uint64_t taps = (uint64_t)layer->kernel * (uint64_t)layer->kernel;

        switch (layer->op) {
        case EN_OP_CONV:
        case EN_OP_POINTWISE:
        case EN_OP_LINEAR: return taps * (uint64_t)layer->in_channels;
        case EN_OP_DEPTHWISE: return taps;
        case EN_OP_CONTEXT: return 1; /* the weight of each pixel */
        default: return 0;
        }
}

bool
en_count_macs(en_layer *layer)
{
        uint64_t n = (uint64_t)layer->out_channels;

        int64_t squeeze = 2 * (int64_t)layer->squeezed * layer->out_channels;

        if (!en_mul_u64(n, (uint64_t)layer->out_height, &n) ||
            !en_mul_u64(n, (uint64_t)layer->out_width, &n) ||
            !en_mul_u64(n, macs_each(layer), &n) || n > INT64_MAX)
                return false;
        return !__builtin_add_overflow((int64_t)n, squeeze, &layer->macs);
}
