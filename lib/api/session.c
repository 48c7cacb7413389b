/* session.c: exported session functions: a model's engine, with the
 * preprocessing and the input that pictures pass through.
 */
#include "api/session.h"
#include "api/check.h"
#include "base/alloc.h"
#include "base/options.h"
#include "base/size.h"
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

/* Makes room for an input of height x width. */
static effnet_status
reserve_input(effnet_session *session, int32_t height, int32_t width)
{
        size_t channels = (size_t)session->model->config.input_channels;
        size_t floats;
        float *input;

        if (!en_mul_size((size_t)height, (size_t)width, &floats) ||
            !en_mul_size(floats, channels, &floats))
                return en_fail(EFFNET_ERROR_LIMIT,
                               "input: %" PRId32 " x %" PRId32
                               " overflows the address space",
                               height, width);
        if (floats <= session->input_floats)
                return EFFNET_OK;
        input = en_alloc_aligned(floats, sizeof(float));
        if (input == NULL)
                return EFFNET_ERROR_MEMORY;
        en_free(session->input);
        session->input = input;
        session->input_floats = floats;
        return EFFNET_OK;
}

static effnet_status
run_image(effnet_session *session, const effnet_image *image)
{
        const en_preset *steps = &session->preprocess.steps;
        int32_t height, width;
        effnet_status status;

        status = en_preprocess_size(steps, image->height, image->width, &height,
                                    &width);
        if (status != EFFNET_OK)
                return status;
        status = reserve_input(session, height, width);
        if (status != EFFNET_OK)
                return status;
        status = en_preprocess_apply(steps, image, session->input);
        if (status != EFFNET_OK)
                return status;
        return en_engine_run(session->engine, session->input, 1, height, width);
}

static effnet_status
check_classifies(const effnet_session *session)
{
        const effnet_model *model = session->model;
        int32_t channels = en_preprocess_channels(&session->preprocess.steps);

        if (model->config.input_channels != channels)
                return en_fail(EFFNET_ERROR_MISMATCH,
                               "the model takes %" PRId32
                               " channels, a picture is prepared as %" PRId32,
                               model->config.input_channels, channels);
        if (model->config.classes == 0)
                return en_fail(EFFNET_ERROR_STATE,
                               "the model has no classifier, only an "
                               "embedding");
        return en_engine_check_requested(session->engine,
                                         EFFNET_OUTPUT_PROBABILITIES);
}

/* The probabilities of one picture. */
static effnet_status
classify(effnet_session *session, const effnet_image *image,
         const effnet_tensor **probabilities)
{
        effnet_status status = check_classifies(session);

        if (status != EFFNET_OK)
                return status;
        status = run_image(session, image);
        session->ready = status == EFFNET_OK;
        if (status != EFFNET_OK)
                return status;
        return en_engine_output(session->engine, EFFNET_OUTPUT_PROBABILITIES,
                                probabilities);
}

effnet_status
effnet_session_classify(effnet_session *session, const effnet_image *image,
                        int32_t *count, int32_t *classes, float *scores)
{
        const effnet_tensor *probabilities;
        const en_allocator *outer;
        int32_t capacity;
        effnet_status status;

        if (session != NULL)
                session->ready = false;
        if (count == NULL)
                return EN_NULL("count");
        capacity = *count;
        *count = 0;
        if (session == NULL)
                return EN_NULL("session");
        if (image == NULL)
                return EN_NULL("image");
        if (classes == NULL || scores == NULL)
                return EN_NULL(classes == NULL ? "classes" : "scores");
        if (capacity < 1)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "%s: count is %" PRId32 "; expected 1 or more",
                               __func__, capacity);
        outer = en_allocator_use(&session->model->allocator);
        status = classify(session, image, &probabilities);
        en_allocator_use(outer);
        if (status != EFFNET_OK)
                return status;
        *count = capacity;
        return effnet_top_k(probabilities->data, probabilities->count, count,
                            classes, scores);
}
