/* head.h: classifiers that fine-tuning replaced. */
#ifndef EN_LOAD_HEAD_H
#define EN_LOAD_HEAD_H

#include "base/options.h"
#include "load/view.h"

/* Finds the one linear layer below the classifier's name, whatever its place
 * in a Sequential.  Any other head is EFFNET_ERROR_UNSUPPORTED, or, where
 * surplus tensors are allowed, none at all.
 */
effnet_status en_head_find(en_view *view, const effnet_options *options);

#endif
