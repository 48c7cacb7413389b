/* classify.c: exported classification of a picture, and the input that pictures
 * pass through.
 */
#include "api/check.h"
#include "api/session.h"
#include "base/alloc.h"
#include "base/size.h"

#include <inttypes.h>

effnet_status
en_session_reserve_input(effnet_session *session, int32_t count, int32_t height,
                         int32_t width)
{
        size_t channels = (size_t)session->model->config.input_channels;
        size_t floats;
        float *input;

        if (!en_mul_size((size_t)height, (size_t)width, &floats) ||
            !en_mul_size(floats, channels, &floats) ||
            !en_mul_size(floats, (size_t)count, &floats))
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
        status = en_session_reserve_input(session, 1, height, width);
        if (status != EFFNET_OK)
                return status;
        status = en_preprocess_apply(steps, image, session->input);
        if (status != EFFNET_OK)
                return status;
        return en_engine_run(session->engine, session->input, 1, height, width);
}

effnet_status
en_session_check_pictures(const effnet_session *session)
{
        int32_t takes = session->model->config.input_channels;
        int32_t channels = en_preprocess_channels(&session->preprocess.steps);

        if (takes == channels)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_MISMATCH,
                       "the model takes %" PRId32
                       " channels, a picture is prepared as %" PRId32,
                       takes, channels);
}

effnet_status
en_session_check_classifies(const effnet_session *session)
{
        effnet_status status = en_session_check_pictures(session);

        if (status != EFFNET_OK)
                return status;
        if (session->model->config.classes == 0)
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
        effnet_status status = en_session_check_classifies(session);

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
