/* preprocess.c: effnet preprocess: a picture becomes a network's input. */
#include "args.h"
#include "command.h"
#include "failure.h"
#include "model.h"
#include "npy.h"
#include "picture.h"
#include "text.h"

#include "effnet.h"

struct request {
        struct model_choice model;
        const char *output;
        struct picture_changes changes;
};

static int
parse(struct request *request, int argc, char **argv, int *operands)
{
        const struct option options[] = {
                MODEL_OPTION(request->model, "MODEL|NAME",
                             "the checkpoint, or an architecture"),
                LOADING_OPTIONS(request->model),
                NPY_OUTPUT_OPTION(request->output),
                PICTURE_OPTIONS(request->changes),
        };
        const struct syntax syntax = {
                .command = "preprocess",
                .purpose = "Turns a picture (- is standard input) into what "
                           "the network is given: a float32\narray 1 x 3 x "
                           "height x width, as numpy.load reads it.",
                .example = "effnet preprocess -m b0 dog.jpg -o dog.npy",
                .operands = "IMAGE|- -o OUT.npy",
                .notes = PICTURE_NOTES,
                .options = options,
                .count = sizeof(options) / sizeof(options[0]),
                .least = 1,
                .most = 1,
                .missing = "name a picture, or - for standard input",
        };

        return args_parse(&syntax, argc, argv, operands);
}

/* The steps of a file or a name; NULL after a complaint. */
static effnet_preprocess *
find_steps(const struct model_choice *choice)
{
        effnet_preprocess *steps = NULL;
        effnet_config *config = NULL;
        effnet_model *model = NULL;
        effnet_status status;

        if (model_is_file(choice)) {
                model = model_load(choice);
                if (model == NULL)
                        return NULL;
                status = effnet_preprocess_copy(&steps,
                                                effnet_model_preprocess(model));
        } else {
                config = model_named(choice->path);
                if (config == NULL)
                        return NULL;
                status = effnet_preprocess_create_for(&steps, config);
        }
        if (status != EFFNET_OK)
                complain("%s", effnet_last_error());
        effnet_config_free(config);
        effnet_model_release(model);
        return steps;
}

static int
preprocess(const effnet_preprocess *steps, const struct request *request,
           const char *path)
{
        struct failure failure;
        effnet_tensor *tensor = NULL;
        effnet_image *image;
        effnet_status status;
        bool done = false;

        if (!picture_read(&image, path, &request->changes, &failure)) {
                complain("%s", failure.message);
                return EXIT_NOTHING;
        }
        status = effnet_preprocess_apply(steps, image, &tensor);
        effnet_image_free(image);
        if (status == EFFNET_OK) {
                done = npy_write(request->output, tensor);
        } else {
                failure_of_library(&failure, status, path);
                complain("%s", failure.message);
        }
        effnet_tensor_free(tensor);
        return done ? EXIT_DONE : EXIT_NOTHING;
}

int
command_preprocess(int argc, char **argv)
{
        struct request request = {.changes = PICTURE_CHANGES_NONE};
        effnet_preprocess *steps;
        effnet_status status;
        int operands, code = parse(&request, argc, argv, &operands);

        if (code != EXIT_NONE)
                return code;
        steps = find_steps(&request.model);
        if (steps == NULL)
                return EXIT_NOTHING;
        status = picture_change(steps, &request.changes);
        if (status == EFFNET_OK) {
                code = preprocess(steps, &request, argv[0]);
        } else {
                complain("%s", effnet_last_error());
                code = EXIT_USAGE;
        }
        effnet_preprocess_free(steps);
        return code;
}
