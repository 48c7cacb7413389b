/* model.c: which model is meant, loading and starting it. */
#include "model.h"
#include "args.h"
#include "failure.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEFAULT_MODEL "effnet/efficientnet-lite0-57934424.pth"
#define MOST_NAMES    256

/* EFFNET_OPTION_BACKGROUND_CLASS, from -1 on */
const char *const model_backgrounds[] = {"auto", "keep", "drop", NULL};

/* `folder`, `middle` and DEFAULT_MODEL as one path; for free(). */
static char *
join_default(const char *folder, const char *middle)
{
        size_t size = strlen(folder) + strlen(middle) + sizeof(DEFAULT_MODEL);
        char *path = must(malloc(size));

        snprintf(path, size, "%s%s%s", folder, middle, DEFAULT_MODEL);
        return path;
}

static const char *
environment(const char *name)
{
        const char *value = getenv(name);

        return value != NULL && *value != '\0' ? value : NULL;
}

/* Where the demo puts its model; NULL if there is no home.  For free(). */
static char *
default_path(void)
{
        const char *cache = environment("XDG_CACHE_HOME");
        const char *home = environment("HOME");

        if (cache != NULL)
                return join_default(cache, "/");
        return home != NULL ? join_default(home, "/.cache/") : NULL;
}

bool
parse_architecture(const struct option *option, const char *text,
                   char expected[EXPECTED_SIZE])
{
        effnet_config *config = NULL;
        effnet_status status = effnet_config_create(&config, text);

        effnet_config_free(config);
        if (status != EFFNET_OK) {
                snprintf(expected, EXPECTED_SIZE,
                         "the name of an architecture, such as "
                         "tf_efficientnet_b0");
                return false;
        }
        *(const char **)option->target = text;
        return true;
}

bool
model_is_file(const struct model_choice *choice)
{
        struct stat status;

        if (choice->path == NULL || choice->architecture != NULL)
                return true;
        return stat(choice->path, &status) == 0 && !S_ISDIR(status.st_mode);
}

static bool
is_missing(const char *path)
{
        struct stat status;

        return stat(path, &status) != 0 && errno == ENOENT;
}

static void
explain_missing(const char *path, const char *from)
{
        effnet_config *config = NULL;

        if (from == NULL && effnet_config_create(&config, path) == EFFNET_OK)
                complain("%s is the name of an architecture, and weights are "
                         "needed: name a checkpoint file",
                         path);
        else if (from == NULL)
                complain("%s: there is no such file", path);
        else
                complain("%s (from %s): there is no such file", path, from);
        effnet_config_free(config);
}

/* What is known beforehand of the checkpoint. */
static effnet_status
set_options(effnet_options *options, const struct model_choice *choice)
{
        const struct {
                int32_t key;
                int64_t value;
        } numbers[] = {
                {EFFNET_OPTION_KEEP_PARAMETERS, choice->keep},
                {EFFNET_OPTION_TEST_SIZE, choice->test_size    ? 1
                                          : choice->train_size ? 0
                                                               : -1},
                {EFFNET_OPTION_SIDECARS, !choice->no_sidecars},
                {EFFNET_OPTION_BACKGROUND_CLASS, choice->background - 1},
                {EFFNET_OPTION_MULTI_LABEL, choice->multi_label ? 1 : -1},
        };
        effnet_status status = effnet_options_set_string(
                options, EFFNET_OPTION_LABELS_FILE, choice->labels);
        size_t i;

        for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
                if (status == EFFNET_OK)
                        status = effnet_options_set_int(options, numbers[i].key,
                                                        numbers[i].value);
        if (status != EFFNET_OK)
                return status;
        return effnet_options_set_string(options, EFFNET_OPTION_ARCHITECTURE,
                                         choice->architecture);
}

/* Notes are for those who ask: effnet info. */
static void
tell_warnings(const effnet_model *model)
{
        int32_t i;

        for (i = 0; i < effnet_model_warning_count(model); i++) {
                const char *warning = effnet_model_warning(model, i);

                if (strncmp(warning, "note: ", 6) != 0)
                        complain("warning: %s", warning);
        }
}

static effnet_model *
load_file(const char *path, const struct model_choice *choice)
{
        const char *labels = choice->labels;
        effnet_options *options = NULL;
        effnet_model *model = NULL;
        struct failure failure;
        effnet_status status = effnet_options_create(&options);

        if (status == EFFNET_OK)
                status = set_options(options, choice);
        if (status == EFFNET_OK)
                status = effnet_model_load_file(&model, path, options);
        effnet_options_free(options);
        if (status == EFFNET_OK) {
                if (!choice->quiet)
                        tell_warnings(model);
                return model;
        }
        /* The labels' file may be the one that the message names. */
        if (labels != NULL && strstr(effnet_last_error(), labels) != NULL)
                path = labels;
        failure_of_library(&failure, status, path);
        complain("%s", failure.message);
        return NULL;
}

static effnet_model *
load_default(const struct model_choice *choice)
{
        effnet_model *model = NULL;
        char *path = default_path();

        if (path == NULL)
                complain("no model: name one with -m MODEL (HOME is not set, "
                         "so there is no default)");
        else if (is_missing(path))
                complain("no model: %s is not there. Run ./bootstrap demo in "
                         "effnet's source folder to fetch it, or name a "
                         "checkpoint with -m MODEL",
                         path);
        else
                model = load_file(path, choice);
        free(path);
        return model;
}

effnet_model *
model_load(const struct model_choice *choice)
{
        const char *path = choice->path, *from = NULL;

        if (path == NULL) {
                path = environment("EFFNET_MODEL");
                from = "EFFNET_MODEL";
        }
        if (path == NULL)
                return load_default(choice);
        if (is_missing(path)) {
                explain_missing(path, from);
                return NULL;
        }
        return load_file(path, choice);
}

effnet_status
model_start(effnet_session **session, effnet_model *model, int64_t threads,
            bool layers)
{
        effnet_options *options = NULL;
        effnet_status status = effnet_options_create(&options);

        if (status == EFFNET_OK)
                status = effnet_options_set_int(options, EFFNET_OPTION_THREADS,
                                                threads);
        if (status == EFFNET_OK && layers)
                status = effnet_options_set_int(options,
                                                EFFNET_OPTION_KEEP_LAYERS, 1);
        if (status == EFFNET_OK)
                status = effnet_session_create(session, model, options);
        effnet_options_free(options);
        return status;
}

effnet_config *
model_named(const char *name)
{
        const char *names[MOST_NAMES], *near;
        effnet_config *config = NULL;
        int32_t count = 0;

        if (effnet_config_create(&config, name) == EFFNET_OK)
                return config;
        while (count < MOST_NAMES &&
               (names[count] = effnet_architecture_name(count)) != NULL)
                count++;
        near = nearest_name(name, names, (size_t)count);
        complain("there is neither a file nor an architecture called %s%s%s%s",
                 name, near != NULL ? "; did you mean " : "",
                 near != NULL ? near : "",
                 near != NULL ? "?" : " (see effnet info --help for names)");
        return NULL;
}
