/* container.h: what every container reader gives: a table of tensors.  It
 * knows nothing of networks or of what a name means.
 */
#ifndef EN_LOAD_CONTAINER_H
#define EN_LOAD_CONTAINER_H

#include "base/options.h"
#include "base/source.h"
#include "base/tensor.h"

#include <stdbool.h>

/* Element types of a file; widths in en_dtype_size. */
typedef enum en_dtype {
        EN_DTYPE_F32,
        EN_DTYPE_F16,
        EN_DTYPE_BF16,
        EN_DTYPE_F64,
        EN_DTYPE_I64,
        EN_DTYPE_I32,
        EN_DTYPE_I16,
        EN_DTYPE_I8,
        EN_DTYPE_U8,
        EN_DTYPE_BOOL,
        EN_DTYPES
} en_dtype;

/* A run of bytes in the source that tensors are views of. */
typedef struct en_storage {
        uint64_t offset; /* of the first byte in the source */
        uint64_t stored; /* bytes there */
        uint64_t size;   /* bytes once inflated; equal to stored if not
                          * deflated */
        bool deflated;
        /* of deflated ones: */
        uint64_t needed;   /* bytes that the planned reads reach */
        int32_t plans;     /* planned reads; 0: bytes stay until the end */
        int32_t reads;     /* of those, done */
        uint8_t *bytes;    /* inflated, from the first on, or NULL */
        uint64_t inflated; /* bytes there */
} en_storage;

typedef struct en_entry {
        const char *scope; /* keys of the dictionaries around it, joined by
                            * '/'; "" at the top; the container's */
        char *name;        /* its key in the innermost dictionary */
        en_dtype dtype;
        int32_t rank;
        int64_t shape[EN_MAX_RANK];
        int64_t stride[EN_MAX_RANK]; /* in elements, none negative */
        uint64_t first;              /* element in the storage */
        uint64_t count;              /* elements: the product of shape */
        int32_t storage;             /* index */
} en_entry;

/* Kinds of texts beside the tensors that may tell of the model. */
typedef enum en_metadata {
        EN_METADATA_OWN,        /* what describe.h writes */
        EN_METADATA_CONFIG,     /* a whole config.json */
        EN_METADATA_PRETRAINED, /* timm's pretrained_cfg, as JSON */
        EN_METADATA_ARCHITECTURE,
        EN_METADATA_LABELS,
        EN_METADATAS
} en_metadata;

typedef struct en_container {
        const char *kind; /* "torch-zip" …; static text */
        const en_source *source;
        int64_t most_entries;
        int32_t entry_count, entry_capacity;
        en_entry *entries; /* in file order; every view is inside its storage:
                            * checked when the entry is added */
        int32_t *order;    /* entries by scope, then name; no two are equal */
        int32_t storage_count, storage_capacity;
        en_storage *storages;
        int32_t scope_count, scope_capacity;
        char **scopes;
        uint64_t inflated, most_inflated; /* bytes in all storages, limit */
        char *metadata[EN_METADATAS];     /* texts beside the tensors; NULL: not
                                       * there */
} en_container;

/* Tells the kind by content and reads the table.  Messages begin with the
 * source's name.
 */
effnet_status en_container_open(en_container **container,
                                const en_source *source,
                                const effnet_options *options);
void en_container_close(en_container *container);

/* The entry of that scope and name, or NULL. */
const en_entry *en_container_find(const en_container *container,
                                  const char *scope, const char *name);

/* Announces one read of the entry, so that a deflated storage is inflated as
 * far as any read needs it, once, and let go after the last one.
 */
void en_container_plan(en_container *container, const en_entry *entry);

/* The elements of an entry in C order, widened to float.  An integer type is
 * EFFNET_ERROR_UNSUPPORTED; a double that overflows EFFNET_ERROR_FORMAT.
 */
effnet_status en_container_read_f32(en_container *container,
                                    const en_entry *entry, float *values);

/* The same for any element type, as doubles (tests; info). */
effnet_status en_container_read_f64(en_container *container,
                                    const en_entry *entry, double *values);

/* PyTorch's name: "float32", "bfloat16" … */
const char *en_dtype_name(en_dtype dtype);
size_t en_dtype_size(en_dtype dtype);

#endif
