/* save.h: a network's parameters as a safetensors file. */
#ifndef EN_LOAD_SAVE_H
#define EN_LOAD_SAVE_H

#include "arch/network.h"
#include "base/progress.h"
#include "base/sink.h"
#include "base/tensor.h"
#include "load/describe.h"

typedef struct en_save_job {
        const en_network *network;
        const effnet_tensor *tensors; /* float32, by parameter */
        int32_t names;                /* EFFNET_NAMES_* */
        int32_t dtype;                /* EFFNET_TYPE_F32, _F16 or _BF16 */
        en_description description;
        en_progress progress;
} en_save_job;

/* Nothing is written before the job is known to be sound, but for values that
 * the type cannot hold: EFFNET_ERROR_UNSUPPORTED naming the tensor.
 */
effnet_status en_save(const en_save_job *job, en_sink *sink);

#endif
