/* fields.h: members of JSON objects, by kind and range. */
#ifndef EN_LOAD_FIELDS_H
#define EN_LOAD_FIELDS_H

#include "arch/words.h"
#include "load/json.h"

/* Each is false, and the value untouched, where the member is missing or not of
 * that kind.
 */
bool en_field_word(const en_json *object, const char *key, en_vocabulary words,
                   int32_t *value);
bool en_field_number(const en_json *object, const char *key, double *value);
bool en_field_flag(const en_json *object, const char *key, int32_t *value);
/* A length in pixels, 0 to EN_MOST_RESOLUTION; one of 0 is a size, too. */
bool en_field_size(const en_json *json, int32_t *value);
bool en_field_pair(const en_json *object, const char *key, int32_t *first,
                   int32_t *second);
/* Three numbers; with `any` one stands for all three. */
bool en_field_colour(const en_json *object, const char *key, bool any,
                     float values[3]);

/* A text, or NULL. */
const char *en_field_text(const en_json *object, const char *key);

#endif
