/* scaling.c: compound scaling and its rounding (Tan & Le 2019, section 3.3;
 * rounding as in tensorflow/tpu's efficientnet_model.py, which every family
 * repeats; without the 90 % rule in google/automl's efficientnetv2 B0 to B3).
 */
#include "arch/config.h"
#include "arch/limits.h"
#include "base/fpu.h"
#include "base/status.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

/* Widths and resolutions are multiples of this. */
#define STEP 8

int32_t
en_scale_channels_nearest(int32_t channels, double width)
{
        double wanted = channels * width;
        int32_t rounded = (int32_t)((wanted + STEP / 2.0) / STEP) * STEP;

        return rounded < STEP ? STEP : rounded;
}

int32_t
en_scale_channels(int32_t channels, double width)
{
        int32_t rounded = en_scale_channels_nearest(channels, width);

        return rounded < 0.9 * (channels * width) ? rounded + STEP : rounded;
}

int32_t
en_scale_repeats(int32_t repeats, double depth)
{
        return (int32_t)ceil(repeats * depth);
}

static bool
is_fixed_stage(const effnet_config *config, int32_t stage)
{
        return config->fixed_ends &&
               (stage == 0 || stage == config->stage_count - 1);
}

int32_t
en_config_repeats(const effnet_config *config, int32_t stage)
{
        int32_t repeats = config->stages[stage].repeats;

        return is_fixed_stage(config, stage)
                       ? repeats
                       : en_scale_repeats(repeats, config->depth);
}

int32_t
en_config_blocks(const effnet_config *config)
{
        int32_t blocks = 0;

        for (int32_t i = 0; i < config->stage_count; i++)
                blocks += en_config_repeats(config, i);
        return blocks;
}

/* A pruned network's widths are its own. */
static effnet_status
name_scalable(effnet_config *config, const char *base)
{
        effnet_status status = en_config_named(config, base);

        if (status == EFFNET_OK && config->pruned.block_count > 0)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "%s is pruned: its widths cannot be scaled",
                               config->name);
        return status;
}

/* Written so that a NaN is outside. */
static effnet_status
check_range(const char *what, double value, double least, double most)
{
        if (value >= least && value <= most)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_ARGUMENT, "%s is %g; expected %g to %g",
                       what, value, least, most);
}

static effnet_status
set_coefficients(effnet_config *config, double width, double depth,
                 double resolution, double least_resolution)
{
        effnet_status status;

        status = check_range("width", width, EN_LEAST_SCALE, EN_MOST_SCALE);
        if (status == EFFNET_OK)
                status = check_range("depth", depth, EN_LEAST_SCALE,
                                     EN_MOST_SCALE);
        if (status == EFFNET_OK)
                status = check_range("resolution", resolution, least_resolution,
                                     EN_MOST_RESOLUTION);
        if (status != EFFNET_OK)
                return status;
        config->width = width;
        config->depth = depth;
        config->resolution = (int32_t)resolution;
        snprintf(config->name, sizeof(config->name), "custom");
        return EFFNET_OK;
}

static effnet_status
check_coefficient(const char *what, double value)
{
        if (value > 0 && isfinite(value))
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_ARGUMENT,
                       "%s is %g; expected a finite number above 0", what,
                       value);
}

effnet_status
en_config_scaled(effnet_config *config, const char *base, double alpha,
                 double beta, double gamma, double phi)
{
        effnet_status status = name_scalable(config, base);
        uint64_t mode;

        if (status == EFFNET_OK)
                status = check_coefficient("alpha", alpha);
        if (status == EFFNET_OK)
                status = check_coefficient("beta", beta);
        if (status == EFFNET_OK)
                status = check_coefficient("gamma", gamma);
        if (status != EFFNET_OK)
                return status;
        if (!isfinite(phi))
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "phi is %g; expected a finite number", phi);
        mode = en_fpu_enter();
        status = set_coefficients(
                config, config->width * pow(beta, phi),
                config->depth * pow(alpha, phi),
                floor(config->resolution * pow(gamma, phi) / STEP + 0.5) * STEP,
                STEP);
        en_fpu_leave(mode);
        return status;
}

effnet_status
en_config_custom(effnet_config *config, const char *base, double width,
                 double depth, int32_t resolution)
{
        effnet_status status = name_scalable(config, base);

        if (status != EFFNET_OK)
                return status;
        return set_coefficients(config, width, depth, resolution, 1);
}
