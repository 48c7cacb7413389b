/* kept.h: a model's parameters as they were loaded, kept beside the packed
 * ones for saving and for callers that ask for them.
 */
#ifndef EN_RUN_KEPT_H
#define EN_RUN_KEPT_H

#include "arch/params.h"
#include "base/tensor.h"

typedef struct en_kept {
        en_network *network;    /* names, shapes and order */
        effnet_tensor *tensors; /* by parameter of the network; in block */
        float *block;
        uint64_t bytes; /* of block */
        en_params from; /* whom en_kept_tee asks */
} en_kept;

/* Room for the parameters of a network of `config`; EFFNET_ERROR_LIMIT where
 * they are more than `most` bytes.
 */
effnet_status en_kept_create(en_kept **kept, const effnet_config *config,
                             int64_t most);
void en_kept_free(en_kept *kept);

/* Gives what `params` gives, for a network of the same config, and keeps a
 * copy.  Both must outlive what is returned.
 */
en_params en_kept_tee(en_kept *kept, const en_params *params);

#endif
