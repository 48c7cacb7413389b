/* progress.h: how far a long call is, told to the caller, who may stop it. */
#ifndef EN_BASE_PROGRESS_H
#define EN_BASE_PROGRESS_H

#include "effnet.h"

typedef struct en_progress {
        effnet_progress_fn report; /* NULL: nobody listens */
        void *opaque;
} en_progress;

/* `done` of `total` parts; EFFNET_ERROR_CANCELLED where the caller says so. */
effnet_status en_progress_report(const en_progress *progress, uint64_t done,
                                 uint64_t total);

#endif
