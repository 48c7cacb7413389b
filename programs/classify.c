/* classify.c: effnet classify: names what is in pictures. */
#include "args.h"
#include "command.h"
#include "failure.h"
#include "files.h"
#include "model.h"
#include "output.h"
#include "picture.h"
#include "text.h"

#include "effnet.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct request {
        struct model_choice model;
        int64_t top;
        int64_t threads;
        int format; /* index of output_formats */
        struct picture_changes changes;
};

/* Work under way. */
struct job {
        effnet_model *model;
        effnet_session *session;
        const struct output *output;
        const struct picture_changes *changes;
        int32_t top; /* at most the classes */
        int32_t *classes;
        float *probabilities;
        float *logits;
        size_t done, failed;
        bool cannot_print;
};

static int
parse(struct request *request, int argc, char **argv, int *operands)
{
        const struct option options[] = {
                MODEL_OPTION(request->model, "MODEL", "the checkpoint"),
                LOADING_OPTIONS(request->model),
                {.letter = 'k',
                 .value = "N",
                 .help = "how many labels; default 5",
                 .parse = parse_integer,
                 .target = &request->top,
                 .least = 1,
                 .most = INT32_MAX},
                {.name = "labels",
                 .value = "FILE",
                 .help = "a label a line, or JSON; one per class;\n"
                         "ImageNet's are built in",
                 .parse = parse_text,
                 .target = &request->model.labels},
                THREADS_OPTION(request->threads),
                FORMAT_OPTION(request->format, output_formats,
                              "text, json (an object a line) or csv; default\n"
                              "text"),
                PICTURE_OPTIONS(request->changes),
        };
        const struct syntax syntax = {
                .command = "classify",
                .purpose = "Names what is in pictures.  Folders are searched "
                           "through; what is no PNG or JPEG\nby its content "
                           "is skipped there.  - is one picture from standard "
                           "input.",
                .example = "effnet classify -k 3 dog.jpg holidays/",
                .operands = "IMAGE|FOLDER|-...",
                .notes = PICTURE_NOTES
                "\n\nExit code: 0 all done; 1 some pictures failed; 2 wrong "
                "usage; 3 nothing could be\ndone.",
                .options = options,
                .count = sizeof(options) / sizeof(options[0]),
                .least = 1,
                .most = INT_MAX,
                .missing = "name pictures, folders, or - for standard input",
        };

        return args_parse(&syntax, argc, argv, operands);
}

