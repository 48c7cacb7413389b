/* tellers.c: all that is said of a model beside its tensors, by rank. */
#include "load/tellers.h"

#include "base/status.h"
#include "load/metadata.h"
#include "load/sidecars.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
        en_origin origin;
        const char *name;
} kinds[EN_TELLERS] = {
        [EN_TELLER_CONFIG_JSON] = {EN_ORIGIN_CONFIG_JSON, "config.json"},
        [EN_TELLER_PROCESSOR_JSON] = {EN_ORIGIN_PROCESSOR_JSON,
                                      "preprocessor_config.json"},
        [EN_TELLER_OTHERS] = {EN_ORIGIN_METADATA, "what the metadata say"},
        [EN_TELLER_OWN] = {EN_ORIGIN_METADATA, "what the metadata say"},
};

effnet_status
en_tellers_silence(en_tellers *tellers, en_teller who, const char *why)
{
        en_told *told = &tellers->list[who];

        en_told_clear(told);
        if (who == EN_TELLER_CONFIG_JSON) /* of the same other model */
                en_told_clear(&tellers->list[EN_TELLER_PROCESSOR_JSON]);
        if (who <= EN_TELLER_PROCESSOR_JSON && tellers->options->sidecars == 2)
                return en_fail(EFFNET_ERROR_MISMATCH, "%s: %s", told->name,
                               why);
        en_warn(tellers->warnings, "%s is ignored: %s", told->name, why);
        return EFFNET_OK;
}

static effnet_status
check_classes(en_tellers *tellers, en_teller who, int32_t rows)
{
        const en_told *told = &tellers->list[who];
        char why[120];

        if ((told->parts & EN_TOLD(EFFNET_SOURCE_CLASSES)) == 0 || rows == 0 ||
            told->classes == rows ||
            (told->background && told->classes == rows - 1))
                return EFFNET_OK;
        snprintf(why, sizeof(why),
                 "it is of %" PRId32 " classes, the tensors are of %" PRId32,
                 told->classes, rows);
        if (told->classes < 0)
                snprintf(why, sizeof(why), "its number of classes is none");
        return en_tellers_silence(tellers, who, why);
}

effnet_status
en_tellers_ask(en_tellers *tellers, const en_view *view, int32_t classes,
               const effnet_options *options, en_warnings *warnings)
{
        const en_container *c = view->container;
        const en_told_place place = {view->naming, classes, options, warnings};
        en_told *list = tellers->list;
        effnet_status status;

        memset(tellers, 0, sizeof(*tellers));
        tellers->warnings = warnings;
        tellers->options = options;
        for (int i = 0; i < EN_TELLERS; i++) {
                list[i].origin = kinds[i].origin;
                list[i].name = kinds[i].name;
        }
        status = en_sidecars_read(&list[EN_TELLER_CONFIG_JSON],
                                  &list[EN_TELLER_PROCESSOR_JSON], c->source,
                                  &place);
        if (status == EFFNET_OK)
                status = en_metadata_others(&list[EN_TELLER_OTHERS], c, &place);
        if (status == EFFNET_OK)
                status = en_metadata_own(&list[EN_TELLER_OWN], c, &place);
        for (int i = 0; i < EN_TELLERS && status == EFFNET_OK; i++)
                status = check_classes(tellers, (en_teller)i, classes);
        return status;
}

void
en_tellers_clear(en_tellers *tellers)
{
        for (int i = 0; i < EN_TELLERS; i++)
                en_told_clear(&tellers->list[i]);
}

const en_told *
en_tellers_background(const en_tellers *tellers, int32_t rows)
{
        for (int i = EN_TELLERS - 1; i >= 0; i--) {
                const en_told *told = &tellers->list[i];

                if ((told->parts & EN_TOLD(EFFNET_SOURCE_CLASSES)) != 0 &&
                    told->background && told->classes == rows - 1)
                        return told;
        }
        return NULL;
}

en_labels *
en_tellers_labels(en_tellers *tellers, int32_t classes, int32_t dropped,
                  const en_told **from)
{
        *from = NULL;
        for (int i = EN_TELLERS - 1; i >= 0; i--) {
                en_told *told = &tellers->list[i];
                en_labels *labels = told->labels;
                int32_t count = en_labels_count(labels);

                if (labels == NULL)
                        continue;
                if (count == classes + dropped) {
                        if (dropped != 0)
                                en_labels_drop_first(labels);
                        count = classes;
                }
                if (count == classes) {
                        told->labels = NULL;
                        *from = told;
                        return labels;
                }
                en_warn(tellers->warnings,
                        "%s: its labels are ignored: %" PRId32
                        " of them; expected %" PRId32 ", one for each class",
                        told->name, count, classes);
        }
        return NULL;
}

static void
take_values(en_preset *preset, const en_preset *told)
{
        memcpy(preset->mean, told->mean, sizeof(preset->mean));
        memcpy(preset->std, told->std, sizeof(preset->std));
        preset->arithmetic = told->arithmetic;
        preset->rescale = told->rescale;
        preset->rescale_factor = told->rescale_factor;
        preset->rescale_offset = told->rescale_offset;
        preset->normalize = told->normalize;
        preset->normalize_again = told->normalize_again;
}

static void
take_step(en_preset *preset, const en_preset *told, int32_t key)
{
        switch (key) {
        case EFFNET_SOURCE_MEAN_STD: take_values(preset, told); break;
        case EFFNET_SOURCE_RESIZE:
                preset->resize_height = told->resize_height;
                preset->resize_width = told->resize_width;
                break;
        case EFFNET_SOURCE_CROP:
                preset->crop_height = told->crop_height;
                preset->crop_width = told->crop_width;
                break;
        case EFFNET_SOURCE_FILTER: preset->filter = told->filter; break;
        default: preset->mode = told->mode; break;
        }
}

void
en_tellers_steps(const en_tellers *tellers, en_preset *preset,
                 en_origin *origins)
{
        for (int i = 0; i < EN_TELLERS; i++) {
                const en_told *told = &tellers->list[i];

                for (int32_t key = EFFNET_SOURCE_MEAN_STD;
                     key <= EFFNET_SOURCE_MODE; key++) {
                        if ((told->parts & EN_TOLD(key)) == 0)
                                continue;
                        take_step(preset, &told->preset, key);
                        origins[key] = told->origin;
                }
        }
}

bool
en_tellers_multi_label(const en_tellers *tellers, en_origin *origin)
{
        for (int i = EN_TELLERS - 1; i >= 0; i--) {
                const en_told *told = &tellers->list[i];

                if ((told->parts & EN_TOLD(EFFNET_SOURCE_MULTI_LABEL)) == 0)
                        continue;
                *origin = told->origin;
                return told->multi_label != 0;
        }
        return false;
}
