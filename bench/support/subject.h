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

/* The same of anything. */
bench_time bench_times(void (*run)(void *context), void *context,
                       double (*clock)(void), double seconds);

/* Of a subject's runs, with the least time of each step in any of them, by the
 * clock, all together: a run of which no part is disturbed may never come.  The
 * runs' times include what it takes to look at the steps.
 */
typedef struct bench_run_time {
        bench_time run;
        double steps;
} bench_run_time;
bench_run_time bench_runs(const bench_subject *subject, int32_t threads,
                          double seconds);

/* The same one by one, for runs in turns with others; the end gives the sum of
 * the steps' least times.
 */
typedef struct bench_profile {
        const bench_subject *subject;
        double *least; /* of `count` steps */
        int32_t count;
} bench_profile;
bench_profile bench_profile_begin(const bench_subject *subject);
void bench_profile_run(void *profile); /* a bench_profile */
double bench_profile_end(bench_profile *profile);

/* A call that must succeed. */
void bench_ok(effnet_status status);

void bench_random(float *values, int64_t count);

#endif
