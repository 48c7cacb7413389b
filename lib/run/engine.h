/* engine.h: the door of this room: runs a network's plan over batches. */
#ifndef EN_RUN_ENGINE_H
#define EN_RUN_ENGINE_H

#include "base/tensor.h"
#include "run/plan.h"
#include "run/resources.h"
#include "run/weights.h"

typedef struct en_engine en_engine;

/* `config` and `weights` must outlive the engine. */
effnet_status en_engine_create(en_engine **engine, const effnet_config *config,
                               const en_weights *weights,
                               const en_resources *resources);
void en_engine_free(en_engine *engine);

/* Runs float NCHW input [batch][channels][height][width].  Plans anew where
 * the shape is not the last one's.
 */
effnet_status en_engine_run(en_engine *engine, const float *input,
                            int64_t batch, int32_t height, int32_t width);

/* EFFNET_OUTPUT_* of the last successful run, N x size, valid until the next.
 */
effnet_status en_engine_output(const en_engine *engine, int32_t output,
                               const effnet_tensor **tensor);

/* The plan of the last shape; NULL: none yet.  Valid until the next run. */
const en_plan *en_engine_plan(const en_engine *engine);

/* What it would be run with; the image is NULL. */
en_exec en_engine_exec(const en_engine *engine);

/* The images that the outputs are for, and their bytes. */
int64_t en_engine_batch(const en_engine *engine);
size_t en_engine_output_bytes(const en_engine *engine);

#endif
