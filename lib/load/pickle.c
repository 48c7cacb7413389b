/* pickle.c: an interpreter of the pickle opcodes that checkpoints are made of
 * (CPython's Lib/pickletools.py defines them).  An opcode is a row of a table;
 * the stack holds indices of values.
 */
#include "load/pickle_machine.h"

#include "base/alloc.h"
#include "base/status.h"

/* What a row says of an opcode: `argument` bytes follow it.  With `counted`
 * they are the length of a text that follows in turn.
 */
typedef struct operation {
        effnet_status (*run)(en_machine *m, uint64_t argument);
        uint8_t argument;
        bool counted;
} operation;

static effnet_status
op_proto(en_machine *m, uint64_t version)
{
        if (version < 2 || version > 5)
                return en_machine_fail(m, "protocol is not 2 to 5");
        return EFFNET_OK;
}

static effnet_status
op_frame(en_machine *m, uint64_t length)
{
        (void)m;
        (void)length;
        return EFFNET_OK;
}

static effnet_status
op_none(en_machine *m, uint64_t unused)
{
        (void)unused;
        return en_machine_push(m, EN_AT_NONE);
}

static effnet_status
op_true(en_machine *m, uint64_t unused)
{
        (void)unused;
        return en_machine_push(m, EN_AT_TRUE);
}

static effnet_status
op_false(en_machine *m, uint64_t unused)
{
        (void)unused;
        return en_machine_push(m, EN_AT_FALSE);
}

static effnet_status
op_float(en_machine *m, uint64_t bits)
{
        (void)bits;
        return en_machine_push(m, EN_AT_FLOAT);
}

static effnet_status
push_int(en_machine *m, int64_t integer)
{
        return en_machine_push_new(
                m, (en_value){.type = EN_VALUE_INT, .as.integer = integer});
}

static effnet_status
op_int32(en_machine *m, uint64_t bits)
{
        return push_int(m, (int32_t)(uint32_t)bits);
}

static effnet_status
op_unsigned(en_machine *m, uint64_t value)
{
        return push_int(m, (int64_t)value);
}

static effnet_status
push_text(en_machine *m, en_value_type type, uint64_t length)
{
        en_value value = {.type = (uint8_t)type, .count = (uint32_t)length};

        value.as.offset = (uint32_t)m->window->position;
        m->window->position += length;
        return en_machine_push_new(m, value);
}

static effnet_status
op_text(en_machine *m, uint64_t length)
{
        return push_text(m, EN_VALUE_TEXT, length);
}

static effnet_status
op_bytes(en_machine *m, uint64_t length)
{
        return push_text(m, EN_VALUE_BYTES, length);
}

/* Little-endian two's complement of any length. */
static effnet_status
op_long(en_machine *m, uint64_t length)
{
        const uint8_t *p = m->window->data + m->window->position;
        uint64_t bits = 0;

        if (length > 8)
                return push_text(m, EN_VALUE_LONG, length);
        if (length > 0 && p[length - 1] >= 0x80)
                bits = UINT64_MAX;
        for (uint64_t i = length; i-- > 0;)
                bits = bits << 8 | p[i];
        m->window->position += length;
        return push_int(m, (int64_t)bits);
}

static effnet_status
op_stop(en_machine *m, uint64_t unused)
{
        (void)unused;
        m->stopped = true;
        if (m->depth != 1)
                return en_machine_fail(m, "it stops with other than one value");
        return en_machine_pop(m, &m->pickle->root);
}

static const operation operations[256] = {
        [0x80] = {op_proto, 1, false},
        [0x95] = {op_frame, 8, false},
        [0x2e] = {op_stop, 0, false},
        [0x28] = {en_op_mark, 0, false},
        [0x71] = {en_op_put, 1, false},
        [0x72] = {en_op_put, 4, false},
        [0x94] = {en_op_memoize, 0, false},
        [0x68] = {en_op_get, 1, false},
        [0x6a] = {en_op_get, 4, false},
        [0x7d] = {en_op_empty_dict, 0, false},
        [0x5d] = {en_op_empty_list, 0, false},
        [0x29] = {en_op_empty_tuple, 0, false},
        [0x8f] = {en_op_empty_list, 0, false}, /* EMPTY_SET */
        [0x74] = {en_op_tuple, 0, false},
        [0x85] = {en_op_tuple1, 0, false},
        [0x86] = {en_op_tuple2, 0, false},
        [0x87] = {en_op_tuple3, 0, false},
        [0x61] = {en_op_append, 0, false},
        [0x65] = {en_op_appends, 0, false},
        [0x73] = {en_op_setitem, 0, false},
        [0x75] = {en_op_setitems, 0, false},
        [0x90] = {en_op_appends, 0, false}, /* ADDITEMS */
        [0x4e] = {op_none, 0, false},
        [0x88] = {op_true, 0, false},
        [0x89] = {op_false, 0, false},
        [0x4a] = {op_int32, 4, false},
        [0x4b] = {op_unsigned, 1, false},
        [0x4d] = {op_unsigned, 2, false},
        [0x8a] = {op_long, 1, true},
        [0x8b] = {op_long, 4, true},
        [0x47] = {op_float, 8, false},
        [0x58] = {op_text, 4, true},
        [0x8c] = {op_text, 1, true},
        [0x8d] = {op_text, 8, true},
        [0x55] = {op_text, 1, true},
        [0x54] = {op_text, 4, true},
        [0x42] = {op_bytes, 4, true},
        [0x43] = {op_bytes, 1, true},
        [0x63] = {en_op_global, 0, false},
        [0x93] = {en_op_stack_global, 0, false},
        [0x51] = {en_op_persistent, 0, false},
        [0x52] = {en_op_reduce, 0, false},
        [0x62] = {en_op_build, 0, false},
        [0x81] = {en_op_reduce, 0, false}, /* NEWOBJ */
        [0x30] = {en_op_pop, 0, false},
        [0x31] = {en_op_pop_mark, 0, false},
        [0x32] = {en_op_dup, 0, false},
};

