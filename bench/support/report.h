/* report.h: what every measurement of bench/ shares: its options, and its
 * results, as a table of text while they come and as JSON in the end.
 *
 *   NAME [-o FILE.json] [-s SECONDS] [-t THREADS] [-i INSTRUCTION_SET] [WHAT...]
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdint.h>

typedef struct bench_report {
        const char *output; /* of the JSON; NULL: none */
        double seconds;     /* for each figure */
        int32_t threads;
        const char *instruction_set; /* of the best level, or of -i */
        int32_t isa;                 /* EFFNET_ISA_* of it */
        char **what;                 /* `count` of them, what to measure */
        int count;
        double peak; /* FLOP per second of a core, the highest yet; 0: not
                      * known */
        struct bench_rows *rows;
} bench_report;

/* Reads the options and measures the peak; leaves the program where they make
 * no sense.  `measure` is the JSON's "measure".
 */
bench_report *bench_begin(const char *measure, int argc, char **argv);

/* Measures the peak again, as the clock may have changed, and returns the
 * highest: for what is compared with it, before and after.
 */
double bench_peak(bench_report *report);

/* A row of that name, and its values in order; NAN is shown as "-" and null. */
void bench_row(bench_report *report, const char *name);
void bench_number(bench_report *report, const char *key, double value);

/* A line that is no row. */
void bench_say(bench_report *report, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* Writes the JSON, and frees all.  The exit code. */
int bench_end(bench_report *report);

/* Leaves the program with a message. */
_Noreturn void bench_die(const char *format, ...)
        __attribute__((format(printf, 1, 2)));

#endif
