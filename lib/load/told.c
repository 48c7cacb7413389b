/* told.c: what is common to all that tells of a model. */
#include "load/told.h"

#include "base/status.h"
#include "load/json_scan.h"
#include "load/label_json.h"

#include <inttypes.h>
#include <string.h>

/* No project's file nests so deep. */
#define MAX_DEPTH 16
/* Brackets, commas and colons of a class: in id2label, label2id, label_names
 * and label_descriptions; and of all the rest, with the labels of another
 * model.
 */
#define VALUES_PER_CLASS 8
#define MOST_VALUES      (1 << 17)

effnet_status
en_told_parse(en_json **json, const char *text, size_t size,
              const en_told_place *place)
{
        en_json_cost cost = en_json_scan(text, size);

        *json = NULL;
        if (cost.depth > MAX_DEPTH ||
            cost.values >
                    MOST_VALUES + VALUES_PER_CLASS * (uint64_t)place->classes)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "deeper, or of more values, than it should be");
        return en_json_parse(json, text, size, "it is");
}

effnet_status
en_told_labels_of(en_told *told, const en_json *value,
                  const en_json *descriptions, const en_told_place *place)
{
        char kept[EN_MESSAGE_SIZE];
        effnet_status status;

        if (place->classes == 0 || told->labels != NULL)
                return EFFNET_OK;
        en_message_keep(kept);
        status = en_label_json(&told->labels, value, descriptions,
                               place->classes);
        if (status == EFFNET_ERROR_MEMORY)
                return status;
        if (status != EFFNET_OK)
                en_warn(place->warnings, "%s: its labels are ignored: %s",
                        told->name, en_message());
        en_message_restore(kept);
        if (told->labels == NULL)
                return EFFNET_OK;
        if (en_labels_made_up(told->labels)) {
                en_labels_free(told->labels);
                told->labels = NULL;
                return EFFNET_OK;
        }
        told->parts |= EN_TOLD(EFFNET_SOURCE_LABELS);
        return EFFNET_OK;
}

effnet_status
en_told_labels(en_told *told, const en_json *object, const en_told_place *place)
{
        const en_json *descriptions;
        const en_json *value = en_label_json_find(object, &descriptions);

        if (value == NULL)
                return EFFNET_OK;
        return en_told_labels_of(told, value, descriptions, place);
}

effnet_status
en_told_config(en_told *told, const en_json *root, const en_told_place *place)
{
        const char *type = en_json_text(en_json_get(root, "model_type"), NULL);

        if (type != NULL && strcmp(type, "efficientnet") == 0)
                return en_told_transformers(told, root, place);
        if (en_json_text(en_json_get(root, "architecture"), NULL) != NULL)
                return en_told_timm(told, root, place);
        return EFFNET_OK;
}

void
en_told_clear(en_told *told)
{
        en_labels_free(told->labels);
        told->labels = NULL;
        told->parts = 0;
}
