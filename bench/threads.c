/* threads.c: one thread beside two, or -t of them, by the clock; and what the
 * machine gives to as many loops of multiply-adds that share nothing.
 */
#include "measure.h"
#include "peak.h"
#include "report.h"
#include "subject.h"

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

static double
time_with(bench_report *report, const char *name, int32_t threads)
{
        bench_subject subject = bench_open(report, name, threads, 1);
        /* By the clock, with one thread too. */
        const bench_run_time time = bench_runs(&subject, 2, report->seconds);

        bench_close(&subject);
        return time.run.best;
}

static void
measure(bench_report *report, const char *name, int32_t threads)
{
        const double one = time_with(report, name, 1);
        const double more = time_with(report, name, threads);

        bench_row(report, name);
        bench_number(report, "one_ms", 1e3 * one);
        bench_number(report, "threads_ms", 1e3 * more);
        bench_number(report, "speedup", one / more);
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
                const double all = peak_of(report, threads);

                bench_row(report, "multiply-add loops");
                bench_number(report, "one_gflops", 1e-9 * report->peak);
                bench_number(report, "all_gflops", 1e-9 * all);
                bench_number(report, "speedup", all / report->peak);
        }
        return bench_end(report);
}
