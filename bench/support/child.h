/* child.h: measuring each file of a model in a process that is new. */
#ifndef BENCH_CHILD_H
#define BENCH_CHILD_H

#include "report.h"

#include <stddef.h>

/* Runs this program again for the file `path`, and reads the `count` numbers
 * that its standard output begins with.  Leaves the program where that fails.
 */
void bench_child(const char *argv0, const char *path, double *values,
                 size_t count);

typedef struct bench_files {
        const char *name;               /* of the measurement */
        const char *const *seeded;      /* models, up to a NULL */
        int (*child)(const char *path); /* prints the numbers; the exit code */
        void (*measure)(bench_report *report, const char *argv0,
                        const char *name, const char *path);
} bench_files;

/* The program: measures the files of the arguments, or, where there are none,
 * seeded models, each saved to the current folder meanwhile; or it is the child.
 * Returns the exit code.
 */
int bench_measure_files(const bench_files *files, int argc, char **argv);

#endif
