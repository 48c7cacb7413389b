/* measure.h: time, order statistics, and the memory of this process. */
#ifndef PROGRAMS_MEASURE_H
#define PROGRAMS_MEASURE_H

#include <stddef.h>

/* Seconds, of the clock and of the calling thread's own work: that does not
 * grow while the machine is busy with something else.
 */
double measure_now(void);
double measure_own(void);

/* The least, the median and the 95th percentile (nearest rank) of `count`
 * values, 1 or more, which get sorted.
 */
struct spread {
        double min, median, p95;
};
struct spread measure_spread(double *values, size_t count);

/* Bytes of memory that the process had at most; 0 where that is not known. */
double measure_peak_memory(void);

#endif
