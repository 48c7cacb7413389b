/* torch_state.h: from the object that torch.save pickled to a table of
 * tensors; common to both containers of torch.
 */
#ifndef EN_LOAD_TORCH_STATE_H
#define EN_LOAD_TORCH_STATE_H

#include "load/pickle.h"
#include "load/table.h"

/* A persistent id: the storage of a tensor. */
typedef struct en_torch_id {
        const char *key; /* not terminated; valid until the window grows */
        uint32_t key_length;
        bool typed; /* else `count` is of bytes */
        en_dtype dtype;
        uint64_t count; /* elements of the storage */
        /* legacy: the part of it that the tensor's offset refers to; 0 and
         * count where there is none */
        uint64_t view_first, view_count;
} en_torch_id;

/* Reads ('storage', class, key, location, count[, view]). */
effnet_status en_torch_id_read(const en_pickle *pickle, const en_value *value,
                               en_torch_id *id);

/* How a container finds a storage. */
typedef struct en_torch_storages {
        effnet_status (*find)(void *context, const en_torch_id *id,
                              int32_t *storage);
        void *context;
} en_torch_storages;

/* Adds an entry for each tensor in dictionaries of text keys, nested or not.
 */
effnet_status en_torch_collect(en_container *container, const en_pickle *pickle,
                               const en_torch_storages *storages);

effnet_status en_torch_zip_open(en_container **container,
                                const en_source *source,
                                const effnet_options *options);
effnet_status en_torch_legacy_open(en_container **container,
                                   const en_source *source,
                                   const effnet_options *options);

#endif
