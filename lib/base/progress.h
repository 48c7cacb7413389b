/* progress.h: long calls: how far they are, told to the caller, who may stop
 * them.
 */
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

typedef struct en_cancel {
        effnet_cancel_fn ask; /* NULL: nobody */
        void *opaque;
} en_cancel;

/* EFFNET_ERROR_CANCELLED where the caller says so. */
effnet_status en_cancel_check(const en_cancel *cancel);

#endif
