/* clock.c: the time. */
#include "base/clock.h"

#include <time.h>

double
en_clock_now(void)
{
        struct timespec t = {0, 0};

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
