/* model.h: which model is meant, loading and starting it. */
#ifndef PROGRAMS_MODEL_H
#define PROGRAMS_MODEL_H

#include "args.h"
#include "effnet.h"

#include <stdbool.h>

struct model_choice {
        const char *path;           /* NULL: the default */
        const char *architecture;   /* NULL: by the file */
        const char *labels;         /* a file; NULL: the built-in ones */
        bool keep;                  /* the parameters, for saving */
        bool test_size, train_size; /* which of the published sizes */
        bool no_sidecars;           /* config.json beside it is not read */
        int background;             /* index of model_backgrounds */
        bool multi_label;           /* whatever the file says */
        bool quiet;                 /* the caller shows the warnings itself */
};

extern const char *const model_backgrounds[];

bool parse_architecture(const struct option *option, const char *text,
                        char expected[EXPECTED_SIZE]);

/* Lines of the subcommands' option tables, for a struct model_choice, and for
 * the int64_t that model_start takes.
 */
#define MODEL_OPTION(choice, kinds, what)                                      \
        {                                                                      \
                .letter = 'm', .value = kinds,                                 \
                .help = what "; without it\n"                                  \
                             "$EFFNET_MODEL, else the one that ./bootstrap\n"  \
                             "demo fetched",                                   \
                .parse = parse_text, .target = &(choice).path                  \
        }
#define ARCHITECTURE_OPTION(choice)                                            \
        {                                                                      \
                .name = "arch", .value = "NAME",                               \
                .help = "the checkpoint's architecture, such as\n"             \
                        "tf_efficientnet_b0, rather than what its tensors\n"   \
                        "make likely",                                         \
                .parse = parse_architecture, .target = &(choice).architecture  \
        }
#define LOADING_OPTIONS(choice)                                                \
        ARCHITECTURE_OPTION(choice),                                           \
                {.name = "test-size",                                          \
                 .help = "pictures in the size that the published accuracy\n"  \
                         "of timm's weights is for",                           \
                 .parse = parse_flag,                                          \
                 .target = &(choice).test_size},                               \
                {.name = "train-size",                                         \
                 .help = "pictures in the size of the training",               \
                 .parse = parse_flag,                                          \
                 .target = &(choice).train_size},                              \
                {.name = "background-class",                                   \
                 .value = "WHAT",                                              \
                 .help = "keep or drop the classifier's first row, which\n"    \
                         "TensorFlow's weights have for a background;\n"       \
                         "auto, the default, drops it where the file or a\n"   \
                         "config.json says so",                                \
                 .parse = parse_choice,                                        \
                 .target = &(choice).background,                               \
                 .choices = model_backgrounds},                                \
                {.name = "multi-label",                                        \
                 .help = "each class's probability by itself: the sigmoid\n"   \
                         "of its logit, in place of the softmax of all",       \
                 .parse = parse_flag,                                          \
                 .target = &(choice).multi_label},                             \
        {                                                                      \
                .name = "no-sidecars",                                         \
                .help = "without config.json and preprocessor_config.json\n"   \
                        "beside the checkpoint",                               \
                .parse = parse_flag, .target = &(choice).no_sidecars           \
        }
#define THREADS_OPTION(threads)                                                \
        {                                                                      \
                .name = "threads", .value = "N",                               \
                .help = "threads to work with; default 1",                     \
                .parse = parse_integer, .target = &(threads), .least = 1,      \
                .most = 256                                                    \
        }

/* Loads the checkpoint, and says what it warns of.  NULL after a complaint. */
effnet_model *model_load(const struct model_choice *choice);

/* A session that works with so many threads and, with `layers`, keeps each
 * layer's output.
 */
effnet_status model_start(effnet_session **session, effnet_model *model,
                          int64_t threads, bool layers);

/* Whether a checkpoint is meant, rather than an architecture by its name: an
 * existing file wins over a name, and only a file can be of an --arch.
 */
bool model_is_file(const struct model_choice *choice);

/* The architecture called `name`; NULL after a complaint. */
effnet_config *model_named(const char *name);

#endif
