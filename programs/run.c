/* run.c: effnet run: runs a network on an array. */
#include "args.h"
#include "command.h"
#include "failure.h"
#include "model.h"
#include "npy.h"
#include "text.h"

#include "effnet.h"

struct request {
        struct model_choice model;
        const char *output;
        int what; /* index of outputs */
        int64_t threads;
};

static const char *const outputs[] = {
        "logits",
        "probabilities",
        "embedding",
        NULL,
};

static const int32_t output_codes[] = {
        EFFNET_OUTPUT_LOGITS,
        EFFNET_OUTPUT_PROBABILITIES,
        EFFNET_OUTPUT_EMBEDDING,
};

static int
parse(struct request *request, int argc, char **argv, int *operands)
{
        const struct option options[] = {
                MODEL_OPTION(request->model, "MODEL", "the checkpoint"),
                LOADING_OPTIONS(request->model),
                NPY_OUTPUT_OPTION(request->output),
                {.name = "output",
                 .value = "WHAT",
                 .help = "logits, probabilities or embedding; default\n"
                         "logits",
                 .parse = parse_choice,
                 .target = &request->what,
                 .choices = outputs},
                THREADS_OPTION(request->threads),
        };
        const struct syntax syntax = {
                .command = "run",
                .purpose = "Runs a network on a float32 array N x channels x "
                           "height x width, and writes the\noutput as N x "
                           "classes, or N x features for the embedding.",
                .example = "effnet run -m efficientnet_b0.pth dog.npy "
                           "-o logits.npy",
                .operands = "IN.npy -o OUT.npy",
                .options = options,
                .count = sizeof(options) / sizeof(options[0]),
                .least = 1,
                .most = 1,
                .missing = "name the array to run on: IN.npy",
        };

        return args_parse(&syntax, argc, argv, operands);
}

static int
run(const struct request *request, effnet_model *model, const char *path)
{
        const effnet_tensor *output = NULL;
        effnet_session *session = NULL;
        effnet_tensor *input = npy_read(path);
        struct failure failure;
        effnet_status status;
        bool done = false;

        if (input == NULL)
                return EXIT_NOTHING;
        status = model_start(&session, model, request->threads);
        if (status == EFFNET_OK)
                status = effnet_session_run(session, input);
        if (status == EFFNET_OK)
                status = effnet_session_output(
                        session, output_codes[request->what], &output);
        if (status == EFFNET_OK) {
                done = npy_write(request->output, output);
        } else {
                failure_of_library(&failure, status, path);
                complain("%s", failure.message);
        }
        effnet_session_free(session);
        effnet_tensor_free(input);
        return done ? EXIT_DONE : EXIT_NOTHING;
}

int
command_run(int argc, char **argv)
{
        struct request request = {.threads = 1};
        effnet_model *model;
        int operands, code = parse(&request, argc, argv, &operands);

        if (code != EXIT_NONE)
                return code;
        model = model_load(&request.model);
        if (model == NULL)
                return EXIT_NOTHING;
        code = run(&request, model, argv[0]);
        effnet_model_release(model);
        return code;
}
