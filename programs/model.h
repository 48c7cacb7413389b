/* model.h: which model is meant, and loading it. */
#ifndef PROGRAMS_MODEL_H
#define PROGRAMS_MODEL_H

#include "effnet.h"

#include <stdbool.h>

/* Shared by the subcommands that take -m. */
#define MODEL_HELP                                                             \
        "the checkpoint; without it $EFFNET_MODEL, else the one\n"             \
        "that ./bootstrap demo fetched"

/* Loads the checkpoint at `path`, or the default one for NULL, with labels
 * from a file unless that is NULL.  NULL after a complaint.
 */
effnet_model *model_load(const char *path, const char *labels);

/* Whether `path` is there and no folder: such a file wins over the name of an
 * architecture.
 */
bool model_is_file(const char *path);

/* The architecture called `name`; NULL after a complaint. */
effnet_config *model_named(const char *name);

#endif
