/* tensor.c: exported tensor functions. */
#include "base/tensor.h"

#include "api/check.h"
#include "base/alloc.h"

#include <inttypes.h>

static void
free_owned(void *data)
{
        en_free(data);
}

static effnet_status
new_tensor(effnet_tensor **out, const effnet_tensor *description)
{
        effnet_tensor *tensor = en_alloc(sizeof(*tensor));

        if (tensor == NULL)
                return EFFNET_ERROR_MEMORY;
        *tensor = *description;
        *out = tensor;
        return EFFNET_OK;
}

effnet_status
effnet_tensor_create(effnet_tensor **tensor, int32_t type, int32_t rank,
                     const int64_t *shape)
{
        effnet_tensor description;
        effnet_status status;

        if (tensor == NULL)
                return EN_NULL("tensor");
        *tensor = NULL;
        status = en_tensor_describe(&description, type, rank, shape);
        if (status != EFFNET_OK)
                return status;
        description.data = en_alloc_aligned((size_t)description.count,
                                            en_type_size(type));
        if (description.data == NULL)
                return EFFNET_ERROR_MEMORY;
        description.release = free_owned;
        description.opaque = description.data;
        status = new_tensor(tensor, &description);
        if (status != EFFNET_OK)
                en_free(description.data);
        return status;
}

effnet_status
effnet_tensor_wrap(effnet_tensor **tensor, int32_t type, int32_t rank,
                   const int64_t *shape, void *data, size_t bytes,
                   effnet_release_fn release, void *opaque)
{
        effnet_tensor description;
        effnet_status status;
        size_t needed;

        if (tensor == NULL)
                return EN_NULL("tensor");
        *tensor = NULL;
        status = en_tensor_describe(&description, type, rank, shape);
        if (status != EFFNET_OK)
                return status;
        needed = (size_t)description.count * en_type_size(type);
        if (data == NULL && needed > 0)
                return EN_NULL("data");
        if ((uintptr_t)data % en_type_size(type) != 0)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "tensor: the data is not aligned to %zu bytes",
                               en_type_size(type));
        if (bytes < needed)
                return en_fail(EFFNET_ERROR_MISMATCH,
                               "tensor: its shape needs %zu bytes, the data "
                               "has %zu",
                               needed, bytes);
        description.data = data;
        description.release = release;
        description.opaque = opaque;
        return new_tensor(tensor, &description);
}

void
effnet_tensor_free(effnet_tensor *tensor)
{
        if (tensor == NULL)
                return;
        if (tensor->release != NULL)
                tensor->release(tensor->opaque);
        en_free(tensor);
}

int32_t
effnet_tensor_type(const effnet_tensor *tensor)
{
        return tensor != NULL ? tensor->type : 0;
}

int32_t
effnet_tensor_rank(const effnet_tensor *tensor)
{
        return tensor != NULL ? tensor->rank : 0;
}

int64_t
effnet_tensor_dimension(const effnet_tensor *tensor, int32_t index)
{
        if (tensor == NULL || index < 0 || index >= tensor->rank)
                return 0;
        return tensor->shape[index];
}

int64_t
effnet_tensor_count(const effnet_tensor *tensor)
{
        return tensor != NULL ? tensor->count : 0;
}

void *
effnet_tensor_data(effnet_tensor *tensor)
{
        return tensor != NULL ? tensor->data : NULL;
}

const void *
effnet_tensor_const_data(const effnet_tensor *tensor)
{
        return tensor != NULL ? tensor->data : NULL;
}
