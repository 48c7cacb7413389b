/* variant.h: which EfficientNet the tensors of a view are. */
#ifndef EN_LOAD_VARIANT_H
#define EN_LOAD_VARIANT_H

#include "arch/preset.h"
#include "base/options.h"
#include "load/labels.h"
#include "load/view.h"

/* What told the architecture. */
typedef enum en_origin {
        EN_ORIGIN_SHAPES,
        EN_ORIGIN_FILE_NAME,
        EN_ORIGIN_METADATA, /* describe.h */
        EN_ORIGIN_OPTION
} en_origin;

#define EN_IGNORED_SIZE 160

typedef struct en_finding {
        effnet_config config;
        en_origin origin;
        bool described; /* the preset is told by the file, and: */
        bool multi_label;
        en_preset preset;  /* unchecked */
        en_labels *labels; /* told by the file, or NULL; for en_labels_free */
        char ignored[EN_IGNORED_SIZE]; /* why a description was; "" if none */
} en_finding;

/* A config with classes and input channels by the shapes, and what they cannot
 * tell by the options, by what the file says, by its name, or by the family.
 */
effnet_status en_variant_find(en_finding *found, const en_view *view,
                              const effnet_options *options);

/* Whether the entry has the parameter's shape. */
bool en_entry_fits(const en_entry *entry, const en_param *param);

#endif
