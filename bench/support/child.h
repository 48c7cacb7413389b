/* child.h: measuring in a process that is new. */
#ifndef BENCH_CHILD_H
#define BENCH_CHILD_H

#include <stddef.h>

/* Runs this program again as `argv0 CHILD_WORD WHAT`, and reads the `count`
 * numbers that its standard output begins with.  Leaves the program where that
 * fails.
 */
#define BENCH_CHILD_WORD "--child"
void bench_child(const char *argv0, const char *what, double *values,
                 size_t count);

#endif
