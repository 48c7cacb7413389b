/* provenance.h: where a model's values came from, and what was guessed. */
#ifndef EN_API_PROVENANCE_H
#define EN_API_PROVENANCE_H

#include "arch/config.h"
#include "base/options.h"
#include "load/variant.h"

typedef struct en_provenance {
        const char *sources[EN_SOURCES]; /* static texts, or: */
        char fallback[32];               /* "default of FAMILY" */
        en_warnings warnings;
} en_provenance;

/* Of a checkpoint's model, before its labels are taken. */
void en_provenance_loaded(en_provenance *provenance, const en_finding *found,
                          const effnet_options *options);
/* Of one that was made from a config. */
void en_provenance_created(en_provenance *provenance,
                           const effnet_config *config,
                           const effnet_options *options);

#endif
