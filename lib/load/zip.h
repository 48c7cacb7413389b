/* zip.h: the members of a zip archive, as far as torch.save and re-zipped
 * files need: stored or deflated, zip64, one disk.
 */
#ifndef EN_LOAD_ZIP_H
#define EN_LOAD_ZIP_H

#include "load/container.h"

typedef struct en_zip_member {
        const char *name; /* not terminated */
        uint16_t name_length;
        uint16_t method; /* 0 stored, 8 deflated */
        uint16_t flags;
        uint64_t stored, size;
        uint64_t header; /* offset of the local header */
        uint64_t limit;  /* where the next member or the directory begins */
} en_zip_member;

typedef struct en_zip {
        const en_source *source;
        uint8_t *directory; /* names point into it */
        int32_t count;
        en_zip_member *members; /* by name */
} en_zip;

/* Reads and checks the central directory: names are plain and differ, ranges
 * lie in the source and do not overlap.
 */
effnet_status en_zip_open(en_zip **zip, const en_source *source,
                          const effnet_options *options);
void en_zip_close(en_zip *zip);

/* The index of a member of that name, or -1. */
int32_t en_zip_find(const en_zip *zip, const char *name, size_t length);

/* Reads the local header of a member to learn where its data begin. */
effnet_status en_zip_locate(const en_zip *zip, int32_t index,
                            en_storage *storage);

/* The data of a small member, inflated, as a new block (en_free); one of more
 * than `limit` bytes is EFFNET_ERROR_LIMIT.
 */
effnet_status en_zip_read(const en_zip *zip, int32_t index, uint64_t limit,
                          uint8_t **data, size_t *size);

#endif
