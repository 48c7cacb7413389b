/* json.c: JSON values, over jansson; the only file that includes it. */
#include "load/json.h"

#include "base/alloc.h"
#include "base/status.h"
#include "load/text.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#define PRINTING (JSON_COMPACT | JSON_ENCODE_ANY)

effnet_status
en_json_failed(void)
{
        return en_fail(EFFNET_ERROR_MEMORY, "out of memory in jansson");
}

effnet_status
en_json_parse(en_json **json, const char *text, size_t size, const char *what)
{
        int saved = errno;
        char shown[EN_SHOWN];
        json_error_t error;

        *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
        errno = saved;
        if (*json != NULL)
                return EFFNET_OK;
        if (json_error_code(&error) == json_error_out_of_memory)
                return en_json_failed();
        en_show(shown, error.text, strlen(error.text));
        return en_fail(EFFNET_ERROR_FORMAT, "%s no JSON: %s, at byte %d", what,
                       shown, error.position);
}

void
en_json_free(en_json *json)
{
        json_decref(json);
}

bool
en_json_is_object(const en_json *json)
{
        return json_is_object(json);
}

bool
en_json_is_array(const en_json *json)
{
        return json_is_array(json);
}

size_t
en_json_count(const en_json *array)
{
        return json_array_size(array);
}

size_t
en_json_members(const en_json *object)
{
        return json_object_size(object);
}

const en_json *
en_json_at(const en_json *array, size_t index)
{
        return json_array_get(array, index);
}

const en_json *
en_json_get(const en_json *object, const char *key)
{
        const json_t *found = json_object_get(object, key);

        return json_is_null(found) ? NULL : found;
}

const char *
en_json_text(const en_json *json, size_t *length)
{
        size_t n = json_string_length(json);
        const char *text = json_string_value(json);

        if (length != NULL)
                *length = n;
        else if (text != NULL && memchr(text, '\0', n) != NULL)
                return NULL;
        return text;
}

bool
en_json_integer(const en_json *json, int64_t *value)
{
        *value = json_integer_value(json);
        return json_is_integer(json);
}

bool
en_json_number(const en_json *json, double *value)
{
        *value = json_number_value(json);
        return json_is_number(json);
}

bool
en_json_boolean(const en_json *json, bool *value)
{
        *value = json_is_true(json);
        return json_is_boolean(json);
}

effnet_status
en_json_each(const en_json *object,
             effnet_status (*visit)(void *context, const char *key,
                                    en_json *value),
             void *context)
{
        /* jansson's iterators take no const object, but change none */
        json_t *walked = (json_t *)(uintptr_t)object;
        effnet_status status = EFFNET_OK;

        for (void *at = json_object_iter(walked);
             at != NULL && status == EFFNET_OK;
             at = json_object_iter_next(walked, at))
                status = visit(context, json_object_iter_key(at),
                               json_object_iter_value(at));
        return status;
}

en_json *
en_json_new_object(void)
{
        return json_object();
}

en_json *
en_json_new_array(void)
{
        return json_array();
}

/* jansson takes UTF-8 only. */
en_json *
en_json_of_text(const char *text)
{
        json_t *json = json_string(text);
        char *copy;

        if (json != NULL)
                return json;
        copy = en_strdup(text);
        for (char *at = copy; copy != NULL && *at != '\0'; at++)
                if ((unsigned char)*at >= 0x80)
                        *at = '?';
        json = copy != NULL ? json_string(copy) : NULL;
        en_free(copy);
        return json;
}

en_json *
en_json_of_integer(int64_t value)
{
        return json_integer(value);
}

en_json *
en_json_of_number(double value)
{
        return json_real(value);
}

en_json *
en_json_of_boolean(bool value)
{
        return json_boolean(value);
}

bool
en_json_set(en_json *object, const char *key, en_json *value)
{
        return json_object_set_new(object, key, value) == 0;
}

bool
en_json_add(en_json *array, en_json *value)
{
        return json_array_append_new(array, value) == 0;
}

effnet_status
en_json_print(char **text, size_t *length, const en_json *json)
{
        int saved = errno;
        size_t n = json_dumpb(json, NULL, 0, PRINTING);

        *length = 0;
        *text = n > 0 ? en_alloc(n + 1) : NULL;
        if (*text != NULL && json_dumpb(json, *text, n, PRINTING) == n) {
                (*text)[n] = '\0';
                *length = n;
        }
        errno = saved;
        if (*length > 0)
                return EFFNET_OK;
        en_free(*text);
        *text = NULL;
        return en_json_failed();
}
