/* values.c: the elements of a tensor, in C order, in bounded pieces. */
#include "load/container.h"

#include "base/alloc.h"
#include "base/status.h"
#include "load/bytes.h"
#include "load/dtype.h"
#include "load/inflate.h"
#include "load/text.h"

#include <inttypes.h>
#include <string.h>

#define CHUNK 16384

/* A gathered tensor is read in one piece where its span is not much larger
 * than itself.  Else a window moves over it, if the elements of a row are near
 * each other: to read what lies between them is then cheaper than a call for
 * each.  A view of a few elements of a huge storage stays cheap.
 */
#define SPAN_RATIO 4
#define WINDOW     65536
#define NEAR       2048

/* Walks the elements of an entry. */
typedef struct cursor {
        const en_container *container;
        const en_entry *entry;
        const uint8_t *bytes; /* from the entry's first element on, or NULL:
                               * read from the source */
        uint8_t *span;        /* read, if gathered; owned, or NULL */
        uint64_t span_first;  /* the element that it begins with, */
        uint64_t span_count;  /* elements in it */
        uint64_t last, reach; /* the last element; the last of a run of
                               * near ones from the first on */
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

/* The distance of the last element of an entry, which is not empty, from its
 * first.
 */
static uint64_t
last_element(const en_entry *entry)
{
        uint64_t last = 0;

        for (int32_t i = 0; i < entry->rank; i++)
                last += (uint64_t)(entry->shape[i] - 1) *
                        (uint64_t)entry->stride[i];
        return last;
}

/* Bytes of the storage up to the last element of the entry. */
static uint64_t
needed_bytes(const en_entry *entry)
{
        if (entry->count == 0)
                return 0;
        return (entry->first + last_element(entry) + 1) *
               en_dtype_size(entry->dtype);
}

void
en_container_plan(en_container *container, const en_entry *entry)
{
        en_storage *storage = &container->storages[entry->storage];
        uint64_t needed = needed_bytes(entry);

        storage->plans++;
        if (storage->needed < needed)
                storage->needed = needed;
}

static void
release(en_container *container, en_storage *storage)
{
        en_free(storage->bytes);
        container->inflated -= storage->inflated;
        storage->bytes = NULL;
        storage->inflated = 0;
}

/* Makes the elements of the entry readable in `bytes` of its storage. */
static effnet_status
inflate_storage(en_container *container, const en_entry *entry)
{
        en_storage *storage = &container->storages[entry->storage];
        uint64_t wanted = needed_bytes(entry);
        effnet_status status;

        if (wanted <= storage->inflated)
                return EFFNET_OK;
        if (storage->inflated > 0) /* unplanned: seldom again from the start */
                wanted = storage->size;
        if (wanted < storage->needed)
                wanted = storage->needed;
        release(container, storage);
        if (wanted > container->most_inflated - container->inflated)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "deflated storages of %" PRIu64 " bytes, the "
                               "limit for memory is %" PRIu64,
                               wanted + container->inflated,
                               container->most_inflated);
        status = en_inflate(container->source, storage, wanted,
                            &storage->bytes);
        if (status != EFFNET_OK)
                return status;
        storage->inflated = wanted;
        container->inflated += wanted;
        return EFFNET_OK;
}

/* Reads `count` elements of the storage from one on. */
static effnet_status
read_span(cursor *at, uint64_t element, uint64_t count)
{
        const en_entry *entry = at->entry;
        size_t size = en_dtype_size(entry->dtype);

        at->span_first = element;
        at->span_count = count;
        return en_source_read(at->container->source,
                              at->container->storages[entry->storage].offset +
                                      (entry->first + element) * size,
                              at->span, (size_t)count * size);
}

/* Prepares to gather: reads all between the first and the last element into
 * one block where that is not much larger than the entry, else makes room for
 * a window.
 */
static effnet_status
start_span(cursor *at)
{
        const en_entry *entry = at->entry;
        size_t size = en_dtype_size(entry->dtype);
        uint64_t bytes;
        bool whole;

        at->last = last_element(entry);
        bytes = (at->last + 1) * size;
        whole = bytes / SPAN_RATIO <= entry->count * size || bytes <= WINDOW;
        for (int32_t i = entry->rank; i-- > 0;) {
                uint64_t steps = (uint64_t)entry->shape[i] - 1;
                uint64_t stride = (uint64_t)entry->stride[i];

                if (steps > 0 && stride > NEAR / size)
                        break;
                at->reach += steps * stride;
        }
        at->span = en_alloc(whole ? (size_t)bytes : WINDOW);
        if (at->span == NULL)
                return EFFNET_ERROR_MEMORY;
        return whole ? read_span(at, 0, at->last + 1) : EFFNET_OK;
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
                status = inflate_storage(container, entry);
                if (status == EFFNET_OK)
                        at->bytes = storage->bytes + entry->first * size;
                return status;
        }
        if (container->source->data != NULL) {
                at->bytes = container->source->data + storage->offset +
                            entry->first * size;
                return EFFNET_OK;
        }
        return at->contiguous ? EFFNET_OK : start_span(at);
}

/* One element through the window, which moves there if need be. */
static effnet_status
fetch_near(cursor *at, uint64_t element, uint8_t *to)
{
        size_t size = en_dtype_size(at->entry->dtype);
        effnet_status status = EFFNET_OK;

        if (element < at->span_first ||
            element - at->span_first >= at->span_count) {
                uint64_t count = WINDOW / size, left = at->last - element;

                if (count > at->reach + 1)
                        count = at->reach + 1;
                if (count > left + 1)
                        count = left + 1;
                status = read_span(at, element, count);
        }
        if (status == EFFNET_OK)
                memcpy(to, at->span + (element - at->span_first) * size, size);
        return status;
}

/* `n` neighbours, `element` after the first. */
static effnet_status
fetch(cursor *at, uint64_t element, size_t n, uint8_t *to)
{
        const en_entry *entry = at->entry;
        size_t size = en_dtype_size(entry->dtype);
        uint64_t offset = at->container->storages[entry->storage].offset;

        if (at->span != NULL)
                return fetch_near(at, element, to);
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

/* Lets go of a storage that no planned read needs any more. */
static void
read_done(en_container *container, const en_entry *entry)
{
        en_storage *storage = &container->storages[entry->storage];

        if (storage->plans == 0 || ++storage->reads < storage->plans)
                return;
        release(container, storage);
        storage->reads = 0;
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
        read_done(container, entry);
        return status;
}

/* As they lie in the file, without a detour. */
static effnet_status
read_floats(en_container *container, const en_entry *entry, float *values)
{
        cursor at;
        effnet_status status = cursor_start(&at, container, entry);

        if (status == EFFNET_OK && entry->count > 0)
                status = fetch(&at, 0, (size_t)entry->count, (uint8_t *)values);
        read_done(container, entry);
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
        else if (EN_LITTLE_ENDIAN && entry->dtype == EN_DTYPE_F32 &&
                 (entry->count == 0 || is_contiguous(entry)))
                status = read_floats(container, entry, values);
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
