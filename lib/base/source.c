/* source.c: files, memory and callbacks behind one bounded read. */
#include "base/source.h"

#include "base/alloc.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static effnet_status
file_failed(const char *path, const char *action)
{
        int error = errno;

        return en_fail(EFFNET_ERROR_IO, "%.300s: cannot %s: %s (errno %d)",
                       path, action, en_reason(error), error);
}

static effnet_status
check_file(int fd, const char *path, uint64_t limit, uint64_t *size)
{
        struct stat info;

        if (fstat(fd, &info) != 0)
                return file_failed(path, "inspect");
        if (S_ISDIR(info.st_mode))
                return en_fail(EFFNET_ERROR_IO,
                               "%.300s: expected a file, found a directory",
                               path);
        if (!S_ISREG(info.st_mode))
                return en_fail(EFFNET_ERROR_IO,
                               "%.300s: expected a regular file", path);
        *size = (uint64_t)info.st_size;
        if (*size > limit)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "%.300s: %" PRIu64 " bytes, the limit is "
                               "%" PRIu64,
                               path, *size, limit);
        return EFFNET_OK;
}

effnet_status
en_source_open(en_source *source, const char *path, uint64_t limit)
{
        effnet_status status;
        uint64_t size = 0;
        int saved = errno;
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

        memset(source, 0, sizeof(*source));
        source->fd = -1;
        if (fd < 0)
                status = file_failed(path, "open");
        else
                status = check_file(fd, path, limit, &size);
        if (status != EFFNET_OK && fd >= 0)
                close(fd);
        errno = saved;
        if (status != EFFNET_OK)
                return status;
        source->name = path;
        source->size = size;
        source->fd = fd;
        return EFFNET_OK;
}

void
en_source_memory(en_source *source, const void *data, size_t size)
{
        memset(source, 0, sizeof(*source));
        source->name = "memory";
        source->size = size;
        source->data = data;
        source->fd = -1;
}

void
en_source_callback(en_source *source, effnet_read_fn read, void *opaque,
                   uint64_t size)
{
        memset(source, 0, sizeof(*source));
        source->name = "callback";
        source->size = size;
        source->read = read;
        source->opaque = opaque;
        source->fd = -1;
}

void
en_source_close(en_source *source)
{
        int saved = errno;

        if (source->fd >= 0)
                close(source->fd);
        source->fd = -1;
        errno = saved;
}

static effnet_status
read_fd(const en_source *source, uint64_t offset, uint8_t *buffer, size_t size)
{
        while (size > 0) {
                ssize_t n = pread(source->fd, buffer, size, (off_t)offset);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return file_failed(source->name, "read");
                if (n == 0)
                        return en_fail(EFFNET_ERROR_IO,
                                       "%.300s: the file became shorter while "
                                       "it was read",
                                       source->name);
                buffer += n;
                offset += (uint64_t)n;
                size -= (size_t)n;
        }
        return EFFNET_OK;
}

static effnet_status
read_callback(const en_source *source, uint64_t offset, void *buffer,
              size_t size)
{
        const en_allocator *used = en_allocator_use(NULL);
        int32_t failed = source->read(source->opaque, offset, buffer, size);

        en_allocator_use(used);
        if (failed == 0)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_IO,
                       "%s: the read callback failed for %zu bytes at "
                       "offset %" PRIu64,
                       source->name, size, offset);
}

effnet_status
en_source_read(const en_source *source, uint64_t offset, void *buffer,
               size_t size)
{
        effnet_status status;
        int saved;

        if (offset > source->size || size > source->size - offset)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "%.300s: truncated: %zu bytes needed at offset "
                               "%" PRIu64 ", the size is %" PRIu64,
                               source->name, size, offset, source->size);
        if (size == 0)
                return EFFNET_OK;
        if (source->data != NULL) {
                memcpy(buffer, source->data + offset, size);
                return EFFNET_OK;
        }
        if (source->fd < 0)
                return read_callback(source, offset, buffer, size);
        saved = errno;
        status = read_fd(source, offset, buffer, size);
        errno = saved;
        return status;
}

bool
en_file_exists(const char *path)
{
        struct stat info;
        int saved = errno;
        bool exists = stat(path, &info) == 0 || errno != ENOENT;

        errno = saved;
        return exists;
}

effnet_status
en_read_file(const char *path, uint64_t limit, uint8_t **data, size_t *size)
{
        en_source source;
        effnet_status status;

        *data = NULL;
        *size = 0;
        status = en_source_open(&source, path, limit);
        if (status != EFFNET_OK)
                return status;
        *data = en_alloc(source.size);
        status = *data == NULL ? EFFNET_ERROR_MEMORY
                               : en_source_read(&source, 0, *data, source.size);
        if (status == EFFNET_OK) {
                *size = source.size;
        } else {
                en_free(*data);
                *data = NULL;
        }
        en_source_close(&source);
        return status;
}
