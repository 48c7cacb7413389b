/* model.c: times a model of seeded weights on one random image, against the
 * core's measured peak of multiply-adds.  The shortest of all runs counts; of
 * one thread, by its own time.
 *
 *   model [NAME] [THREADS] [best|portable|avx2] [SECONDS]
 *
 * Links with the static library, for its internals.
 */
#include "clock.h"
#include "effnet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct model_job {
        const char *name;
        int32_t threads;
        int32_t isa;
        double seconds;
        effnet_model *model;
        effnet_session *session;
        effnet_tensor *input;
        double flops;
} model_job;

static int32_t
isa_named(const char *name)
{
        if (strcmp(name, "portable") == 0)
                return EFFNET_ISA_PORTABLE;
        if (strcmp(name, "avx2") == 0)
                return EFFNET_ISA_AVX2;
        return EFFNET_ISA_BEST;
}

static effnet_status
make_input(model_job *job, int64_t size)
{
        const int64_t shape[4] = {1, 3, size, size};
        uint32_t state = 1;
        effnet_status status;
        float *values;

        status = effnet_tensor_create(&job->input, EFFNET_TYPE_F32, 4, shape);
        if (status != EFFNET_OK)
                return status;
        values = effnet_tensor_data(job->input);
        for (int64_t i = 0; i < 3 * size * size; i++) {
                state = state * 1664525 + 1013904223;
                values[i] = (float)(state >> 8) * 0x1p-23f - 1;
        }
        return EFFNET_OK;
}

static effnet_status
measure_macs(model_job *job, const effnet_config *config)
{
        effnet_summary *summary;
        effnet_status status;

        status = effnet_summary_create(&summary, config, 0, 0);
        if (status != EFFNET_OK)
                return status;
        job->flops = 2 * (double)effnet_summary_macs(summary);
        effnet_summary_free(summary);
        return EFFNET_OK;
}

static effnet_status
make_model(model_job *job, const effnet_options *options)
{
        effnet_config *config;
        effnet_status status;
        int64_t size;

        status = effnet_config_create(&config, job->name);
        if (status != EFFNET_OK)
                return status;
        status = effnet_config_get_int(config, EFFNET_CONFIG_RESOLUTION, &size);
        if (status == EFFNET_OK)
                status = effnet_model_create(&job->model, config, 1, options);
        if (status == EFFNET_OK)
                status = measure_macs(job, config);
        if (status == EFFNET_OK)
                status = make_input(job, size);
        effnet_config_free(config);
        return status;
}

static effnet_status
prepare(model_job *job)
{
        effnet_options *options;
        effnet_status status;

        status = effnet_options_create(&options);
        if (status != EFFNET_OK)
                return status;
        status = effnet_options_set_int(options, EFFNET_OPTION_INSTRUCTION_SET,
                                        job->isa);
        if (status == EFFNET_OK)
                status = effnet_options_set_int(options, EFFNET_OPTION_THREADS,
                                                job->threads);
        if (status == EFFNET_OK)
                status = make_model(job, options);
        if (status == EFFNET_OK)
                status = effnet_session_create(&job->session, job->model,
                                               options);
        effnet_options_free(options);
        return status;
}

/* The shortest run; the first one plans, and does not count. */
static effnet_status
measure(const model_job *job, double *best)
{
        double (*const clock)(void) = job->threads > 1 ? bench_now : bench_own;
        const double begin = bench_now();
        effnet_status status = effnet_session_run(job->session, job->input);

        *best = 1e9;
        for (int i = 0; i < 3 || bench_now() - begin < job->seconds; i++) {
                const double start = clock();
                double time;

                if (status != EFFNET_OK)
                        return status;
                status = effnet_session_run(job->session, job->input);
                time = clock() - start;
                if (time < *best)
                        *best = time;
        }
        return status;
}

static effnet_status
run(model_job *job)
{
        effnet_status status = prepare(job);
        double best, peak;

        if (status == EFFNET_OK)
                status = measure(job, &best);
        if (status != EFFNET_OK)
                return status;
        peak = strcmp(effnet_model_instruction_set(job->model), "avx2") == 0
                       ? bench_peak(EFFNET_ISA_AVX2)
                       : 0;
        printf("%-6s %d thread(s), %s: %8.2f ms %7.1f GFLOP/s", job->name,
               (int)job->threads, effnet_model_instruction_set(job->model),
               1e3 * best, 1e-9 * job->flops / best);
        if (peak > 0)
                printf(", %.3f x the limit of one core's peak of %.1f GFLOP/s",
                       best * peak / job->flops, 1e-9 * peak);
        printf("\n");
        return EFFNET_OK;
}

int
main(int argc, char **argv)
{
        model_job job = {.name = argc > 1 ? argv[1] : "b0",
                         .threads = argc > 2 ? atoi(argv[2]) : 1,
                         .isa = isa_named(argc > 3 ? argv[3] : "best"),
                         .seconds = argc > 4 ? atof(argv[4]) : 4};
        const effnet_status status = run(&job);

        if (status != EFFNET_OK)
                fprintf(stderr, "model: %s\n", effnet_last_error());
        effnet_session_free(job.session);
        effnet_model_release(job.model);
        effnet_tensor_free(job.input);
        return status == EFFNET_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
