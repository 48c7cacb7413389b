/* scaled.c: networks by compound scaling, compared with B0. */
#include "json.h"
#include "scale.h"
#include "text.h"

#include "effnet.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define BASE "b0"

static effnet_status
count_macs(const effnet_config *config, int64_t *parameters, int64_t *macs)
{
        effnet_summary *summary = NULL;
        effnet_status status = effnet_summary_create(&summary, config, 0, 0);

        if (status != EFFNET_OK)
                return status;
        *parameters = effnet_summary_parameters(summary);
        *macs = effnet_summary_macs(summary);
        effnet_summary_free(summary);
        return EFFNET_OK;
}

static effnet_status
base_macs(int64_t *macs)
{
        effnet_config *config = NULL;
        int64_t parameters;
        effnet_status status = effnet_config_create(&config, BASE);

        if (status == EFFNET_OK)
                status = count_macs(config, &parameters, macs);
        effnet_config_free(config);
        return status;
}

static bool
fill_in(struct scaled *scaled, const effnet_config *config)
{
        int64_t base;

        if (effnet_config_get_double(config, EFFNET_CONFIG_WIDTH,
                                     &scaled->width) != EFFNET_OK ||
            effnet_config_get_double(config, EFFNET_CONFIG_DEPTH,
                                     &scaled->depth) != EFFNET_OK ||
            effnet_config_get_int(config, EFFNET_CONFIG_RESOLUTION,
                                  &scaled->resolution) != EFFNET_OK ||
            count_macs(config, &scaled->parameters, &scaled->macs) !=
                    EFFNET_OK ||
            base_macs(&base) != EFFNET_OK)
                return false;
        scaled->ratio = (double)scaled->macs / (double)base;
        return true;
}

bool
scaled_compute(struct scaled *scaled, const struct coefficients *coefficients,
               double phi)
{
        effnet_config *config = NULL;
        bool done = effnet_config_create_scaled(
                            &config, BASE, coefficients->alpha,
                            coefficients->beta, coefficients->gamma,
                            phi) == EFFNET_OK &&
                    fill_in(scaled, config);

        effnet_config_free(config);
        return done;
}

bool
scaled_compute_named(struct scaled *scaled, const char *name)
{
        effnet_config *config = NULL;
        bool done = effnet_config_create(&config, name) == EFFNET_OK &&
                    fill_in(scaled, config);

        effnet_config_free(config);
        return done;
}

static void
print_json(const struct scaled *scaled)
{
        const struct coefficients *by = scaled->coefficients;
        js_value *line = js_object(), *resolution = js_array();

        js_add(resolution, js_integer(scaled->resolution));
        js_add(resolution, js_integer(scaled->resolution));
        js_set(line, "name",
               js_text(scaled->name != NULL ? scaled->name : "custom"));
        if (by != NULL) {
                js_set(line, "alpha", js_real(by->alpha));
                js_set(line, "beta", js_real(by->beta));
                js_set(line, "gamma", js_real(by->gamma));
        }
        js_set(line, "phi", js_real(scaled->phi));
        js_set(line, "width", js_real(scaled->width));
        js_set(line, "depth", js_real(scaled->depth));
        js_set(line, "resolution", resolution);
        js_set(line, "parameters", js_integer(scaled->parameters));
        js_set(line, "macs", js_integer(scaled->macs));
        js_set(line, "mac_ratio", js_real(scaled->ratio));
        js_set(line, "expected_ratio", js_real(exp2(scaled->phi)));
        js_print(line);
}

void
scaled_print_head(void)
{
        printf("%-4s %5s %7s %7s %10s %11s %14s %7s %7s\n", "", "phi", "width",
               "depth", "resolution", "parameters", "MACs", "ratio", "2^phi");
}

/* As many decimals, 3 at most, as leave a ratio in its column. */
static int
decimals(double ratio)
{
        return ratio < 1000 ? 3 : ratio < 100000 ? 1 : 0;
}

void
scaled_print(const struct scaled *scaled, bool as_json)
{
        char parameters[NUMBER_SIZE], macs[NUMBER_SIZE];
        double power = exp2(scaled->phi);

        if (as_json) {
                print_json(scaled);
                return;
        }
        printf("%-4s %5g %7.3f %7.3f %10" PRId64 " %11s %14s %7.*f %7.*f\n",
               scaled->name != NULL ? scaled->name : "", scaled->phi,
               scaled->width, scaled->depth, scaled->resolution,
               count_text(parameters, scaled->parameters),
               count_text(macs, scaled->macs), decimals(scaled->ratio),
               scaled->ratio, decimals(power), power);
}
