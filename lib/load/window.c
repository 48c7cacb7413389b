/* window.c: bytes read from front to back as far as they are asked for. */
#include "load/window.h"

#include "base/alloc.h"
#include "base/status.h"

#include <inttypes.h>
#include <string.h>

#define STEP 65536

void
en_window_open(en_window *window, const en_source *source, uint64_t limit)
{
        memset(window, 0, sizeof(*window));
        window->source = source;
        window->limit = limit;
}

void
en_window_take(en_window *window, uint8_t *data, size_t size)
{
        memset(window, 0, sizeof(*window));
        window->data = data;
        window->have = size;
        window->capacity = size;
        window->limit = size;
}

void
en_window_close(en_window *window)
{
        en_free(window->data);
        window->data = NULL;
}

/* Bytes to have next: at least `end`, else twice as many as now. */
static uint64_t
next_size(const en_window *window, uint64_t end)
{
        uint64_t size = (uint64_t)window->have * 2 + STEP;

        if (size < end)
                size = end;
        if (size > window->limit)
                size = window->limit;
        return size < window->source->size ? size : window->source->size;
}

static effnet_status
fill(en_window *window, uint64_t end)
{
        uint64_t size = next_size(window, end);
        effnet_status status;
        uint8_t *more;

        if (size > SIZE_MAX)
                return en_fail(EFFNET_ERROR_MEMORY, "out of memory");
        more = en_realloc_array(window->data, (size_t)size, 1);
        if (more == NULL)
                return EFFNET_ERROR_MEMORY;
        window->data = more;
        window->capacity = (size_t)size;
        status = en_source_read(window->source, window->have,
                                more + window->have,
                                (size_t)size - window->have);
        if (status == EFFNET_OK)
                window->have = (size_t)size;
        return status;
}

effnet_status
en_window_need(en_window *window, uint64_t n)
{
        uint64_t size = window->source != NULL ? window->source->size
                                               : window->have;
        uint64_t end = window->position + n;

        if (n <= window->have - window->position)
                return EFFNET_OK;
        if (n > size - window->position)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "truncated pickle: %" PRIu64 " bytes needed at "
                               "offset %zu, the size is %" PRIu64,
                               n, window->position, size);
        if (end > window->limit)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "pickle of more than %" PRIu64 " bytes, the "
                               "limit for headers",
                               window->limit);
        return fill(window, end);
}
