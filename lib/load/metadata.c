/* metadata.c: texts that a file holds beside its tensors: safetensors'
 * __metadata__, and what training scripts save beside a state_dict.
 */
#include "load/metadata.h"

#include "base/alloc.h"
#include "base/status.h"
#include "load/describe.h"

#include <string.h>

/* The first of a kind counts. */
static const struct {
        const char *key;
        en_metadata kind;
} keys[] = {
        {EN_DESCRIPTION_KEY, EN_METADATA_OWN},
        {"config", EN_METADATA_CONFIG},
        {"pretrained_cfg", EN_METADATA_PRETRAINED},
        {"architecture", EN_METADATA_ARCHITECTURE},
        {"arch", EN_METADATA_ARCHITECTURE}, /* timm's train.py */
        {"model_name", EN_METADATA_ARCHITECTURE},
        {"labels", EN_METADATA_LABELS},
        {"label_names", EN_METADATA_LABELS},
        {"class_names", EN_METADATA_LABELS},
        {"id2label", EN_METADATA_LABELS},
};

effnet_status
en_metadata_keep(en_container *container, const char *key, const char *text,
                 size_t length)
{
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
                char **slot = &container->metadata[keys[i].kind];

                if (strcmp(keys[i].key, key) != 0 || *slot != NULL)
                        continue;
                *slot = en_strndup(text, length);
                return *slot != NULL ? EFFNET_OK : EFFNET_ERROR_MEMORY;
        }
        return EFFNET_OK;
}

/* A failure that is no reason for the model's to fail. */
static effnet_status
excuse(en_told *told, effnet_status status, const en_told_place *place,
       const char kept[EN_MESSAGE_SIZE])
{
        if (status == EFFNET_ERROR_MEMORY)
                return status;
        if (status != EFFNET_OK) {
                en_warn(place->warnings, "%s is ignored: %s", told->name,
                        en_message());
                en_told_clear(told);
        }
        en_message_restore(kept);
        return EFFNET_OK;
}

effnet_status
en_metadata_own(en_told *told, const en_container *container,
                const en_told_place *place)
{
        const char *text = container->metadata[EN_METADATA_OWN];
        char kept[EN_MESSAGE_SIZE];

        if (text == NULL)
                return EFFNET_OK;
        en_message_keep(kept);
        return excuse(told, en_told_read(told, text, place), place, kept);
}

/* Text that is JSON, read by `read`. */
static effnet_status
read_json(en_told *told, const char *text, const en_told_place *place,
          effnet_status (*read)(en_told *told, const en_json *root,
                                const en_told_place *place))
{
        en_json *root;
        effnet_status status;

        if (text == NULL)
                return EFFNET_OK;
        status = en_told_parse(&root, text, strlen(text), place);
        if (status != EFFNET_OK)
                return status;
        status = read(told, root, place);
        en_json_free(root);
        return status;
}

/* A name that is none of an architecture tells nothing. */
static effnet_status
read_name(en_told *told, const char *name, const en_told_place *place)
{
        effnet_status status;

        if (name == NULL || (told->parts & EN_TOLD_ARCHITECTURE) != 0)
                return EFFNET_OK;
        status = en_naming_architecture(&told->config, place->naming, name);
        if (status == EFFNET_OK)
                told->parts |= EN_TOLD_ARCHITECTURE;
        return status == EFFNET_ERROR_ARGUMENT ? EFFNET_OK : status;
}

/* A list of others need not be JSON. */
static effnet_status
read_labels(en_told *told, const char *text, const en_told_place *place)
{
        en_json *root = NULL;
        effnet_status status;

        if (text == NULL || (*text != '[' && *text != '{'))
                return EFFNET_OK;
        status = en_told_parse(&root, text, strlen(text), place);
        if (status == EFFNET_OK)
                status = en_told_labels_of(told, root, NULL, place);
        en_json_free(root);
        return status;
}

effnet_status
en_metadata_others(en_told *told, const en_container *container,
                   const en_told_place *place)
{
        char *const *texts = container->metadata;
        char kept[EN_MESSAGE_SIZE];
        effnet_status status;

        en_message_keep(kept);
        status = read_json(told, texts[EN_METADATA_CONFIG], place,
                           en_told_config);
        if (status == EFFNET_OK && told->parts == 0)
                status = read_json(told, texts[EN_METADATA_PRETRAINED], place,
                                   en_told_timm);
        if (status == EFFNET_OK)
                status = read_name(told, texts[EN_METADATA_ARCHITECTURE],
                                   place);
        if (status == EFFNET_OK)
                status = read_labels(told, texts[EN_METADATA_LABELS], place);
        return excuse(told, status, place, kept);
}
