/* callbacks.c: exported setters of the caller's functions. */
#include "api/check.h"
#include "api/session.h"
#include "base/options.h"

effnet_status
effnet_options_set_allocator(effnet_options *options, effnet_alloc_fn allocate,
                             effnet_free_fn deallocate, void *opaque)
{
        if (options == NULL)
                return EN_NULL("options");
        if ((allocate == NULL) != (deallocate == NULL))
                return EN_NULL(allocate == NULL ? "allocate" : "deallocate");
        options->allocator = (en_allocator){allocate, deallocate, opaque};
        return EFFNET_OK;
}

effnet_status
effnet_options_set_progress(effnet_options *options, effnet_progress_fn report,
                            void *opaque)
{
        if (options == NULL)
                return EN_NULL("options");
        options->progress = (en_progress){report, opaque};
        return EFFNET_OK;
}

effnet_status
effnet_session_set_runner(effnet_session *session, effnet_runner_fn runner,
                          void *opaque)
{
        const en_runner theirs = {runner, opaque};
        const en_allocator *outer;
        effnet_status status;

        if (session == NULL)
                return EN_NULL("session");
        outer = en_allocator_use(&session->model->allocator);
        status = en_engine_set_runner(session->engine, &theirs);
        en_allocator_use(outer);
        return status;
}

effnet_status
effnet_session_set_cancel(effnet_session *session, effnet_cancel_fn cancel,
                          void *opaque)
{
        const en_cancel theirs = {cancel, opaque};

        if (session == NULL)
                return EN_NULL("session");
        en_engine_set_cancel(session->engine, &theirs);
        return EFFNET_OK;
}
