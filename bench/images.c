/* images.c: from a JPEG to the network's input: decoding, and resizing,
 * cropping and normalising for B0.
 *
 *   images [-o FILE.json] [-s SECONDS] [PICTURE...]
 *
 * Without one it is a picture of 500 x 375, as ImageNet's, and one of 12
 * megapixels, as a telephone's.
 */
#include "jpeg.h"
#include "measure.h"
#include "report.h"
#include "subject.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct job {
        const unsigned char *bytes;
        size_t size;
        effnet_image *image;
        effnet_preprocess *steps;
        effnet_tensor *tensor;
} job;

static void
decode(void *context)
{
        job *j = context;

        effnet_image_free(j->image);
        bench_ok(effnet_image_read_memory(&j->image, j->bytes, j->size, NULL));
}

static void
prepare(void *context)
{
        job *j = context;

        bench_ok(
                effnet_preprocess_apply_into(j->steps, j->image, j->tensor, 0));
}

/* The steps of B0, and a tensor for their result. */
static void
set_steps(job *j)
{
        int64_t shape[4] = {1, 3, 0, 0};
        int32_t height, width;
        effnet_config *config;

        bench_ok(effnet_config_create(&config, "b0"));
        bench_ok(effnet_preprocess_create_for(&j->steps, config));
        effnet_config_free(config);
        bench_ok(effnet_preprocess_get_crop(j->steps, &height, &width));
        shape[2] = height;
        shape[3] = width;
        bench_ok(effnet_tensor_create(&j->tensor, EFFNET_TYPE_F32, 4, shape));
}

static void
measure(bench_report *report, const char *name, const unsigned char *bytes,
        size_t size)
{
        job j = {.bytes = bytes, .size = size};
        double decoding, preparing, pixels;

        set_steps(&j);
        decoding = bench_times(decode, &j, measure_own, report->seconds).best;
        preparing = bench_times(prepare, &j, measure_own, report->seconds).best;
        pixels = (double)effnet_image_width(j.image) *
                 (double)effnet_image_height(j.image);
        bench_row(report, name);
        bench_number(report, "megapixels", 1e-6 * pixels);
        bench_number(report, "kilobytes", 1e-3 * (double)size);
        bench_number(report, "decode_ms", 1e3 * decoding);
        bench_number(report, "prepare_ms", 1e3 * preparing);
        bench_number(report, "all_ms", 1e3 * (decoding + preparing));
        effnet_image_free(j.image);
        effnet_preprocess_free(j.steps);
        effnet_tensor_free(j.tensor);
}

static void
measure_file(bench_report *report, const char *path)
{
        FILE *file = fopen(path, "rb");
        unsigned char *bytes = NULL;
        long size = -1;

        if (file != NULL && fseek(file, 0, SEEK_END) == 0)
                size = ftell(file);
        if (size > 0)
                bytes = malloc((size_t)size);
        if (bytes == NULL)
                bench_die("%s: cannot be read", path);
        rewind(file);
        if (fread(bytes, 1, (size_t)size, file) != (size_t)size)
                bench_die("%s: cannot be read", path);
        (void)fclose(file);
        measure(report, path, bytes, (size_t)size);
        free(bytes);
}

static void
measure_made(bench_report *report, int width, int height)
{
        size_t size;
        unsigned char *bytes = bench_jpeg(width, height, &size);
        char name[32];

        if (bytes == NULL) {
                bench_say(report, "skipped: built without JPEG");
                return;
        }
        snprintf(name, sizeof(name), "%d x %d", width, height);
        measure(report, name, bytes, size);
        free(bytes);
}

int
main(int argc, char **argv)
{
        bench_report *report = bench_begin("images", argc, argv);

        for (int i = 0; i < report->count; i++)
                measure_file(report, report->what[i]);
        if (report->count == 0) {
                measure_made(report, 500, 375);
                measure_made(report, 4032, 3024);
        }
        return bench_end(report);
}
