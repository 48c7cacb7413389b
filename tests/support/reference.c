/* reference.c: plain loops over NCHW maps of doubles. */
#include "reference.h"

#include "base/status.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void
test_random(float *values, int64_t count, uint64_t seed)
{
        en_seeded_values(seed, "test", 0, 1, count, values);
}

static effnet_status
read_seeded(void *context, const en_param *param, float *values)
{
        test_params *params = context;
        en_params provider = en_seeded_params(&params->seeded);
        effnet_status status;

        if (params->failing != NULL &&
            strcmp(params->failing, param->name) == 0)
                return en_fail(EFFNET_ERROR_IO, "%s: cannot be read",
                               param->name);
        status = provider.read(provider.context, param, values);
        if (params->poisoned != NULL &&
            strcmp(params->poisoned, param->name) == 0)
                values[params->element] = params->value;
        return status;
}

en_params
test_params_of(test_params *params)
{
        en_params provider = {read_seeded, params};

        return provider;
}

static double *
new_map(int64_t count)
{
        double *map = calloc((size_t)count, sizeof(*map));

        ck_assert_ptr_nonnull(map);
        return map;
}

static float *
read_param(const en_network *network, const en_params *params, int32_t index)
{
        const en_param *param = &network->params[index];
        float *values = malloc((size_t)param->count * sizeof(*values));

        ck_assert_ptr_nonnull(values);
        ck_ok(params->read(params->context, param, values));
        return values;
}

static double
activate(double x, int32_t activation)
{
        switch (activation) {
        case EFFNET_ACTIVATION_SILU: return x / (1 + exp(-x));
        case EFFNET_ACTIVATION_RELU6: return x < 0 ? 0 : x > 6 ? 6 : x;
        case EFFNET_ACTIVATION_RELU: return x < 0 ? 0 : x;
        case EN_ACTIVATION_SIGMOID: return 1 / (1 + exp(-x));
        default: return x;
        }
}

/* Sum under the kernel at output (y, x) of one input channel. */
static double
correlate(const en_layer *layer, const double *map, const float *weights,
          int32_t y, int32_t x)
{
        double sum = 0;

        for (int32_t i = 0; i < layer->kernel; i++)
                for (int32_t j = 0; j < layer->kernel; j++) {
                        int32_t row = y * layer->stride - layer->pad_top + i;
                        int32_t column = x * layer->stride - layer->pad_left +
                                         j;

                        if (row < 0 || row >= layer->in_height || column < 0 ||
                            column >= layer->in_width)
                                continue;
                        sum += map[(int64_t)row * layer->in_width + column] *
                               weights[i * layer->kernel + j];
                }
        return sum;
}

/* Any convolution without its norm. */
static void
convolve(const en_layer *layer, const double *in, const float *weights,
         double *out)
{
        bool depthwise = layer->op == EN_OP_DEPTHWISE;
        int32_t group = depthwise ? 1 : layer->in_channels;
        int64_t area = (int64_t)layer->in_height * layer->in_width;
        int32_t taps = layer->kernel * layer->kernel;

        for (int32_t n = 0; n < layer->out_channels; n++)
                for (int32_t y = 0; y < layer->out_height; y++)
                        for (int32_t x = 0; x < layer->out_width; x++) {
                                double sum = 0;

                                for (int32_t c = 0; c < group; c++) {
                                        int32_t from = depthwise ? n : c;
                                        int64_t row = (int64_t)n * group + c;

                                        sum += correlate(
                                                layer, in + from * area,
                                                weights + row * taps, y, x);
                                }
                                *out++ = sum;
                        }
}

static void
normalise(const en_network *network, const en_params *params,
          const en_layer *layer, double *map)
{
        int64_t area = (int64_t)layer->out_height * layer->out_width;
        float *norm[4];

        for (int32_t i = 0; i < 4; i++)
                norm[i] = read_param(network, params,
                                     layer->first_param + 1 + i);
        for (int32_t n = 0; n < layer->out_channels; n++) {
                double deviation = sqrt(norm[3][n] + network->config.epsilon);

                for (int64_t i = 0; i < area; i++) {
                        double *x = &map[n * area + i];

                        *x = (*x - norm[2][n]) / deviation * norm[0][n] +
                             norm[1][n];
                        *x = activate(*x, layer->activation);
                }
        }
        for (int32_t i = 0; i < 4; i++)
                free(norm[i]);
}

static void
multiply(const float *weights, const float *bias, int32_t inputs,
         int32_t outputs, const double *in, int32_t activation, double *out)
{
        for (int32_t n = 0; n < outputs; n++) {
                double sum = bias[n];

                for (int32_t c = 0; c < inputs; c++)
                        sum += weights[(int64_t)n * inputs + c] * in[c];
                out[n] = activate(sum, activation);
        }
}

static void
average(const en_layer *layer, const double *in, double *mean)
{
        int64_t area = (int64_t)layer->in_height * layer->in_width;

        for (int32_t c = 0; c < layer->in_channels; c++) {
                mean[c] = 0;
                for (int64_t i = 0; i < area; i++)
                        mean[c] += in[c * area + i];
                mean[c] /= (double)area;
        }
}

static void
squeeze(const en_network *network, const en_params *params,
        const en_layer *layer, const double *in, double *out)
{
        int64_t area = (int64_t)layer->in_height * layer->in_width;
        int32_t channels = layer->in_channels;
        double *mean = new_map(channels), *scale = new_map(channels);
        double *squeezed = new_map(layer->squeezed);
        float *p[4];

        for (int32_t i = 0; i < 4; i++)
                p[i] = read_param(network, params, layer->first_param + i);
        average(layer, in, mean);
        multiply(p[0], p[1], channels, layer->squeezed, mean, layer->activation,
                 squeezed);
        multiply(p[2], p[3], layer->squeezed, channels, squeezed,
                 EN_ACTIVATION_SIGMOID, scale);
        for (int32_t c = 0; c < channels; c++)
                for (int64_t i = 0; i < area; i++)
                        out[c * area + i] = in[c * area + i] * scale[c];
        for (int32_t i = 0; i < 4; i++)
                free(p[i]);
        free(mean);
        free(scale);
        free(squeezed);
}

