/* json.h: JSON values, over jansson: the only door to it. */
#ifndef EN_LOAD_JSON_H
#define EN_LOAD_JSON_H

#include "effnet.h"

#include <stdbool.h>

typedef struct json_t en_json;

/* Parses `size` bytes; an object with two equal keys is an error.  `what` is
 * for messages.  What the text may cost is to be checked before: json_scan.h.
 */
effnet_status en_json_parse(en_json **json, const char *text, size_t size,
                            const char *what);
void en_json_free(en_json *json);

/* Values of other kinds, and NULL, hold nothing: the answers are NULL, 0 and
 * false.
 */
bool en_json_is_object(const en_json *json);
bool en_json_is_array(const en_json *json);
size_t en_json_count(const en_json *array);
size_t en_json_members(const en_json *object);
const en_json *en_json_at(const en_json *array, size_t index);
/* A null counts as none. */
const en_json *en_json_get(const en_json *object, const char *key);
/* `length` may be NULL; without it a text with a NUL in it is none. */
const char *en_json_text(const en_json *json, size_t *length);
bool en_json_integer(const en_json *json, int64_t *value);
bool en_json_number(const en_json *json, double *value);
bool en_json_boolean(const en_json *json, bool *value);

/* Calls `visit` for each member in the order of the text until one fails. */
effnet_status en_json_each(const en_json *object,
                           effnet_status (*visit)(void *context,
                                                  const char *key,
                                                  en_json *value),
                           void *context);

/* New values; NULL when memory is short, and for numbers that are not finite.
 * In texts, bytes that make them no UTF-8 become '?'.
 */
en_json *en_json_new_object(void);
en_json *en_json_new_array(void);
en_json *en_json_of_text(const char *text);
en_json *en_json_of_integer(int64_t value);
en_json *en_json_of_number(double value);
en_json *en_json_of_boolean(bool value);

/* EFFNET_ERROR_MEMORY with a message. */
effnet_status en_json_failed(void);

/* Take `value` over, even if they fail, as they do where it is NULL. */
bool en_json_set(en_json *object, const char *key, en_json *value);
bool en_json_add(en_json *array, en_json *value);

/* The value as text in memory for en_free, `length` bytes and a NUL.  Numbers
 * read back as the same doubles.
 */
effnet_status en_json_print(char **text, size_t *length, const en_json *json);

#endif
