/* metadata.h: texts that a file holds beside its tensors. */
#ifndef EN_LOAD_METADATA_H
#define EN_LOAD_METADATA_H

#include "load/container.h"
#include "load/told.h"

/* Longer keys are none that are known. */
#define EN_MAX_METADATA_KEY 32

/* Keeps the text if its key is one that may tell something of the model. */
effnet_status en_metadata_keep(en_container *container, const char *key,
                               const char *text, size_t length);

/* Reads what this project wrote, and what others did.  A failure is of memory;
 * all else that is wrong is warned of, and nothing is told then.
 */
effnet_status en_metadata_own(en_told *told, const en_container *container,
                              const en_told_place *place);
effnet_status en_metadata_others(en_told *told, const en_container *container,
                                 const en_told_place *place);

#endif
