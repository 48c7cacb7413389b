/* npy_write.c: writing .npy files; see npy.h. */
#define _XOPEN_SOURCE 700 /* realpath */

#include "npy.h"
#include "npy_header.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER_SIZE 512 /* enough for 8 dimensions of 19 digits */
#define ALIGNMENT   64  /* of the data in the file, as NumPy does */
#define TRIES       100

/* Magic, length and dictionary, padded so that the data are aligned.  Returns
 * its size.
 */
static size_t
make_header(unsigned char header[HEADER_SIZE], const effnet_tensor *tensor)
{
        char *text = (char *)header + NPY_MAGIC_SIZE + 4;
        size_t room = HEADER_SIZE - NPY_MAGIC_SIZE - 4, used, size;
        int32_t i, rank = effnet_tensor_rank(tensor);

        used = (size_t)snprintf(text, room,
                                "{'descr': '%s', 'fortran_order': False, "
                                "'shape': (",
                                npy_native_dtype());
        for (i = 0; i < rank; i++)
                used += (size_t)snprintf(text + used, room - used,
                                         "%s%" PRId64 "%s", i > 0 ? ", " : "",
                                         effnet_tensor_dimension(tensor, i),
                                         rank == 1 ? "," : "");
        used += (size_t)snprintf(text + used, room - used, "), }");
        size = NPY_MAGIC_SIZE + 4 + used + 1;
        size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        memset(text + used, ' ', size - NPY_MAGIC_SIZE - 4 - used);
        header[size - 1] = '\n';
        memcpy(header, NPY_MAGIC "\x01\x00", NPY_MAGIC_SIZE + 2);
        header[8] = (size - 10) & 0xFF;
        header[9] = (unsigned char)((size - 10) >> 8);
        return size;
}

/* Writes everything to `fd` and closes it. */
static bool
write_tensor(int fd, const effnet_tensor *tensor)
{
        unsigned char header[HEADER_SIZE];
        size_t size = make_header(header, tensor);
        size_t count = (size_t)effnet_tensor_count(tensor);
        FILE *file = fdopen(fd, "wb");
        bool done;

        if (file == NULL) {
                close(fd);
                return false;
        }
        done = fwrite(header, 1, size, file) == size &&
               fwrite(effnet_tensor_const_data(tensor), sizeof(float), count,
                      file) == count;
        if (done)
                return fclose(file) == 0;
        fclose(file); /* errno is that of fwrite, most probably */
        return false;
}

/* A new file beside `path`, its name in `temporary`; -1 with errno. */
static int
open_beside(const char *path, char *temporary, size_t size)
{
        const char *slash = strrchr(path, '/');
        int folder = slash != NULL ? (int)(slash - path) + 1 : 0;
        int i, fd = -1;

        for (i = 0; i < TRIES && fd == -1; i++) {
                snprintf(temporary, size, "%.*s.effnet-%ld-%d.tmp", folder,
                         path, (long)getpid(), i);
                fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                          0666);
                if (fd == -1 && errno != EEXIST)
                        break;
        }
        return fd;
}

/* `mode` of the file that is replaced; 0: there is none. */
static bool
write_and_rename(const char *path, mode_t mode, const effnet_tensor *tensor)
{
        size_t size = strlen(path) + 64;
        char *temporary = must(malloc(size));
        int error, fd = open_beside(path, temporary, size);
        bool done = fd != -1;

        if (done) {
                if (mode != 0)
                        (void)fchmod(fd, mode & 0777);
                done = write_tensor(fd, tensor) && rename(temporary, path) == 0;
                error = errno;
                if (!done)
                        unlink(temporary);
                errno = error;
        }
        free(temporary);
        return done;
}

static bool
write_directly(const char *path, const effnet_tensor *tensor)
{
        int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);

        return fd != -1 && write_tensor(fd, tensor);
}

bool
npy_write(const char *path, const effnet_tensor *tensor)
{
        struct stat status;
        bool done, exists = stat(path, &status) == 0;
        char *target = NULL;

        if (exists && S_ISDIR(status.st_mode)) {
                complain("%s: this is a folder; name a file in it", path);
                return false;
        }
        /* Where a link leads, so that the link stays. */
        if (exists && S_ISREG(status.st_mode))
                target = realpath(path, NULL);
        if (exists && !S_ISREG(status.st_mode))
                done = write_directly(path, tensor);
        else
                done = write_and_rename(target != NULL ? target : path,
                                        exists ? status.st_mode : 0, tensor);
        if (!done)
                complain("%s: cannot write: %s", path, strerror(errno));
        free(target);
        return done;
}
