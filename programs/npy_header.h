/* npy_header.h: the text in front of a .npy's data. */
#ifndef PROGRAMS_NPY_HEADER_H
#define PROGRAMS_NPY_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NPY_MAGIC      "\x93NUMPY"
#define NPY_MAGIC_SIZE 6
#define NPY_RANK       8
#define NPY_DTYPE_SIZE 16

struct npy_header {
        char dtype[NPY_DTYPE_SIZE]; /* as spelled: "<f4"; cut to fit */
        bool fortran;
        int rank;
        int64_t shape[NPY_RANK];
};

/* Reads the dictionary of `size` bytes.  NULL, or what is wrong with it. */
const char *npy_header_parse(struct npy_header *header, const char *text,
                             size_t size);

/* How this machine's float32 is spelled: "<f4", or ">f4" on big-endian ones.
 */
const char *npy_native_dtype(void);

#endif
