/* target.h: whose model a saved file is for, and what that cannot express. */
#ifndef EN_LOAD_TARGET_H
#define EN_LOAD_TARGET_H

#include "load/names.h"

/* The names to save a model of `config` by: EFFNET_NAMES_*.
 * EFFNET_ERROR_UNSUPPORTED, with the reason, where that project's own model
 * could not give the same outputs.  A file that holds no classifier is named
 * as the bare model, where there is one.
 */
effnet_status en_target_find(const en_naming **naming,
                             const effnet_config *config, int32_t names);

#endif
