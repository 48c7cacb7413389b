/* memory.c: the memory at most of a process that loads a model and classifies
 * a picture, and what a second session of the model adds.
 *
 *   memory [-o FILE.json] [CHECKPOINT...]
 *
 * Without one it is B0, B4 and B7 of seeded weights, saved to the current
 * folder.
 */
#include "child.h"
#include "measure.h"
#include "subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define WIDTH  500
#define HEIGHT 375

enum { BEFORE, WEIGHTS, ARENA, ONE, TWO, FIGURES };

static effnet_image *
picture(void)
{
        static uint8_t pixels[WIDTH * HEIGHT * 3];
        effnet_image *image;

        for (size_t i = 0; i < sizeof(pixels); i++)
                pixels[i] = (uint8_t)(i * 7 / 5);
        bench_ok(effnet_image_wrap(&image, EFFNET_PIXEL_RGB, WIDTH, HEIGHT,
                                   pixels, WIDTH * 3, NULL, NULL));
        return image;
}

static effnet_session *
classify(effnet_model *model, const effnet_image *image)
{
        effnet_session *session;
        int32_t classes[5], count = 5;
        float scores[5];

        bench_ok(effnet_session_create(&session, model, NULL));
        bench_ok(effnet_session_classify(session, image, &count, classes,
                                         scores));
        return session;
}

static double
of_plan(const effnet_session *session, int32_t key)
{
        int64_t value;

        bench_ok(effnet_session_plan_get_int(session, key, &value));
        return (double)value;
}

/* The new process: prints its figures in bytes. */
static int
child(const char *path)
{
        effnet_image *image = picture();
        double figures[FIGURES];
        effnet_session *sessions[2];
        effnet_model *model;

        figures[BEFORE] = measure_peak_memory();
        bench_ok(effnet_model_load_file(&model, path, NULL));
        sessions[0] = classify(model, image);
        figures[ONE] = measure_peak_memory();
        sessions[1] = classify(model, image);
        figures[TWO] = measure_peak_memory();
        figures[WEIGHTS] = of_plan(sessions[0], EFFNET_PLAN_WEIGHT_BYTES);
        figures[ARENA] = of_plan(sessions[0], EFFNET_PLAN_ARENA_BYTES);
        for (int i = 0; i < FIGURES; i++)
                printf("%.0f\n", figures[i]);
        for (int i = 0; i < 2; i++)
                effnet_session_free(sessions[i]);
        effnet_model_release(model);
        effnet_image_free(image);
        return EXIT_SUCCESS;
}

static void
measure(bench_report *report, const char *argv0, const char *name,
        const char *path)
{
        double figures[FIGURES];
        struct stat status = {0};

        bench_child(argv0, path, figures, FIGURES);
        (void)stat(path, &status);
        bench_row(report, name);
        bench_number(report, "file_mb", 1e-6 * (double)status.st_size);
        bench_number(report, "weights_mb", 1e-6 * figures[WEIGHTS]);
        bench_number(report, "arena_mb", 1e-6 * figures[ARENA]);
        bench_number(report, "before_mb", 1e-6 * figures[BEFORE]);
        bench_number(report, "peak_mb", 1e-6 * figures[ONE]);
        bench_number(report, "second_mb", 1e-6 * (figures[TWO] - figures[ONE]));
}

int
main(int argc, char **argv)
{
        static const char *const seeded[] = {"b0", "b4", "b7", NULL};
        static const bench_files files = {"memory", seeded, child, measure};

        return bench_measure_files(&files, argc, argv);
}
