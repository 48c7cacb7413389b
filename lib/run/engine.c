/* engine.c: keeps a plan for the last shape, and runs it image by image. */
#include "run/engine.h"

#include "base/alloc.h"
#include "base/size.h"
#include "base/status.h"
#include "run/plan.h"
#include "run/topk.h"

#include <inttypes.h>
#include <string.h>

enum { OUTPUTS = EFFNET_OUTPUT_EMBEDDING + 1 };

struct en_engine {
        const effnet_config *config;
        const en_weights *weights;
        en_resources resources;
        en_pool *pool;                  /* NULL: one thread */
        en_plan *plan;                  /* of the last shape, or NULL */
        int64_t batch;                  /* that the outputs are for */
        float *values;                  /* behind all of them */
        effnet_tensor outputs[OUTPUTS]; /* by EFFNET_OUTPUT_* */
        bool ready;                     /* the last run succeeded */
};

effnet_status
en_engine_create(en_engine **out, const effnet_config *config,
                 const en_weights *weights, const en_resources *resources)
{
        en_engine *engine;
        effnet_status status = EFFNET_OK;

        *out = NULL;
        engine = en_alloc_zero(1, sizeof(*engine));
        if (engine == NULL)
                return EFFNET_ERROR_MEMORY;
        engine->config = config;
        engine->weights = weights;
        engine->resources = *resources;
        if (resources->threads > 1)
                status = en_pool_create(&engine->pool, resources->threads);
        if (status != EFFNET_OK) {
                en_engine_free(engine);
                return status;
        }
        *out = engine;
        return EFFNET_OK;
}

void
en_engine_free(en_engine *engine)
{
        if (engine == NULL)
                return;
        en_pool_free(engine->pool);
        en_plan_free(engine->plan);
        en_free(engine->values);
        en_free(engine);
}

/* The old plan goes first, so that two arenas never coexist. */
static effnet_status
prepare_plan(en_engine *engine, int32_t height, int32_t width)
{
        if (engine->plan != NULL && engine->plan->height == height &&
            engine->plan->width == width)
                return EFFNET_OK;
        en_plan_free(engine->plan);
        engine->plan = NULL;
        return en_plan_create(&engine->plan, engine->config, engine->weights,
                              height, width, &engine->resources);
}

static effnet_status
describe(effnet_tensor *tensor, int64_t batch, int32_t size)
{
        int64_t shape[2] = {batch, size};

        return en_tensor_describe(tensor, EFFNET_TYPE_F32, 2, shape);
}

static effnet_status
describe_outputs(const en_engine *engine, int64_t batch, effnet_tensor *outputs)
{
        int32_t classes = engine->config->classes;
        effnet_status status;

        status = describe(&outputs[EFFNET_OUTPUT_EMBEDDING], batch,
                          engine->plan->network->embedding_size);
        if (status != EFFNET_OK)
                return status;
        status = describe(&outputs[EFFNET_OUTPUT_LOGITS], batch, classes);
        if (status != EFFNET_OK)
                return status;
        return describe(&outputs[EFFNET_OUTPUT_PROBABILITIES], batch, classes);
}

/* One block behind the three outputs. */
static effnet_status
prepare_outputs(en_engine *engine, int64_t batch)
{
        effnet_tensor outputs[OUTPUTS];
        uint64_t count = 0;
        float *values;
        effnet_status status;

        if (engine->values != NULL && engine->batch == batch)
                return EFFNET_OK;
        memset(outputs, 0, sizeof(outputs));
        status = describe_outputs(engine, batch, outputs);
        if (status != EFFNET_OK)
                return status;
        /* Each is within PTRDIFF_MAX bytes: the sum of counts is no overflow.
         */
        for (int32_t i = 0; i < OUTPUTS; i++)
                count += (uint64_t)outputs[i].count;
        values = en_alloc_aligned((size_t)count, sizeof(float));
        if (values == NULL)
                return EFFNET_ERROR_MEMORY;
        en_free(engine->values);
        engine->values = values;
        engine->batch = batch;
        for (int32_t i = 0; i < OUTPUTS; i++) {
                outputs[i].data = values;
                values += outputs[i].count;
        }
        memcpy(engine->outputs, outputs, sizeof(outputs));
        return EFFNET_OK;
}

