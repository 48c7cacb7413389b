/* threads.c: one thread beside two, or -t of them, in turns, by the clock: the
 * shortest run, and the sum of the steps' least times; and what the machine
 * gives to as many loops of multiply-adds that share nothing.
 */
#include "measure.h"
#include "peak.h"
#include "report.h"
#include "subject.h"

#include <math.h>
#include <pthread.h>

#define MOST_THREADS 64

typedef struct loop {
        const char *instruction_set;
        pthread_barrier_t *barrier;
        double flops;
} loop;

static void *
run_loop(void *context)
{
        loop *l = context;

        (void)pthread_barrier_wait(l->barrier);
        l->flops = peak_measure(l->instruction_set);
        return NULL;
}

/* Of all loops together. */
static double
peak_of(const bench_report *report, int32_t threads)
{
        pthread_barrier_t barrier;
        pthread_t ids[MOST_THREADS];
        loop loops[MOST_THREADS];
        double flops = 0;

        (void)pthread_barrier_init(&barrier, NULL, (unsigned)threads);
        for (int32_t i = 0; i < threads; i++) {
                loops[i] = (loop){report->instruction_set, &barrier, 0};
                if (pthread_create(&ids[i], NULL, run_loop, &loops[i]) != 0)
                        bench_die("no thread for a loop");
        }
        for (int32_t i = 0; i < threads; i++) {
                (void)pthread_join(ids[i], NULL);
                flops += loops[i].flops;
        }
        (void)pthread_barrier_destroy(&barrier);
        return flops;
}

#define TRIALS 8

/* In turns with one loop, whose peak the report takes. */
static double
best_peak_of(bench_report *report, int32_t threads)
{
        double best = 0;

        for (int i = 0; i < TRIALS; i++) {
                const double all = peak_of(report, threads);

                if (all > best)
                        best = all;
                (void)bench_peak(report);
        }
        return best;
}

/* A number of threads. */
typedef struct side {
        bench_subject subject;
        bench_profile profile;
        double best; /* by the clock */
} side;

static void
begin(side *s, const bench_report *report, const char *name, int32_t threads)
{
        s->subject = bench_open(report, name, threads, 1);
        s->profile = bench_profile_begin(&s->subject);
        s->best = HUGE_VAL;
}

/* A turn: some time, since the first runs find nothing in the caches. */
#define TURN_SECONDS 0.5

static void
take_turn(side *s, double seconds)
{
        const bench_time time = bench_times(bench_profile_run, &s->profile,
                                            measure_now, seconds);

        if (time.best < s->best)
                s->best = time.best;
}

/* The sum of the steps' least times. */
static double
end(side *s)
{
        const double steps = bench_profile_end(&s->profile);

        bench_close(&s->subject);
        return steps;
}

static void
measure(bench_report *report, const char *name, int32_t threads)
{
        const double turn = fmin(TURN_SECONDS, report->seconds);
        double start, one_steps, more_steps;
        side one, more;

        begin(&one, report, name, 1);
        begin(&more, report, name, threads);
        start = measure_now();
        do {
                take_turn(&one, turn);
                take_turn(&more, turn);
        } while (measure_now() - start < 2 * report->seconds);
        one_steps = end(&one);
        more_steps = end(&more);
        bench_row(report, name);
        bench_number(report, "one_ms", 1e3 * one.best);
        bench_number(report, "threads_ms", 1e3 * more.best);
        bench_number(report, "speedup", one.best / more.best);
        bench_number(report, "one_steps_ms", 1e3 * one_steps);
        bench_number(report, "steps_ms", 1e3 * more_steps);
        bench_number(report, "steps_speedup", one_steps / more_steps);
}

int
main(int argc, char **argv)
{
        bench_report *report = bench_begin("threads", argc, argv);
        int32_t threads = report->threads > 1 ? report->threads : 2;

        if (threads > MOST_THREADS)
                bench_die("-t %d: %d at most", (int)threads, MOST_THREADS);
        report->threads = threads;
        for (int i = 0; i < report->count; i++)
                measure(report, report->what[i], threads);
        if (report->count == 0) {
                measure(report, "b0", threads);
                measure(report, "b4", threads);
        }
        if (report->peak > 0) {
                const double all = best_peak_of(report, threads);

                bench_row(report, "multiply-add loops");
                bench_number(report, "one_gflops", 1e-9 * report->peak);
                bench_number(report, "all_gflops", 1e-9 * all);
                bench_number(report, "speedup", all / report->peak);
        }
        return bench_end(report);
}
