/* start.c: from opening a file to the first result, each time in a process
 * that is new.  The file itself lies in the system's cache.
 *
 *   start [-o FILE.json] [-s SECONDS] [CHECKPOINT...]
 *
 * Without one it is B0 and B7 of seeded weights, saved to the current folder.
 */
#include "child.h"
#include "measure.h"
#include "subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOAD, RUN, FIGURES };

static effnet_tensor *
input_of(const effnet_model *model)
{
        int64_t shape[4] = {1, 3, 0, 0};
        effnet_tensor *input;

        bench_ok(effnet_config_get_int(effnet_model_config(model),
                                       EFFNET_CONFIG_RESOLUTION, &shape[2]));
        shape[3] = shape[2];
        bench_ok(effnet_tensor_create(&input, EFFNET_TYPE_F32, 4, shape));
        bench_random(effnet_tensor_data(input), effnet_tensor_count(input));
        return input;
}

/* The new process: prints both figures in seconds. */
static int
child(const char *path)
{
        const double begin = measure_now();
        double loaded, start;
        effnet_model *model;
        effnet_session *session;
        effnet_tensor *input;

        bench_ok(effnet_model_load_file(&model, path, NULL));
        loaded = measure_now();
        input = input_of(model);
        start = measure_now();
        bench_ok(effnet_session_create(&session, model, NULL));
        bench_ok(effnet_session_run(session, input));
        printf("%.9f %.9f\n", loaded - begin, measure_now() - start);
        effnet_session_free(session);
        effnet_model_release(model);
        effnet_tensor_free(input);
        return EXIT_SUCCESS;
}

static void
measure(bench_report *report, const char *argv0, const char *name,
        const char *path)
{
        const double begin = measure_now();
        double best[FIGURES] = {1e9, 1e9}, figures[FIGURES];

        for (int i = 0; i < 3 || measure_now() - begin < report->seconds; i++) {
                bench_child(argv0, path, figures, FIGURES);
                if (figures[LOAD] + figures[RUN] < best[LOAD] + best[RUN])
                        memcpy(best, figures, sizeof(best));
        }
        bench_row(report, name);
        bench_number(report, "start_ms", 1e3 * (best[LOAD] + best[RUN]));
        bench_number(report, "load_ms", 1e3 * best[LOAD]);
        bench_number(report, "first_run_ms", 1e3 * best[RUN]);
}

int
main(int argc, char **argv)
{
        static const char *const seeded[] = {"b0", "b7", NULL};
        static const bench_files files = {"start", seeded, child, measure};

        return bench_measure_files(&files, argc, argv);
}
