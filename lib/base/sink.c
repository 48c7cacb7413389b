/* sink.c: callbacks and files behind one write. */
#define _XOPEN_SOURCE 700 /* realpath */

#include "base/sink.h"

#include "base/alloc.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Names that others have taken before giving up. */
#define TRIES 100

static effnet_status
file_failed(const char *path, const char *action, int error)
{
        return en_fail(EFFNET_ERROR_IO, "%.300s: cannot %s: %s (errno %d)",
                       path, action, en_reason(error), error);
}

/* Creates the temporary beside the target; -1 with errno. */
static int
open_temporary(en_sink *sink)
{
        const char *slash = strrchr(sink->target, '/');
        int folder = slash != NULL ? (int)(slash - sink->target) + 1 : 0;
        int fd = -1;

        for (int i = 0; i < TRIES && fd < 0; i++) {
                snprintf(sink->temporary, sizeof(sink->temporary),
                         "%.*s.effnet-%ld-%d.tmp", folder, sink->target,
                         (long)getpid(), i);
                fd = open(sink->temporary,
                          O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
                if (fd < 0 && errno != EEXIST)
                        break;
        }
        if (fd < 0)
                sink->temporary[0] = '\0';
        return fd;
}

/* Of a new file, or of one in place of that which `info` describes: it keeps
 * the permissions, and a link to it stays a link.
 */
static int
open_file(en_sink *sink, const char *path, const struct stat *info)
{
        int fd;

        if (strlen(path) >= sizeof(sink->target)) {
                errno = ENAMETOOLONG;
                return -1;
        }
        if (info == NULL)
                strcpy(sink->target, path);
        else if (realpath(path, sink->target) == NULL)
                return -1;
        fd = open_temporary(sink);
        if (fd >= 0 && info != NULL)
                (void)fchmod(fd, info->st_mode & 0777);
        return fd;
}

effnet_status
en_sink_open(en_sink *sink, const char *path)
{
        int saved = errno, error;
        struct stat info;
        bool exists = stat(path, &info) == 0;

        sink->name = path;
        sink->write = NULL;
        sink->target[0] = sink->temporary[0] = '\0';
        sink->fd = -1;
        errno = EISDIR;
        if (exists && !S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode))
                sink->fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
        else if (!exists || !S_ISDIR(info.st_mode))
                sink->fd = open_file(sink, path, exists ? &info : NULL);
        error = errno;
        errno = saved;
        return sink->fd >= 0 ? EFFNET_OK : file_failed(path, "write", error);
}

void
en_sink_callback(en_sink *sink, effnet_write_fn write, void *opaque)
{
        sink->name = "callback";
        sink->write = write;
        sink->opaque = opaque;
        sink->fd = -1;
        sink->target[0] = sink->temporary[0] = '\0';
}

/* 0, or errno. */
static int
write_fd(int fd, const char *bytes, size_t size)
{
        while (size > 0) {
                ssize_t n = write(fd, bytes, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return errno;
                bytes += n;
                size -= (size_t)n;
        }
        return 0;
}

static effnet_status
write_callback(const en_sink *sink, const void *data, size_t size)
{
        const en_allocator *used = en_allocator_use(NULL);
        int32_t failed = sink->write(sink->opaque, data, size);

        en_allocator_use(used);
        if (failed == 0)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_IO,
                       "%s: the write callback failed for %zu bytes",
                       sink->name, size);
}

effnet_status
en_sink_write(en_sink *sink, const void *data, size_t size)
{
        int saved = errno, error;

        if (sink->write != NULL)
                return write_callback(sink, data, size);
        error = write_fd(sink->fd, data, size);
        errno = saved;
        return error == 0 ? EFFNET_OK : file_failed(sink->name, "write", error);
}

effnet_status
en_sink_close(en_sink *sink, effnet_status status)
{
        int saved = errno;

        if (sink->fd >= 0 && close(sink->fd) != 0 && status == EFFNET_OK)
                status = file_failed(sink->name, "write", errno);
        sink->fd = -1;
        if (sink->temporary[0] != '\0') {
                if (status == EFFNET_OK &&
                    rename(sink->temporary, sink->target) != 0)
                        status = file_failed(sink->name, "rename to", errno);
                if (status != EFFNET_OK)
                        unlink(sink->temporary);
                sink->temporary[0] = '\0';
        }
        errno = saved;
        return status;
}
