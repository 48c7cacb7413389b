/* request.h: what a run can yield, what is asked of it, and which layer gives
 * it.
 */
#ifndef EN_RUN_REQUEST_H
#define EN_RUN_REQUEST_H

#include "arch/network.h"

/* The outputs: rows of a table, by which the bits of a request go. */
#define EN_OUTPUTS 9

/* The row of an EFFNET_OUTPUT_*; -1: there is none such. */
int32_t en_output_row(int32_t output);
int32_t en_output_code(int32_t row);

/* What every network of `config` yields unless asked for something else: all
 * but maps.
 */
uint32_t en_request_default(const effnet_config *config);

/* EFFNET_ERROR_STATE, with the reason, where a network of `config` cannot
 * yield the output of `row`.
 */
effnet_status en_request_check(const effnet_config *config, int32_t row);

/* For an output that can be had and was not asked for. */
effnet_status en_request_refuse(int32_t row);

/* The index of the layer whose output it is, or, of probabilities, what they
 * are made of; -1: the network has none.
 */
int32_t en_request_layer(const en_network *network, int32_t row);

#endif
