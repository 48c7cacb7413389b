/* preprocess_keys.c: exported access to the further steps of preprocessing by
 * key.
 */
#include "image/preprocess.h"

#include "api/check.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>

/* The int steps that are kept as they are set. */
static const struct {
        int32_t key;
        size_t offset;
} table[] = {
        {EFFNET_PREPROCESS_ARITHMETIC, offsetof(en_preset, arithmetic)},
        {EFFNET_PREPROCESS_RESCALE, offsetof(en_preset, rescale)},
        {EFFNET_PREPROCESS_RESCALE_OFFSET, offsetof(en_preset, rescale_offset)},
        {EFFNET_PREPROCESS_NORMALIZE, offsetof(en_preset, normalize)},
        {EFFNET_PREPROCESS_NORMALIZE_AGAIN,
         offsetof(en_preset, normalize_again)},
};

#define COUNT (sizeof(table) / sizeof(table[0]))

/* The step of a key; NULL if there is none. */
static int32_t *
find(en_preset *steps, int32_t key)
{
        for (size_t i = 0; i < COUNT; i++)
                if (table[i].key == key)
                        return (int32_t *)(void *)((char *)steps +
                                                   table[i].offset);
        return NULL;
}

static effnet_status
fail_key(const char *type, int32_t key)
{
        return en_fail(EFFNET_ERROR_ARGUMENT,
                       "preprocess: no %s step has key %" PRId32, type, key);
}

static effnet_status
fail_value(int32_t key, const char *expected, int64_t value)
{
        return en_fail(EFFNET_ERROR_ARGUMENT,
                       "preprocess: key %" PRId32
                       ": expected %s, found %" PRId64,
                       key, expected, value);
}

/* Every one of the table is 0 or 1. */
effnet_status
effnet_preprocess_set_int(effnet_preprocess *preprocess, int32_t key,
                          int64_t value)
{
        bool channels = key == EFFNET_PREPROCESS_CHANNELS;
        int32_t *step;

        if (preprocess == NULL)
                return EN_NULL("preprocess");
        step = channels ? &preprocess->steps.gray
                        : find(&preprocess->steps, key);
        if (step == NULL)
                return fail_key("int", key);
        if (channels ? value != 1 && value != 3 : value != 0 && value != 1)
                return fail_value(key, channels ? "1 or 3" : "0 or 1", value);
        *step = channels ? value == 1 : (int32_t)value;
        return EFFNET_OK;
}

effnet_status
effnet_preprocess_get_int(const effnet_preprocess *preprocess, int32_t key,
                          int64_t *value)
{
        const int32_t *step;
        en_preset steps;

        if (value == NULL)
                return EN_NULL("value");
        *value = 0;
        if (preprocess == NULL)
                return EN_NULL("preprocess");
        steps = preprocess->steps;
        step = find(&steps, key);
        if (key == EFFNET_PREPROCESS_CHANNELS)
                *value = en_preprocess_channels(&steps);
        else if (step != NULL)
                *value = *step;
        else
                return fail_key("int", key);
        return EFFNET_OK;
}

effnet_status
effnet_preprocess_set_double(effnet_preprocess *preprocess, int32_t key,
                             double value)
{
        effnet_status status;
        en_preset steps;

        if (preprocess == NULL)
                return EN_NULL("preprocess");
        if (key != EFFNET_PREPROCESS_RESCALE_FACTOR)
                return fail_key("double", key);
        steps = preprocess->steps;
        steps.rescale_factor = value;
        status = en_preprocess_check(&steps);
        if (status == EFFNET_OK)
                preprocess->steps = steps;
        return status;
}

effnet_status
effnet_preprocess_get_double(const effnet_preprocess *preprocess, int32_t key,
                             double *value)
{
        if (value == NULL)
                return EN_NULL("value");
        *value = 0;
        if (preprocess == NULL)
                return EN_NULL("preprocess");
        if (key != EFFNET_PREPROCESS_RESCALE_FACTOR)
                return fail_key("double", key);
        *value = preprocess->steps.rescale_factor;
        return EFFNET_OK;
}
