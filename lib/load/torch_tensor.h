/* torch_tensor.h: a pickled call that rebuilds a tensor, as an entry. */
#ifndef EN_LOAD_TORCH_TENSOR_H
#define EN_LOAD_TORCH_TENSOR_H

#include "load/torch_state.h"

/* The call that makes the tensor, or NULL where `value` is none: a parameter
 * is looked through.
 */
const en_value *en_torch_tensor_call(const en_pickle *pickle,
                                     const en_value *value);

/* Fills all but scope, name and count. */
effnet_status en_torch_tensor_read(const en_pickle *pickle,
                                   const en_value *call,
                                   const en_torch_storages *storages,
                                   en_entry *entry);

#endif
