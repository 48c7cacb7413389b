/* models.c: times models of seeded weights in their nominal sizes, against the
 * limit that the core's peak of multiply-adds sets for a direct convolution.
 * The peak is the highest of pieces of 0.2 ms.  steps_ms, the sum of each step's
 * least time in any run, without what lies between steps, estimates a core that
 * nobody disturbs; ms is what there was.
 */
#include "report.h"
#include "subject.h"

#include <math.h>

static const char *const usual[] = {"b0", "b1", "b2", "b3",    "b4",
                                    "b5", "b6", "b7", "lite0", "v2_s"};
#define USUAL ((int)(sizeof(usual) / sizeof(usual[0])))

static void
measure(bench_report *report, const char *name)
{
        bench_subject subject = bench_open(report, name, report->threads, 1);
        const bench_run_time time = bench_runs(&subject, report->threads,
                                               report->seconds);
        const double peak = bench_peak(report);
        const double limit = peak > 0 ? subject.flops / peak : (double)NAN;

        bench_row(report, name);
        bench_number(report, "size", (double)subject.size);
        bench_number(report, "gflop", 1e-9 * subject.flops);
        bench_number(report, "ms", 1e3 * time.run.best);
        bench_number(report, "median_ms", 1e3 * time.run.median);
        bench_number(report, "gflops", 1e-9 * subject.flops / time.run.best);
        bench_number(report, "limit_ms", 1e3 * limit);
        bench_number(report, "times_limit", time.run.best / limit);
        bench_number(report, "steps_ms", 1e3 * time.steps);
        bench_number(report, "steps_limit", time.steps / limit);
        bench_close(&subject);
}

int
main(int argc, char **argv)
{
        bench_report *report = bench_begin("models", argc, argv);

        for (int i = 0; i < report->count; i++)
                measure(report, report->what[i]);
        for (int i = 0; i < USUAL && report->count == 0; i++)
                measure(report, usual[i]);
        return bench_end(report);
}
