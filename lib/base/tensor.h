/* tensor.h: the tensor handle's insides. */
#ifndef EN_BASE_TENSOR_H
#define EN_BASE_TENSOR_H

#include "effnet.h"

#define EN_MAX_RANK 8

struct effnet_tensor {
        int32_t type;
        int32_t rank;
        int64_t shape[EN_MAX_RANK];
        int64_t count;
        void *data;
        effnet_release_fn release; /* NULL: nothing to do at the end */
        void *opaque;
};

/* Bytes of an element; 0 for an unknown type. */
size_t en_type_size(int32_t type);

/* Checks type, rank and dimensions, and counts elements without overflow. */
effnet_status en_tensor_describe(effnet_tensor *tensor, int32_t type,
                                 int32_t rank, const int64_t *shape);

#endif
