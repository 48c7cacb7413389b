/* report.c: options and results of the measurements. */
#include "report.h"

#include "base/cpu.h"
#include "effnet.h"
#include "json.h"
#include "kernels/kernels.h"
#include "peak.h"
#include "text.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_SIZE  512
#define NAME_WIDTH 28
#define WIDTH      12

struct bench_rows {
        const char *measure;
        js_value *array;
        js_value *row; /* of the last bench_row; belongs to the array */
        char titles[LINE_SIZE], shown[LINE_SIZE]; /* this row's, the last's */
        char line[LINE_SIZE];
};

void
bench_die(const char *format, ...)
{
        va_list list;

        va_start(list, format);
        vfprintf(stderr, format, list);
        va_end(list);
        fputc('\n', stderr);
        exit(EXIT_FAILURE);
}

/* The level of that name, or the best. */
static const en_kernels *
level(const char *name)
{
        const en_cpuid cpuid = en_cpuid_read();

        if (name == NULL || strcmp(name, "best") == 0)
                return en_kernels_for(EFFNET_ISA_BEST, &cpuid);
        for (int32_t isa = EFFNET_ISA_PORTABLE; isa < EFFNET_ISA_PORTABLE + 32;
             isa++) {
                const en_kernels *k = en_kernels_for(isa, &cpuid);

                if (k != NULL && strcmp(k->name, name) == 0)
                        return k;
        }
        bench_die("-i %s: this machine has no such instruction set", name);
}

static void
read_options(bench_report *report, int argc, char **argv)
{
        const char *isa = NULL;
        int letter;

        while ((letter = getopt(argc, argv, "o:s:t:i:")) != -1) {
                switch (letter) {
                case 'o': report->output = optarg; break;
                case 's': report->seconds = atof(optarg); break;
                case 't': report->threads = atoi(optarg); break;
                case 'i': isa = optarg; break;
                default: exit(2);
                }
        }
        report->what = argv + optind;
        report->count = argc - optind;
        report->instruction_set = level(isa)->name;
        report->isa = level(isa)->id;
}

bench_report *
bench_begin(const char *measure, int argc, char **argv)
{
        bench_report *report = must(calloc(1, sizeof(*report)));

        report->seconds = 1;
        report->threads = 1;
        report->rows = must(calloc(1, sizeof(*report->rows)));
        report->rows->measure = measure;
        report->rows->array = js_array();
        read_options(report, argc, argv);
        report->peak = peak_measure(report->instruction_set);
        bench_say(report, "%s: %s, %.1f GFLOP/s of multiply-adds a core",
                  measure, report->instruction_set, 1e-9 * report->peak);
        return report;
}

double
bench_peak(bench_report *report)
{
        const double peak = peak_measure(report->instruction_set);

        if (peak > report->peak)
                report->peak = peak;
        return report->peak;
}

/* What was gathered of the last row. */
static void
flush(struct bench_rows *rows)
{
        if (rows->row == NULL)
                return;
        if (strcmp(rows->titles, rows->shown) != 0)
                printf("%-*s%s\n", NAME_WIDTH, "", rows->titles);
        strcpy(rows->shown, rows->titles);
        puts(rows->line);
        (void)fflush(stdout);
        rows->row = NULL;
}

void
bench_row(bench_report *report, const char *name)
{
        struct bench_rows *rows = report->rows;

        flush(rows);
        rows->row = js_object();
        js_set(rows->row, "name", js_text(name));
        js_add(rows->array, rows->row);
        rows->titles[0] = '\0';
        snprintf(rows->line, LINE_SIZE, "%-*s", NAME_WIDTH, name);
}

static void
append(char line[LINE_SIZE], const char *text)
{
        size_t used = strlen(line);
        int blanks = WIDTH - 1 - (int)strlen(text);

        snprintf(line + used, LINE_SIZE - used, " %*s%s",
                 blanks > 0 ? blanks : 0, "", text);
}

void
bench_number(bench_report *report, const char *key, double value)
{
        struct bench_rows *rows = report->rows;
        char text[64] = "-";

        if (isfinite(value))
                snprintf(text, sizeof(text), "%.*f",
                         fabs(value) >= 100 ? 1
                         : fabs(value) >= 1 ? 2
                                            : 4,
                         value);
        js_set(rows->row, key, js_real(value));
        append(rows->titles, key);
        append(rows->line, text);
}

void
bench_say(bench_report *report, const char *format, ...)
{
        va_list list;

        flush(report->rows);
        va_start(list, format);
        vprintf(format, list);
        va_end(list);
        putchar('\n');
        (void)fflush(stdout);
}

/* As the system calls it; NULL where it does not. */
static js_value *
processor(void)
{
        FILE *file = fopen("/proc/cpuinfo", "r");
        char line[256];
        char *colon = NULL;

        while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
                colon = strchr(line, ':');
                if (colon != NULL && strncmp(line, "model name", 10) == 0)
                        break;
                colon = NULL;
        }
        if (file != NULL)
                (void)fclose(file);
        if (colon == NULL)
                return js_text(NULL);
        line[strcspn(line, "\n")] = '\0';
        return js_text(colon + 2);
}

static bool
write_json(const bench_report *report, js_value *object)
{
        FILE *file;

        if (report->output == NULL) {
                js_free(object);
                return true;
        }
        file = fopen(report->output, "w");
        if (file == NULL) {
                complain("%s: %s", report->output, strerror(errno));
                js_free(object);
                return false;
        }
        js_write(file, object);
        return fclose(file) == 0;
}

int
bench_end(bench_report *report)
{
        js_value *object = js_object();
        bool done;

        flush(report->rows);
        js_set(object, "measure", js_text(report->rows->measure));
        js_set(object, "version", js_text(effnet_version_string()));
        js_set(object, "processor", processor());
        js_set(object, "instruction_set", js_text(report->instruction_set));
        js_set(object, "threads", js_integer(report->threads));
        js_set(object, "fma_peak_gflops",
               js_real(report->peak > 0 ? 1e-9 * report->peak : (double)NAN));
        js_set(object, "rows", report->rows->array);
        done = write_json(report, object);
        free(report->rows);
        free(report);
        return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