static effnet_status
prepare(en_engine *engine, int64_t batch, int32_t height, int32_t width)
{
        effnet_status status;

        if (batch < 1 || height < 1 || width < 1)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "input: %" PRId64 " images of %d x %d; expected "
                               "1 or more each",
                               batch, (int)height, (int)width);
        status = prepare_plan(engine, height, width);
        if (status != EFFNET_OK)
                return status;
        return prepare_outputs(engine, batch);
}

static float *
row_of(const en_engine *engine, int32_t output, int64_t image)
{
        const effnet_tensor *tensor = &engine->outputs[output];

        return (float *)tensor->data + image * tensor->shape[1];
}

static void
store(const en_engine *engine, int64_t image)
{
        const en_plan *plan = engine->plan;
        size_t classes = (size_t)engine->config->classes;
        float *logits = row_of(engine, EFFNET_OUTPUT_LOGITS, image);

        memcpy(row_of(engine, EFFNET_OUTPUT_EMBEDDING, image), plan->embedding,
               (size_t)plan->network->embedding_size * sizeof(float));
        if (plan->logits == NULL)
                return;
        memcpy(logits, plan->logits, classes * sizeof(float));
        (engine->resources.sigmoid ? en_sigmoid : en_softmax)(
                logits, (int64_t)classes,
                row_of(engine, EFFNET_OUTPUT_PROBABILITIES, image));
}

effnet_status
en_engine_run(en_engine *engine, const float *input, int64_t batch,
              int32_t height, int32_t width)
{
        en_exec exec = en_engine_exec(engine);
        effnet_status status;

        exec.image = input;
        engine->ready = false;
        status = prepare(engine, batch, height, width);
        if (status != EFFNET_OK)
                return status;
        en_plan_restart(engine->plan);
        for (int64_t i = 0; i < batch; i++) {
                status = en_plan_run(engine->plan, &exec);
                if (status != EFFNET_OK)
                        return status;
                store(engine, i);
                exec.image += (int64_t)engine->config->input_channels * height *
                              width;
        }
        engine->ready = true;
        return EFFNET_OK;
}

effnet_status
en_engine_output(const en_engine *engine, int32_t output,
                 const effnet_tensor **tensor)
{
        *tensor = NULL;
        if (output < EFFNET_OUTPUT_LOGITS || output > EFFNET_OUTPUT_EMBEDDING)
                return en_fail(EFFNET_ERROR_ARGUMENT, "unknown output %d",
                               (int)output);
        if (!engine->ready)
                return en_fail(EFFNET_ERROR_STATE,
                               "no output: nothing was run yet, or the last "
                               "run failed");
        if (output != EFFNET_OUTPUT_EMBEDDING && engine->config->classes == 0)
                return en_fail(EFFNET_ERROR_STATE,
                               "no logits or probabilities: the model has no "
                               "classifier, only an embedding");
        *tensor = &engine->outputs[output];
        return EFFNET_OK;
}

const en_plan *
en_engine_plan(const en_engine *engine)
{
        return engine->plan;
}

en_exec
en_engine_exec(const en_engine *engine)
{
        return (en_exec){engine->weights->kernels, engine->pool,
                         engine->resources.threads, NULL};
}

int64_t
en_engine_batch(const en_engine *engine)
{
        return engine->batch;
}

size_t
en_engine_output_bytes(const en_engine *engine)
{
        size_t bytes = 0;

        for (int32_t i = 0; i < OUTPUTS; i++)
                bytes += (size_t)engine->outputs[i].count * sizeof(float);
        return bytes;
}
