/* npy_read.c: reading .npy files; see npy.h. */
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

#define MOST_HEADER 65536

/* An open .npy. */
struct npy {
        const char *path;
        FILE *file;
        int64_t size; /* of the file */
};

static bool
npy_open(struct npy *npy, const char *path)
{
        struct stat status;
        /* A pipe without a writer must not block. */
        int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

        npy->path = path;
        npy->file = fd != -1 ? fdopen(fd, "rb") : NULL;
        if (npy->file == NULL || fstat(fd, &status) != 0) {
                complain("%s: cannot open: %s", path, strerror(errno));
                return false;
        }
        if (!S_ISREG(status.st_mode)) {
                complain("%s: this is no regular file; a .npy was expected",
                         path);
                return false;
        }
        npy->size = status.st_size;
        return true;
}

static bool
read_bytes(struct npy *npy, void *bytes, size_t size)
{
        if (fread(bytes, 1, size, npy->file) == size)
                return true;
        if (ferror(npy->file))
                complain("%s: cannot read: %s", npy->path, strerror(errno));
        else
                complain("%s: the file ends within its %s, at byte %" PRId64,
                         npy->path, size <= MOST_HEADER ? "header" : "data",
                         npy->size);
        return false;
}

/* The size of the dictionary, from the bytes in front of it; 0 after a
 * complaint.
 */
static size_t
header_size(struct npy *npy)
{
        unsigned char start[NPY_MAGIC_SIZE + 2], length[4] = {0};
        size_t size;

        if (npy->size < (int64_t)sizeof(start) + 2) {
                complain("%s: %" PRId64 " bytes are too few for a .npy",
                         npy->path, npy->size);
                return 0;
        }
        if (!read_bytes(npy, start, sizeof(start)))
                return 0;
        if (memcmp(start, NPY_MAGIC, NPY_MAGIC_SIZE) != 0) {
                complain("%s: this is no .npy (it does not begin with "
                         "\\x93NUMPY); numpy.save writes one",
                         npy->path);
                return 0;
        }
        if (start[6] < 1 || start[6] > 3) {
                complain("%s: .npy version %d.%d; 1, 2 and 3 are known",
                         npy->path, start[6], start[7]);
                return 0;
        }
        if (!read_bytes(npy, length, start[6] == 1 ? 2 : 4))
                return 0;
        size = length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16 |
               (size_t)length[3] << 24;
        if (size > 0 && size <= MOST_HEADER)
                return size;
        complain("%s: a header of %zu bytes; 1 to %d were expected", npy->path,
                 size, MOST_HEADER);
        return 0;
}

static bool
read_header(struct npy *npy, struct npy_header *header)
{
        size_t size = header_size(npy);
        const char *problem;
        char *text;

        if (size == 0)
                return false;
        text = must(malloc(size));
        if (!read_bytes(npy, text, size)) {
                free(text);
                return false;
        }
        problem = npy_header_parse(header, text, size);
        free(text);
        if (problem == NULL)
                return true;
        complain("%s: the .npy header cannot be understood: %s", npy->path,
                 problem);
        return false;
}

/* What is in the file can be used as it is, and is all there. */
static bool
check_header(const struct npy *npy, const struct npy_header *header)
{
        int64_t left = npy->size - ftello(npy->file), count = 1;
        int i;

        if (strcmp(header->dtype, npy_native_dtype()) != 0) {
                complain("%s: the elements are '%s', and float32 ('%s') is "
                         "needed: save array.astype(numpy.float32)",
                         npy->path, header->dtype, npy_native_dtype());
                return false;
        }
        if (header->fortran) {
                complain("%s: the array is in Fortran order, and C order is "
                         "needed: save numpy.ascontiguousarray(array)",
                         npy->path);
                return false;
        }
        for (i = 0; i < header->rank; i++) {
                if (header->shape[i] > 0 &&
                    count > INT64_MAX / 4 / header->shape[i]) {
                        complain("%s: the shape is too large", npy->path);
                        return false;
                }
                count *= header->shape[i];
        }
        if (count * 4 == left)
                return true;
        complain("%s: %" PRId64 " bytes of data were expected for the shape, "
                 "%" PRId64 " are there",
                 npy->path, count * 4, left);
        return false;
}

effnet_tensor *
npy_read(const char *path)
{
        struct npy npy = {0};
        struct npy_header header = {0};
        effnet_tensor *tensor = NULL;
        size_t bytes;

        if (!npy_open(&npy, path) || !read_header(&npy, &header) ||
            !check_header(&npy, &header))
                goto end;
        if (effnet_tensor_create(&tensor, EFFNET_TYPE_F32, header.rank,
                                 header.shape) != EFFNET_OK) {
                complain("%s: %s", path, effnet_last_error());
                goto end;
        }
        bytes = (size_t)effnet_tensor_count(tensor) * sizeof(float);
        if (bytes > 0 && !read_bytes(&npy, effnet_tensor_data(tensor), bytes)) {
                effnet_tensor_free(tensor);
                tensor = NULL;
        }
end:
        if (npy.file != NULL)
                fclose(npy.file);
        return tensor;
}
