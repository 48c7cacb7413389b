/* stream.c: reading pictures that are not plain files, and telling pictures
 * by their content.
 */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD_SIZE  8
#define MOST_BYTES ((size_t)1 << 30)

static bool
is_picture(const unsigned char *head, size_t size)
{
        static const unsigned char png[8] = "\x89PNG\r\n\x1A\n";
        static const unsigned char jpeg[3] = "\xFF\xD8\xFF";

        return (size >= sizeof(png) && memcmp(head, png, sizeof(png)) == 0) ||
               (size >= sizeof(jpeg) && memcmp(head, jpeg, sizeof(jpeg)) == 0);
}

/* Reads until `size` bytes are there or the end; -1 with errno. */
static ssize_t
read_fully(int fd, unsigned char *buffer, size_t size)
{
        size_t have = 0;
        ssize_t got;

        while (have < size) {
                got = read(fd, buffer + have, size - have);
                if (got == 0)
                        break;
                if (got > 0)
                        have += (size_t)got;
                else if (errno != EINTR)
                        return -1;
        }
        return (ssize_t)have;
}

bool
file_is_picture(const char *path)
{
        unsigned char head[HEAD_SIZE];
        ssize_t got;
        int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

        if (fd == -1)
                return errno != ENOENT && errno != ELOOP;
        got = read_fully(fd, head, sizeof(head));
        close(fd);
        return got < 0 || is_picture(head, (size_t)got);
}

unsigned char *
stream_read_picture(int fd, size_t *size)
{
        size_t capacity = (size_t)1 << 16, have = 0;
        unsigned char *bytes = NULL, *bigger;
        ssize_t got;

        for (;;) {
                bigger = realloc(bytes, capacity);
                if (bigger == NULL)
                        break;
                bytes = bigger;
                got = read_fully(fd, bytes + have, capacity - have);
                if (got < 0)
                        break;
                have += (size_t)got;
                *size = have;
                if (have < capacity || !is_picture(bytes, have))
                        return bytes;
                if (capacity >= MOST_BYTES) {
                        errno = EFBIG;
                        break;
                }
                capacity *= 2;
        }
        free(bytes);
        *size = 0;
        return NULL;
}
