/* files.h: finding files in folders, and reading streams. */
#ifndef PROGRAMS_FILES_H
#define PROGRAMS_FILES_H

#include <stdbool.h>
#include <stddef.h>

/* What a folder holds. */
struct found {
        char *path;
        int error; /* errno where it cannot be read, else 0 */
};

struct finds {
        struct found *items; /* in order of path bytes */
        size_t count;
        size_t capacity;
};

/* Every regular file in and below `folder`.  Symbolic links are followed, but
 * no folder is entered twice.
 */
void finds_in_folder(struct finds *finds, const char *folder);
void finds_free(struct finds *finds);

/* Whether the content begins as a picture's that can be decoded.  A file that
 * may not be read counts as one, so that it is reported.
 */
bool file_is_picture(const char *path);

/* Reads `fd` to its end: memory for free(), with its size, or NULL with errno
 * (EFBIG: over a fixed limit).  Stops early where the beginning is no
 * picture.
 */
unsigned char *stream_read_picture(int fd, size_t *size);

#endif