static double
now_ms(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void
report_failure(struct job *job, const char *path, const struct failure *failure)
{
        job->failed++;
        complain("%s", failure->message);
        job->output->failure(path, failure);
        job->cannot_print = !output_flush();
}

/* The logits that belong to the classes found. */
static effnet_status
pick_logits(struct job *job, int32_t count)
{
        const effnet_tensor *logits;
        const float *values;
        int32_t i;
        effnet_status status = effnet_session_output(
                job->session, EFFNET_OUTPUT_LOGITS, &logits);

        if (status != EFFNET_OK)
                return status;
        values = effnet_tensor_const_data(logits);
        for (i = 0; i < count; i++)
                job->logits[i] = values[job->classes[i]];
        return EFFNET_OK;
}

static effnet_status
classify(struct job *job, const effnet_image *image, int32_t *count)
{
        effnet_status status;

        *count = job->top;
        status = effnet_session_classify(job->session, image, count,
                                         job->classes, job->probabilities);
        return status != EFFNET_OK ? status : pick_logits(job, *count);
}

static void
classify_picture(struct job *job, const char *path)
{
        struct result result = {
                path,        job->model, 0, job->classes, job->probabilities,
                job->logits, 0,          0};
        double start = now_ms(), decoded;
        effnet_image *image;
        struct failure failure;
        effnet_status status;

        if (!picture_read(&image, path, job->changes, &failure)) {
                report_failure(job, path, &failure);
                return;
        }
        decoded = now_ms();
        status = classify(job, image, &result.count);
        effnet_image_free(image);
        if (status != EFFNET_OK) {
                failure_of_library(&failure, status, path);
                report_failure(job, path, &failure);
                return;
        }
        result.decode_ms = decoded - start;
        result.run_ms = now_ms() - decoded;
        job->output->result(&result);
        job->done++;
        job->cannot_print = !output_flush();
}

static void
classify_folder(struct job *job, const char *folder)
{
        size_t i, pictures = 0, others = 0;
        struct failure failure;
        struct finds finds;

        finds_in_folder(&finds, folder);
        for (i = 0; i < finds.count && !job->cannot_print; i++) {
                const struct found *found = &finds.items[i];

                pictures++;
                if (found->error != 0) {
                        failure_of_system(&failure, found->path, "read",
                                          found->error);
                        report_failure(job, found->path, &failure);
                } else if (file_is_picture(found->path)) {
                        classify_picture(job, found->path);
                } else {
                        pictures--;
                        others++;
                }
        }
        if (!job->cannot_print && pictures == 0)
                complain("%s: there is no PNG or JPEG in this folder", folder);
        else if (!job->cannot_print && others > 0)
                complain("%s: skipped %zu %s no PNG or JPEG", folder, others,
                         others == 1 ? "file that is" : "files that are");
        finds_free(&finds);
}

static bool
is_folder(const char *path)
{
        struct stat status;

        return strcmp(path, "-") != 0 && stat(path, &status) == 0 &&
               S_ISDIR(status.st_mode);
}

static int
classify_all(struct job *job, int count, char **paths)
{
        int i;

        job->output->begin();
        for (i = 0; i < count && !job->cannot_print; i++) {
                if (is_folder(paths[i]))
                        classify_folder(job, paths[i]);
                else
                        classify_picture(job, paths[i]);
        }
        if (!output_flush() || job->done == 0)
                return EXIT_NOTHING;
        return job->failed > 0 ? EXIT_PARTLY : EXIT_DONE;
}

/* A session with the steps that were asked for. */
static effnet_status
start_session(struct job *job, const struct request *request)
{
        effnet_preprocess *steps = NULL;
        effnet_status status = model_start(&job->session, job->model,
                                           request->threads, false);

        if (status == EFFNET_OK)
                status = effnet_preprocess_copy(
                        &steps, effnet_model_preprocess(job->model));
        if (status == EFFNET_OK)
                status = picture_change(steps, &request->changes);
        if (status == EFFNET_OK)
                status = effnet_session_set_preprocess(job->session, steps);
        effnet_preprocess_free(steps);
        return status;
}

static void
make_room(struct job *job, int64_t top)
{
        int32_t classes = effnet_model_classes(job->model);
        size_t count;

        job->top = top < classes ? (int32_t)top : classes;
        count = job->top > 0 ? (size_t)job->top : 1;
        job->classes = must(calloc(count, sizeof(job->classes[0])));
        job->probabilities = must(calloc(count, sizeof(float)));
        job->logits = must(calloc(count, sizeof(float)));
}

int
command_classify(int argc, char **argv)
{
        struct request request = {
                .top = 5, .threads = 1, .changes = PICTURE_CHANGES_NONE};
        struct job job = {0};
        effnet_status status;
        int operands, code = parse(&request, argc, argv, &operands);

        if (code != EXIT_NONE)
                return code;
        job.output = &outputs[request.format];
        job.changes = &request.changes;
        job.model = model_load(&request.model);
        if (job.model == NULL)
                return EXIT_NOTHING;
        make_room(&job, request.top);
        status = start_session(&job, &request);
        if (status != EFFNET_OK) {
                complain("%s", effnet_last_error());
                code = status == EFFNET_ERROR_ARGUMENT ? EXIT_USAGE
                                                       : EXIT_NOTHING;
        } else if (job.top == 0) {
                complain("the model has no classifier");
                code = EXIT_NOTHING;
        } else {
                code = classify_all(&job, operands, argv);
        }
        free(job.classes);
        free(job.probabilities);
        free(job.logits);
        effnet_session_free(job.session);
        effnet_model_release(job.model);
        return code;
}
