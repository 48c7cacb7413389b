/* torch_state.c: finds the tensors in nested dictionaries. */
#include "load/torch_state.h"

#include "base/alloc.h"
#include "base/status.h"
#include "load/metadata.h"
#include "load/text.h"
#include "load/torch_tensor.h"

#include <string.h>

/* Wrappers nest two or three deep; what lies deeper is some optimiser's. */
#define MAX_DEPTH 8
#define MAX_SCOPE 512

typedef struct collector {
        en_container *container;
        const en_pickle *pickle;
        const en_torch_storages *storages;
        uint64_t budget; /* items that may still be looked at: dictionaries
                          * can be shared, and nested in themselves */
        int depth;
        size_t scope_length;
        char scope[MAX_SCOPE + 1];
} collector;

static effnet_status collect(collector *c, const en_value *dict);

static effnet_status
add_tensor(collector *c, const char *scope, const en_value *key,
           const en_value *call)
{
        const char *name = en_pickle_text(c->pickle, key);
        en_entry entry;
        effnet_status status;

        status = en_torch_tensor_read(c->pickle, call, c->storages, &entry);
        if (status != EFFNET_OK)
                return en_fail_in_tensor(status, name, key->count);
        entry.scope = scope;
        return en_table_add_entry(c->container, &entry, name, key->count);
}

/* A dictionary in the dictionary, unless it is too deep to be a wrapper. */
static effnet_status
descend(collector *c, const en_value *key, const en_value *dict)
{
        const char *name = en_pickle_text(c->pickle, key);
        size_t length = c->scope_length, slash = length > 0;
        effnet_status status;

        if (c->depth == MAX_DEPTH || length + slash + key->count > MAX_SCOPE ||
            memchr(name, '\0', key->count) != NULL)
                return EFFNET_OK;
        if (slash)
                c->scope[length] = '/';
        memcpy(c->scope + length + slash, name, key->count);
        c->scope_length = length + slash + key->count;
        c->scope[c->scope_length] = '\0';
        c->depth++;
        status = collect(c, dict);
        c->depth--;
        c->scope_length = length;
        c->scope[length] = '\0';
        return status;
}

/* What training scripts save beside a state_dict, such as timm's "arch". */
static effnet_status
keep_text(collector *c, const en_value *key, const en_value *value)
{
        char name[EN_MAX_METADATA_KEY];

        if (key->count >= sizeof(name))
                return EFFNET_OK;
        memcpy(name, en_pickle_text(c->pickle, key), key->count);
        name[key->count] = '\0';
        return en_metadata_keep(c->container, name,
                                en_pickle_text(c->pickle, value), value->count);
}

/* The scope is stored with the first tensor in it. */
static effnet_status
collect_item(collector *c, const char **scope, const en_value *key,
             const en_value *value)
{
        const en_value *call = en_torch_tensor_call(c->pickle, value);

        if (key->type != EN_VALUE_TEXT)
                return EFFNET_OK;
        if (value->type == EN_VALUE_TEXT && c->depth == 0)
                return keep_text(c, key, value);
        if (call == NULL)
                return value->type == EN_VALUE_DICT ? descend(c, key, value)
                                                    : EFFNET_OK;
        if (*scope == NULL)
                *scope = en_table_add_scope(c->container, c->scope);
        if (*scope == NULL)
                return EFFNET_ERROR_MEMORY;
        return add_tensor(c, *scope, key, call);
}

static effnet_status
collect(collector *c, const en_value *dict)
{
        const en_pickle *p = c->pickle;
        uint32_t cell = dict->count > 0 ? dict->as.items.first : EN_NOTHING;
        const char *scope = NULL;
        effnet_status status = EFFNET_OK;

        while (cell != EN_NOTHING && status == EFFNET_OK) {
                const en_value *key = &p->values[p->cells[cell].value];

                if (c->budget-- == 0)
                        return en_fail(EFFNET_ERROR_FORMAT,
                                       "dictionaries nested in each other too "
                                       "often");
                cell = p->cells[cell].next;
                status = collect_item(c, &scope, key,
                                      &p->values[p->cells[cell].value]);
                cell = p->cells[cell].next;
        }
        return status;
}

static const char *
type_name(const en_pickle *pickle, const en_value *value)
{
        if (en_torch_tensor_call(pickle, value) != NULL)
                return "a single tensor";
        switch (value->type) {
        case EN_VALUE_LIST: return "a list";
        case EN_VALUE_TUPLE: return "a tuple";
        case EN_VALUE_TEXT: return "a text";
        default: return "something else";
        }
}

effnet_status
en_torch_collect(en_container *container, const en_pickle *pickle,
                 const en_torch_storages *storages)
{
        collector *c;
        const en_value *root = &pickle->values[pickle->root];
        effnet_status status;

        if (root->type != EN_VALUE_DICT)
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "holds %s; expected a dictionary of tensors, "
                               "as torch.save(model.state_dict(), path) "
                               "writes it",
                               type_name(pickle, root));
        c = en_alloc_zero(1, sizeof(*c));
        if (c == NULL)
                return EFFNET_ERROR_MEMORY;
        c->container = container;
        c->pickle = pickle;
        c->storages = storages;
        c->budget = (uint64_t)pickle->cell_count * 4;
        status = collect(c, root);
        en_free(c);
        return status == EFFNET_OK ? en_table_finish(container) : status;
}
