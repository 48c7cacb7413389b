/* convert.c: effnet convert: a checkpoint as safetensors by another project's
 * names.
 */
#include "args.h"
#include "command.h"
#include "failure.h"
#include "model.h"
#include "text.h"

#include "effnet.h"

#include <string.h>

struct request {
        struct model_choice model;
        const char *output;
        int names; /* index of namings */
        int dtype; /* index of dtypes */
};

/* In order of EFFNET_NAMES_*. */
static const char *const namings[] = {
        "own", "torchvision", "timm", "lm", "hf", NULL,
};

static const char *const dtypes[] = {"f32", "f16", "bf16", NULL};
static const int32_t dtype_codes[] = {
        EFFNET_TYPE_F32,
        EFFNET_TYPE_F16,
        EFFNET_TYPE_BF16,
};

static int
parse(struct request *request, int argc, char **argv, int *operands)
{
        const struct option options[] = {
                {.letter = 'o',
                 .value = "OUT.safetensors",
                 .help = "the file to write",
                 .parse = parse_text,
                 .target = &request->output,
                 .missing = "name the file to write: -o OUT.safetensors"},
                {.name = "names",
                 .value = "NAMES",
                 .help = "torchvision, timm, lm (EfficientNet-PyTorch,\n"
                         "EfficientNet-Lite-PyTorch) or hf (transformers);\n"
                         "default own: the checkpoint's",
                 .parse = parse_choice,
                 .target = &request->names,
                 .choices = namings},
                {.name = "dtype",
                 .value = "TYPE",
                 .help = "f32, f16 or bf16; default f32",
                 .parse = parse_choice,
                 .target = &request->dtype,
                 .choices = dtypes},
                LOADING_OPTIONS(request->model),
                {.name = "labels",
                 .value = "FILE",
                 .help = "a label a line, or JSON; one per class, for the\n"
                         "metadata",
                 .parse = parse_text,
                 .target = &request->model.labels},
        };
        const struct syntax syntax = {
                .command = "convert",
                .purpose = "Saves a checkpoint as safetensors, with another "
                           "project's names, so that this\nproject's model "
                           "loads it strictly and gives the same outputs.  "
                           "What that model\ncannot express is refused.",
                .example = "effnet convert efficientnet_b0.pth "
                           "-o b0.safetensors --names timm",
                .operands = "IN -o OUT.safetensors",
                .options = options,
                .count = sizeof(options) / sizeof(options[0]),
                .least = 1,
                .most = 1,
                .missing = "name the checkpoint to convert",
        };

        return args_parse(&syntax, argc, argv, operands);
}

/* The epsilon that the target's model of that architecture has by itself. */
static double
usual_epsilon(int32_t names, const char *architecture, int64_t padding)
{
        static const char *const later[] = {"_b5", "_b6", "_b7", "_v2_"};
        size_t i;

        if (names == EFFNET_NAMES_TIMM)
                return padding == EFFNET_PADDING_SYMMETRIC ? 1e-5 : 1e-3;
        if (names != EFFNET_NAMES_TORCHVISION)
                return 1e-3;
        for (i = 0; i < sizeof(later) / sizeof(later[0]); i++)
                if (strstr(architecture, later[i]) != NULL)
                        return 1e-3;
        return 1e-5;
}

/* What the loading side must know, as the tensors do not say it. */
static void
note_differences(const struct request *request, const effnet_model *model)
{
        static const char *const how[] = {
                [EFFNET_NAMES_TORCHVISION] = "its batch norms' eps",
                [EFFNET_NAMES_TIMM] = "bn_eps",
                [EFFNET_NAMES_LM] = "batch_norm_epsilon",
                [EFFNET_NAMES_HF] = "batch_norm_eps",
        };
        const effnet_config *config = effnet_model_config(model);
        int64_t padding = 0;
        double epsilon = 0;

        if (request->names == EFFNET_NAMES_OWN)
                return;
        (void)effnet_config_get_int(config, EFFNET_CONFIG_PADDING, &padding);
        (void)effnet_config_get_double(config, EFFNET_CONFIG_EPSILON, &epsilon);
        if (epsilon ==
            usual_epsilon(request->names, effnet_config_name(config), padding))
                return;
        complain("%s: note: create the model with %s = %g, which is not its "
                 "usual value",
                 request->output, how[request->names], epsilon);
}

int
command_convert(int argc, char **argv)
{
        struct request request = {.model = {.keep = true}};
        struct failure failure;
        effnet_status status;
        effnet_model *model;
        int operands, code = parse(&request, argc, argv, &operands);

        if (code != EXIT_NONE)
                return code;
        request.model.path = argv[0];
        model = model_load(&request.model);
        if (model == NULL)
                return EXIT_NOTHING;
        status = effnet_model_save_file(model, request.output, request.names,
                                        dtype_codes[request.dtype], NULL);
        if (status == EFFNET_OK) {
                note_differences(&request, model);
        } else {
                failure_of_library(&failure, status, request.output);
                complain("%s", failure.message);
        }
        effnet_model_release(model);
        return status == EFFNET_OK ? EXIT_DONE : EXIT_NOTHING;
}
