/* reporting.h: parameters that tell how many of them were read. */
#ifndef EN_API_REPORTING_H
#define EN_API_REPORTING_H

#include "arch/params.h"
#include "base/progress.h"

typedef struct en_reporting {
        const en_params *from;
        const en_progress *progress;
        uint64_t done, total; /* values */
} en_reporting;

/* Those of `network` from `from`, with a report before each.  All of it must
 * outlive the result.
 */
en_params en_reporting_params(en_reporting *reporting,
                              const en_network *network, const en_params *from,
                              const en_progress *progress);

#endif
