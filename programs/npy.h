/* npy.h: NumPy's .npy files of float32 in C order. */
#ifndef PROGRAMS_NPY_H
#define PROGRAMS_NPY_H

#include "args.h"
#include "effnet.h"

#include <stdbool.h>

/* A line of a subcommand's option table: the file to write, a const char *
 * that is NULL at first.
 */
#define NPY_OUTPUT_OPTION(output)                                              \
        {                                                                      \
                .letter = 'o', .value = "OUT.npy",                             \
                .help = "where to write; needed", .parse = parse_text,         \
                .target = &(output),                                           \
                .missing = "name the file to write: -o OUT.npy"                \
        }

/* Reads a file of format version 1, 2 or 3.  NULL after a complaint. */
effnet_tensor *npy_read(const char *path);

/* Writes a float32 tensor as version 1: under another name in the same folder,
 * renamed when it is whole.  A pipe or a device is written to as it is.  False
 * after a complaint.
 */
bool npy_write(const char *path, const effnet_tensor *tensor);

#endif
