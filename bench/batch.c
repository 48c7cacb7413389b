/* batch.c: a batch of 16 beside single images, per image. */
#include "report.h"
#include "subject.h"

#define BATCH 16

static double
per_image(bench_report *report, const char *name, int64_t batch)
{
        bench_subject subject = bench_open(report, name, report->threads,
                                           batch);
        const bench_time time = bench_runs(&subject, report->threads,
                                           report->seconds);

        bench_close(&subject);
        return time.best / (double)batch;
}

static void
measure(bench_report *report, const char *name)
{
        const double one = per_image(report, name, 1);
        const double many = per_image(report, name, BATCH);

        bench_row(report, name);
        bench_number(report, "batch_1_ms", 1e3 * one);
        bench_number(report, "batch_16_ms", 1e3 * many);
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
