/* count.h: the parameters of a layer: their names, shapes and number. */
#ifndef EN_ARCH_COUNT_H
#define EN_ARCH_COUNT_H

#include "arch/network.h"

/* The most parameters a layer has. */
#define EN_MAX_LAYER_PARAMS 8

/* Appends the layer's parameters to the network's, whose array has room, and
 * counts them in the layer.
 */
void en_add_params(en_network *network, en_layer *layer);

/* Sets the layer's multiply-adds; false if they overflow. */
bool en_count_macs(en_layer *layer);

#endif