/* Global context: the mean is weighed by a softmax over scores of the pixels,
 * and a layer norm comes before the activation.
 */
static void
weigh(const en_layer *layer, const double *in, const float *weights,
      double *mean)
{
        int64_t area = (int64_t)layer->in_height * layer->in_width;
        double *scores = new_map(area), sum = 0;

        for (int64_t i = 0; i < area; i++) {
                for (int32_t c = 0; c < layer->in_channels; c++)
                        scores[i] += weights[c] * in[c * area + i];
                sum += exp(scores[i]);
        }
        for (int32_t c = 0; c < layer->in_channels; c++)
                for (int64_t i = 0; i < area; i++)
                        mean[c] += in[c * area + i] * exp(scores[i]) / sum;
        free(scores);
}

static void
layer_norm(const en_layer *layer, const float *weight, const float *bias,
           double *x)
{
        int32_t n = layer->squeezed;
        double sum = 0, squares = 0, mean;

        for (int32_t i = 0; i < n; i++)
                sum += x[i];
        mean = sum / n;
        for (int32_t i = 0; i < n; i++)
                squares += pow(x[i] - mean, 2);
        for (int32_t i = 0; i < n; i++)
                x[i] = activate((x[i] - mean) / sqrt(squares / n + 1e-6) *
                                                weight[i] +
                                        bias[i],
                                layer->activation);
}

static void
attend(const en_network *network, const en_params *params,
       const en_layer *layer, const double *in, double *out)
{
        int64_t area = (int64_t)layer->in_height * layer->in_width;
        int32_t channels = layer->in_channels;
        double *mean = new_map(channels), *scale = new_map(channels);
        double *squeezed = new_map(layer->squeezed);
        float *p[8];

        for (int32_t i = 0; i < 8; i++)
                p[i] = read_param(network, params, layer->first_param + i);
        weigh(layer, in, p[0], mean);
        multiply(p[2], p[3], channels, layer->squeezed, mean,
                 EN_ACTIVATION_NONE, squeezed);
        layer_norm(layer, p[4], p[5], squeezed);
        multiply(p[6], p[7], layer->squeezed, channels, squeezed,
                 EN_ACTIVATION_SIGMOID, scale);
        for (int32_t c = 0; c < channels; c++)
                for (int64_t i = 0; i < area; i++)
                        out[c * area + i] = in[c * area + i] * scale[c];
        for (int32_t i = 0; i < 8; i++)
                free(p[i]);
        free(mean);
        free(scale);
        free(squeezed);
}

static void
run_layer(const en_network *network, const en_params *params,
          const en_layer *layer, const double *in, double *out)
{
        float *weights, *bias;

        if (layer->op == EN_OP_SQUEEZE_EXCITE) {
                squeeze(network, params, layer, in, out);
                return;
        }
        if (layer->op == EN_OP_CONTEXT) {
                attend(network, params, layer, in, out);
                return;
        }
        if (layer->op == EN_OP_POOL) {
                average(layer, in, out);
                return;
        }
        weights = read_param(network, params, layer->first_param);
        if (layer->op == EN_OP_LINEAR) {
                bias = read_param(network, params, layer->first_param + 1);
                multiply(weights, bias, layer->in_channels, layer->out_channels,
                         in, EN_ACTIVATION_NONE, out);
                free(bias);
        } else {
                convolve(layer, in, weights, out);
                normalise(network, params, layer, out);
        }
        free(weights);
}

static int64_t
out_count(const en_layer *layer)
{
        return (int64_t)layer->out_channels * layer->out_height *
               layer->out_width;
}

double **
test_reference_maps(const en_network *network, const en_params *params,
                    const float *image)
{
        int32_t n = network->layer_count;
        double **maps = calloc((size_t)n + 1, sizeof(*maps));
        int64_t count = (int64_t)network->config.input_channels *
                        network->height * network->width;

        ck_assert_ptr_nonnull(maps);
        maps[0] = new_map(count);
        for (int64_t i = 0; i < count; i++)
                maps[0][i] = image[i];
        for (int32_t i = 0; i < n; i++) {
                const en_layer *layer = &network->layers[i];

                count = out_count(layer);
                maps[i + 1] = new_map(count);
                run_layer(network, params, layer, maps[i], maps[i + 1]);
                for (int64_t j = 0; layer->residual >= 0 && j < count; j++)
                        maps[i + 1][j] += maps[layer->residual][j];
        }
        return maps;
}

void
test_reference_free(const en_network *network, double **maps)
{
        for (int32_t i = 0; i <= network->layer_count; i++)
                free(maps[i]);
        free(maps);
}

void
test_reference(const en_network *network, const en_params *params,
               const float *image, double *embedding, double *logits)
{
        double **maps = test_reference_maps(network, params, image);

        for (int32_t i = 0; i < network->layer_count; i++) {
                const en_layer *layer = &network->layers[i];
                size_t bytes = (size_t)out_count(layer) * sizeof(double);

                if (layer->op == EN_OP_POOL)
                        memcpy(embedding, maps[i + 1], bytes);
                if (layer->op == EN_OP_LINEAR)
                        memcpy(logits, maps[i + 1], bytes);
        }
        test_reference_free(network, maps);
}
