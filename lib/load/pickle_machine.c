/* pickle_machine.c: the stack and the memo of a pickle. */
#include "load/pickle_machine.h"

#include "base/alloc.h"
#include "base/status.h"

/* Picklers write batches of 1000 items; whole modules nest a few dozen deep.
 */
#define MAX_STACK 65536

effnet_status
en_machine_fail(const en_machine *m, const char *what)
{
        return en_fail(EFFNET_ERROR_FORMAT, "damaged pickle at byte %zu: %s",
                       m->opcode, what);
}

effnet_status
en_machine_push(en_machine *m, uint32_t value)
{
        if (m->depth == MAX_STACK)
                return en_machine_fail(m, "its stack is too deep");
        if (m->depth == m->stack_capacity) {
                uint32_t wanted = m->depth * 2 + 64;
                uint32_t *more = en_realloc_array(m->stack, wanted,
                                                  sizeof(*more));

                if (more == NULL)
                        return EFFNET_ERROR_MEMORY;
                m->stack = more;
                m->stack_capacity = wanted;
        }
        m->stack[m->depth++] = value;
        return EFFNET_OK;
}

effnet_status
en_machine_push_new(en_machine *m, en_value value)
{
        uint32_t index;
        effnet_status status = en_pickle_add(m->pickle, &value, &index);

        return status == EFFNET_OK ? en_machine_push(m, index) : status;
}

/* The value `below` the top, which is no mark. */
effnet_status
en_machine_peek(en_machine *m, uint32_t below, uint32_t *value)
{
        *value = EN_AT_NONE;
        if (below >= m->depth || m->stack[m->depth - 1 - below] == EN_MARK)
                return en_machine_fail(m, "its stack is empty");
        *value = m->stack[m->depth - 1 - below];
        return EFFNET_OK;
}

effnet_status
en_machine_pop(en_machine *m, uint32_t *value)
{
        effnet_status status = en_machine_peek(m, 0, value);

        if (status == EFFNET_OK)
                m->depth--;
        return status;
}

/* Stack position behind the last mark. */
effnet_status
en_machine_mark(en_machine *m, uint32_t *start)
{
        for (*start = m->depth; *start > 0; --*start) {
                if (m->stack[*start - 1] == EN_MARK)
                        return EFFNET_OK;
        }
        return en_machine_fail(m, "there is no mark");
}

effnet_status
en_op_mark(en_machine *m, uint64_t unused)
{
        (void)unused;
        return en_machine_push(m, EN_MARK);
}

effnet_status
en_op_pop(en_machine *m, uint64_t unused)
{
        (void)unused;
        if (m->depth == 0)
                return en_machine_fail(m, "its stack is empty");
        m->depth--;
        return EFFNET_OK;
}

effnet_status
en_op_pop_mark(en_machine *m, uint64_t unused)
{
        uint32_t start;
        effnet_status status = en_machine_mark(m, &start);

        (void)unused;
        if (status == EFFNET_OK)
                m->depth = start - 1;
        return status;
}

effnet_status
en_op_dup(en_machine *m, uint64_t unused)
{
        uint32_t value;
        effnet_status status = en_machine_peek(m, 0, &value);

        (void)unused;
        return status == EFFNET_OK ? en_machine_push(m, value) : status;
}

static effnet_status
grow_memo(en_machine *m, uint32_t index)
{
        uint32_t wanted = index + index / 2 + 64;
        uint32_t *more = en_realloc_array(m->memo, wanted, sizeof(*more));

        if (more == NULL)
                return EFFNET_ERROR_MEMORY;
        m->memo = more;
        m->memo_capacity = wanted;
        return EFFNET_OK;
}

/* Picklers number what they store from 0 or 1 on, and storing takes a byte:
 * an index above the pickle's own length so far is a trap.
 */
effnet_status
en_op_put(en_machine *m, uint64_t index)
{
        uint32_t value;
        effnet_status status = en_machine_peek(m, 0, &value);

        if (status != EFFNET_OK)
                return status;
        if (index > m->window->position)
                return en_machine_fail(m, "a memo index is too large");
        if (index >= m->memo_capacity)
                status = grow_memo(m, (uint32_t)index);
        if (status != EFFNET_OK)
                return status;
        while (m->memo_count <= index)
                m->memo[m->memo_count++] = EN_NOTHING;
        m->memo[index] = value;
        return EFFNET_OK;
}

effnet_status
en_op_memoize(en_machine *m, uint64_t unused)
{
        (void)unused;
        return en_op_put(m, m->memo_count);
}

effnet_status
en_op_get(en_machine *m, uint64_t index)
{
        if (index >= m->memo_count || m->memo[index] == EN_NOTHING)
                return en_machine_fail(m, "a memo entry was never stored");
        return en_machine_push(m, m->memo[index]);
}
