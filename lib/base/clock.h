/* clock.h: the time. */
#ifndef EN_BASE_CLOCK_H
#define EN_BASE_CLOCK_H

/* Seconds of a clock that never goes back. */
double en_clock_now(void);

#endif
