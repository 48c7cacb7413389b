/* provenance.c: where a model's values came from, and what was guessed. */
#include "api/provenance.h"

#include "api/model.h"
#include "arch/words.h"
#include "base/warnings.h"

#include <stdio.h>
#include <string.h>

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
warn_of_twin(en_warnings *warnings, const effnet_config *config)
{
        char twin[EN_MAX_NAME + 4];

        snprintf(twin, sizeof(twin), "tf_%s", config->name);
        if (config->family == EN_FAMILY_TIMM && is_architecture(twin))
                en_warn(warnings,
                        "names and shapes are those of %s and of %s: padding "
                        "%s and epsilon %g are a guess; say which with "
                        "EFFNET_OPTION_ARCHITECTURE or --arch",
                        config->name, twin,
                        en_word(EN_WORDS_PADDING, config->padding),
                        config->epsilon);
}

static void
warn_of_guesses(en_warnings *warnings, const en_finding *found,
                const effnet_options *options)
{
        const effnet_config *config = &found->config;
        const en_origin *origins = found->origins;

        if (origins[EFFNET_SOURCE_ARCHITECTURE] == EN_ORIGIN_SHAPES &&
            !(options->padding >= 0 && options->epsilon > 0))
                warn_of_twin(warnings, config);
        if (config->family == EN_FAMILY_LP &&
            origins[EFFNET_SOURCE_MEAN_STD] != EN_ORIGIN_METADATA)
                en_warn(warnings,
                        "note: mean and std are those of the training, "
                        "(x - 127) / 128; the package's example uses "
                        "ImageNet's");
        if (config->classes == EN_IMAGENET_CLASSES + 1 &&
            options->background_class < 0 && found->labels == NULL)
                en_warn(warnings,
                        "1001 classes: class 0 may be a background class; it "
                        "is kept; drop it with EFFNET_OPTION_BACKGROUND_CLASS "
                        "or --background-class");
}

static const char *
source_of_labels(const effnet_config *config, const char *told,
                 const effnet_options *options)
{
        if (options->labels_file != NULL)
                return "option";
        if (told != NULL)
                return told;
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
                                         : sources[EFFNET_SOURCE_MULTI_LABEL];
}

void
en_provenance_loaded(en_provenance *provenance, const en_finding *found,
                     const effnet_options *options)
{
        const char *const names[EN_ORIGINS] = {
                [EN_ORIGIN_DEFAULT] = provenance->fallback,
                [EN_ORIGIN_SHAPES] = "shapes",
                [EN_ORIGIN_FILE_NAME] = "file name",
                [EN_ORIGIN_CONFIG_JSON] = "config.json",
                [EN_ORIGIN_PROCESSOR_JSON] = "preprocessor_config.json",
                [EN_ORIGIN_METADATA] = "metadata",
                [EN_ORIGIN_OPTION] = "option",
        };
        const char **s = provenance->sources;

        snprintf(provenance->fallback, sizeof(provenance->fallback),
                 "default of %s", en_family_name(found->config.family));
        for (int32_t key = 1; key < EN_SOURCES; key++)
                s[key] = names[found->origins[key]];
        s[EFFNET_SOURCE_LABELS] = source_of_labels(
                &found->config, s[EFFNET_SOURCE_LABELS], options);
        s[EFFNET_SOURCE_MULTI_LABEL] = source_of_multi_label(s, &found->config,
                                                             options);
        provenance->warnings = found->warnings;
        warn_of_guesses(&provenance->warnings, found, options);
}

/* The options of padding, epsilon and size are for loading. */
void
en_provenance_created(en_provenance *provenance, const effnet_config *config,
                      const effnet_options *options)
{
        const char **s = provenance->sources;

        for (int32_t key = 1; key < EN_SOURCES; key++)
                s[key] = "config";
        s[EFFNET_SOURCE_LABELS] = source_of_labels(config, NULL, options);
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
        return model != NULL ? model->provenance.warnings.count : 0;
}

const char *
effnet_model_warning(const effnet_model *model, int32_t index)
{
        if (model == NULL || index < 0 ||
            index >= model->provenance.warnings.count)
                return NULL;
        return model->provenance.warnings.texts[index];
}
