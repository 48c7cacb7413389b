/* subject.h: a model of seeded weights, and a session that has run an input.
 * All leave the program on failure.
 */
#ifndef BENCH_SUBJECT_H
#define BENCH_SUBJECT_H

#include "effnet.h"
#include "report.h"

typedef struct bench_subject {
        effnet_model *model;
        effnet_session *session;
        effnet_tensor *input; /* random, from -1 to 1 */
        int64_t size;         /* of a side of the input */
        double flops;         /* of an image, in multiply-adds times two */
} bench_subject;

/* An architecture by its name, in its nominal size. */
bench_subject bench_open(const bench_report *report, const char *name,
                         int32_t threads, int64_t batch);
void bench_close(bench_subject *subject);

/* The seeded weights of an architecture as a file. */
void bench_save(const char *name, const char *path);

/* The shortest and the median of its runs for so many seconds, 3 or more.
 * With one thread it is the thread's own time, which does not grow while the
 * machine is busy with something else.
 */
typedef struct bench_time {
        double best, median;
} bench_time;

/* Besides, the least time of each step in any of them, by the clock, all
 * together: a run of which no part is disturbed may never come.
 */
typedef struct bench_run_time {
        bench_time run;
        double steps;
} bench_run_time;
bench_run_time bench_runs(const bench_subject *subject, int32_t threads,
                          double seconds);

/* The same of anything. */
bench_time bench_times(void (*run)(void *context), void *context,
                       double (*clock)(void), double seconds);

/* A call that must succeed. */
void bench_ok(effnet_status status);

void bench_random(float *values, int64_t count);

#endif
