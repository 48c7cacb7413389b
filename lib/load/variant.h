/* variant.h: which EfficientNet the tensors of a view are. */
#ifndef EN_LOAD_VARIANT_H
#define EN_LOAD_VARIANT_H

#include "base/options.h"
#include "load/view.h"

/* What told the architecture. */
typedef enum en_origin {
        EN_ORIGIN_SHAPES,
        EN_ORIGIN_FILE_NAME,
        EN_ORIGIN_OPTION
} en_origin;

/* A config with classes and input channels by the shapes, and what they cannot
 * tell by the family, or by the options.
 */
effnet_status en_variant_find(effnet_config *config, en_origin *origin,
                              const en_view *view,
                              const effnet_options *options);

/* Whether the entry has the parameter's shape. */
bool en_entry_fits(const en_entry *entry, const en_param *param);

#endif
