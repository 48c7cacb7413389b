/* provenance.c: where a model's values came from, and what was guessed. */
#include "api/provenance.h"

#include "api/model.h"
#include "arch/words.h"
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void warn(en_provenance *provenance, const char *format, ...)
        EN_PRINTF(2, 3);

static void
warn(en_provenance *provenance, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(provenance->warnings[provenance->warning_count++],
                  EN_WARNING_SIZE, format, arguments);
        va_end(arguments);
}

static bool
is_architecture(const char *name)
{
        const char *known;

        for (int32_t i = 0; (known = en_architecture_name(i)) != NULL; i++)
                if (strcmp(known, name) == 0)
                        return true;
        return false;
}

/* timm's own networks and those ported from TensorFlow have the same names and
 * shapes.
 */
static void
warn_of_twin(en_provenance *provenance, const effnet_config *config)
{
        char twin[EN_MAX_NAME + 4];

        snprintf(twin, sizeof(twin), "tf_%s", config->name);
        if (config->family == EN_FAMILY_TIMM && is_architecture(twin))
                warn(provenance,
                     "names and shapes are those of %s and of %s: padding %s "
                     "and epsilon %g are a guess; say which with "
                     "EFFNET_OPTION_ARCHITECTURE or --arch",
                     config->name, twin,
                     en_word(EN_WORDS_PADDING, config->padding),
                     config->epsilon);
}

static void
warn_of_guesses(en_provenance *provenance, const en_finding *found,
                const effnet_options *options)
{
        const effnet_config *config = &found->config;

        if (found->origin == EN_ORIGIN_SHAPES &&
            !(options->padding >= 0 && options->epsilon > 0))
                warn_of_twin(provenance, config);
        if (config->family == EN_FAMILY_LP && !found->described)
                warn(provenance,
                     "note: mean and std are those of the training, "
                     "(x - 127) / 128; the package's example uses ImageNet's");
        if (config->classes == EN_IMAGENET_CLASSES + 1)
                warn(provenance, "1001 classes: class 0 may be a background "
                                 "class; it is kept");
        if (found->ignored[0] != '\0')
                warn(provenance, "what the metadata say is ignored: %s",
                     found->ignored);
}

/* `architecture`: what told the values that follow from it. */
static void
fill(en_provenance *provenance, const char *architecture,
     const effnet_options *options)
{
        const char **s = provenance->sources;

        for (int32_t key = EFFNET_SOURCE_PADDING; key <= EFFNET_SOURCE_MODE;
             key++)
                s[key] = architecture;
        if (options->padding >= 0)
                s[EFFNET_SOURCE_PADDING] = "option";
        if (options->epsilon > 0)
                s[EFFNET_SOURCE_EPSILON] = "option";
        if (options->test_size >= 0)
                s[EFFNET_SOURCE_RESIZE] = s[EFFNET_SOURCE_CROP] = "option";
}

static const char *
source_of_labels(const effnet_config *config, bool told,
                 const effnet_options *options)
{
        if (options->labels_file != NULL)
                return "option";
        if (told)
                return "metadata";
        return config->classes == EN_IMAGENET_CLASSES ? "ImageNet" : "none";
}

/* A single class decides it. */
static const char *
source_of_multi_label(const char *const *sources, const effnet_config *config,
                      const effnet_options *options)
{
        if (config->classes == 1)
                return sources[EFFNET_SOURCE_CLASSES];
        return options->multi_label >= 0 ? "option"
                                         : sources[EFFNET_SOURCE_MODE];
}

void
en_provenance_loaded(en_provenance *provenance, const en_finding *found,
                     const effnet_options *options)
{
        static const char *const origins[] = {
                [EN_ORIGIN_SHAPES] = "shapes",
                [EN_ORIGIN_FILE_NAME] = "file name",
                [EN_ORIGIN_METADATA] = "metadata",
                [EN_ORIGIN_OPTION] = "option",
        };
        const char **s = provenance->sources;

        snprintf(provenance->fallback, sizeof(provenance->fallback),
                 "default of %s", en_family_name(found->config.family));
        fill(provenance,
             found->origin == EN_ORIGIN_SHAPES ? provenance->fallback
                                               : origins[found->origin],
             options);
        s[EFFNET_SOURCE_ARCHITECTURE] = origins[found->origin];
        s[EFFNET_SOURCE_CLASSES] = "shapes";
        s[EFFNET_SOURCE_LABELS] = source_of_labels(
                &found->config, found->labels != NULL, options);
        s[EFFNET_SOURCE_MULTI_LABEL] = source_of_multi_label(s, &found->config,
                                                             options);
        warn_of_guesses(provenance, found, options);
}

/* The options of padding, epsilon and size are for loading. */
void
en_provenance_created(en_provenance *provenance, const effnet_config *config,
                      const effnet_options *options)
{
        const char **s = provenance->sources;

        fill(provenance, "config", en_options_or_default(NULL));
        s[EFFNET_SOURCE_ARCHITECTURE] = "config";
        s[EFFNET_SOURCE_CLASSES] = "config";
        s[EFFNET_SOURCE_LABELS] = source_of_labels(config, false, options);
        s[EFFNET_SOURCE_MULTI_LABEL] = source_of_multi_label(s, config,
                                                             options);
}

const char *
effnet_model_source(const effnet_model *model, int32_t key)
{
        if (model == NULL || key < 1 || key >= EN_SOURCES)
                return NULL;
        return model->provenance.sources[key];
}

int32_t
effnet_model_warning_count(const effnet_model *model)
{
        return model != NULL ? model->provenance.warning_count : 0;
}

const char *
effnet_model_warning(const effnet_model *model, int32_t index)
{
        if (model == NULL || index < 0 ||
            index >= model->provenance.warning_count)
                return NULL;
        return model->provenance.warnings[index];
}
