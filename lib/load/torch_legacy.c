/* torch_legacy.c: what torch.save wrote before PyTorch 1.6: a magic number, a
 * version, system facts, the object and the list of storages as pickles one
 * after another, then the storages.
 */
#include "load/torch_state.h"

#include "base/alloc.h"
#include "base/size.h"
#include "base/status.h"
#include "load/bytes.h"
#include "load/dtype.h"
#include "load/sniff.h"
#include "load/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PROTOCOL 1001

/* A storage that the object names. */
typedef struct record {
        en_torch_id id;
        int32_t storage; /* in the container; -1: not found yet */
} record;

typedef struct legacy {
        en_container *container;
        en_window window;
        en_pickle *object;
        uint32_t record_count;
        record *records; /* by key */
} legacy;

static int
compare_keys(const en_torch_id *a, const en_torch_id *b)
{
        uint32_t n = a->key_length < b->key_length ? a->key_length
                                                   : b->key_length;
        int order = memcmp(a->key, b->key, n);

        return order != 0 ? order
                          : (a->key_length > b->key_length) -
                                    (a->key_length < b->key_length);
}

static int
by_key(const void *a, const void *b)
{
        const record *x = a, *y = b;

        return compare_keys(&x->id, &y->id);
}

static record *
find_record(const legacy *l, const char *key, uint32_t length)
{
        record wanted;

        wanted.id.key = key;
        wanted.id.key_length = length;
        return bsearch(&wanted, l->records, l->record_count, sizeof(wanted),
                       by_key);
}

static effnet_status
check_magic(const en_pickle *pickle)
{
        static const char magic[] = EN_TORCH_MAGIC;
        size_t size = sizeof(magic) - 1;
        const en_value *v = &pickle->values[pickle->root];

        if (v->type == EN_VALUE_LONG && v->count == size &&
            memcmp(en_pickle_text(pickle, v), magic, size) == 0)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_FORMAT,
                       "a pickle without torch's magic number");
}

static effnet_status
check_protocol(const en_pickle *pickle)
{
        const en_value *v = &pickle->values[pickle->root];

        if (v->type == EN_VALUE_INT && v->as.integer == PROTOCOL)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_UNSUPPORTED,
                       "torch's legacy format of another version; expected %d",
                       PROTOCOL);
}

static effnet_status
check_system(const en_pickle *pickle)
{
        const en_value *v = &pickle->values[pickle->root];
        const en_value *little = v->type == EN_VALUE_DICT
                                         ? en_pickle_get(pickle, v,
                                                         "little_endian")
                                         : NULL;

        if (little == NULL || little->type != EN_VALUE_BOOL)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "the third pickle does not tell the byte order");
        if (little->as.integer == 0)
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "saved in big-endian byte order; expected "
                               "little_endian to be true");
        return EFFNET_OK;
}

static effnet_status
read_checked(legacy *l, effnet_status (*check)(const en_pickle *))
{
        en_pickle *pickle;
        effnet_status status = en_pickle_parse(&pickle, &l->window);

        if (status == EFFNET_OK)
                status = check(pickle);
        en_pickle_free(pickle);
        return status;
}

/* Two ids of one storage must agree. */
static effnet_status
unite(const record *a, const record *b)
{
        char shown[EN_SHOWN];

        if (a->id.count == b->id.count && a->id.typed == b->id.typed &&
            a->id.dtype == b->id.dtype)
                return EFFNET_OK;
        en_show(shown, a->id.key, a->id.key_length);
        return en_fail(EFFNET_ERROR_FORMAT,
                       "storage %s: named with two sizes or types", shown);
}

/* Makes room for all ids of storages; a tensor has one. */
static effnet_status
reserve_records(legacy *l)
{
        const en_pickle *p = l->object;
        uint32_t count = 0;

        for (uint32_t i = 0; i < p->value_count; i++)
                count += p->values[i].type == EN_VALUE_PERSISTENT;
        if (count > l->container->most_entries)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "%" PRIu32 " ids of storages, the limit for "
                               "tensors is %" PRId64,
                               count, l->container->most_entries);
        l->records = en_alloc_array(count, sizeof(*l->records));
        return l->records != NULL ? EFFNET_OK : EFFNET_ERROR_MEMORY;
}

/* Lists each storage that the object names once.  Keys point into the window,
 * which must not grow from here on.
 */
static effnet_status
list_records(legacy *l)
{
        const en_pickle *p = l->object;
        uint32_t kept = 0;
        effnet_status status = reserve_records(l);

        for (uint32_t i = 0; i < p->value_count && status == EFFNET_OK; i++) {
                record *r = &l->records[l->record_count];

                if (p->values[i].type != EN_VALUE_PERSISTENT)
                        continue;
                r->storage = -1;
                status = en_torch_id_read(p, &p->values[i], &r->id);
                l->record_count += status == EFFNET_OK;
        }
        if (status == EFFNET_OK)
                qsort(l->records, l->record_count, sizeof(*l->records), by_key);
        for (uint32_t i = 0; i < l->record_count && status == EFFNET_OK; i++) {
                if (kept == 0 || by_key(&l->records[kept - 1], &l->records[i]))
                        l->records[kept++] = l->records[i];
                else
                        status = unite(&l->records[kept - 1], &l->records[i]);
        }
        l->record_count = kept;
        return status;
}

