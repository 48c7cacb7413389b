/* bench.c: effnet bench: how fast a network runs here. */
#include "args.h"
#include "command.h"
#include "json.h"
#include "measure.h"
#include "model.h"
#include "peak.h"
#include "plan.h"
#include "text.h"
#include "trial.h"

#include "effnet.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct request {
        struct model_choice model;
        struct plan_wish wish;
        bool layers;
        int64_t runs; /* 0: by time */
        double seconds;
        int format; /* index of formats */
};

static const char *const formats[] = {"text", "json", NULL};

#define MOST_SECONDS 86400

static bool
parse_seconds(const struct option *option, const char *text,
              char expected[EXPECTED_SIZE])
{
        double seconds = -1;
        const char *end = number_end(text, &seconds);

        if (end == NULL || *end != '\0' || seconds < 0 ||
            seconds > MOST_SECONDS) {
                snprintf(expected, EXPECTED_SIZE, "a number from 0 to %d",
                         MOST_SECONDS);
                return false;
        }
        *(double *)option->target = seconds;
        return true;
}

static int
parse(struct request *request, int argc, char **argv, int *operands)
{
        const struct option options[] = {
                MODEL_OPTION(request->model, "MODEL",
                             "a checkpoint, or an architecture by name (with\n"
                             "made-up weights)"),
                LOADING_OPTIONS(request->model),
                PLAN_OPTIONS(request->wish),
                {.name = "layers",
                 .help = "the time of each step too",
                 .parse = parse_flag,
                 .target = &request->layers},
                {.name = "runs",
                 .value = "N",
                 .help = "measure so many runs, rather than by --seconds",
                 .parse = parse_integer,
                 .target = &request->runs,
                 .least = 1,
                 .most = 1000000},
                {.name = "seconds",
                 .value = "S",
                 .help = "measure so long, but 3 runs or more; default 3",
                 .parse = parse_seconds,
                 .target = &request->seconds},
                FORMAT_OPTION(request->format, formats,
                              "text or json; default text"),
        };
        const struct syntax syntax = {
                .command = "bench",
                .purpose = "Measures how fast a network runs here, beside the "
                           "multiply-adds that a core\ncan do at most.",
                .example = "effnet bench -m b0 --layers",
                .operands = "",
                .notes = "Nothing else should run meanwhile.",
                .options = options,
                .count = sizeof(options) / sizeof(options[0]),
        };

        return args_parse(&syntax, argc, argv, operands);
}

/* All that is printed. */
struct result {
        const struct request *request;
        const struct trial *trial;
        struct spread latency; /* seconds */
        double peak;           /* FLOP per second of a core; 0: not known */
        double memory;         /* bytes */
};

/* FLOP per second, of an amount of multiply-adds. */
static double
rate(double macs, double seconds)
{
        return seconds > 0 ? 2 * macs / seconds : 0;
}

/* Of the peak of all threads; NAN where that is not known. */
static double
fraction(const struct result *result, double flops)
{
        double peak = result->peak * (double)result->request->wish.threads;

        return peak > 0 ? flops / peak : (double)NAN;
}

static double
macs_of_run(const struct result *result)
{
        return result->trial->macs * (double)result->request->wish.batch;
}

static double
step_flops(const struct result *result, int32_t step)
{
        const struct trial *trial = result->trial;

        return rate(
                (double)plan_step_int(trial->session, step, EFFNET_STEP_MACS) *
                        (double)result->request->wish.batch,
                trial->steps[step]);
}

static js_value *
layers_json(const struct result *result)
{
        const struct trial *trial = result->trial;
        js_value *array = js_array(), *layer;
        char name[STEP_NAME_SIZE];
        double flops;
        int32_t i;

        for (i = 0; i < trial->step_count; i++) {
                flops = step_flops(result, i);
                layer = js_object();
                js_set(layer, "name",
                       js_text(plan_step_name(trial->session, i, name)));
                js_set(layer, "ms", js_real(1e3 * trial->steps[i]));
                js_set(layer, "gflops", js_real(1e-9 * flops));
                js_set(layer, "fraction_of_peak",
                       js_real(fraction(result, flops)));
                js_add(array, layer);
        }
        return array;
}

static js_value *
latency_json(const struct spread *latency)
{
        js_value *object = js_object();

        js_set(object, "min", js_real(1e3 * latency->min));
        js_set(object, "median", js_real(1e3 * latency->median));
        js_set(object, "p95", js_real(1e3 * latency->p95));
        return object;
}

