/* json.h: JSON values, a line at a time.  Text that is not UTF-8 gets U+FFFD,
 * numbers that are not finite become null, and memory that cannot be had ends
 * the program.  A value given to js_set or js_add belongs to the outer one.
 */
#ifndef PROGRAMS_JSON_H
#define PROGRAMS_JSON_H

#include <stdint.h>
#include <stdio.h>

typedef struct json_t js_value;

js_value *js_object(void);
js_value *js_array(void);
js_value *js_text(const char *text); /* NULL: null */
js_value *js_boolean(int value);
js_value *js_integer(int64_t value);
js_value *js_real(double value); /* 9 significant digits */
js_value *js_float(float value); /* reads back as the same float */

void js_set(js_value *object, const char *key, js_value *value);
void js_add(js_value *array, js_value *value);

/* Writes or prints it as one line, and frees it; or only that. */
void js_write(FILE *stream, js_value *value);
void js_print(js_value *value);
void js_free(js_value *value);

#endif
