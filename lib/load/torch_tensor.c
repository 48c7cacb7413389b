/* torch_tensor.c: a pickled call that rebuilds a tensor, as an entry
 * (torch/_utils.py: _rebuild_tensor and what follows it).
 */
#include "load/torch_tensor.h"

#include "base/size.h"
#include "base/status.h"
#include "load/dtype.h"
#include "load/text.h"

#include <inttypes.h>
#include <string.h>

static effnet_status
malformed(const char *what)
{
        return en_fail(EFFNET_ERROR_FORMAT, "damaged pickle: %s", what);
}

const en_value *
en_torch_tensor_call(const en_pickle *pickle, const en_value *value)
{
        if (value->type == EN_VALUE_CALL && value->kind == EN_GLOBAL_PARAMETER)
                value = en_pickle_item(pickle, &pickle->values[value->as.tuple],
                                       0);
        if (value != NULL && value->type == EN_VALUE_CALL &&
            (value->kind == EN_GLOBAL_TENSOR ||
             value->kind == EN_GLOBAL_TENSOR_V3))
                return value;
        return NULL;
}

static bool
read_count(const en_value *value, uint64_t *count)
{
        if (value == NULL || value->type != EN_VALUE_INT ||
            value->as.integer < 0)
                return false;
        *count = (uint64_t)value->as.integer;
        return true;
}

static bool
is_text(const en_pickle *pickle, const en_value *value, const char *text)
{
        return value != NULL && value->type == EN_VALUE_TEXT &&
               value->count == strlen(text) &&
               memcmp(en_pickle_text(pickle, value), text, value->count) == 0;
}

/* (view key, offset, count), or None. */
static effnet_status
read_view(const en_pickle *pickle, const en_value *view, en_torch_id *id)
{
        id->view_first = 0;
        id->view_count = id->count;
        if (view == NULL || view->type == EN_VALUE_NONE)
                return EFFNET_OK;
        if (view->type != EN_VALUE_TUPLE ||
            !read_count(en_pickle_item(pickle, view, 1), &id->view_first) ||
            !read_count(en_pickle_item(pickle, view, 2), &id->view_count))
                return malformed("a storage view is no (key, offset, count)");
        if (id->view_first > id->count ||
            id->view_count > id->count - id->view_first)
                return malformed("a storage view reaches past its storage");
        return EFFNET_OK;
}

effnet_status
en_torch_id_read(const en_pickle *pickle, const en_value *value,
                 en_torch_id *id)
{
        const en_value *tuple, *class, *key;

        if (value == NULL || value->type != EN_VALUE_PERSISTENT)
                return malformed("a tensor without a storage");
        tuple = &pickle->values[value->as.tuple];
        class = en_pickle_item(pickle, tuple, 1);
        key = en_pickle_item(pickle, tuple, 2);
        if (is_text(pickle, en_pickle_item(pickle, tuple, 0), "module"))
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "a whole module instead of a dictionary of "
                               "tensors: save the state_dict instead");
        if (!is_text(pickle, en_pickle_item(pickle, tuple, 0), "storage") ||
            class == NULL || class->type != EN_VALUE_GLOBAL ||
            (class->kind != EN_GLOBAL_STORAGE &&
             class->kind != EN_GLOBAL_UNTYPED) ||
            key == NULL || key->type != EN_VALUE_TEXT ||
            !read_count(en_pickle_item(pickle, tuple, 4), &id->count))
                return malformed("a persistent id is no ('storage', class, "
                                 "key, location, count)");
        id->key = en_pickle_text(pickle, key);
        id->key_length = key->count;
        id->typed = class->kind == EN_GLOBAL_STORAGE;
        id->dtype = (en_dtype) class->dtype;
        return read_view(pickle, en_pickle_item(pickle, tuple, 5), id);
}

static effnet_status
read_dimensions(const en_pickle *pickle, const en_value *tuple, int32_t rank,
                int64_t *values)
{
        uint32_t cell = rank > 0 ? tuple->as.items.first : EN_NOTHING;

        for (int32_t i = 0; i < rank; i++) {
                uint64_t count;

                if (!read_count(&pickle->values[pickle->cells[cell].value],
                                &count))
                        return malformed("a dimension or stride is no count");
                values[i] = (int64_t)count;
                cell = pickle->cells[cell].next;
        }
        return EFFNET_OK;
}

static effnet_status
read_shape(const en_pickle *pickle, const en_value *arguments, en_entry *entry)
{
        const en_value *shape = en_pickle_item(pickle, arguments, 2);
        const en_value *stride = en_pickle_item(pickle, arguments, 3);
        effnet_status status;

        if (shape == NULL || stride == NULL || shape->type != EN_VALUE_TUPLE ||
            stride->type != EN_VALUE_TUPLE || shape->count != stride->count)
                return malformed("a tensor without size and stride");
        if (shape->count > EN_MAX_RANK)
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "%u dimensions; expected at most %d",
                               (unsigned)shape->count, EN_MAX_RANK);
        entry->rank = (int32_t)shape->count;
        status = read_dimensions(pickle, shape, entry->rank, entry->shape);
        if (status != EFFNET_OK)
                return status;
        return read_dimensions(pickle, stride, entry->rank, entry->stride);
}

/* The element type: of the storage, or (v3) the call's seventh argument. */
static effnet_status
read_dtype(const en_pickle *pickle, const en_value *call, const en_torch_id *id,
           en_dtype *dtype)
{
        const en_value *type;

        *dtype = id->dtype;
        if (call->kind == EN_GLOBAL_TENSOR)
                return id->typed ? EFFNET_OK : malformed("an untyped storage");
        type = en_pickle_item(pickle, &pickle->values[call->as.tuple], 6);
        if (type == NULL || type->type != EN_VALUE_GLOBAL ||
            type->kind != EN_GLOBAL_DTYPE)
                return malformed("a tensor without an element type");
        *dtype = (en_dtype)type->dtype;
        return EFFNET_OK;
}

/* That it ends in the storage, too, is checked when it is added. */
static effnet_status
place(const en_torch_id *id, uint64_t offset, en_entry *entry)
{
        if (offset > id->view_count)
                return malformed("a tensor begins behind its storage");
        entry->first = id->view_first + offset;
        return EFFNET_OK;
}

effnet_status
en_torch_tensor_read(const en_pickle *pickle, const en_value *call,
                     const en_torch_storages *storages, en_entry *entry)
{
        const en_value *arguments = &pickle->values[call->as.tuple];
        en_torch_id id;
        uint64_t offset;
        effnet_status status;

        memset(entry, 0, sizeof(*entry));
        status = en_torch_id_read(pickle, en_pickle_item(pickle, arguments, 0),
                                  &id);
        if (status == EFFNET_OK)
                status = read_dtype(pickle, call, &id, &entry->dtype);
        if (status == EFFNET_OK)
                status = read_shape(pickle, arguments, entry);
        if (status != EFFNET_OK)
                return status;
        if (!read_count(en_pickle_item(pickle, arguments, 1), &offset))
                return malformed("a tensor without an offset");
        status = place(&id, offset, entry);
        if (status != EFFNET_OK)
                return status;
        return storages->find(storages->context, &id, &entry->storage);
}
