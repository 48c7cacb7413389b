/* fields.c: members of JSON objects, by kind and range. */
#include "load/fields.h"

#include "arch/limits.h"

#include <math.h>

const char *
en_field_text(const en_json *object, const char *key)
{
        return en_json_text(en_json_get(object, key), NULL);
}

bool
en_field_word(const en_json *object, const char *key, en_vocabulary words,
              int32_t *value)
{
        return en_word_find(words, en_field_text(object, key), value);
}

bool
en_field_number(const en_json *object, const char *key, double *value)
{
        double found;

        if (!en_json_number(en_json_get(object, key), &found))
                return false;
        *value = found;
        return true;
}

bool
en_field_flag(const en_json *object, const char *key, int32_t *value)
{
        bool found;

        if (!en_json_boolean(en_json_get(object, key), &found))
                return false;
        *value = found;
        return true;
}

bool
en_field_size(const en_json *json, int32_t *value)
{
        int64_t found;

        if (!en_json_integer(json, &found) || found < 0 ||
            found > EN_MOST_RESOLUTION)
                return false;
        *value = (int32_t)found;
        return true;
}

bool
en_field_pair(const en_json *object, const char *key, int32_t *first,
              int32_t *second)
{
        const en_json *pair = en_json_get(object, key);

        return en_json_count(pair) == 2 &&
               en_field_size(en_json_at(pair, 0), first) &&
               en_field_size(en_json_at(pair, 1), second);
}

static bool
read_three(const en_json *colour, bool any, float values[3])
{
        size_t count = en_json_count(colour);
        bool alike = any && count == 1;
        bool single = any && !en_json_is_array(colour);

        if (count != 3 && !alike && !single)
                return false;
        for (size_t i = 0; i < 3; i++) {
                const en_json *one = single ? colour
                                            : en_json_at(colour, alike ? 0 : i);
                double value;

                if (!en_json_number(one, &value) || !isfinite((float)value))
                        return false;
                values[i] = (float)value;
        }
        return true;
}

bool
en_field_colour(const en_json *object, const char *key, bool any,
                float values[3])
{
        float found[3];

        if (!read_three(en_json_get(object, key), any, found))
                return false;
        for (size_t i = 0; i < 3; i++)
                values[i] = found[i];
        return true;
}
