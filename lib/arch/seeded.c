/* seeded.c: docs/seeded.md in C.  Only operations that IEEE 754 rounds
 * correctly are used, so that every machine makes the same bits.
 */
#include "arch/seeded.h"

#include <math.h>

/* Residual branches add little, or float32 itself would lose three times as
 * many digits in the deepest networks.
 */
#define RESIDUAL_SCALE 0.3

/* Values are centre + spread * u with u in (-1, 1). */
typedef struct distribution {
        double centre;
        double spread;
} distribution;

/* Gains of convolutions, with which activations stay near 1: the variance
 * that a layer passes on is below 1, what its batch norm adds makes up for it.
 */
static const double role_gains[] = {
        [EN_ROLE_STEM] = 1.0,       [EN_ROLE_CONV] = 1.0,
        [EN_ROLE_EXPAND] = 0.9,     [EN_ROLE_DEPTHWISE] = 1.4,
        [EN_ROLE_PROJECT] = 1.4,    [EN_ROLE_HEAD] = 0.9,
        [EN_ROLE_CLASSIFIER] = 8.0,
};

#define SE_GAIN 2.0

static const distribution small = {0.0, 0.5};
static const distribution around_one = {1.0, 0.5};
/* Gates near 1, so that a network without them keeps its scale. */
static const distribution gate = {1.5, 0.5};

static uint64_t
mix(uint64_t x)
{
        x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
        x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
        return x ^ (x >> 31);
}

static uint64_t
hash_name(const char *name)
{
        uint64_t hash = UINT64_C(0xCBF29CE484222325);

        for (; *name != '\0'; name++)
                hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001B3);
        return hash;
}

static const uint64_t golden = UINT64_C(0x9E3779B97F4A7C15);

void
en_seeded_values(uint64_t seed, const char *name, double centre, double spread,
                 int64_t count, float *values)
{
        uint64_t counter = mix(mix(seed + golden) ^ hash_name(name));

        for (int64_t i = 0; i < count; i++) {
                double top, u;

                counter += golden;
                top = (double)(mix(counter) >> 40);
                u = (2 * top + 1) / 16777216.0 - 1.0;
                values[i] = (float)(centre + spread * u);
        }
}

static distribution
by_fan_in(const en_param *param, double gain)
{
        double fan_in = (double)(param->count / param->shape[0]);

        return (distribution){0.0, gain * sqrt(3.0 / fan_in)};
}

static distribution
scale_by(distribution d, double scale)
{
        return (distribution){d.centre * scale, d.spread * scale};
}

static distribution
distribution_of(const en_param *param, const en_layer *layer)
{
        double scale = layer->residual >= 0 ? RESIDUAL_SCALE : 1.0;

        switch (param->kind) {
        case EN_PARAM_CONV_WEIGHT:
        case EN_PARAM_LINEAR_WEIGHT:
                return by_fan_in(param, role_gains[layer->role]);
        case EN_PARAM_ATTEND_WEIGHT:
        case EN_PARAM_SE_REDUCE_WEIGHT:
        case EN_PARAM_SE_EXPAND_WEIGHT: return by_fan_in(param, SE_GAIN);
        case EN_PARAM_SE_EXPAND_BIAS: return gate;
        case EN_PARAM_BN_WEIGHT: return scale_by(around_one, scale);
        case EN_PARAM_BN_BIAS: return scale_by(small, scale);
        case EN_PARAM_LN_WEIGHT:
        case EN_PARAM_BN_VAR: return around_one;
        default: return small;
        }
}

static effnet_status
read_seeded(void *context, const en_param *param, float *values)
{
        const en_seeded *seeded = context;
        distribution d = distribution_of(
                param, &seeded->network->layers[param->layer]);

        en_seeded_values(seeded->seed, param->name, d.centre, d.spread,
                         param->count, values);
        return EFFNET_OK;
}

en_params
en_seeded_params(en_seeded *seeded)
{
        return (en_params){read_seeded, seeded};
}
