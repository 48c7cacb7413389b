/* network.h: a config unrolled to layers with exact shapes and to the
 * parameters they need.
 */
#ifndef EN_ARCH_NETWORK_H
#define EN_ARCH_NETWORK_H

#include "arch/config.h"
#include "base/activation.h"

#include <stdbool.h>

#define EN_MAX_LAYER_NAME 40
#define EN_MAX_PARAM_NAME 64

typedef enum en_op {
        EN_OP_CONV,      /* k x k over all input channels */
        EN_OP_POINTWISE, /* 1 x 1 */
        EN_OP_DEPTHWISE,
        EN_OP_SQUEEZE_EXCITE,
        EN_OP_CONTEXT, /* global context */
        EN_OP_POOL,    /* global average */
        EN_OP_LINEAR
} en_op;

/* What a layer is in its block; naming families are tables over roles. */
typedef enum en_role {
        EN_ROLE_STEM,
        EN_ROLE_CONV, /* the only one of its block */
        EN_ROLE_EXPAND,
        EN_ROLE_DEPTHWISE,
        EN_ROLE_SE,
        EN_ROLE_CONTEXT,
        EN_ROLE_PROJECT,
        EN_ROLE_HEAD,
        EN_ROLE_POOL,
        EN_ROLE_CLASSIFIER
} en_role;

typedef enum en_param_kind {
        EN_PARAM_CONV_WEIGHT, /* [out, in, kh, kw]; depthwise [c, 1, kh, kw] */
        EN_PARAM_BN_WEIGHT,
        EN_PARAM_BN_BIAS,
        EN_PARAM_BN_MEAN,       /* running_mean: a statistic, not counted */
        EN_PARAM_BN_VAR,        /* running_var: likewise */
        EN_PARAM_ATTEND_WEIGHT, /* global context: [1, c, 1, 1] */
        EN_PARAM_ATTEND_BIAS,
        EN_PARAM_SE_REDUCE_WEIGHT, /* [squeezed, c, 1, 1] */
        EN_PARAM_SE_REDUCE_BIAS,
        EN_PARAM_LN_WEIGHT, /* layer norm, in global context: [squeezed] */
        EN_PARAM_LN_BIAS,
        EN_PARAM_SE_EXPAND_WEIGHT, /* [c, squeezed, 1, 1] */
        EN_PARAM_SE_EXPAND_BIAS,
        EN_PARAM_LINEAR_WEIGHT, /* [classes, features] */
        EN_PARAM_LINEAR_BIAS
} en_param_kind;

typedef struct en_param {
        char name[EN_MAX_PARAM_NAME]; /* canonical:
                                       * "blocks.2.0.depthwise.bn.weight" */
        en_param_kind kind;
        int32_t layer; /* index of the layer that it belongs to */
        int32_t rank;
        int64_t shape[4];
        int64_t count; /* elements */
} en_param;

typedef struct en_layer {
        char name[EN_MAX_LAYER_NAME]; /* canonical: "blocks.2.0.depthwise" */
        en_op op;
        en_role role;
        int32_t stage;     /* -1 outside the blocks */
        int32_t block;     /* in its stage */
        int32_t flat;      /* over the whole network */
        int32_t preceding; /* stages before it */
        en_block kind;     /* of its block */
        bool expanded;     /* its block has an expansion layer */
        int32_t in_channels, in_height, in_width;
        int32_t out_channels, out_height, out_width;
        int32_t kernel, stride;
        int32_t pad_top, pad_left, pad_bottom, pad_right;
        int32_t activation; /* after batch norm */
        int32_t squeezed;   /* EN_OP_SQUEEZE_EXCITE and EN_OP_CONTEXT:
 * channels between */
        int32_t residual;   /* index of the layer whose *input* is added to
                             * this one's output; -1: none */
        int32_t reduction;  /* input size / output size, nominally; 0 from the
                             * pool on */
        int32_t first_param, param_count; /* in the order of en_param_kind */
        int64_t parameters;               /* without statistics */
        int64_t macs;
} en_layer;

typedef struct en_network {
        effnet_config config;
        int32_t height, width; /* of the input */
        int32_t layer_count;
        en_layer *layers; /* in order of execution; each takes the output of
                           * the one before it */
        int32_t param_count;
        en_param *params; /* in order of their layers */
        int64_t parameters;
        int64_t macs;
        int32_t embedding_size;
} en_network;

/* 0, 0: the nominal size.  EFFNET_ERROR_ARGUMENT, naming the layer, where one
 * would be empty or a size overflow.
 */
effnet_status en_network_create(en_network **network,
                                const effnet_config *config, int32_t height,
                                int32_t width);
void en_network_free(en_network *network);

const char *en_op_name(en_op op);

#endif
