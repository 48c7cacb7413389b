/* pickle.h: a pickle as a tree of plain values.  The interpreter knows the
 * opcodes that checkpoints are made of, calls nothing, and refuses the rest.
 */
#ifndef EN_LOAD_PICKLE_H
#define EN_LOAD_PICKLE_H

#include "load/globals.h"
#include "load/window.h"

typedef enum en_value_type {
        EN_VALUE_NONE,
        EN_VALUE_BOOL,
        EN_VALUE_INT,
        EN_VALUE_LONG,  /* of more than 8 bytes: `text` has them */
        EN_VALUE_FLOAT, /* its value is not kept */
        EN_VALUE_TEXT,
        EN_VALUE_BYTES,
        EN_VALUE_LIST, /* or set */
        EN_VALUE_TUPLE,
        EN_VALUE_DICT, /* key, value, key, value … */
        EN_VALUE_GLOBAL,
        EN_VALUE_CALL, /* of a global; a tensor, or opaque */
        EN_VALUE_PERSISTENT
} en_value_type;

/* Values and cells are named by index, so that arrays may grow.  16 bytes. */
typedef struct en_value {
        uint8_t type;
        uint8_t kind;   /* en_global_kind of a GLOBAL or CALL */
        uint8_t dtype;  /* en_dtype of a GLOBAL */
        uint32_t count; /* items of a container; bytes of a text */
        union {
                int64_t integer; /* BOOL, INT */
                uint32_t offset; /* TEXT, BYTES, LONG: in the window */
                struct {
                        uint32_t first, last; /* cells */
                } items;                      /* LIST, TUPLE, DICT */
                uint32_t tuple; /* CALL's arguments, PERSISTENT's id */
        } as;
} en_value;

typedef struct en_cell {
        uint32_t value;
        uint32_t next;
} en_cell;

/* No value, no cell. */
#define EN_NOTHING UINT32_MAX

typedef struct en_pickle {
        const en_window *window; /* where texts are */
        uint32_t root;
        uint32_t value_count, value_capacity;
        en_value *values;
        uint32_t cell_count, cell_capacity;
        en_cell *cells;
} en_pickle;

/* Interprets from the window's position to behind STOP. */
effnet_status en_pickle_parse(en_pickle **pickle, en_window *window);
void en_pickle_free(en_pickle *pickle);

/* Bytes of a text; valid until the window grows. */
static inline const char *
en_pickle_text(const en_pickle *pickle, const en_value *value)
{
        return (const char *)pickle->window->data + value->as.offset;
}

/* The index-th item of a tuple or list, or NULL. */
const en_value *en_pickle_item(const en_pickle *pickle, const en_value *list,
                               uint32_t index);

/* The value of a text key, or NULL. */
const en_value *en_pickle_get(const en_pickle *pickle, const en_value *dict,
                              const char *key);

/* Adding to the tree, for the interpreter. */
effnet_status en_pickle_add(en_pickle *pickle, const en_value *value,
                            uint32_t *index);
effnet_status en_pickle_append(en_pickle *pickle, uint32_t list,
                               uint32_t value);

#endif
