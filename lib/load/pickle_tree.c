/* pickle_tree.c: the values of a pickle, in two arrays. */
#include "load/pickle.h"

#include "base/alloc.h"
#include "base/status.h"

#include <string.h>

/* A real checkpoint has about 40 values a tensor.  With cells of 8 bytes and
 * values of 16, this bounds a tree to 96 MiB whatever the file says (half as
 * much again while an array grows by copying), and to about 40 times the
 * pickle.  torch_legacy.c holds two trees at a time.
 */
#define MAX_VALUES (UINT32_C(1) << 22)

static effnet_status
reserve(void **items, uint32_t count, uint32_t *capacity, size_t size)
{
        uint32_t wanted = count + count / 2 + 64;
        void *more;

        if (wanted > MAX_VALUES)
                wanted = MAX_VALUES;
        if (count < *capacity)
                return EFFNET_OK;
        if (count >= MAX_VALUES)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "a pickle of more than %u values",
                               (unsigned)MAX_VALUES);
        more = en_realloc_array(*items, wanted, size);
        if (more == NULL)
                return EFFNET_ERROR_MEMORY;
        *items = more;
        *capacity = wanted;
        return EFFNET_OK;
}

effnet_status
en_pickle_add(en_pickle *pickle, const en_value *value, uint32_t *index)
{
        void *items = pickle->values;
        effnet_status status;

        status = reserve(&items, pickle->value_count, &pickle->value_capacity,
                         sizeof(*value));
        pickle->values = items;
        if (status != EFFNET_OK)
                return status;
        *index = pickle->value_count++;
        pickle->values[*index] = *value;
        return EFFNET_OK;
}

effnet_status
en_pickle_append(en_pickle *pickle, uint32_t list, uint32_t value)
{
        void *items = pickle->cells;
        effnet_status status;
        en_value *to;
        uint32_t index;

        status = reserve(&items, pickle->cell_count, &pickle->cell_capacity,
                         sizeof(en_cell));
        pickle->cells = items;
        if (status != EFFNET_OK)
                return status;
        index = pickle->cell_count++;
        pickle->cells[index] = (en_cell){value, EN_NOTHING};
        to = &pickle->values[list];
        if (to->count++ == 0)
                to->as.items.first = index;
        else
                pickle->cells[to->as.items.last].next = index;
        to->as.items.last = index;
        return EFFNET_OK;
}

void
en_pickle_free(en_pickle *pickle)
{
        if (pickle == NULL)
                return;
        en_free(pickle->values);
        en_free(pickle->cells);
        en_free(pickle);
}

const en_value *
en_pickle_item(const en_pickle *pickle, const en_value *list, uint32_t index)
{
        uint32_t cell = list->as.items.first;

        if (index >= list->count)
                return NULL;
        while (index-- > 0)
                cell = pickle->cells[cell].next;
        return &pickle->values[pickle->cells[cell].value];
}

const en_value *
en_pickle_get(const en_pickle *pickle, const en_value *dict, const char *key)
{
        uint32_t cell = dict->count > 0 ? dict->as.items.first : EN_NOTHING;

        while (cell != EN_NOTHING) {
                const en_value *k = &pickle->values[pickle->cells[cell].value];

                cell = pickle->cells[cell].next;
                if (k->type == EN_VALUE_TEXT && k->count == strlen(key) &&
                    memcmp(en_pickle_text(pickle, k), key, k->count) == 0)
                        return &pickle->values[pickle->cells[cell].value];
                cell = pickle->cells[cell].next;
        }
        return NULL;
}
