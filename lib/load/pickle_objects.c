/* pickle_objects.c: opcodes that name globals and make objects of them. */
#include "load/pickle_machine.h"

#include "base/status.h"

#define MAX_LINE 256

static effnet_status
push_global(en_machine *m, const char *module, size_t module_length,
            const char *name, size_t name_length)
{
        en_value value = {.type = EN_VALUE_GLOBAL};
        en_global global;
        effnet_status status;

        status = en_global_find(module, module_length, name, name_length,
                                &global);
        if (status != EFFNET_OK)
                return status;
        value.kind = (uint8_t)global.kind;
        value.dtype = (uint8_t)global.dtype;
        return en_machine_push_new(m, value);
}

/* The length of the line at the position, which moves behind it. */
static effnet_status
read_line(en_machine *m, size_t *start, size_t *length)
{
        en_window *w = m->window;

        *start = w->position;
        for (*length = 0; *length < MAX_LINE; ++*length) {
                effnet_status status = en_window_need(w, 1);

                if (status != EFFNET_OK)
                        return status;
                if (w->data[w->position++] == '\n')
                        return EFFNET_OK;
        }
        return en_machine_fail(m, "a global's name is too long");
}

effnet_status
en_op_global(en_machine *m, uint64_t unused)
{
        size_t module, module_length, name, name_length;
        effnet_status status = read_line(m, &module, &module_length);

        (void)unused;
        if (status == EFFNET_OK)
                status = read_line(m, &name, &name_length);
        if (status != EFFNET_OK)
                return status;
        return push_global(m, (const char *)m->window->data + module,
                           module_length, (const char *)m->window->data + name,
                           name_length);
}

effnet_status
en_op_stack_global(en_machine *m, uint64_t unused)
{
        uint32_t name, module;
        const en_value *n, *o;
        effnet_status status = en_machine_pop(m, &name);

        (void)unused;
        if (status == EFFNET_OK)
                status = en_machine_pop(m, &module);
        if (status != EFFNET_OK)
                return status;
        n = en_machine_value(m, name);
        o = en_machine_value(m, module);
        if (n->type != EN_VALUE_TEXT || o->type != EN_VALUE_TEXT)
                return en_machine_fail(m, "a global's name is no text");
        return push_global(m, en_pickle_text(m->pickle, o), o->count,
                           en_pickle_text(m->pickle, n), n->count);
}

effnet_status
en_op_persistent(en_machine *m, uint64_t unused)
{
        en_value value = {.type = EN_VALUE_PERSISTENT};
        effnet_status status = en_machine_pop(m, &value.as.tuple);

        (void)unused;
        if (status != EFFNET_OK)
                return status;
        if (en_machine_value(m, value.as.tuple)->type != EN_VALUE_TUPLE)
                return en_machine_fail(m, "a persistent id is no tuple");
        return en_machine_push_new(m, value);
}

/* Python 2 makes OrderedDict of a list of [key, value] lists. */
static effnet_status
push_dict(en_machine *m, uint32_t arguments)
{
        const en_value *pairs;
        uint32_t cell = EN_NOTHING, dict;
        effnet_status status = en_op_empty_dict(m, 0);

        if (status != EFFNET_OK)
                return status;
        dict = m->stack[m->depth - 1];
        pairs = en_pickle_item(m->pickle, en_machine_value(m, arguments), 0);
        if (pairs != NULL && pairs->type != EN_VALUE_LIST)
                return en_machine_fail(m, "a dictionary of no pairs");
        if (pairs != NULL && pairs->count > 0)
                cell = pairs->as.items.first;
        while (cell != EN_NOTHING && status == EFFNET_OK) {
                en_cell pair = m->pickle->cells[cell];
                const en_value *list = en_machine_value(m, pair.value);
                const en_cell *key;

                if ((list->type != EN_VALUE_LIST &&
                     list->type != EN_VALUE_TUPLE) ||
                    list->count != 2)
                        return en_machine_fail(m, "a dictionary of no pairs");
                key = &m->pickle->cells[list->as.items.first];
                pair.value = m->pickle->cells[key->next].value;
                status = en_pickle_append(m->pickle, dict, key->value);
                if (status == EFFNET_OK)
                        status = en_pickle_append(m->pickle, dict, pair.value);
                cell = pair.next;
        }
        return status;
}

/* A call: of what the table of globals allows; the value is made when the
 * tree is read.  NEWOBJ differs in nothing that matters here.
 */
effnet_status
en_op_reduce(en_machine *m, uint64_t unused)
{
        en_value call = {.type = EN_VALUE_CALL};
        uint32_t callee;
        effnet_status status = en_machine_pop(m, &call.as.tuple);

        (void)unused;
        if (status == EFFNET_OK)
                status = en_machine_pop(m, &callee);
        if (status != EFFNET_OK)
                return status;
        if (en_machine_value(m, callee)->type != EN_VALUE_GLOBAL)
                return en_machine_fail(m,
                                       "a call of something that is no global");
        if (en_machine_value(m, call.as.tuple)->type != EN_VALUE_TUPLE)
                return en_machine_fail(m,
                                       "a call without a tuple of arguments");
        call.kind = en_machine_value(m, callee)->kind;
        if (call.kind == EN_GLOBAL_DICT)
                return push_dict(m, call.as.tuple);
        if (call.kind == EN_GLOBAL_STORAGE || call.kind == EN_GLOBAL_UNTYPED ||
            call.kind == EN_GLOBAL_DTYPE)
                return en_machine_fail(m, "a call of a type");
        return en_machine_push_new(m, call);
}

/* Drops the state: of a dictionary it is `_metadata`, else it is opaque. */
effnet_status
en_op_build(en_machine *m, uint64_t unused)
{
        uint32_t state, object;
        const en_value *o;
        effnet_status status = en_machine_pop(m, &state);

        (void)unused;
        if (status == EFFNET_OK)
                status = en_machine_peek(m, 0, &object);
        if (status != EFFNET_OK)
                return status;
        o = en_machine_value(m, object);
        if (o->type != EN_VALUE_DICT &&
            (o->type != EN_VALUE_CALL || o->kind != EN_GLOBAL_INERT))
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "pickle opcode BUILD at byte %zu refused: not "
                               "on a dictionary",
                               m->opcode);
        return EFFNET_OK;
}
