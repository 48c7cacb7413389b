/* session.c: exported session functions: a model's engine, with the
 * preprocessing of pictures.
 */
#include "api/session.h"
#include "api/check.h"
#include "base/alloc.h"
#include "base/cpu.h"
#include "base/options.h"
#include "base/tensor.h"

#include <inttypes.h>
#include <string.h>

/* What the options say of runs. */
static effnet_status
start(effnet_session *session, const effnet_options *options)
{
        const effnet_model *model = session->model;
        const en_resources resources = {
                .threads = (int32_t)options->threads,
                .memory = options->max_memory_bytes,
                .caches = en_cpu_caches_read(),
                .fixed = options->fixed != 0,
                .layers = options->keep_layers != 0,
                .profile = options->profile != 0,
                .sigmoid = model->multi_label,
        };
        effnet_status status = EFFNET_OK;

        if (resources.layers)
                status = en_network_create(&session->network, &model->config, 0,
                                           0);
        if (status != EFFNET_OK)
                return status;
        return en_engine_create(&session->engine, &model->config,
                                model->weights, &resources);
}

static effnet_status
create(effnet_session **out, effnet_model *model, const effnet_options *options)
{
        effnet_session *session;
        effnet_status status;

        session = en_alloc_zero(1, sizeof(*session));
        if (session == NULL)
                return EFFNET_ERROR_MEMORY;
        session->model = effnet_model_retain(model);
        session->preprocess = model->preprocess;
        session->memory = options->max_memory_bytes;
        status = start(session, options);
        if (status != EFFNET_OK) {
                effnet_session_free(session);
                return status;
        }
        *out = session;
        return EFFNET_OK;
}

effnet_status
effnet_session_create(effnet_session **session, effnet_model *model,
                      const effnet_options *options)
{
        const en_allocator *outer;
        effnet_status status;

        if (session == NULL)
                return EN_NULL("session");
        *session = NULL;
        if (model == NULL)
                return EN_NULL("model");
        outer = en_allocator_use(&model->allocator);
        status = create(session, model, en_options_or_default(options));
        en_allocator_use(outer);
        return status;
}

void
effnet_session_free(effnet_session *session)
{
        if (session == NULL)
                return;
        en_engine_free(session->engine);
        en_network_free(session->network);
        en_free(session->input);
        effnet_model_release(session->model);
        en_free(session);
}

effnet_status
effnet_session_set_preprocess(effnet_session *session,
                              const effnet_preprocess *preprocess)
{
        if (session == NULL)
                return EN_NULL("session");
        session->preprocess = preprocess != NULL ? *preprocess
                                                 : session->model->preprocess;
        return EFFNET_OK;
}

const effnet_preprocess *
effnet_session_preprocess(const effnet_session *session)
{
        return session != NULL ? &session->preprocess : NULL;
}

static effnet_status
check_input(const effnet_session *session, const effnet_tensor *input)
{
        int32_t channels = session->model->config.input_channels;

        if (input->type != EFFNET_TYPE_F32 || input->rank != 4)
                return en_fail(EFFNET_ERROR_MISMATCH,
                               "input: element type %d and %d dimensions; "
                               "expected float32 (%d) and 4: images, channels, "
                               "height, width",
                               (int)input->type, (int)input->rank,
                               EFFNET_TYPE_F32);
        if (input->shape[1] != channels)
                return en_fail(EFFNET_ERROR_MISMATCH,
                               "input: %" PRId64 " channels; the model takes "
                               "%" PRId32,
                               input->shape[1], channels);
        return EFFNET_OK;
}

static effnet_status
run(effnet_session *session, const effnet_tensor *input)
{
        effnet_status status = check_input(session, input);

        if (status != EFFNET_OK)
                return status;
        return en_engine_run(session->engine, input->data, input->shape[0],
                             input->shape[2], input->shape[3]);
}

effnet_status
effnet_session_run(effnet_session *session, const effnet_tensor *input)
{
        const en_allocator *outer;
        effnet_status status;

        if (session == NULL)
                return EN_NULL("session");
        session->ready = false;
        if (input == NULL)
                return EN_NULL("input");
        outer = en_allocator_use(&session->model->allocator);
        status = run(session, input);
        en_allocator_use(outer);
        session->ready = status == EFFNET_OK;
        return status;
}

effnet_status
en_session_check_ready(const effnet_session *session)
{
        if (session->ready)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_STATE,
                       "no output: nothing was run yet, or the last run "
                       "failed");
}

effnet_status
effnet_session_output(effnet_session *session, int32_t output,
                      const effnet_tensor **tensor)
{
        effnet_status status;

        if (tensor == NULL)
                return EN_NULL("tensor");
        *tensor = NULL;
        if (session == NULL)
                return EN_NULL("session");
        status = en_session_check_ready(session);
        if (status != EFFNET_OK)
                return status;
        return en_engine_output(session->engine, output, tensor);
}

effnet_status
effnet_session_copy_output(effnet_session *session, int32_t output,
                           float *buffer, size_t capacity, size_t *written)
{
        const effnet_tensor *tensor;
        effnet_status status;

        if (written != NULL)
                *written = 0;
        if (buffer == NULL)
                return EN_NULL("buffer");
        status = effnet_session_output(session, output, &tensor);
        if (status != EFFNET_OK)
                return status;
        if ((uint64_t)tensor->count > capacity)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "output: %" PRId64 " floats do not fit into "
                               "%zu",
                               tensor->count, capacity);
        memcpy(buffer, tensor->data, (size_t)tensor->count * sizeof(float));
        if (written != NULL)
                *written = (size_t)tensor->count;
        return EFFNET_OK;
}
