/* table.c: the table of tensors: bounds, names and order. */
#include "load/table.h"

#include "base/alloc.h"
#include "base/size.h"
#include "base/status.h"
#include "load/dtype.h"
#include "load/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* No published name is longer than 80 bytes. */
#define MAX_NAME 512

en_container *
en_table_create(const char *kind, const en_source *source,
                const effnet_options *options)
{
        en_container *container = en_alloc_zero(1, sizeof(*container));

        if (container == NULL)
                return NULL;
        container->kind = kind;
        container->source = source;
        container->most_entries = options->max_tensors;
        container->most_inflated = (uint64_t)options->max_memory_bytes;
        return container;
}

void
en_container_close(en_container *container)
{
        if (container == NULL)
                return;
        for (int32_t i = 0; i < container->entry_count; i++)
                en_free(container->entries[i].name);
        for (int32_t i = 0; i < container->scope_count; i++)
                en_free(container->scopes[i]);
        for (int32_t i = 0; i < container->storage_count; i++)
                en_free(container->storages[i].bytes);
        en_free(container->entries);
        en_free(container->order);
        en_free(container->storages);
        en_free(container->scopes);
        for (int i = 0; i < EN_METADATAS; i++)
                en_free(container->metadata[i]);
        en_free(container);
}

/* Room for one more of `count` items of `size` bytes in `*items`. */
static effnet_status
reserve(void **items, int32_t count, int32_t *capacity, size_t size)
{
        void *more;

        if (count < *capacity)
                return EFFNET_OK;
        if (count > INT32_MAX / 2 - 16)
                return en_fail(EFFNET_ERROR_LIMIT, "too many items");
        more = en_realloc_array(*items, (size_t)count * 2 + 16, size);
        if (more == NULL)
                return EFFNET_ERROR_MEMORY;
        *items = more;
        *capacity = count * 2 + 16;
        return EFFNET_OK;
}

effnet_status
en_table_add_storage(en_container *container, en_storage storage,
                     int32_t *index)
{
        uint64_t size = container->source->size;
        void *items = container->storages;
        effnet_status status;

        if (storage.offset > size || storage.stored > size - storage.offset)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "truncated: %" PRIu64 " bytes of data expected "
                               "at offset %" PRIu64 ", the size is %" PRIu64,
                               storage.stored, storage.offset, size);
        status = reserve(&items, container->storage_count,
                         &container->storage_capacity, sizeof(storage));
        container->storages = items;
        if (status != EFFNET_OK)
                return status;
        *index = container->storage_count++;
        container->storages[*index] = storage;
        return EFFNET_OK;
}

const char *
en_table_add_scope(en_container *container, const char *text)
{
        void *items = container->scopes;
        effnet_status status;
        char *copy;

        status = reserve(&items, container->scope_count,
                         &container->scope_capacity, sizeof(char *));
        container->scopes = items;
        copy = status == EFFNET_OK ? en_strdup(text) : NULL;
        if (copy != NULL)
                container->scopes[container->scope_count++] = copy;
        return copy;
}

/* Elements, and one past the highest element reached; false on overflow. */
static bool
extent(const en_entry *entry, uint64_t *count, uint64_t *end)
{
        uint64_t last = entry->first;

        *count = 1;
        for (int32_t i = 0; i < entry->rank; i++) {
                if (!en_mul_u64(*count, (uint64_t)entry->shape[i], count))
                        return false;
        }
        *end = entry->first;
        if (*count == 0)
                return true;
        for (int32_t i = 0; i < entry->rank; i++) {
                uint64_t step;

                if (!en_mul_u64((uint64_t)entry->shape[i] - 1,
                                (uint64_t)entry->stride[i], &step) ||
                    !en_add_u64(last, step, &last))
                        return false;
        }
        return en_add_u64(last, 1, end) && *count <= INT64_MAX;
}

