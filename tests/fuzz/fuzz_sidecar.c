/* fuzz_sidecar.c: any text as the config.json or preprocessor_config.json of a
 * checkpoint, as its metadata, and as labels.
 */
#include "base/options.h"
#include "load/label_json.h"
#include "load/told.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CLASSES 5

/* What is told must be such as the rest of the library may be given. */
static void
check(const en_told *told)
{
        const en_preset *p = &told->preset;

        if ((told->parts & EN_TOLD_ARCHITECTURE) != 0 &&
            !(told->config.epsilon > 0 && told->config.resolution > 0))
                abort();
        if ((told->parts & EN_TOLD(EFFNET_SOURCE_MEAN_STD)) != 0 &&
            !(isfinite(p->mean[0]) && isfinite(p->std[2])))
                abort();
        if ((told->parts & EN_TOLD(EFFNET_SOURCE_LABELS)) != 0 &&
            en_labels_count(told->labels) > CLASSES)
                abort();
}

static void
try_reader(const char *text, size_t size, const char *naming,
           effnet_status (*read)(en_told *told, const en_json *root,
                                 const en_told_place *place))
{
        static en_warnings warnings;
        static en_told told;
        en_told_place place = {en_namings, CLASSES, en_options_or_default(NULL),
                               &warnings};
        en_json *root;

        for (int32_t i = 0; i < en_naming_count; i++)
                if (en_namings[i].name[0] == naming[0] &&
                    en_namings[i].name[1] == naming[1])
                        place.naming = &en_namings[i];
        warnings.count = 0;
        told = (en_told){.name = "config.json"};
        if (en_told_parse(&root, text, size, &place) != EFFNET_OK)
                return;
        if (read(&told, root, &place) == EFFNET_OK)
                check(&told);
        en_json_free(root);
        en_told_clear(&told);
}

static void
try_own(char *text)
{
        static en_warnings warnings;
        static en_told told;
        const en_told_place place = {en_namings, CLASSES,
                                     en_options_or_default(NULL), &warnings};

        warnings.count = 0;
        told = (en_told){.name = "metadata"};
        if (en_told_read(&told, text, &place) == EFFNET_OK)
                check(&told);
        en_told_clear(&told);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *text;
        en_labels *labels;

        if (size > 1 << 16)
                return 0;
        text = malloc(size + 1);
        if (text == NULL)
                return 0;
        for (size_t i = 0; i < size; i++)
                text[i] = (char)data[i];
        text[size] = '\0';
        try_reader(text, size, "timm", en_told_config);
        try_reader(text, size, "transformers", en_told_config);
        try_reader(text, size, "transformers", en_told_processor);
        try_own(text);
        if (en_label_json_parse(&labels, text, size, CLASSES) == EFFNET_OK)
                en_labels_free(labels);
        free(text);
        return 0;
}
