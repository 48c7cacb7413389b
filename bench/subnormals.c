/* subnormals.c: whether subnormal numbers cost time, which without flushing
 * them to zero they do, a hundredfold: B0 as it is, with a subnormal input, with
 * weights that are subnormal once folded, and with a network that is linear near
 * 0, so that a subnormal input makes every activation subnormal.
 */
#include "arch/seeded.h"
#include "base/cpu.h"
#include "measure.h"
#include "report.h"
#include "run/engine.h"
#include "subject.h"

#include <stdlib.h>
#include <string.h>

#define TINY 1e-39f /* FLT_MIN is 1.2e-38 */

typedef struct network {
        en_params params; /* the seeded ones, before they are changed */
        bool tiny;        /* weights */
        bool linear;      /* no biases or means */
} network;

static effnet_status
read_changed(void *context, const en_param *param, float *values)
{
        const network *n = context;
        effnet_status status = n->params.read(n->params.context, param, values);
        float factor = 1;

        if (n->tiny && param->kind == EN_PARAM_CONV_WEIGHT)
                factor = TINY;
        if (n->linear && (param->kind == EN_PARAM_BN_BIAS ||
                          param->kind == EN_PARAM_BN_MEAN))
                factor = 0;
        for (int64_t i = 0; i < param->count && factor != 1; i++)
                values[i] *= factor;
        return status;
}

typedef struct job {
        en_engine *engine;
        float *input;
        int32_t size;
} job;

static void
run(void *context)
{
        const job *j = context;

        bench_ok(en_engine_run(j->engine, j->input, 1, j->size, j->size));
}

static double
time_of(const bench_report *report, const effnet_config *config,
        const network *change, float scale)
{
        const en_cpuid cpuid = en_cpuid_read();
        const en_kernels *kernels = en_kernels_for(report->isa, &cpuid);
        const en_resources resources = {.threads = 1, .memory = INT64_MAX};
        const size_t floats = 3 * (size_t)config->resolution *
                              (size_t)config->resolution;
        job j = {NULL, malloc(floats * sizeof(float)), config->resolution};
        en_network *layers;
        en_weights *weights;
        network changed = *change;
        en_seeded seeded;
        en_params params = {read_changed, &changed};
        double best;

        if (j.input == NULL)
                bench_die("no memory");
        bench_random(j.input, (int64_t)floats);
        for (size_t i = 0; i < floats; i++)
                j.input[i] *= scale;
        bench_ok(en_network_create(&layers, config, 0, 0));
        seeded = (en_seeded){layers, 1};
        changed.params = en_seeded_params(&seeded);
        bench_ok(en_weights_create(&weights, layers, &params, kernels,
                                   en_options_or_default(NULL)));
        bench_ok(en_engine_create(&j.engine, config, weights, &resources));
        run(&j);
        best = bench_times(run, &j, measure_own, report->seconds).best;
        en_engine_free(j.engine);
        en_weights_free(weights);
        en_network_free(layers);
        free(j.input);
        return best;
}

int
main(int argc, char **argv)
{
        static const struct {
                const char *name;
                network change;
                float scale;
        } cases[] = {
                {"normal", {.tiny = false}, 1},
                {"input", {.tiny = false}, TINY},
                {"weights", {.tiny = true}, 1},
                {"activations", {.linear = true}, TINY},
        };
        bench_report *report = bench_begin("subnormals", argc, argv);
        effnet_config *config;
        double normal = 0;

        bench_ok(effnet_config_create(&config, "b0"));
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                const double time = time_of(report, config, &cases[i].change,
                                            cases[i].scale);

                normal = i == 0 ? time : normal;
                bench_row(report, cases[i].name);
                bench_number(report, "ms", 1e3 * time);
                bench_number(report, "ratio", time / normal);
        }
        effnet_config_free(config);
        return bench_end(report);
}
