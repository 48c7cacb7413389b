/* batch.c: a run of 16 images beside 16 runs of one, per image, in turns.  One
 * run of one image would be luckier than the mean of 16.
 */
#include "measure.h"
#include "report.h"
#include "subject.h"

#define BATCH       16
#define LEAST_TURNS 3

static double
time_of(const bench_subject *subject, int runs, double (*clock)(void))
{
        const double begin = clock();

        for (int i = 0; i < runs; i++)
                bench_ok(effnet_session_run(subject->session, subject->input));
        return clock() - begin;
}

static double
lesser(double a, double b)
{
        return a < b ? a : b;
}

static void
measure(bench_report *report, const char *name)
{
        double (*clock)(void) = report->threads > 1 ? measure_now : measure_own;
        bench_subject single = bench_open(report, name, report->threads, 1);
        bench_subject batch = bench_open(report, name, report->threads, BATCH);
        const double begin = measure_now();
        double one = 1e9, many = 1e9;

        for (int i = 0;
             i < LEAST_TURNS || measure_now() - begin < 2 * report->seconds;
             i++) {
                one = lesser(one, time_of(&single, BATCH, clock));
                many = lesser(many, time_of(&batch, 1, clock));
        }
        bench_close(&single);
        bench_close(&batch);
        bench_row(report, name);
        bench_number(report, "batch_1_ms", 1e3 * one / BATCH);
        bench_number(report, "batch_16_ms", 1e3 * many / BATCH);
        bench_number(report, "ratio", many / one);
}

int
main(int argc, char **argv)
{
        bench_report *report = bench_begin("batch", argc, argv);

        for (int i = 0; i < report->count; i++)
                measure(report, report->what[i]);
        if (report->count == 0)
                measure(report, "b0");
        return bench_end(report);
}
