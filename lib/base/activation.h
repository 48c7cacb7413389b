/* activation.h: the public activations continue with those that only the
 * library needs.
 */
#ifndef EN_BASE_ACTIVATION_H
#define EN_BASE_ACTIVATION_H

#include "effnet.h"

enum {
        EN_ACTIVATION_NONE = 16,
        EN_ACTIVATION_SIGMOID = 17,
        EN_ACTIVATION_SILU_LIMITED = 18 /* see kernels/limited.inc.h */
};

#endif
