/* engine.c: keeps a plan for the last shape, and runs it image by image. */
#include "run/engine.h"

#include "base/alloc.h"
#include "base/status.h"
#include "run/plan.h"

#include <inttypes.h>

/* Of an input: far beyond any memory, and no sum of sizes overflows. */
#define MOST_SIDE (1 << 20)

static const en_runner own_threads = {NULL, NULL};

struct en_engine {
        const effnet_config *config;
        const en_weights *weights;
        en_resources resources;
        en_pool *pool; /* NULL: one thread */
        en_cancel cancel;
        uint32_t rows; /* of the table of outputs: what is requested */
        en_plan *plan; /* of the last shape, or NULL */
        bool prepared; /* the plan and its outputs were asked for */
        bool ready;    /* the last run succeeded */
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
        engine->rows = en_request_default(config);
        if (resources->threads > 1)
                status = en_pool_create(&engine->pool, resources->threads,
                                        &own_threads);
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
        en_free(engine);
}

effnet_status
en_engine_set_runner(en_engine *engine, const en_runner *runner)
{
        en_pool *pool;
        effnet_status status;

        if (engine->resources.threads == 1)
                return EFFNET_OK;
        status = en_pool_create(&pool, engine->resources.threads, runner);
        if (status != EFFNET_OK)
                return status;
        en_pool_free(engine->pool);
        engine->pool = pool;
        return EFFNET_OK;
}

void
en_engine_set_cancel(en_engine *engine, const en_cancel *cancel)
{
        engine->cancel = *cancel;
}

static void
drop_plan(en_engine *engine)
{
        en_plan_free(engine->plan);
        engine->plan = NULL;
        engine->prepared = false;
        engine->ready = false;
}

void
en_engine_request(en_engine *engine, uint32_t rows)
{
        if (rows == engine->rows)
                return;
        engine->rows = rows;
        drop_plan(engine);
}

effnet_status
en_engine_check_requested(const en_engine *engine, int32_t output)
{
        int32_t row = en_output_row(output);

        if ((engine->rows >> row & 1) != 0)
                return EFFNET_OK;
        return en_request_refuse(row);
}

/* The old plan goes first, so that two arenas never coexist. */
static effnet_status
make_plan(en_engine *engine, int32_t height, int32_t width)
{
        if (engine->plan != NULL && engine->plan->height == height &&
            engine->plan->width == width)
                return EFFNET_OK;
        drop_plan(engine);
        return en_plan_create(&engine->plan, engine->config, engine->weights,
                              engine->rows, height, width, &engine->resources);
}

static effnet_status
check_shape(int64_t batch, int64_t height, int64_t width)
{
        if (batch < 1 || height < 1 || width < 1)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "input: %" PRId64 " images of %" PRId64
                               " x %" PRId64 "; expected 1 or more each",
                               batch, height, width);
        if (height > MOST_SIDE || width > MOST_SIDE)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "input: %" PRId64 " x %" PRId64
                               "; the limit of a side is %d",
                               height, width, MOST_SIDE);
        return EFFNET_OK;
}

static effnet_status
make_ready(en_engine *engine, int64_t batch, int64_t height, int64_t width)
{
        effnet_status status = check_shape(batch, height, width);

        if (status == EFFNET_OK)
                status = make_plan(engine, (int32_t)height, (int32_t)width);
        if (status != EFFNET_OK)
                return status;
        return en_outputs_reserve(&engine->plan->outputs, engine->plan->network,
                                  batch, engine->resources.memory);
}

effnet_status
en_engine_prepare(en_engine *engine, int64_t batch, int64_t height,
                  int64_t width)
{
        effnet_status status;

        engine->prepared = false;
        engine->ready = false;
        status = make_ready(engine, batch, height, width);
        engine->prepared = status == EFFNET_OK;
        return status;
}

/* A fixed engine runs what it was prepared for. */
static effnet_status
check_fixed(const en_engine *engine, int64_t batch, int64_t height,
            int64_t width)
{
        const en_plan *plan = engine->plan;

        if (!engine->resources.fixed)
                return EFFNET_OK;
        if (!engine->prepared)
                return en_fail(EFFNET_ERROR_STATE,
                               "a fixed session runs only once it is prepared, "
                               "for what was last requested");
        if (plan->outputs.batch == batch && plan->height == height &&
            plan->width == width)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_MISMATCH,
                       "input: %" PRId64 " images of %" PRId64 " x %" PRId64
                       "; the session is fixed to %" PRId64 " of %" PRId32
                       " x %" PRId32,
                       batch, height, width, plan->outputs.batch, plan->height,
                       plan->width);
}

effnet_status
en_engine_begin(en_engine *engine, int64_t batch, int64_t height, int64_t width)
{
        effnet_status status;

        engine->ready = false;
        status = check_fixed(engine, batch, height, width);
        if (status == EFFNET_OK)
                status = make_ready(engine, batch, height, width);
        if (status == EFFNET_OK)
                en_plan_restart(engine->plan);
        return status;
}

effnet_status
en_engine_run_image(en_engine *engine, const float *image, int64_t number)
{
        en_exec exec = en_engine_exec(engine);

        exec.image = image;
        return en_plan_run(engine->plan, &exec, number);
}

void
en_engine_skip_image(en_engine *engine, int64_t number)
{
        en_outputs_blank(&engine->plan->outputs, number);
}

void
en_engine_end(en_engine *engine)
{
        engine->ready = true;
}

effnet_status
en_engine_run(en_engine *engine, const float *input, int64_t batch,
              int64_t height, int64_t width)
{
        effnet_status status = en_engine_begin(engine, batch, height, width);

        for (int64_t i = 0; i < batch && status == EFFNET_OK; i++) {
                status = en_engine_run_image(engine, input, i);
                input += engine->config->input_channels * height * width;
        }
        if (status == EFFNET_OK)
                en_engine_end(engine);
        return status;
}

static effnet_status
check_ready(const en_engine *engine)
{
        if (engine->ready)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_STATE,
                       "no output: nothing was run yet, or the last run "
                       "failed");
}

effnet_status
en_engine_output(const en_engine *engine, int32_t output,
                 const effnet_tensor **tensor)
{
        int32_t row = en_output_row(output);
        effnet_status status;

        *tensor = NULL;
        if (row < 0)
                return en_fail(EFFNET_ERROR_ARGUMENT, "unknown output %d",
                               (int)output);
        status = check_ready(engine);
        if (status == EFFNET_OK)
                status = en_request_check(engine->config, row);
        if (status != EFFNET_OK)
                return status;
        *tensor = en_outputs_find(&engine->plan->outputs, row, 0);
        return *tensor != NULL ? EFFNET_OK : en_request_refuse(row);
}

effnet_status
en_engine_layer(const en_engine *engine, int32_t layer,
                const effnet_tensor **tensor)
{
        effnet_status status = check_ready(engine);

        *tensor = NULL;
        if (status != EFFNET_OK)
                return status;
        *tensor = en_outputs_find(&engine->plan->outputs, -1, layer);
        if (*tensor == NULL)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "no output of layer %" PRId32 " was kept",
                               layer);
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
        return (en_exec){.kernels = engine->weights->kernels,
                         .pool = engine->pool,
                         .threads = engine->resources.threads,
                         .cancel = engine->cancel};
}

int64_t
en_engine_batch(const en_engine *engine)
{
        return engine->plan != NULL ? engine->plan->outputs.batch : 0;
}

size_t
en_engine_output_bytes(const en_engine *engine)
{
        return engine->plan != NULL ? en_outputs_bytes(&engine->plan->outputs)
                                    : 0;
}
