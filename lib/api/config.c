/* config.c: exported config functions. */
#include "arch/config.h"

#include "api/check.h"
#include "base/alloc.h"

/* The config that `filled` describes, if it was filled. */
static effnet_status
hand_out(effnet_config **out, effnet_status status, const effnet_config *filled)
{
        effnet_config *config;

        if (status != EFFNET_OK)
                return status;
        config = en_alloc(sizeof(*config));
        if (config == NULL)
                return EFFNET_ERROR_MEMORY;
        *config = *filled;
        *out = config;
        return EFFNET_OK;
}

effnet_status
effnet_config_create(effnet_config **config, const char *name)
{
        effnet_config filled;

        if (config == NULL)
                return EN_NULL("config");
        *config = NULL;
        if (name == NULL)
                return EN_NULL("name");
        return hand_out(config, en_config_named(&filled, name), &filled);
}

effnet_status
effnet_config_create_scaled(effnet_config **config, const char *base,
                            double alpha, double beta, double gamma, double phi)
{
        effnet_config filled;

        if (config == NULL)
                return EN_NULL("config");
        *config = NULL;
        if (base == NULL)
                return EN_NULL("base");
        return hand_out(
                config,
                en_config_scaled(&filled, base, alpha, beta, gamma, phi),
                &filled);
}

effnet_status
effnet_config_create_custom(effnet_config **config, const char *base,
                            double width, double depth, int32_t resolution)
{
        effnet_config filled;

        if (config == NULL)
                return EN_NULL("config");
        *config = NULL;
        if (base == NULL)
                return EN_NULL("base");
        return hand_out(
                config,
                en_config_custom(&filled, base, width, depth, resolution),
                &filled);
}

effnet_status
effnet_config_copy(effnet_config **config, const effnet_config *source)
{
        if (config == NULL)
                return EN_NULL("config");
        *config = NULL;
        if (source == NULL)
                return EN_NULL("source");
        return hand_out(config, EFFNET_OK, source);
}

void
effnet_config_free(effnet_config *config)
{
        en_free(config);
}

const char *
effnet_config_name(const effnet_config *config)
{
        return config != NULL ? config->name : NULL;
}

const char *
effnet_config_family(const effnet_config *config)
{
        return config != NULL ? en_family_name(config->family) : NULL;
}

effnet_status
effnet_config_set_int(effnet_config *config, int32_t key, int64_t value)
{
        if (config == NULL)
                return EN_NULL("config");
        return en_config_set_int(config, key, value);
}

effnet_status
effnet_config_get_int(const effnet_config *config, int32_t key, int64_t *value)
{
        if (value == NULL)
                return EN_NULL("value");
        *value = 0;
        if (config == NULL)
                return EN_NULL("config");
        return en_config_get_int(config, key, value);
}

effnet_status
effnet_config_set_double(effnet_config *config, int32_t key, double value)
{
        if (config == NULL)
                return EN_NULL("config");
        return en_config_set_double(config, key, value);
}

effnet_status
effnet_config_get_double(const effnet_config *config, int32_t key,
                         double *value)
{
        if (value == NULL)
                return EN_NULL("value");
        *value = 0;
        if (config == NULL)
                return EN_NULL("config");
        return en_config_get_double(config, key, value);
}

const char *
effnet_architecture_name(int32_t index)
{
        return en_architecture_name(index);
}
