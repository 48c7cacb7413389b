/* hdf5_object.h: objects of an HDF5 file: groups and datasets, as h5py writes
 * them by default.
 */
#ifndef EN_LOAD_HDF5_OBJECT_H
#define EN_LOAD_HDF5_OBJECT_H

#include "load/container.h"

/* The longest name in a group, without its NUL. */
#define EN_HDF5_MAX_NAME 255

/* A file of which `budget` more bytes of structure may be read.  That bounds
 * the work whatever the structure says, cycles included.
 */
typedef struct en_hdf5 {
        const en_source *source;
        uint64_t budget;
        uint64_t root; /* address of the root group's header */
} en_hdf5;

typedef struct en_hdf5_object {
        bool group, space, type, layout; /* what its messages told */
        uint64_t tree, heap;             /* of a group */
        int32_t rank;
        int64_t shape[EN_MAX_RANK];
        en_dtype dtype;
        uint64_t address, size; /* of a dataset's bytes */
} en_hdf5_object;

/* Reads the superblock. */
effnet_status en_hdf5_open(en_hdf5 *file, const en_source *source,
                           const effnet_options *options);

/* Reads exactly `size` bytes of structure. */
effnet_status en_hdf5_read(en_hdf5 *file, uint64_t address, void *bytes,
                           size_t size);

/* Reads an object's header; messages name no object. */
effnet_status en_hdf5_object_read(en_hdf5 *file, uint64_t address,
                                  en_hdf5_object *object);

/* Called for each member of a group. */
typedef effnet_status (*en_hdf5_visit_fn)(void *context, const char *name,
                                          uint64_t address);

/* Visits the members in the order of their names, until one fails. */
effnet_status en_hdf5_group_walk(en_hdf5 *file, const en_hdf5_object *group,
                                 en_hdf5_visit_fn visit, void *context);

#endif