/* A count, then the elements; moves `*offset` behind them. */
static effnet_status
read_storage(legacy *l, record *r, const char *shown, uint64_t *offset)
{
        uint8_t header[8];
        en_storage storage = {.deflated = false};
        effnet_status status;

        status = en_source_read(l->container->source, *offset, header,
                                sizeof(header));
        if (status != EFFNET_OK)
                return status;
        if (en_le64(header) != r->id.count ||
            !en_mul_u64(r->id.count,
                        r->id.typed ? en_dtype_size(r->id.dtype) : 1,
                        &storage.size))
                return en_fail(EFFNET_ERROR_FORMAT,
                               "storage %s: expected %" PRIu64
                               " elements, found %" PRIu64
                               " at offset %" PRIu64,
                               shown, r->id.count, en_le64(header), *offset);
        storage.offset = *offset + sizeof(header);
        storage.stored = storage.size;
        status = en_table_add_storage(l->container, storage, &r->storage);
        *offset = storage.offset + storage.size;
        return status;
}

static effnet_status
read_key(legacy *l, const en_pickle *keys, const en_value *key,
         uint64_t *offset)
{
        char shown[EN_SHOWN];
        record *r;

        if (key->type != EN_VALUE_TEXT)
                return en_fail(EFFNET_ERROR_FORMAT, "a storage key is no text");
        en_show(shown, en_pickle_text(keys, key), key->count);
        r = find_record(l, en_pickle_text(keys, key), key->count);
        if (r == NULL)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "storage %s: no tensor is of it, so its type "
                               "is unknown",
                               shown);
        if (r->storage >= 0)
                return en_fail(EFFNET_ERROR_FORMAT, "storage %s: listed twice",
                               shown);
        return read_storage(l, r, shown, offset);
}

/* The storages lie behind the last pickle in the order of its list. */
static effnet_status
read_storages(legacy *l, const en_pickle *keys)
{
        const en_value *list = &keys->values[keys->root];
        uint64_t offset = l->window.position;
        uint32_t cell;
        effnet_status status = EFFNET_OK;

        if (list->type != EN_VALUE_LIST)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "the fifth pickle is no list of storages");
        cell = list->count > 0 ? list->as.items.first : EN_NOTHING;
        while (cell != EN_NOTHING && status == EFFNET_OK) {
                status = read_key(l, keys,
                                  &keys->values[keys->cells[cell].value],
                                  &offset);
                cell = keys->cells[cell].next;
        }
        if (status == EFFNET_OK && offset != l->container->source->size)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "%" PRIu64 " bytes behind the last storage, "
                               "which ends at offset %" PRIu64,
                               l->container->source->size - offset, offset);
        return status;
}

static effnet_status
find_storage(void *context, const en_torch_id *id, int32_t *index)
{
        const legacy *l = context;
        const record *r = find_record(l, id->key, id->key_length);
        char shown[EN_SHOWN];

        if (r == NULL || r->storage < 0) {
                en_show(shown, id->key, id->key_length);
                return en_fail(EFFNET_ERROR_FORMAT,
                               "storage %s: not in the list of storages",
                               shown);
        }
        *index = r->storage;
        return EFFNET_OK;
}

static effnet_status
read_all(legacy *l)
{
        const en_torch_storages storages = {find_storage, l};
        en_pickle *keys = NULL;
        effnet_status status = read_checked(l, check_magic);

        if (status == EFFNET_OK)
                status = read_checked(l, check_protocol);
        if (status == EFFNET_OK)
                status = read_checked(l, check_system);
        if (status == EFFNET_OK)
                status = en_pickle_parse(&l->object, &l->window);
        if (status == EFFNET_OK)
                status = en_pickle_parse(&keys, &l->window);
        if (status == EFFNET_OK)
                status = list_records(l);
        if (status == EFFNET_OK)
                status = read_storages(l, keys);
        en_pickle_free(keys);
        if (status == EFFNET_OK)
                status = en_torch_collect(l->container, l->object, &storages);
        return status;
}

effnet_status
en_torch_legacy_open(en_container **container, const en_source *source,
                     const effnet_options *options)
{
        legacy l = {0};
        effnet_status status;

        *container = NULL;
        l.container = en_table_create("torch-legacy", source, options);
        if (l.container == NULL)
                return EFFNET_ERROR_MEMORY;
        en_window_open(&l.window, source, (uint64_t)options->max_header_bytes);
        status = read_all(&l);
        en_window_close(&l.window);
        en_pickle_free(l.object);
        en_free(l.records);
        if (status == EFFNET_OK)
                *container = l.container;
        else
                en_container_close(l.container);
        return status;
}
