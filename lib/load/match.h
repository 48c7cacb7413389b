/* match.h: every parameter of a network against the tensors of a view. */
#ifndef EN_LOAD_MATCH_H
#define EN_LOAD_MATCH_H

#include "base/options.h"
#include "load/view.h"

/* Finds the entry of each parameter; `entries` takes their indices, -1
 * for a classifier's bias that is not there: zeros.  Missing,
 * mis-shaped and surplus tensors are named together.
 */
effnet_status en_match(const en_view *view, const en_network *network,
                       const effnet_options *options, int32_t *entries);

#endif
