/* pickle_containers.c: opcodes that make and fill lists, tuples and
 * dictionaries.
 */
#include "load/pickle_machine.h"

#include <string.h>

effnet_status
en_op_empty_list(en_machine *m, uint64_t unused)
{
        (void)unused;
        return en_machine_push_new(m, (en_value){.type = EN_VALUE_LIST});
}

effnet_status
en_op_empty_dict(en_machine *m, uint64_t unused)
{
        (void)unused;
        return en_machine_push_new(m, (en_value){.type = EN_VALUE_DICT});
}

effnet_status
en_op_empty_tuple(en_machine *m, uint64_t unused)
{
        (void)unused;
        return en_machine_push(m, EN_AT_EMPTY_TUPLE);
}

/* Moves the stack from `start` on into a container. */
static effnet_status
move_items(en_machine *m, uint32_t start, uint32_t to)
{
        effnet_status status = EFFNET_OK;

        for (uint32_t i = start; i < m->depth && status == EFFNET_OK; i++)
                status = en_pickle_append(m->pickle, to, m->stack[i]);
        m->depth = start;
        return status;
}

/* A tuple of the stack from `start` on takes the place of those values. */
static effnet_status
make_tuple(en_machine *m, uint32_t start)
{
        en_value value = {.type = EN_VALUE_TUPLE};
        uint32_t index;
        effnet_status status = en_pickle_add(m->pickle, &value, &index);

        if (status == EFFNET_OK)
                status = move_items(m, start, index);
        return status == EFFNET_OK ? en_machine_push(m, index) : status;
}

effnet_status
en_op_tuple(en_machine *m, uint64_t unused)
{
        uint32_t start;
        effnet_status status = en_machine_mark(m, &start);

        (void)unused;
        if (status != EFFNET_OK)
                return status;
        status = make_tuple(m, start);
        if (status == EFFNET_OK) { /* over the mark */
                m->stack[start - 1] = m->stack[start];
                m->depth = start;
        }
        return status;
}

static effnet_status
tuple_of(en_machine *m, uint32_t count)
{
        uint32_t value;
        effnet_status status = EFFNET_OK;

        for (uint32_t i = 0; i < count && status == EFFNET_OK; i++)
                status = en_machine_peek(m, i, &value);
        return status == EFFNET_OK ? make_tuple(m, m->depth - count) : status;
}

effnet_status
en_op_tuple1(en_machine *m, uint64_t unused)
{
        (void)unused;
        return tuple_of(m, 1);
}

effnet_status
en_op_tuple2(en_machine *m, uint64_t unused)
{
        (void)unused;
        return tuple_of(m, 2);
}

effnet_status
en_op_tuple3(en_machine *m, uint64_t unused)
{
        (void)unused;
        return tuple_of(m, 3);
}

/* Adds the stack from `start` on to the container of that type below. */
static effnet_status
add_items(en_machine *m, uint32_t start, en_value_type type)
{
        uint32_t below = m->depth - start, to;
        bool pairs = type == EN_VALUE_DICT;

        if (start == 0 || m->stack[start - 1] == EN_MARK)
                return en_machine_fail(m, "its stack is empty");
        to = m->stack[start - 1];
        if (en_machine_value(m, to)->type != type)
                return en_machine_fail(m,
                                       pairs ? "items for something that is no "
                                               "dictionary"
                                             : "items for something that is no "
                                               "list");
        if (pairs && below % 2 != 0)
                return en_machine_fail(m, "a key without a value");
        return move_items(m, start, to);
}

/* Items from the last mark on; drops the mark. */
static effnet_status
add_marked(en_machine *m, en_value_type type)
{
        uint32_t start;
        effnet_status status = en_machine_mark(m, &start);

        if (status != EFFNET_OK)
                return status;
        memmove(m->stack + start - 1, m->stack + start,
                (m->depth - start) * sizeof(*m->stack));
        m->depth--;
        return add_items(m, start - 1, type);
}

effnet_status
en_op_appends(en_machine *m, uint64_t unused)
{
        (void)unused;
        return add_marked(m, EN_VALUE_LIST);
}

effnet_status
en_op_setitems(en_machine *m, uint64_t unused)
{
        (void)unused;
        return add_marked(m, EN_VALUE_DICT);
}

/* `count` items on top, none of them a mark. */
static effnet_status
add_top(en_machine *m, uint32_t count, en_value_type type)
{
        uint32_t value;
        effnet_status status = EFFNET_OK;

        for (uint32_t i = 0; i < count && status == EFFNET_OK; i++)
                status = en_machine_peek(m, i, &value);
        return status == EFFNET_OK ? add_items(m, m->depth - count, type)
                                   : status;
}

effnet_status
en_op_append(en_machine *m, uint64_t unused)
{
        (void)unused;
        return add_top(m, 1, EN_VALUE_LIST);
}

effnet_status
en_op_setitem(en_machine *m, uint64_t unused)
{
        (void)unused;
        return add_top(m, 2, EN_VALUE_DICT);
}
