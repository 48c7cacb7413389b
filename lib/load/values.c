/* values.c: the elements of a tensor, in C order, in bounded pieces. */
#include "load/container.h"

#include "base/alloc.h"
#include "base/status.h"
#include "load/dtype.h"
#include "load/inflate.h"
#include "load/text.h"

#include <inttypes.h>
#include <string.h>

#define CHUNK 16384

/* A gathered tensor is read in one piece where its span is not much larger
 * than itself; else element by element, so that a view of a few elements of
 * a huge storage stays cheap.
 */
#define SPAN_RATIO 4

/* Walks the elements of an entry. */
typedef struct cursor {
        const en_container *container;
        const en_entry *entry;
        const uint8_t *bytes; /* from the entry's first element on, or NULL:
                               * read from the source */
        uint8_t *span;        /* owned, or NULL */
        bool contiguous;
        uint64_t done;              /* elements handed out */
        int64_t index[EN_MAX_RANK]; /* of the next element, if gathered */
        uint64_t element;           /* its distance from the first */
} cursor;

/* Of an entry that is not empty, so that no product overflows. */
static bool
is_contiguous(const en_entry *entry)
{
        int64_t step = 1;

        for (int32_t i = entry->rank; i-- > 0;) {
                if (entry->shape[i] != 1 && entry->stride[i] != step)
                        return false;
                step *= entry->shape[i];
        }
        return true;
}

static effnet_status
inflate_storage(en_container *container, int32_t index)
{
        effnet_status status;

        if (container->inflated_storage == index)
                return EFFNET_OK;
        en_free(container->inflated);
        container->inflated = NULL;
        container->inflated_storage = -1;
        status = en_inflate(container->source, &container->storages[index],
                            &container->inflated);
        if (status == EFFNET_OK)
                container->inflated_storage = index;
        return status;
}

/* Reads all between the first and the last element into one block. */
static effnet_status
load_span(cursor *at)
{
        const en_entry *entry = at->entry;
        size_t size = en_dtype_size(entry->dtype);
        uint64_t last = 0, bytes;

        for (int32_t i = 0; i < entry->rank; i++)
                last += (uint64_t)(entry->shape[i] - 1) *
                        (uint64_t)entry->stride[i];
        bytes = (last + 1) * size;
        if (bytes / SPAN_RATIO > entry->count * size)
                return EFFNET_OK;
        at->span = en_alloc((size_t)bytes);
        if (at->span == NULL)
                return EFFNET_ERROR_MEMORY;
        at->bytes = at->span;
        return en_source_read(at->container->source,
                              at->container->storages[entry->storage].offset +
                                      entry->first * size,
                              at->span, (size_t)bytes);
}

static effnet_status
cursor_start(cursor *at, en_container *container, const en_entry *entry)
{
        const en_storage *storage = &container->storages[entry->storage];
        size_t size = en_dtype_size(entry->dtype);
        effnet_status status;

        memset(at, 0, sizeof(*at));
        at->container = container;
        at->entry = entry;
        if (entry->count == 0)
                return EFFNET_OK;
        at->contiguous = is_contiguous(entry);
        if (storage->deflated) {
                status = inflate_storage(container, entry->storage);
                if (status == EFFNET_OK)
                        at->bytes = container->inflated + entry->first * size;
                return status;
        }
        if (container->source->data != NULL) {
                at->bytes = container->source->data + storage->offset +
                            entry->first * size;
                return EFFNET_OK;
        }
        return at->contiguous ? EFFNET_OK : load_span(at);
}

/* `n` neighbours, `element` after the first. */
static effnet_status
fetch(const cursor *at, uint64_t element, size_t n, uint8_t *to)
{
        const en_entry *entry = at->entry;
        size_t size = en_dtype_size(entry->dtype);
        uint64_t offset = at->container->storages[entry->storage].offset;

        if (at->bytes == NULL)
                return en_source_read(at->container->source,
                                      offset + (entry->first + element) * size,
                                      to, n * size);
        memcpy(to, at->bytes + element * size, n * size);
        return EFFNET_OK;
}

static void
advance(cursor *at)
{
        for (int32_t i = at->entry->rank; i-- > 0;) {
                uint64_t stride = (uint64_t)at->entry->stride[i];

                at->element += stride;
                if (++at->index[i] < at->entry->shape[i])
                        return;
                at->element -= stride * (uint64_t)at->entry->shape[i];
                at->index[i] = 0;
        }
}

/* The next `n` elements as they lie in the file. */
static effnet_status
cursor_next(cursor *at, size_t n, uint8_t *to)
{
        size_t size = en_dtype_size(at->entry->dtype);
        effnet_status status = EFFNET_OK;

        if (at->contiguous) {
                status = fetch(at, at->done, n, to);
                at->done += n;
                return status;
        }
        for (size_t i = 0; i < n && status == EFFNET_OK; i++) {
                status = fetch(at, at->element, 1, to + i * size);
                advance(at);
        }
        at->done += n;
        return status;
}

/* Converts into one of the two. */
static effnet_status
read_values(en_container *container, const en_entry *entry, float *singles,
            double *doubles)
{
        size_t most = CHUNK / en_dtype_size(entry->dtype);
        uint8_t chunk[CHUNK];
        cursor at;
        effnet_status status = cursor_start(&at, container, entry);

        while (status == EFFNET_OK && at.done < entry->count) {
                uint64_t left = entry->count - at.done, done = at.done;
                size_t n = left < most ? (size_t)left : most, converted = n;

                status = cursor_next(&at, n, chunk);
                if (status != EFFNET_OK)
                        break;
                if (singles == NULL)
                        en_dtype_to_f64(entry->dtype, chunk, n, doubles + done);
                else
                        converted = en_dtype_to_f32(entry->dtype, chunk, n,
                                                    singles + done);
                if (converted < n)
                        status = en_fail(EFFNET_ERROR_FORMAT,
                                         "element %" PRIu64 " is a double that "
                                         "a float cannot hold",
                                         done + converted);
        }
        en_free(at.span);
        return status;
}

effnet_status
en_container_read_f32(en_container *container, const en_entry *entry,
                      float *values)
{
        effnet_status status;

        if (!en_dtype_is_float(entry->dtype))
                status = en_fail(EFFNET_ERROR_UNSUPPORTED,
                                 "element type %s; expected a floating type",
                                 en_dtype_name(entry->dtype));
        else
                status = read_values(container, entry, values, NULL);
        return en_fail_in_tensor(status, entry->name, strlen(entry->name));
}

effnet_status
en_container_read_f64(en_container *container, const en_entry *entry,
                      double *values)
{
        return en_fail_in_tensor(read_values(container, entry, NULL, values),
                                 entry->name, strlen(entry->name));
}
