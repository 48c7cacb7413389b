/* subject.c: a model of seeded weights that is measured. */
#include "subject.h"

#include "measure.h"
#include "text.h"

#include <math.h>
#include <stdlib.h>

void
bench_ok(effnet_status status)
{
        if (status != EFFNET_OK)
                bench_die("%s: %s", effnet_status_name(status),
                          effnet_last_error());
}

void
bench_random(float *values, int64_t count)
{
        uint32_t state = 1;

        for (int64_t i = 0; i < count; i++) {
                state = state * 1664525 + 1013904223; /* Numerical Recipes */
                values[i] = (float)(state >> 8) * 0x1p-23f - 1;
        }
}

static double
flops_of(const effnet_config *config)
{
        effnet_summary *summary;
        double flops;

        bench_ok(effnet_summary_create(&summary, config, 0, 0));
        flops = 2 * (double)effnet_summary_macs(summary);
        effnet_summary_free(summary);
        return flops;
}

static effnet_options *
new_options(const bench_report *report, int32_t threads)
{
        effnet_options *options;

        bench_ok(effnet_options_create(&options));
        bench_ok(effnet_options_set_int(options, EFFNET_OPTION_THREADS,
                                        threads));
        bench_ok(effnet_options_set_int(options, EFFNET_OPTION_INSTRUCTION_SET,
                                        report->isa));
        bench_ok(effnet_options_set_int(options, EFFNET_OPTION_PROFILE, 1));
        return options;
}

bench_subject
bench_open(const bench_report *report, const char *name, int32_t threads,
           int64_t batch)
{
        effnet_options *options = new_options(report, threads);
        int64_t shape[4] = {batch, 3, 0, 0};
        effnet_config *config;
        bench_subject subject;

        bench_ok(effnet_config_create(&config, name));
        bench_ok(effnet_config_get_int(config, EFFNET_CONFIG_RESOLUTION,
                                       &subject.size));
        subject.flops = flops_of(config);
        shape[2] = shape[3] = subject.size;
        bench_ok(effnet_model_create(&subject.model, config, 1, options));
        bench_ok(effnet_session_create(&subject.session, subject.model,
                                       options));
        bench_ok(effnet_tensor_create(&subject.input, EFFNET_TYPE_F32, 4,
                                      shape));
        bench_random(effnet_tensor_data(subject.input),
                     effnet_tensor_count(subject.input));
        bench_ok(effnet_session_run(subject.session, subject.input));
        effnet_config_free(config);
        effnet_options_free(options);
        return subject;
}

void
bench_close(bench_subject *subject)
{
        effnet_session_free(subject->session);
        effnet_model_release(subject->model);
        effnet_tensor_free(subject->input);
}

void
bench_save(const char *name, const char *path)
{
        effnet_options *options;
        effnet_config *config;
        effnet_model *model;

        bench_ok(effnet_options_create(&options));
        bench_ok(effnet_options_set_int(options, EFFNET_OPTION_KEEP_PARAMETERS,
                                        1));
        bench_ok(effnet_config_create(&config, name));
        bench_ok(effnet_model_create(&model, config, 1, options));
        bench_ok(effnet_model_save_file(model, path, EFFNET_NAMES_OWN,
                                        EFFNET_TYPE_F32, NULL));
        effnet_model_release(model);
        effnet_config_free(config);
        effnet_options_free(options);
}

bench_time
bench_times(void (*run)(void *context), void *context, double (*clock)(void),
            double seconds)
{
        const double begin = measure_now();
        size_t count = 0, room = 0;
        double *times = NULL;
        struct spread spread;

        while (count < 3 || measure_now() - begin < seconds) {
                const double start = clock();

                if (count == room) {
                        room = 2 * room + 64;
                        times = must(realloc(times, room * sizeof(*times)));
                }
                run(context);
                times[count++] = clock() - start;
        }
        spread = measure_spread(times, count);
        free(times);
        return (bench_time){spread.min, spread.median};
}

bench_profile
bench_profile_begin(const bench_subject *subject)
{
        bench_profile profile = {subject, NULL, 0};
        int64_t count;

        bench_ok(effnet_session_plan_get_int(subject->session,
                                             EFFNET_PLAN_STEPS, &count));
        profile.count = (int32_t)count;
        profile.least = must(calloc((size_t)count, sizeof(*profile.least)));
        for (int32_t i = 0; i < profile.count; i++)
                profile.least[i] = HUGE_VAL;
        return profile;
}

void
bench_profile_run(void *context)
{
        const bench_profile *profile = context;
        effnet_session *session = profile->subject->session;

        bench_ok(effnet_session_run(session, profile->subject->input));
        for (int32_t i = 0; i < profile->count; i++) {
                double seconds;

                bench_ok(effnet_session_step_get_double(
                        session, i, EFFNET_STEP_SECONDS, &seconds));
                if (seconds < profile->least[i])
                        profile->least[i] = seconds;
        }
}

double
bench_profile_end(bench_profile *profile)
{
        double sum = 0;

        for (int32_t i = 0; i < profile->count; i++)
                sum += profile->least[i];
        free(profile->least);
        return sum;
}

bench_run_time
bench_runs(const bench_subject *subject, int32_t threads, double seconds)
{
        bench_profile profile = bench_profile_begin(subject);
        const bench_time run = bench_times(
                bench_profile_run, &profile,
                threads > 1 ? measure_now : measure_own, seconds);

        return (bench_run_time){run, bench_profile_end(&profile)};
}
