/* describe.h: what a saved file says about its model beside the tensors, as
 * JSON.
 */
#ifndef EN_LOAD_DESCRIBE_H
#define EN_LOAD_DESCRIBE_H

#include "arch/preset.h"
#include "load/json.h"
#include "load/labels.h"

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

#endif
