/* callbacks.c: exported setters of the caller's functions. */
#include "api/check.h"
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
