/* table.h: how a container reader fills its table of tensors. */
#ifndef EN_LOAD_TABLE_H
#define EN_LOAD_TABLE_H

#include "load/container.h"

/* NULL when memory is short. */
en_container *en_table_create(const char *kind, const en_source *source,
                              const effnet_options *options);

/* Its range must be inside the source. */
effnet_status en_table_add_storage(en_container *container, en_storage storage,
                                   int32_t *index);

/* A copy of `text` that lives as long as the container; NULL when memory is
 * short.
 */
const char *en_table_add_scope(en_container *container, const char *text);

/* Adds `entry` with a copy of the name and counts its elements.  Fails unless
 * each element lies in the storage.
 */
effnet_status en_table_add_entry(en_container *container, const en_entry *entry,
                                 const char *name, size_t length);

/* Sorts, once all entries are there; two equal names are an error. */
effnet_status en_table_finish(en_container *container);

#endif
