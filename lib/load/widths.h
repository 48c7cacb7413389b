/* widths.h: the channels of a pruned network, by its tensors. */
#ifndef EN_LOAD_WIDTHS_H
#define EN_LOAD_WIDTHS_H

#include "load/view.h"

/* How many parameters are there, in the right shape. */
int32_t en_count_fitting(const en_view *view, const en_network *network);

/* Gives `candidate` the tensors' own widths; `fits` if then all of its
 * parameters do.  One wrong tensor of a usual model contradicts others,
 * whatever the widths.
 */
effnet_status en_prune(effnet_config *candidate, const en_view *view,
                       bool *fits);

#endif
