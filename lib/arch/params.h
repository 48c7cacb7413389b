/* params.h: where parameter values come from.  A checkpoint (load) and the
 * seeded generator (arch) provide them; packing (run) asks for them, layer by
 * layer, so that raw and packed weights never exist side by side.
 */
#ifndef EN_ARCH_PARAMS_H
#define EN_ARCH_PARAMS_H

#include "arch/network.h"

typedef struct en_params {
        /* Writes param->count values in C order of param->shape. */
        effnet_status (*read)(void *context, const en_param *param,
                              float *values);
        void *context;
} en_params;

#endif
