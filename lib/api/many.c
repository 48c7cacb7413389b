/* many.c: exported functions that take many pictures in one call. */
#include "api/batch.h"
#include "api/check.h"
#include "base/alloc.h"
#include "run/topk.h"

#include <inttypes.h>
#include <math.h>

static effnet_status
check_arguments(const char *function, const effnet_session *session,
                const effnet_image *const *images, int32_t count)
{
        if (session == NULL || images == NULL)
                return en_fail(EFFNET_ERROR_ARGUMENT, "%s: %s is NULL",
                               function,
                               session == NULL ? "session" : "images");
        if (count < 1)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "%s: count is %" PRId32 "; expected 1 or more",
                               function, count);
        return EFFNET_OK;
}

/* A failure before the first picture is looked at is that of each. */
static effnet_status
fail_all(const en_batch *batch, effnet_status status)
{
        for (int32_t i = 0; i < batch->count && batch->statuses != NULL; i++)
                batch->statuses[i] = status;
        return status;
}

/* ---- as one batch of outputs */

static effnet_status
begin_rows(const en_batch *batch)
{
        return en_engine_begin(batch->session->engine, batch->count,
                               batch->height, batch->width);
}

static effnet_status
run_row(const en_batch *batch, int32_t index, const float *planes)
{
        return en_engine_run_image(batch->session->engine, planes, index);
}

static void
skip_row(const en_batch *batch, int32_t index)
{
        if (batch->begun)
                en_engine_skip_image(batch->session->engine, index);
}

static const en_batch_ops rows = {begin_rows, run_row, skip_row};

effnet_status
effnet_session_run_images(effnet_session *session,
                          const effnet_image *const *images, int32_t count,
                          effnet_status *statuses)
{
        en_batch batch = {.ops = &rows,
                          .session = session,
                          .images = images,
                          .count = count,
                          .statuses = statuses};
        const en_allocator *outer;
        effnet_status status;

        if (session != NULL)
                session->ready = false;
        status = check_arguments(__func__, session, images, count);
        if (status == EFFNET_OK)
                status = en_session_check_pictures(session);
        if (status != EFFNET_OK)
                return fail_all(&batch, status);
        outer = en_allocator_use(&session->model->allocator);
        status = en_batch_run(&batch);
        en_allocator_use(outer);
        session->ready = batch.used > 0;
        if (session->ready)
                en_engine_end(session->engine);
        return status;
}

/* ---- one after the other, of each the best classes */

typedef struct ranking {
        int32_t k;
        int32_t *counts; /* or NULL */
        int32_t *classes;
        float *scores;
} ranking;

/* What there are no classes for. */
static void
blank(const ranking *to, int32_t index, int32_t from)
{
        int32_t *classes = to->classes + (int64_t)index * to->k;
        float *scores = to->scores + (int64_t)index * to->k;

        for (int32_t i = from; i < to->k; i++) {
                classes[i] = -1;
                scores[i] = NAN;
        }
        if (to->counts != NULL)
                to->counts[index] = from;
}

static void
skip_ranking(const en_batch *batch, int32_t index)
{
        blank(batch->results, index, 0);
}

static effnet_status
rank(const en_batch *batch, int32_t index, const float *planes)
{
        en_engine *engine = batch->session->engine;
        const ranking *to = batch->results;
        const effnet_tensor *tensor;
        effnet_status status;
        int32_t n = to->k;

        status = en_engine_run(engine, planes, 1, batch->height, batch->width);
        if (status == EFFNET_OK)
                status = en_engine_output(engine, EFFNET_OUTPUT_PROBABILITIES,
                                          &tensor);
        if (status != EFFNET_OK)
                return status;
        if (n > tensor->count)
                n = (int32_t)tensor->count;
        en_top_k(tensor->data, tensor->count, n,
                 to->classes + (int64_t)index * to->k,
                 to->scores + (int64_t)index * to->k);
        blank(to, index, n);
        return EFFNET_OK;
}

static const en_batch_ops rankings = {NULL, rank, skip_ranking};

static effnet_status
check_ranking(const char *function, const ranking *to)
{
        if (to->classes == NULL || to->scores == NULL)
                return en_fail(EFFNET_ERROR_ARGUMENT, "%s: %s is NULL",
                               function,
                               to->classes == NULL ? "classes" : "scores");
        if (to->k < 1)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "%s: k is %" PRId32 "; expected 1 or more",
                               function, to->k);
        return EFFNET_OK;
}

effnet_status
effnet_session_classify_many(effnet_session *session,
                             const effnet_image *const *images, int32_t count,
                             int32_t k, int32_t *counts, int32_t *classes,
                             float *scores, effnet_status *statuses)
{
        ranking to = {k, counts, classes, scores};
        en_batch batch = {.ops = &rankings,
                          .session = session,
                          .images = images,
                          .count = count,
                          .statuses = statuses,
                          .results = &to};
        const en_allocator *outer;
        effnet_status status;

        if (session != NULL)
                session->ready = false;
        status = check_ranking(__func__, &to);
        if (status != EFFNET_OK)
                return fail_all(&batch, status);
        for (int32_t i = 0; i < count; i++)
                blank(&to, i, 0);
        status = check_arguments(__func__, session, images, count);
        if (status == EFFNET_OK)
                status = en_session_check_classifies(session);
        if (status != EFFNET_OK)
                return fail_all(&batch, status);
        outer = en_allocator_use(&session->model->allocator);
        status = en_batch_run(&batch);
        en_allocator_use(outer);
        return status;
}
