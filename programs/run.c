/* run.c: effnet run: runs a network on an array. */
#include "args.h"
#include "command.h"
#include "dump.h"
#include "failure.h"
#include "model.h"
#include "npy.h"
#include "text.h"

#include "effnet.h"

struct request {
        struct model_choice model;
        const char *output; /* NULL: none */
        const char *dump;   /* folder of layers; NULL: none */
        int what;           /* index of outputs */
        int64_t threads;
};

static const char *const outputs[] = {
        "logits",      "probabilities", "embedding",
        "map",         "reduction_2",   "reduction_4",
        "reduction_8", "reduction_16",  "reduction_32",
        NULL,
};

static const int32_t output_codes[] = {
        EFFNET_OUTPUT_LOGITS,       EFFNET_OUTPUT_PROBABILITIES,
        EFFNET_OUTPUT_EMBEDDING,    EFFNET_OUTPUT_FINAL_MAP,
        EFFNET_OUTPUT_REDUCTION_2,  EFFNET_OUTPUT_REDUCTION_4,
        EFFNET_OUTPUT_REDUCTION_8,  EFFNET_OUTPUT_REDUCTION_16,
        EFFNET_OUTPUT_REDUCTION_32,
};

static int
parse(struct request *request, int argc, char **argv, int *operands)
{
        const struct option options[] = {
                MODEL_OPTION(request->model, "MODEL", "the checkpoint"),
                LOADING_OPTIONS(request->model),
                {.letter = 'o',
                 .value = "OUT.npy",
                 .help = "where to write; needed without --dump",
                 .parse = parse_text,
                 .target = &request->output},
                {.name = "dump",
                 .value = "FOLDER",
                 .help = "write each layer's output, as .npy by its name,\n"
                         "into this folder, which is made if missing",
                 .parse = parse_text,
                 .target = &request->dump},
                {.name = "output",
                 .value = "WHAT",
                 .help = "logits, probabilities, embedding, map (the\n"
                         "head's), or that of the blocks at 1/N of the\n"
                         "input's size: reduction_2, _4, _8, _16, _32;\n"
                         "default logits",
                 .parse = parse_choice,
                 .target = &request->what,
                 .choices = outputs},
                THREADS_OPTION(request->threads),
        };
        const struct syntax syntax = {
                .command = "run",
                .purpose = "Runs a network on a float32 array N x channels x "
                           "height x width, and writes the\noutput as N x "
                           "classes, N x features for the embedding, or N x "
                           "channels x\nheight x width for a map.",
                .example = "effnet run -m efficientnet_b0.pth dog.npy "
                           "-o logits.npy",
                .operands = "IN.npy -o OUT.npy|--dump FOLDER",
                .options = options,
                .count = sizeof(options) / sizeof(options[0]),
                .least = 1,
                .most = 1,
                .missing = "name the array to run on: IN.npy",
        };

        return args_parse(&syntax, argc, argv, operands);
}

/* Runs and writes; a failure of the library is left to be said. */
static effnet_status
yield(const struct request *request, effnet_session *session,
      const effnet_tensor *input, bool *done)
{
        int32_t code = output_codes[request->what];
        const effnet_tensor *output = NULL;
        effnet_status status = EFFNET_OK;

        if (request->output != NULL)
                status = effnet_session_request(session, &code, 1);
        if (status == EFFNET_OK)
                status = effnet_session_run(session, input);
        if (status == EFFNET_OK && request->output != NULL)
                status = effnet_session_output(session, code, &output);
        if (status != EFFNET_OK)
                return status;
        *done = request->dump == NULL || dump_layers(request->dump, session);
        if (output != NULL)
                *done = npy_write(request->output, output) && *done;
        return EFFNET_OK;
}

static int
run(const struct request *request, effnet_model *model, const char *path)
{
        effnet_session *session = NULL;
        effnet_tensor *input = npy_read(path);
        struct failure failure;
        effnet_status status;
        bool done = false;

        if (input == NULL)
                return EXIT_NOTHING;
        status = model_start(&session, model, request->threads,
                             request->dump != NULL);
        if (status == EFFNET_OK)
                status = yield(request, session, input, &done);
        if (status != EFFNET_OK) {
                failure_of_library(&failure, status, path);
                complain("%s", failure.message);
        }
        effnet_session_free(session);
        effnet_tensor_free(input);
        return status == EFFNET_OK && done ? EXIT_DONE : EXIT_NOTHING;
}

int
command_run(int argc, char **argv)
{
        struct request request = {.threads = 1};
        effnet_model *model;
        int operands, code = parse(&request, argc, argv, &operands);

        if (code != EXIT_NONE)
                return code;
        if (request.output == NULL && request.dump == NULL) {
                complain("name the file to write: -o OUT.npy, or a folder for "
                         "the layers: --dump FOLDER");
                return EXIT_USAGE;
        }
        model = model_load(&request.model);
        if (model == NULL)
                return EXIT_NOTHING;
        code = run(&request, model, argv[0]);
        effnet_model_release(model);
        return code;
}