/* Opcodes that exist, but not in checkpoints. */
static const struct {
        uint8_t code;
        const char *name;
} refused[] = {
        {0x69, "INST"},       {0x6f, "OBJ"},         {0x92, "NEWOBJ_EX"},
        {0x82, "EXT1"},       {0x83, "EXT2"},        {0x84, "EXT4"},
        {0x50, "PERSID"},     {0x49, "INT"},         {0x4c, "LONG"},
        {0x46, "FLOAT"},      {0x53, "STRING"},      {0x56, "UNICODE"},
        {0x70, "PUT"},        {0x67, "GET"},         {0x6c, "LIST"},
        {0x64, "DICT"},       {0x8e, "BINBYTES8"},   {0x91, "FROZENSET"},
        {0x96, "BYTEARRAY8"}, {0x97, "NEXT_BUFFER"}, {0x98, "READONLY_BUFFER"},
};

static effnet_status
refuse(const en_machine *m, uint8_t code)
{
        for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
                if (refused[i].code == code)
                        return en_fail(EFFNET_ERROR_UNSUPPORTED,
                                       "pickle opcode %s at byte %zu refused",
                                       refused[i].name, m->opcode);
        }
        return en_fail(EFFNET_ERROR_FORMAT,
                       "damaged pickle at byte %zu: no opcode is 0x%02x",
                       m->opcode, code);
}

/* Reads an opcode's argument, and makes the text behind it readable. */
static effnet_status
read_argument(en_machine *m, const operation *op, uint64_t *argument)
{
        en_window *w = m->window;
        effnet_status status = en_window_need(w, op->argument);

        *argument = 0;
        if (status != EFFNET_OK)
                return status;
        for (size_t i = op->argument; i-- > 0;)
                *argument = *argument << 8 | w->data[w->position + i];
        w->position += op->argument;
        return op->counted ? en_window_need(w, *argument) : EFFNET_OK;
}

static effnet_status
step(en_machine *m)
{
        en_window *w = m->window;
        const operation *op;
        uint64_t argument;
        effnet_status status = en_window_need(w, 1);
        uint8_t code;

        if (status != EFFNET_OK)
                return status;
        m->opcode = w->position;
        code = w->data[w->position++];
        op = &operations[code];
        if (op->run == NULL)
                return refuse(m, code);
        status = read_argument(m, op, &argument);
        return status == EFFNET_OK ? op->run(m, argument) : status;
}

static effnet_status
add_presets(en_pickle *pickle)
{
        static const en_value presets[EN_AT_COUNT] = {
                [EN_AT_NONE] = {.type = EN_VALUE_NONE},
                [EN_AT_FALSE] = {.type = EN_VALUE_BOOL, .as.integer = 0},
                [EN_AT_TRUE] = {.type = EN_VALUE_BOOL, .as.integer = 1},
                [EN_AT_EMPTY_TUPLE] = {.type = EN_VALUE_TUPLE},
                [EN_AT_FLOAT] = {.type = EN_VALUE_FLOAT},
        };
        effnet_status status = EFFNET_OK;
        uint32_t index;

        for (int i = 0; i < EN_AT_COUNT && status == EFFNET_OK; i++)
                status = en_pickle_add(pickle, &presets[i], &index);
        return status;
}

/* Protocols 0 and 1 have no such first opcode. */
static effnet_status
check_start(en_machine *m)
{
        effnet_status status = en_window_need(m->window, 1);

        m->opcode = m->window->position;
        if (status == EFFNET_OK && m->window->data[m->window->position] != 0x80)
                return en_machine_fail(m, "it does not begin with a protocol");
        return status;
}

effnet_status
en_pickle_parse(en_pickle **pickle, en_window *window)
{
        en_machine m = {.window = window};
        effnet_status status;

        m.pickle = en_alloc_zero(1, sizeof(*m.pickle));
        *pickle = m.pickle;
        if (m.pickle == NULL)
                return EFFNET_ERROR_MEMORY;
        m.pickle->window = window;
        status = add_presets(m.pickle);
        if (status == EFFNET_OK)
                status = check_start(&m);
        while (status == EFFNET_OK && !m.stopped)
                status = step(&m);
        en_free(m.stack);
        en_free(m.memo);
        if (status != EFFNET_OK) {
                en_pickle_free(m.pickle);
                *pickle = NULL;
        }
        return status;
}
