/* progress.c: calling the caller's functions of progress and cancelling. */
#include "base/progress.h"

#include "base/alloc.h"
#include "base/status.h"

effnet_status
en_progress_report(const en_progress *progress, uint64_t done, uint64_t total)
{
        const en_allocator *used;
        int32_t stop;

        if (progress->report == NULL)
                return EFFNET_OK;
        used = en_allocator_use(NULL);
        stop = progress->report(progress->opaque,
                                done < total ? (double)done / (double)total
                                             : 1.0);
        en_allocator_use(used);
        if (stop == 0)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_CANCELLED,
                       "the progress function answered %d", (int)stop);
}

effnet_status
en_cancel_check(const en_cancel *cancel)
{
        const en_allocator *used;
        int32_t stop;

        if (cancel->ask == NULL)
                return EFFNET_OK;
        used = en_allocator_use(NULL);
        stop = cancel->ask(cancel->opaque);
        en_allocator_use(used);
        if (stop == 0)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_CANCELLED,
                       "the cancel function answered %d", (int)stop);
}
