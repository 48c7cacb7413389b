/* layout.h: tensors of Keras in torch's order of dimensions. */
#ifndef EN_LOAD_LAYOUT_H
#define EN_LOAD_LAYOUT_H

#include "load/view.h"

/* The same elements of the file as a view whose dimensions stand as those of
 * the parameter do; `entry` itself where they do already, or where its rank is
 * another.  Of a classifier without the first `dropped` rows.
 */
en_entry en_layout(const en_naming *naming, const en_layer *layer,
                   en_param_kind kind, int32_t dropped, const en_entry *entry);

/* The tensor of a layer's parameter, so turned; false where there is none. */
bool en_layout_find(const en_view *view, const en_layer *layer,
                    en_param_kind kind, en_entry *turned);

#endif
