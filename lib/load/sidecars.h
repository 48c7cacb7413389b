/* sidecars.h: files that timm and transformers put beside a checkpoint. */
#ifndef EN_LOAD_SIDECARS_H
#define EN_LOAD_SIDECARS_H

#include "base/source.h"
#include "load/told.h"

/* Reads config.json and preprocessor_config.json in the folder of `source`, if
 * that is a file and the options do not forbid it.  One that is not there tells
 * nothing.  What is wrong with one is warned of, and nothing is told then; with
 * EFFNET_OPTION_SIDECARS 2 it is a failure.
 */
effnet_status en_sidecars_read(en_told *config, en_told *processor,
                               const en_source *source,
                               const en_told_place *place);

#endif
