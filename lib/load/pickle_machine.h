/* pickle_machine.h: the stack machine behind pickle.h, and its opcodes as
 * functions: each takes the number that follows the opcode, where one does.
 */
#ifndef EN_LOAD_PICKLE_MACHINE_H
#define EN_LOAD_PICKLE_MACHINE_H

#include "load/pickle.h"

/* On the stack: where a batch of items begins. */
#define EN_MARK (UINT32_MAX - 1)

/* Values that each pickle has from the start. */
enum {
        EN_AT_NONE,
        EN_AT_FALSE,
        EN_AT_TRUE,
        EN_AT_EMPTY_TUPLE,
        EN_AT_FLOAT,
        EN_AT_COUNT
};

typedef struct en_machine {
        en_window *window;
        en_pickle *pickle;
        uint32_t depth, stack_capacity;
        uint32_t *stack;
        uint32_t memo_count, memo_capacity; /* count: highest index + 1 */
        uint32_t *memo;
        size_t opcode; /* offset of the one at work */
        bool stopped;
} en_machine;

effnet_status en_machine_fail(const en_machine *m, const char *what);
effnet_status en_machine_push(en_machine *m, uint32_t value);
effnet_status en_machine_push_new(en_machine *m, en_value value);
/* The value `below` the top, which must be no mark. */
effnet_status en_machine_peek(en_machine *m, uint32_t below, uint32_t *value);
effnet_status en_machine_pop(en_machine *m, uint32_t *value);
/* Stack position behind the last mark. */
effnet_status en_machine_mark(en_machine *m, uint32_t *start);

/* Valid until a value is added. */
static inline en_value *
en_machine_value(en_machine *m, uint32_t index)
{
        return &m->pickle->values[index];
}

/* pickle_machine.c: stack and memo */
effnet_status en_op_mark(en_machine *m, uint64_t argument);
effnet_status en_op_pop(en_machine *m, uint64_t argument);
effnet_status en_op_pop_mark(en_machine *m, uint64_t argument);
effnet_status en_op_dup(en_machine *m, uint64_t argument);
effnet_status en_op_put(en_machine *m, uint64_t argument);
effnet_status en_op_memoize(en_machine *m, uint64_t argument);
effnet_status en_op_get(en_machine *m, uint64_t argument);

/* pickle_containers.c */
effnet_status en_op_empty_list(en_machine *m, uint64_t argument);
effnet_status en_op_empty_dict(en_machine *m, uint64_t argument);
effnet_status en_op_empty_tuple(en_machine *m, uint64_t argument);
effnet_status en_op_tuple(en_machine *m, uint64_t argument);
effnet_status en_op_tuple1(en_machine *m, uint64_t argument);
effnet_status en_op_tuple2(en_machine *m, uint64_t argument);
effnet_status en_op_tuple3(en_machine *m, uint64_t argument);
effnet_status en_op_appends(en_machine *m, uint64_t argument);
effnet_status en_op_setitems(en_machine *m, uint64_t argument);
effnet_status en_op_append(en_machine *m, uint64_t argument);
effnet_status en_op_setitem(en_machine *m, uint64_t argument);

/* pickle_objects.c */
effnet_status en_op_global(en_machine *m, uint64_t argument);
effnet_status en_op_stack_global(en_machine *m, uint64_t argument);
effnet_status en_op_persistent(en_machine *m, uint64_t argument);
effnet_status en_op_reduce(en_machine *m, uint64_t argument);
effnet_status en_op_build(en_machine *m, uint64_t argument);

#endif
