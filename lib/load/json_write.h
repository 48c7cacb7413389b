/* json_write.h: JSON text that grows.  Short of memory it stops growing and
 * says so at the end, so that writers need not ask after each word.
 */
#ifndef EN_LOAD_JSON_WRITE_H
#define EN_LOAD_JSON_WRITE_H

#include "effnet.h"

#include <stdbool.h>

typedef struct en_json {
        char *text; /* NUL-terminated once anything is written */
        size_t length, capacity;
        bool failed;
} en_json;

/* As it stands: brackets, and names that need no escape. */
void en_json_put(en_json *json, const char *text);

/* In quotes, escaped; what is not UTF-8 becomes U+FFFD. */
void en_json_string(en_json *json, const char *text);

void en_json_int(en_json *json, int64_t value);

/* The shortest of 1 to 17 digits that reads back as the same value, in any
 * locale; a float's for a float.  They must be finite.
 */
void en_json_double(en_json *json, double value);
void en_json_float(en_json *json, float value);

/* "name": value */
void en_json_key(en_json *json, const char *name);

/* EFFNET_ERROR_MEMORY if anything is missing. */
effnet_status en_json_status(const en_json *json);
void en_json_free(en_json *json);

#endif