static void
print_json(const struct result *result)
{
        const struct plan_wish *wish = &result->request->wish;
        js_value *object = js_object();

        js_set(object, "latency_ms", latency_json(&result->latency));
        js_set(object, "images_per_second",
               js_real((double)wish->batch / result->latency.median));
        js_set(object, "instruction_set",
               js_text(effnet_model_instruction_set(result->trial->model)));
        js_set(object, "threads", js_integer(wish->threads));
        js_set(object, "batch", js_integer(wish->batch));
        js_set(object, "fma_peak_gflops",
               js_real(result->peak > 0 ? 1e-9 * result->peak : (double)NAN));
        js_set(object, "fraction_of_peak",
               js_real(fraction(result, rate(macs_of_run(result),
                                             result->latency.min))));
        js_set(object, "start_ms", js_real(1e3 * result->trial->start));
        js_set(object, "peak_rss_mb", js_real(1e-6 * result->memory));
        if (result->request->layers)
                js_set(object, "layers", layers_json(result));
        js_print(object);
}

static void
print_layers(const struct result *result)
{
        const struct trial *trial = result->trial;
        char name[STEP_NAME_SIZE];
        double flops, part;
        int32_t i;

        printf("\n%-36s%10s%12s%12s\n", "layers", "ms", "GFLOP/s", "of peak");
        for (i = 0; i < trial->step_count; i++) {
                flops = step_flops(result, i);
                part = fraction(result, flops);
                printf("%-36s%10.3f%12.1f",
                       plan_step_name(trial->session, i, name),
                       1e3 * trial->steps[i], 1e-9 * flops);
                if (isnan(part))
                        printf("%12s\n", "-");
                else
                        printf("%10.1f %%\n", 100 * part);
        }
}

static void
print_text(const struct result *result)
{
        const struct trial *trial = result->trial;
        const struct plan_wish *wish = &result->request->wish;
        double flops = rate(macs_of_run(result), result->latency.min);

        printf("%s\n", effnet_config_name(effnet_model_config(trial->model)));
        printf("  %-14s%" PRId64 "x%" PRId64 ", batch %" PRId64
               ", threads %" PRId64 ", %s\n",
               "input", plan_int(trial->session, EFFNET_PLAN_WIDTH),
               plan_int(trial->session, EFFNET_PLAN_HEIGHT), wish->batch,
               wish->threads, effnet_model_instruction_set(trial->model));
        printf("  %-14s%.2f ms at least, median %.2f, 95 %% within %.2f, of "
               "%zu runs\n",
               "latency", 1e3 * result->latency.min,
               1e3 * result->latency.median, 1e3 * result->latency.p95,
               trial->runs);
        printf("  %-14s%.1f images per second\n", "throughput",
               (double)wish->batch / result->latency.median);
        printf("  %-14s%.1f GFLOP/s", "speed", 1e-9 * flops);
        if (result->peak > 0)
                printf(", %.1f %% of the peak of %.1f a core",
                       100 * fraction(result, flops), 1e-9 * result->peak);
        printf("\n  %-14s%.1f ms from opening the file to the first result\n",
               "start", 1e3 * trial->start);
        printf("  %-14s%.1f MB at most\n", "memory", 1e-6 * result->memory);
        if (result->request->layers)
                print_layers(result);
}

/* The peak is measured before and after: the clock may have changed. */
static bool
measure(struct result *result, struct trial *trial,
        const struct request *request)
{
        const char *set = effnet_model_instruction_set(trial->model);
        double after;

        result->request = request;
        result->trial = trial;
        result->memory = measure_peak_memory();
        result->peak = peak_measure(set);
        if (!trial_run(trial, (size_t)request->runs, request->seconds))
                return false;
        after = peak_measure(set);
        if (after > result->peak)
                result->peak = after;
        result->latency = measure_spread(trial->seconds, trial->runs);
        return true;
}

int
command_bench(int argc, char **argv)
{
        struct request request = {.wish = PLAN_WISH, .seconds = 3};
        struct trial trial = {0};
        struct result result = {0};
        int operands, code = parse(&request, argc, argv, &operands);

        if (code != EXIT_NONE)
                return code;
        code = EXIT_NOTHING;
        if (trial_open(&trial, &request.model, &request.wish, request.layers) &&
            measure(&result, &trial, &request)) {
                if (request.format == 0)
                        print_text(&result);
                else
                        print_json(&result);
                code = output_flush() ? EXIT_DONE : EXIT_NOTHING;
        }
        trial_close(&trial);
        return code;
}
