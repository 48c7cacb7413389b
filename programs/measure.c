/* measure.c: time, order statistics, and the memory of this process. */
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static double
read_clock(clockid_t clock)
{
        struct timespec t = {0, 0};

        (void)clock_gettime(clock, &t);
        return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double
measure_now(void)
{
        return read_clock(CLOCK_MONOTONIC);
}

double
measure_own(void)
{
        return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

static int
compare(const void *left, const void *right)
{
        double a = *(const double *)left, b = *(const double *)right;

        return a < b ? -1 : a > b;
}

struct spread
measure_spread(double *values, size_t count)
{
        struct spread spread;

        qsort(values, count, sizeof(*values), compare);
        spread.min = values[0];
        spread.median = (values[(count - 1) / 2] + values[count / 2]) / 2;
        spread.p95 = values[(95 * count + 99) / 100 - 1];
        return spread;
}

/* Of /proc: Linux' getrusage also counts what ran before exec. */
static double
high_water(void)
{
        FILE *file = fopen("/proc/self/status", "r");
        char line[256];
        double kilobytes = 0;

        if (file == NULL)
                return 0;
        while (kilobytes == 0 && fgets(line, sizeof(line), file) != NULL)
                (void)sscanf(line, "VmHWM: %lf kB", &kilobytes);
        (void)fclose(file);
        return 1024 * kilobytes;
}

double
measure_peak_memory(void)
{
        struct rusage usage;
        double bytes = high_water();

        if (bytes > 0 || getrusage(RUSAGE_SELF, &usage) != 0)
                return bytes;
        return 1024 * (double)usage.ru_maxrss;
}
