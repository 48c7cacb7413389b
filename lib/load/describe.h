/* describe.h: what a saved file says about its model beside the tensors, as
 * JSON.
 */
#ifndef EN_LOAD_DESCRIBE_H
#define EN_LOAD_DESCRIBE_H

#include "arch/preset.h"
#include "load/json.h"
#include "load/labels.h"
#include "load/names.h"

/* The key of safetensors' metadata. */
#define EN_DESCRIPTION_KEY "effnet"

typedef struct en_description {
        const effnet_config *config;
        const en_preset *preset;
        const en_labels *labels; /* NULL: none */
        bool multi_label;
} en_description;

/* An object with the config, the preprocessing and the labels, as text for
 * en_free.
 */
effnet_status en_describe(char **text, const en_description *description);

/* What such a text tells. */
typedef struct en_told {
        effnet_config config; /* classes and input channels are not told */
        en_preset preset;
        int32_t multi_label; /* 0 or 1 */
        en_labels *labels;   /* NULL: none, or not one for each class */
} en_told;

/* Reads it back; a name that several families have means the one of `naming`.
 * A failure leaves nothing; its message is the reason.  Labels are read if they
 * are `classes`.
 */
effnet_status en_told_read(en_told *told, const char *text,
                           const en_naming *naming, int32_t classes);

#endif
