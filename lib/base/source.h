/* source.h: bytes of known number, read at any offset, wherever they lie.
 * A file is read with pread, not mapped: one that shrinks meanwhile gives a
 * status instead of a signal.
 */
#ifndef EN_BASE_SOURCE_H
#define EN_BASE_SOURCE_H

#include "effnet.h"

#include <stdbool.h>

typedef struct en_source {
        const char *name; /* for messages: the path, or "memory" */
        uint64_t size;
        const uint8_t *data; /* the bytes where they are in memory, or NULL */
        effnet_read_fn read; /* used where data is NULL */
        void *opaque;
        int fd; /* -1 where no file is open */
} en_source;

/* Opens a regular file of at most `limit` bytes.  `path` must outlive it. */
effnet_status en_source_open(en_source *source, const char *path,
                             uint64_t limit);
void en_source_memory(en_source *source, const void *data, size_t size);
void en_source_callback(en_source *source, effnet_read_fn read, void *opaque,
                        uint64_t size);
void en_source_close(en_source *source);

/* Reads exactly `size` bytes; a range past the end is EFFNET_ERROR_FORMAT
 * with the offset in the message, a failed read EFFNET_ERROR_IO.
 */
effnet_status en_source_read(const en_source *source, uint64_t offset,
                             void *buffer, size_t size);

/* Whether there is anything of that name, readable or not. */
bool en_file_exists(const char *path);

/* A whole file as one block (freed with en_free). */
effnet_status en_read_file(const char *path, uint64_t limit, uint8_t **data,
                           size_t *size);

#endif
