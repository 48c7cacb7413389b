/* outputs.c: keeps what layers give, in the order of the public's tensors. */
#include "run/outputs.h"

#include "base/alloc.h"
#include "base/size.h"
#include "base/status.h"
#include "run/topk.h"

#include <math.h>
#include <string.h>

/* Pixels that are reordered together: a cache line of each channel. */
#define TILE 16

/* Fewer in a task are not worth another thread. */
#define PIXELS_LEAST 256

static void
add(en_outputs *outputs, int32_t row, int32_t layer)
{
        en_output *output = &outputs->items[outputs->count++];

        output->row = row;
        output->layer = layer;
}

static bool
is_asked_for(uint32_t rows, int32_t row)
{
        return (rows >> row & 1) != 0;
}

effnet_status
en_outputs_create(en_outputs *outputs, const en_network *network, uint32_t rows,
                  const en_resources *resources)
{
        bool layers = resources->layers;
        size_t most = EN_OUTPUTS + (layers ? (size_t)network->layer_count : 0);
        int32_t sources[EN_OUTPUTS];

        memset(outputs, 0, sizeof(*outputs));
        outputs->sigmoid = resources->sigmoid;
        outputs->items = en_alloc_zero(most, sizeof(*outputs->items));
        if (outputs->items == NULL)
                return EFFNET_ERROR_MEMORY;
        for (int32_t i = 0; i < EN_OUTPUTS; i++) {
                sources[i] = is_asked_for(rows, i)
                                     ? en_request_layer(network, i)
                                     : -1;
                if (is_asked_for(rows, i) && sources[i] < 0)
                        return en_request_refuse(i);
        }
        for (int32_t layer = 0; layer < network->layer_count; layer++) {
                for (int32_t i = 0; i < EN_OUTPUTS; i++)
                        if (sources[i] == layer)
                                add(outputs, i, layer);
                if (layers)
                        add(outputs, -1, layer);
        }
        return EFFNET_OK;
}

void
en_outputs_free(en_outputs *outputs)
{
        en_free(outputs->items);
        en_free(outputs->values);
        memset(outputs, 0, sizeof(*outputs));
}

static effnet_status
describe(effnet_tensor *tensor, const en_layer *layer, int64_t batch)
{
        int64_t shape[4] = {batch, layer->out_channels, layer->out_height,
                            layer->out_width};

        return en_tensor_describe(tensor, EFFNET_TYPE_F32,
                                  layer->reduction > 0 ? 4 : 2, shape);
}

/* Sets the tensors but for their data, and counts their floats. */
static effnet_status
describe_all(en_outputs *outputs, const en_network *network, int64_t batch,
             uint64_t *floats)
{
        *floats = 0;
        for (int32_t i = 0; i < outputs->count; i++) {
                en_output *output = &outputs->items[i];
                effnet_status status = describe(&output->tensor,
                                                &network->layers[output->layer],
                                                batch);

                if (status != EFFNET_OK)
                        return status;
                if (!en_add_u64(*floats, (uint64_t)output->tensor.count,
                                floats))
                        return en_fail(EFFNET_ERROR_LIMIT,
                                       "the outputs overflow the address "
                                       "space");
        }
        return EFFNET_OK;
}

effnet_status
en_outputs_reserve(en_outputs *outputs, const en_network *network,
                   int64_t batch, int64_t most)
{
        uint64_t floats;
        effnet_status status;
        float *at;

        if (outputs->batch == batch)
                return EFFNET_OK;
        outputs->batch = 0;
        en_free(outputs->values);
        outputs->values = NULL;
        status = describe_all(outputs, network, batch, &floats);
        if (status == EFFNET_OK)
                status = en_check_memory(floats, sizeof(float), most,
                                         "the outputs");
        if (status != EFFNET_OK)
                return status;
        at = outputs->values = en_alloc_aligned((size_t)floats, sizeof(float));
        if (at == NULL)
                return EFFNET_ERROR_MEMORY;
        for (int32_t i = 0; i < outputs->count; i++) {
                outputs->items[i].tensor.data = at;
                at += outputs->items[i].tensor.count;
        }
        outputs->batch = batch;
        return EFFNET_OK;
}

