/* json.c: JSON values, over jansson. */
#include "json.h"
#include "text.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

js_value *
js_object(void)
{
        return must(json_object());
}

js_value *
js_array(void)
{
        return must(json_array());
}

js_value *
js_text(const char *text)
{
        char *clean;
        js_value *value;

        if (text == NULL)
                return json_null();
        clean = text_utf8(text);
        value = must(json_string(clean));
        free(clean);
        return value;
}

js_value *
js_boolean(int value)
{
        return must(json_boolean(value));
}

js_value *
js_integer(int64_t value)
{
        return must(json_integer(value));
}

js_value *
js_real(double value)
{
        return isfinite(value) ? must(json_real(value)) : json_null();
}

js_value *
js_float(float value)
{
        char text[NUMBER_SIZE];

        return js_real(isfinite(value) ? strtod(float_text(text, value), NULL)
                                       : (double)value);
}

void
js_set(js_value *object, const char *key, js_value *value)
{
        if (json_object_set_new(object, key, value) != 0)
                must(NULL);
}

void
js_add(js_value *array, js_value *value)
{
        if (json_array_append_new(array, value) != 0)
                must(NULL);
}

void
js_write(FILE *stream, js_value *value)
{
        char *line = must(
                json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(9)));

        fprintf(stream, "%s\n", line);
        free(line);
        json_decref(value);
}

void
js_print(js_value *value)
{
        js_write(stdout, value);
}

void
js_free(js_value *value)
{
        json_decref(value);
}
