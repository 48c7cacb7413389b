/* options.c: exported typed access to options, driven by the option table. */
#include "base/options.h"

#include "api/check.h"
#include "base/alloc.h"

#include <stddef.h>

typedef enum value_type { TYPE_INT, TYPE_DOUBLE, TYPE_STRING } value_type;

/* Bounds are exact as doubles: no int option goes beyond 2^53. */
typedef struct option_row {
        int32_t key;
        value_type type;
        double least, most;
        size_t offset;
} option_row;

static const option_row table[] = {
#define X(key, field, least, most, initial)                                    \
        {key, TYPE_INT, (double)(least), (double)(most),                       \
         offsetof(effnet_options, field)},
        EN_OPTIONS_INT(X)
#undef X
#define X(key, field, least, most, initial)                                    \
        {key, TYPE_DOUBLE, least, most, offsetof(effnet_options, field)},
                EN_OPTIONS_DOUBLE(X)
#undef X
#define X(key, field) {key, TYPE_STRING, 0, 0, offsetof(effnet_options, field)},
                        EN_OPTIONS_STRING(X)
#undef X
};

#define COUNT (sizeof(table) / sizeof(table[0]))

static const option_row *
find(int32_t key, value_type type)
{
        static const char *const names[] = {"int", "double", "string"};

        for (size_t i = 0; i < COUNT; i++)
                if (table[i].key == key && table[i].type == type)
                        return &table[i];
        en_fail(EFFNET_ERROR_ARGUMENT, "options: no %s option has key %d",
                names[type], (int)key);
        return NULL;
}

static effnet_status
check_range(const option_row *option, double value)
{
        if (value >= option->least && value <= option->most)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_ARGUMENT,
                       "options: key %d: %.17g is not within %.17g to %.17g",
                       (int)option->key, value, option->least, option->most);
}

static void *
field(effnet_options *options, const option_row *option)
{
        return (char *)options + option->offset;
}

static const void *
const_field(const effnet_options *options, const option_row *option)
{
        return (const char *)en_options_or_default(options) + option->offset;
}

effnet_status
effnet_options_create(effnet_options **options)
{
        if (options == NULL)
                return EN_NULL("options");
        *options = en_alloc(sizeof(**options));
        if (*options == NULL)
                return EFFNET_ERROR_MEMORY;
        **options = *en_options_or_default(NULL);
        return EFFNET_OK;
}

void
effnet_options_free(effnet_options *options)
{
        if (options == NULL)
                return;
        for (size_t i = 0; i < COUNT; i++)
                if (table[i].type == TYPE_STRING)
                        en_free(*(char **)field(options, &table[i]));
        en_free(options);
}

effnet_status
effnet_options_set_int(effnet_options *options, int32_t key, int64_t value)
{
        const option_row *option;
        effnet_status status;

        if (options == NULL)
                return EN_NULL("options");
        option = find(key, TYPE_INT);
        if (option == NULL)
                return EFFNET_ERROR_ARGUMENT;
        status = check_range(option, (double)value);
        if (status == EFFNET_OK)
                *(int64_t *)field(options, option) = value;
        return status;
}

effnet_status
effnet_options_get_int(const effnet_options *options, int32_t key,
                       int64_t *value)
{
        const option_row *option;

        if (value == NULL)
                return EN_NULL("value");
        *value = 0;
        option = find(key, TYPE_INT);
        if (option == NULL)
                return EFFNET_ERROR_ARGUMENT;
        *value = *(const int64_t *)const_field(options, option);
        return EFFNET_OK;
}

effnet_status
effnet_options_set_double(effnet_options *options, int32_t key, double value)
{
        const option_row *option;
        effnet_status status;

        if (options == NULL)
                return EN_NULL("options");
        option = find(key, TYPE_DOUBLE);
        if (option == NULL)
                return EFFNET_ERROR_ARGUMENT;
        status = check_range(option, value);
        if (status == EFFNET_OK)
                *(double *)field(options, option) = value;
        return status;
}

effnet_status
effnet_options_get_double(const effnet_options *options, int32_t key,
                          double *value)
{
        const option_row *option;

        if (value == NULL)
                return EN_NULL("value");
        *value = 0;
        option = find(key, TYPE_DOUBLE);
        if (option == NULL)
                return EFFNET_ERROR_ARGUMENT;
        *value = *(const double *)const_field(options, option);
        return EFFNET_OK;
}

effnet_status
effnet_options_set_string(effnet_options *options, int32_t key,
                          const char *value)
{
        const option_row *option;
        char *copy = NULL;
        char **place;

        if (options == NULL)
                return EN_NULL("options");
        option = find(key, TYPE_STRING);
        if (option == NULL)
                return EFFNET_ERROR_ARGUMENT;
        if (value != NULL) {
                copy = en_strdup(value);
                if (copy == NULL)
                        return EFFNET_ERROR_MEMORY;
        }
        place = field(options, option);
        en_free(*place);
        *place = copy;
        return EFFNET_OK;
}

effnet_status
effnet_options_get_string(const effnet_options *options, int32_t key,
                          const char **value)
{
        const option_row *option;

        if (value == NULL)
                return EN_NULL("value");
        *value = NULL;
        option = find(key, TYPE_STRING);
        if (option == NULL)
                return EFFNET_ERROR_ARGUMENT;
        *value = *(char *const *)const_field(options, option);
        return EFFNET_OK;
}
