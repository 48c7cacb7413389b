/* hdf5_group.c: the members of a group of HDF5: a B-tree of symbol nodes, with
 * names in a heap ("HDF5 File Format Specification Version 3.0", sections
 * III.A.1, III.B, III.C and III.D).
 */
#include "load/hdf5_object.h"

#include "base/status.h"
#include "load/bytes.h"

#include <inttypes.h>
#include <string.h>

enum { TREE_SIZE = 24, SYMBOLS_SIZE = 8, SYMBOL_SIZE = 40, HEAP_SIZE = 32 };

/* A tree of this height has more members than any file. */
#define MAX_LEVEL 16

typedef struct walk {
        en_hdf5 *file;
        uint64_t names, names_size; /* where the heap's data lie */
        en_hdf5_visit_fn visit;
        void *context;
} walk;

/* The structure at `address` begins with a signature. */
static effnet_status
read_signed(en_hdf5 *file, uint64_t address, const char *signature,
            uint8_t *bytes, size_t size)
{
        effnet_status status = en_hdf5_read(file, address, bytes, size);

        if (status == EFFNET_OK && memcmp(bytes, signature, 4) != 0)
                status = en_fail(EFFNET_ERROR_FORMAT,
                                 "HDF5: no %s at offset %" PRIu64, signature,
                                 address);
        return status;
}

static effnet_status
open_heap(walk *w, uint64_t address)
{
        uint64_t size = w->file->source->size;
        uint8_t h[HEAP_SIZE];
        effnet_status status = read_signed(w->file, address, "HEAP", h,
                                           sizeof(h));

        if (status != EFFNET_OK)
                return status;
        w->names_size = en_le64(h + 8);
        w->names = en_le64(h + 24);
        if (w->names > size || w->names_size > size - w->names)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "HDF5: the heap at offset %" PRIu64
                               " is not in the file",
                               address);
        return EFFNET_OK;
}

static effnet_status
read_name(const walk *w, uint64_t offset, char name[EN_HDF5_MAX_NAME + 1])
{
        uint64_t size = EN_HDF5_MAX_NAME + 1;
        effnet_status status;

        if (offset >= w->names_size)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "HDF5: a name at %" PRIu64
                               " of a heap of %" PRIu64 " bytes",
                               offset, w->names_size);
        if (size > w->names_size - offset)
                size = w->names_size - offset;
        status = en_hdf5_read(w->file, w->names + offset, name, (size_t)size);
        if (status == EFFNET_OK && memchr(name, '\0', (size_t)size) == NULL)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "HDF5: a name of more than %" PRIu64 " bytes",
                               size - 1);
        return status;
}

static effnet_status
visit_symbol(const walk *w, uint64_t at)
{
        char name[EN_HDF5_MAX_NAME + 1];
        uint8_t s[SYMBOL_SIZE];
        effnet_status status = en_hdf5_read(w->file, at, s, sizeof(s));

        if (status == EFFNET_OK && en_le32(s + 16) > 1)
                status = en_fail(EFFNET_ERROR_UNSUPPORTED,
                                 "HDF5: a symbolic link in a group");
        if (status == EFFNET_OK)
                status = read_name(w, en_le64(s), name);
        return status == EFFNET_OK ? w->visit(w->context, name, en_le64(s + 8))
                                   : status;
}

static effnet_status
walk_symbols(const walk *w, uint64_t address)
{
        uint8_t h[SYMBOLS_SIZE];
        effnet_status status = read_signed(w->file, address, "SNOD", h,
                                           sizeof(h));

        for (int i = 0; status == EFFNET_OK && i < en_le16(h + 6); i++)
                status = visit_symbol(w, address + SYMBOLS_SIZE +
                                                 (uint64_t)i * SYMBOL_SIZE);
        return status;
}

/* A node of `level`; -1: the root.  Levels fall, so there is no cycle. */
static effnet_status
walk_tree(const walk *w, uint64_t address, int level)
{
        uint8_t h[TREE_SIZE], child[8];
        effnet_status status = read_signed(w->file, address, "TREE", h,
                                           sizeof(h));

        if (status == EFFNET_OK &&
            (h[4] != 0 || h[5] > MAX_LEVEL || (level >= 0 && h[5] != level)))
                status = en_fail(EFFNET_ERROR_FORMAT,
                                 "HDF5: a node of type %d and level %d at "
                                 "offset %" PRIu64,
                                 h[4], h[5], address);
        for (int i = 0; status == EFFNET_OK && i < en_le16(h + 6); i++) {
                /* each child is between two keys of eight bytes */
                status = en_hdf5_read(
                        w->file, address + TREE_SIZE + 8 + (uint64_t)i * 16,
                        child, sizeof(child));
                if (status == EFFNET_OK)
                        status = h[5] == 0 ? walk_symbols(w, en_le64(child))
                                           : walk_tree(w, en_le64(child),
                                                       h[5] - 1);
        }
        return status;
}

effnet_status
en_hdf5_group_walk(en_hdf5 *file, const en_hdf5_object *group,
                   en_hdf5_visit_fn visit, void *context)
{
        walk w = {.file = file, .visit = visit, .context = context};
        effnet_status status = open_heap(&w, group->heap);

        return status == EFFNET_OK ? walk_tree(&w, group->tree, -1) : status;
}
