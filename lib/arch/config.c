/* config.c: a config's values by key. */
#include "arch/config.h"

#include "arch/limits.h"
#include "base/status.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>

/* A value that can be set and got: where it lies and what it may be. */
typedef struct property {
        int32_t key;
        const char *name;
        bool is_double;
        bool read_only;
        size_t offset;
        double least, most; /* for a double `least` is excluded */
} property;

#define INT(key, field, least, most)                                           \
        {                                                                      \
                key, #field, false, false, offsetof(effnet_config, field),     \
                        least, most                                            \
        }
#define DOUBLE(key, field, read_only, least, most)                             \
        {                                                                      \
                key, #field, true, read_only, offsetof(effnet_config, field),  \
                        least, most                                            \
        }

static const property properties[] = {
        INT(EFFNET_CONFIG_CLASSES, classes, 1, EN_MOST_CLASSES),
        INT(EFFNET_CONFIG_INPUT_CHANNELS, input_channels, 1,
            EN_MOST_INPUT_CHANNELS),
        INT(EFFNET_CONFIG_PADDING, padding, EFFNET_PADDING_SYMMETRIC,
            EFFNET_PADDING_SAME_STATIC),
        DOUBLE(EFFNET_CONFIG_EPSILON, epsilon, false, 0, 1),
        INT(EFFNET_CONFIG_ACTIVATION, activation, EFFNET_ACTIVATION_SILU,
            EFFNET_ACTIVATION_RELU),
        INT(EFFNET_CONFIG_SQUEEZE_EXCITE, squeeze_excite, 0, 1),
        INT(EFFNET_CONFIG_RESOLUTION, resolution, 1, EN_MOST_RESOLUTION),
        DOUBLE(EFFNET_CONFIG_WIDTH, width, true, 0, 0),
        DOUBLE(EFFNET_CONFIG_DEPTH, depth, true, 0, 0),
};

static effnet_status
find(int32_t key, bool is_double, bool to_write, const property **found)
{
        size_t n = sizeof(properties) / sizeof(properties[0]);
        const property *p = NULL;

        for (size_t i = 0; i < n && p == NULL; i++)
                if (properties[i].key == key)
                        p = &properties[i];
        if (p == NULL)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "unknown config key %" PRId32, key);
        if (p->is_double != is_double)
                return en_fail(EFFNET_ERROR_ARGUMENT, "config %s is %s, not %s",
                               p->name, p->is_double ? "a double" : "an int",
                               is_double ? "a double" : "an int");
        if (to_write && p->read_only)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "config %s can only be read", p->name);
        *found = p;
        return EFFNET_OK;
}

effnet_status
en_config_set_int(effnet_config *config, int32_t key, int64_t value)
{
        const property *p = NULL;
        effnet_status status = find(key, false, true, &p);

        if (status != EFFNET_OK)
                return status;
        if (value < (int64_t)p->least || value > (int64_t)p->most)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "config %s is %" PRId64
                               "; expected %.0f to %.0f",
                               p->name, value, p->least, p->most);
        *(int32_t *)(void *)((char *)config + p->offset) = (int32_t)value;
        return EFFNET_OK;
}

effnet_status
en_config_get_int(const effnet_config *config, int32_t key, int64_t *value)
{
        const property *p = NULL;
        effnet_status status = find(key, false, false, &p);

        *value = 0;
        if (status == EFFNET_OK)
                *value = *(const int32_t *)(const void *)((const char *)config +
                                                          p->offset);
        return status;
}

effnet_status
en_config_set_double(effnet_config *config, int32_t key, double value)
{
        const property *p = NULL;
        effnet_status status = find(key, true, true, &p);

        if (status != EFFNET_OK)
                return status;
        if (!(value > p->least && value <= p->most))
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "config %s is %g; expected above %g, at most "
                               "%g",
                               p->name, value, p->least, p->most);
        *(double *)(void *)((char *)config + p->offset) = value;
        return EFFNET_OK;
}

effnet_status
en_config_get_double(const effnet_config *config, int32_t key, double *value)
{
        const property *p = NULL;
        effnet_status status = find(key, true, false, &p);

        *value = 0;
        if (status == EFFNET_OK)
                *value = *(const double *)(const void *)((const char *)config +
                                                         p->offset);
        return status;
}