static effnet_status
check_view(const en_container *container, en_entry *entry, const char *name)
{
        const en_storage *storage = &container->storages[entry->storage];
        uint64_t elements = storage->size / en_dtype_size(entry->dtype), end;

        for (int32_t i = 0; i < entry->rank; i++) {
                if (entry->shape[i] < 0 || entry->stride[i] < 0)
                        return en_fail(EFFNET_ERROR_FORMAT,
                                       "tensor %s: dimension %d has size "
                                       "%" PRId64 " and stride %" PRId64,
                                       name, (int)i, entry->shape[i],
                                       entry->stride[i]);
        }
        if (!extent(entry, &entry->count, &end))
                return en_fail(EFFNET_ERROR_FORMAT,
                               "tensor %s: its size overflows", name);
        if (entry->count != 0 && end > elements)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "tensor %s: reaches element %" PRIu64
                               " of a storage of %" PRIu64,
                               name, end, elements);
        return EFFNET_OK;
}

effnet_status
en_table_add_entry(en_container *container, const en_entry *entry,
                   const char *name, size_t length)
{
        char shown[EN_SHOWN];
        void *items = container->entries;
        en_entry added = *entry;
        effnet_status status;

        en_show(shown, name, length);
        if (length > MAX_NAME || memchr(name, '\0', length) != NULL)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "tensor %s: a name of %zu bytes; expected at "
                               "most %d, none of them NUL",
                               shown, length, MAX_NAME);
        if (container->entry_count >= container->most_entries)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "more than %" PRId64 " tensors",
                               container->most_entries);
        status = check_view(container, &added, shown);
        if (status != EFFNET_OK)
                return status;
        status = reserve(&items, container->entry_count,
                         &container->entry_capacity, sizeof(added));
        container->entries = items;
        if (status != EFFNET_OK)
                return status;
        added.name = en_strndup(name, length);
        if (added.name == NULL)
                return EFFNET_ERROR_MEMORY;
        container->entries[container->entry_count++] = added;
        return EFFNET_OK;
}

static int
compare(const char *scope, const char *name, const en_entry *entry)
{
        int order = strcmp(scope, entry->scope);

        return order != 0 ? order : strcmp(name, entry->name);
}

/* Restores the heap of order[0..count) below `at`. */
static void
sift_down(const en_entry *entries, int32_t *order, int32_t at, int32_t count)
{
        while (at < count / 2) {
                int32_t child = at * 2 + 1, moved = order[at];
                const en_entry *e = &entries[order[child]];

                if (child + 1 < count &&
                    compare(e->scope, e->name, &entries[order[child + 1]]) < 0)
                        e = &entries[order[++child]];
                if (compare(e->scope, e->name, &entries[moved]) <= 0)
                        return;
                order[at] = order[child];
                order[child] = moved;
                at = child;
        }
}

/* Heap sort: qsort has no context argument, and indices need the entries. */
static void
sort(const en_entry *entries, int32_t *order, int32_t count)
{
        for (int32_t i = count / 2; i-- > 0;)
                sift_down(entries, order, i, count);
        for (int32_t i = count; i-- > 1;) {
                int32_t largest = order[0];

                order[0] = order[i];
                order[i] = largest;
                sift_down(entries, order, 0, i);
        }
}

effnet_status
en_table_finish(en_container *container)
{
        int32_t count = container->entry_count;
        char shown[EN_SHOWN];

        container->order = en_alloc_array((size_t)count, sizeof(int32_t));
        if (container->order == NULL)
                return EFFNET_ERROR_MEMORY;
        for (int32_t i = 0; i < count; i++)
                container->order[i] = i;
        sort(container->entries, container->order, count);
        for (int32_t i = 1; i < count; i++) {
                const en_entry *e = &container->entries[container->order[i]];

                if (compare(e->scope, e->name,
                            &container->entries[container->order[i - 1]]) != 0)
                        continue;
                en_show(shown, e->name, strlen(e->name));
                return en_fail(EFFNET_ERROR_FORMAT,
                               "tensor %s: the name occurs twice", shown);
        }
        return EFFNET_OK;
}

const en_entry *
en_container_find(const en_container *container, const char *scope,
                  const char *name)
{
        int32_t low = 0, high = container->entry_count;

        while (low < high) {
                int32_t middle = low + (high - low) / 2;
                const en_entry *entry =
                        &container->entries[container->order[middle]];
                int order = compare(scope, name, entry);

                if (order == 0)
                        return entry;
                if (order < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return NULL;
}
