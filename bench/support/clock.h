/* clock.h: what measuring programs share: the time, and the processor's peak
 * to measure against.
 */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

/* Seconds, of the clock and of the calling thread's own work: that does not
 * grow while the machine is busy with something else.
 */
double bench_now(void);
double bench_own(void);

/* A core's multiply-adds in FLOP per second, as fast as EFFNET_ISA_* `isa`
 * can; 0 where that cannot be measured.
 */
double bench_peak(int isa);

#endif
