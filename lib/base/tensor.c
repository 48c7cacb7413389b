/* tensor.c: shapes and their sizes. */
#include "base/tensor.h"

#include "base/size.h"
#include "base/status.h"

#include <inttypes.h>
#include <string.h>

size_t
en_type_size(int32_t type)
{
        switch (type) {
        case EFFNET_TYPE_F32: return 4;
        case EFFNET_TYPE_U8: return 1;
        default: return 0;
        }
}

effnet_status
en_tensor_describe(effnet_tensor *tensor, int32_t type, int32_t rank,
                   const int64_t *shape)
{
        uint64_t count = 1, bytes;

        if (en_type_size(type) == 0)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "tensor: unknown element type %d", (int)type);
        if (rank < 0 || rank > EN_MAX_RANK || (rank > 0 && shape == NULL))
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "tensor: rank %d with %s shape; expected 0 to "
                               "%d with a shape",
                               (int)rank, shape != NULL ? "a" : "no",
                               EN_MAX_RANK);
        memset(tensor, 0, sizeof(*tensor));
        for (int32_t i = 0; i < rank; i++) {
                if (shape[i] < 0)
                        return en_fail(EFFNET_ERROR_ARGUMENT,
                                       "tensor: dimension %d is %" PRId64,
                                       (int)i, shape[i]);
                if (!en_mul_u64(count, (uint64_t)shape[i], &count))
                        count = UINT64_MAX;
                tensor->shape[i] = shape[i];
        }
        if (!en_mul_u64(count, en_type_size(type), &bytes) ||
            bytes > PTRDIFF_MAX)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "tensor: its size overflows the address space");
        tensor->type = type;
        tensor->rank = rank;
        tensor->count = (int64_t)count;
        return EFFNET_OK;
}
