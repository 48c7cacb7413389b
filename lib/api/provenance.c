/* provenance.c: where a model's values came from, and what was guessed. */
#include "api/provenance.h"

#include "api/model.h"

#include <inttypes.h>
#include <stdio.h>

#define IMAGENET_CLASSES 1000

static const char *const defaults[EN_FAMILIES] = {
        [EN_FAMILY_TORCHVISION] = "default of torchvision",
        [EN_FAMILY_TIMM] = "default of timm",
        [EN_FAMILY_LM] = "default of lm",
        [EN_FAMILY_LP] = "default of lp",
        [EN_FAMILY_HF] = "default of huggingface",
        [EN_FAMILY_KERAS] = "default of keras",
        [EN_FAMILY_QUBVEL] = "default of qubvel",
};

static char *
next_warning(en_provenance *provenance)
{
        return provenance->warnings[provenance->warning_count++];
}

/* timm's own networks and those ported from TensorFlow have the same names and
 * shapes.
 */
static void
warn_of_twin(en_provenance *provenance, const effnet_config *config)
{
        static const char *const paddings[] = {"symmetric", "same",
                                               "same-static"};
        char twin[EN_MAX_NAME + 4];
        effnet_config other;

        snprintf(twin, sizeof(twin), "tf_%s", config->name);
        if (config->family != EN_FAMILY_TIMM ||
            en_config_named(&other, twin) != EFFNET_OK)
                return;
        snprintf(next_warning(provenance), EN_WARNING_SIZE,
                 "names and shapes are those of %s and of %s: padding %s and "
                 "epsilon %g are a guess; say which with --arch",
                 config->name, twin, paddings[config->padding],
                 config->epsilon);
}

static void
warn(en_provenance *provenance, const effnet_config *config, en_origin origin,
     const effnet_options *options)
{
        if (origin == EN_ORIGIN_SHAPES &&
            !(options->padding >= 0 && options->epsilon > 0))
                warn_of_twin(provenance, config);
        if (config->family == EN_FAMILY_LP)
                snprintf(next_warning(provenance), EN_WARNING_SIZE,
                         "note: mean and std are those of the training, "
                         "(x - 127) / 128; the package's example uses "
                         "ImageNet's");
        if (config->classes == IMAGENET_CLASSES + 1)
                snprintf(next_warning(provenance), EN_WARNING_SIZE,
                         "1001 classes: class 0 may be a background class; it "
                         "is kept");
}

/* `architecture`: what told the values that follow from it. */
static void
fill(en_provenance *provenance, const effnet_config *config,
     const char *architecture, const effnet_options *options)
{
        const char **s = provenance->sources;

        for (int32_t key = EFFNET_SOURCE_PADDING; key <= EFFNET_SOURCE_MODE;
             key++)
                s[key] = architecture;
        if (options->padding >= 0)
                s[EFFNET_SOURCE_PADDING] = "option";
        if (options->epsilon > 0)
                s[EFFNET_SOURCE_EPSILON] = "option";
        s[EFFNET_SOURCE_LABELS] = "none";
        if (options->labels_file != NULL)
                s[EFFNET_SOURCE_LABELS] = "option";
        else if (config->classes == IMAGENET_CLASSES)
                s[EFFNET_SOURCE_LABELS] = "ImageNet";
}

void
en_provenance_loaded(en_provenance *provenance, const effnet_config *config,
                     en_origin origin, const effnet_options *options)
{
        static const char *const origins[] = {
                [EN_ORIGIN_SHAPES] = "shapes",
                [EN_ORIGIN_FILE_NAME] = "file name",
                [EN_ORIGIN_OPTION] = "option",
        };

        fill(provenance, config,
             origin == EN_ORIGIN_SHAPES ? defaults[config->family]
                                        : origins[origin],
             options);
        provenance->sources[EFFNET_SOURCE_ARCHITECTURE] = origins[origin];
        provenance->sources[EFFNET_SOURCE_CLASSES] = "shapes";
        warn(provenance, config, origin, options);
}

/* The options of padding and epsilon are for loading. */
void
en_provenance_created(en_provenance *provenance, const effnet_config *config,
                      const effnet_options *options)
{
        effnet_options own = *options;

        own.padding = -1;
        own.epsilon = 0;
        fill(provenance, config, "config", &own);
        provenance->sources[EFFNET_SOURCE_ARCHITECTURE] = "config";
        provenance->sources[EFFNET_SOURCE_CLASSES] = "config";
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
