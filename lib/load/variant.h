/* variant.h: which EfficientNet the tensors of a view are. */
#ifndef EN_LOAD_VARIANT_H
#define EN_LOAD_VARIANT_H

#include "load/told.h"
#include "load/view.h"

#define EN_SOURCES 12 /* EFFNET_SOURCE_* are below */

typedef struct en_finding {
        effnet_config config;
        en_preset preset;              /* unchecked */
        bool multi_label;              /* told to be so */
        en_labels *labels;             /* or NULL; for en_labels_free */
        en_origin origins[EN_SOURCES]; /* of all but LABELS' defaults */
        int32_t dropped;               /* first rows of the classifier that are
                                        * a background's */
        en_warnings warnings;
} en_finding;

/* A config with classes and input channels by the shapes, and what they cannot
 * tell by the options, by what the file and those beside it say, by its name,
 * or by the family.  `view` gets the rows that are dropped.  What is found is
 * to be freed even after a failure.
 */
effnet_status en_variant_find(en_finding *found, en_view *view,
                              const effnet_options *options);

/* Whether the entry has the parameter's shape. */
bool en_entry_fits(const en_entry *entry, const en_param *param);

#endif