size_t
en_outputs_bytes(const en_outputs *outputs)
{
        size_t bytes = 0;

        for (int32_t i = 0; i < outputs->count; i++)
                bytes += (size_t)outputs->items[i].tensor.count * sizeof(float);
        return bytes;
}

bool
en_outputs_have(const en_outputs *outputs, int32_t layer)
{
        for (int32_t i = 0; i < outputs->count; i++)
                if (outputs->items[i].layer == layer)
                        return true;
        return false;
}

const effnet_tensor *
en_outputs_find(const en_outputs *outputs, int32_t row, int32_t layer)
{
        for (int32_t i = 0; i < outputs->count; i++) {
                const en_output *output = &outputs->items[i];

                if (output->row == row && (row >= 0 || output->layer == layer))
                        return &output->tensor;
        }
        return NULL;
}

void
en_outputs_blank(const en_outputs *outputs, int64_t image)
{
        for (int32_t i = 0; i < outputs->count; i++) {
                const effnet_tensor *tensor = &outputs->items[i].tensor;
                int64_t floats = tensor->count / tensor->shape[0];
                float *to = (float *)tensor->data + image * floats;

                for (int64_t k = 0; k < floats; k++)
                        to[k] = NAN;
        }
}

/* A map of padded pixels on its way to one of whole channels. */
typedef struct reordering {
        const float *from;
        ptrdiff_t stride; /* of a pixel */
        float *to;
        int32_t channels;
        int64_t pixels;
        en_split split;
} reordering;

static void
reorder(const reordering *map, int64_t begin, int64_t end)
{
        const float *from = map->from + begin * map->stride;

        for (int32_t c = 0; c < map->channels; c++) {
                float *to = map->to + c * map->pixels + begin;

                for (int64_t i = 0; i < end - begin; i++)
                        to[i] = from[i * map->stride + c];
        }
}

static void
run_task(void *context, int32_t index, int32_t thread)
{
        const reordering *map = context;
        int64_t begin = en_split_begin(&map->split, index);
        int64_t stop = en_split_end(&map->split, index);

        (void)thread;
        for (int64_t i = begin; i < stop; i += TILE)
                reorder(map, i, stop - i < TILE ? stop : i + TILE);
}

static effnet_status
store(const en_outputs *outputs, const en_output *output, const float *from,
      const en_exec *exec, int64_t image)
{
        const effnet_tensor *tensor = &output->tensor;
        int64_t floats = tensor->count / tensor->shape[0];
        float *to = (float *)tensor->data + image * floats;
        int32_t channels = (int32_t)tensor->shape[1];
        reordering map = {from,     en_pixel_stride(channels), to,
                          channels, floats / channels,         {0, 0, 0}};

        if (output->row >= 0 &&
            en_output_code(output->row) == EFFNET_OUTPUT_PROBABILITIES) {
                (outputs->sigmoid ? en_sigmoid : en_softmax)(from, channels,
                                                             to);
                return EFFNET_OK;
        }
        map.split = en_split_make(map.pixels, PIXELS_LEAST, exec->threads);
        return en_pool_run(exec->pool, map.split.tasks, run_task, &map);
}

effnet_status
en_outputs_store(const en_outputs *outputs, int32_t layer, const en_step *step,
                 const en_exec *exec, int64_t image)
{
        for (int32_t i = 0; i < outputs->count; i++) {
                effnet_status status;

                if (outputs->items[i].layer != layer)
                        continue;
                status = store(outputs, &outputs->items[i],
                               step->at[EN_OPERAND_OUTPUT], exec, image);
                if (status != EFFNET_OK)
                        return status;
        }
        return EFFNET_OK;
}
