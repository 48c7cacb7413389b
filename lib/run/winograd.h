/* winograd.h: which full convolutions are computed by Winograd's minimal
 * filtering, and in what blocks.
 */
#ifndef EN_RUN_WINOGRAD_H
#define EN_RUN_WINOGRAD_H

#include "arch/network.h"

/* Decided by the layer's kind alone, never by the size of its map: weights
 * are packed before that is known.
 */
bool en_winograd_applies(const en_layer *layer);

/* Tiles of the output map. */
int32_t en_winograd_tiles(const en_layer *layer);

/* Tiles of a block at most. */
#define EN_WINOGRAD_BLOCK 12

#endif
