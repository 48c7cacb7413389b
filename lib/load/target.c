/* target.c: what the projects' own models can be made to do.
 *
 * torchvision/models/efficientnet.py pads (kernel - 1) / 2 on all sides and
 * knows SiLU alone; efficientnet_pytorch/model.py pads as TensorFlow does, from
 * a fixed size or the actual one; so does transformers'
 * modeling_efficientnet.py, for the nominal size; timm's builder takes
 * pad_type, act_layer and blocks as arguments.  All of them take an epsilon.
 */
#include "load/target.h"

#include "arch/models.h"
#include "base/status.h"

#include <string.h>

typedef struct target {
        int32_t names;
        const char *naming; /* what its name begins with */
        bool symmetric;     /* it pads so */
        bool same;          /* or so, at the nominal size at least */
        bool free;          /* activation and squeeze-and-excite are the
                             * caller's */
} target;

static const target targets[] = {
        {EFFNET_NAMES_TORCHVISION, "torchvision", true, false, false},
        {EFFNET_NAMES_TIMM, "timm", true, true, true},
        {EFFNET_NAMES_LM, "EfficientNet-PyTorch", false, true, false},
        {EFFNET_NAMES_HF, "transformers", false, true, false},
};

#define TARGETS (sizeof(targets) / sizeof(targets[0]))

static bool
begins(const en_naming *naming, const target *to)
{
        return strncmp(naming->name, to->naming, strlen(to->naming)) == 0;
}

static bool
has_family(const en_naming *naming, en_family family)
{
        for (int32_t i = 0; i < naming->range_count; i++)
                if (naming->ranges[i].family == family)
                        return true;
        return false;
}

static bool
has_variant(const en_naming *naming, int32_t variant)
{
        for (int32_t i = 0; i < naming->range_count; i++)
                if (variant >= naming->ranges[i].first &&
                    variant <= naming->ranges[i].last)
                        return true;
        return false;
}

/* The target of the family's own names; timm's, which can express all, where
 * they are not PyTorch's.
 */
static const target *
own(en_family family)
{
        for (size_t i = 0; i < TARGETS; i++)
                for (int32_t n = 0; n < en_naming_count; n++)
                        if (begins(&en_namings[n], &targets[i]) &&
                            has_family(&en_namings[n], family))
                                return &targets[i];
        return &targets[1];
}

static const target *
find(const effnet_config *config, int32_t names)
{
        if (names == EFFNET_NAMES_OWN)
                return own(config->family);
        for (size_t i = 0; i < TARGETS; i++)
                if (targets[i].names == names)
                        return &targets[i];
        return NULL;
}

/* The first of its names, or the last for a model without a classifier. */
static const en_naming *
find_naming(const target *to, bool bare)
{
        const en_naming *found = NULL;

        for (int32_t n = 0; n < en_naming_count; n++)
                if (begins(&en_namings[n], to) && (found == NULL || bare))
                        found = &en_namings[n];
        return found;
}

static effnet_status
check_padding(const target *to, const effnet_config *config)
{
        bool symmetric = config->padding == EFFNET_PADDING_SYMMETRIC;

        if (config->padding_resolution != 0 &&
            config->padding == EFFNET_PADDING_SAME_STATIC &&
            to->names != EFFNET_NAMES_HF)
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "names of %s: this model pads as the "
                               "depthwise_padding of its config.json says, and "
                               "only transformers' can",
                               to->naming);
        if (symmetric ? to->symmetric : to->same)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_UNSUPPORTED,
                       "names of %s: its model pads %s, this one %s, so that "
                       "the outputs would differ",
                       to->naming,
                       symmetric ? "as TensorFlow does" : "symmetrically",
                       symmetric ? "symmetrically" : "as TensorFlow does");
}

static effnet_status
check_blocks(const target *to, const effnet_config *config)
{
        const en_line *line = en_models[config->variant].line;

        if (to->free)
                return EFFNET_OK;
        if (config->pruned.block_count > 0)
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "names of %s: its model has no pruned blocks",
                               to->naming);
        if (config->headless)
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "names of %s: its model has a head, this one "
                               "ends behind its last block",
                               to->naming);
        if (config->activation != line->activation)
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "names of %s: its model has another activation "
                               "than this one",
                               to->naming);
        if (config->squeeze_excite != line->squeeze_excite)
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "names of %s: its model is %s "
                               "squeeze-and-excite, this one is not",
                               to->naming,
                               line->squeeze_excite != 0 ? "with" : "without");
        return EFFNET_OK;
}

static int32_t
count_residuals(const en_network *network)
{
        int32_t count = 0;

        for (int32_t i = 0; i < network->layer_count; i++)
                count += network->layers[i].residual >= 0;
        return count;
}

/* transformers adds the input of fewer blocks where stages are equally wide. */
static effnet_status
check_residuals(const target *to, const effnet_config *config)
{
        effnet_config other = *config;
        en_network *own, *theirs;
        effnet_status status;
        bool differs;

        if ((to->names == EFFNET_NAMES_HF) == (config->family == EN_FAMILY_HF))
                return EFFNET_OK;
        other.family = to->names == EFFNET_NAMES_HF ? EN_FAMILY_HF
                                                    : EN_FAMILY_TORCHVISION;
        status = en_network_create(&own, config, 0, 0);
        if (status != EFFNET_OK)
                return status;
        status = en_network_create(&theirs, &other, 0, 0);
        if (status != EFFNET_OK) {
                en_network_free(own);
                return status;
        }
        differs = count_residuals(own) != count_residuals(theirs);
        en_network_free(own);
        en_network_free(theirs);
        if (!differs)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_UNSUPPORTED,
                       "names of %s: of stages that are equally wide, its "
                       "model adds other inputs than this one",
                       to->naming);
}

effnet_status
en_target_find(const en_naming **naming, const effnet_config *config,
               int32_t names)
{
        const target *to = find(config, names);
        const en_naming *found;
        effnet_status status;

        if (to == NULL)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "names: %d; expected one of EFFNET_NAMES_*",
                               (int)names);
        found = find_naming(to, config->classes == 0);
        if (found == NULL || !has_variant(found, config->variant))
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "names of %s: it has no model of the kind %s",
                               to->naming, en_models[config->variant].name);
        status = check_padding(to, config);
        if (status == EFFNET_OK)
                status = check_blocks(to, config);
        if (status == EFFNET_OK)
                status = check_residuals(to, config);
        if (status == EFFNET_OK)
                *naming = found;
        return status;
}
