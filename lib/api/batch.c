/* batch.c: many pictures through one session, as many at once as threads. */
#include "api/batch.h"

#include "api/check.h"
#include "base/alloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A picture that is prepared together with others. */
typedef struct slot {
        int32_t index;
        float *planes;
        effnet_status status;
        char message[EN_MESSAGE_SIZE]; /* messages are the threads' own */
} slot;

typedef struct wave {
        const en_batch *batch;
        const en_allocator *allocator;
        slot *slots;
        int32_t room;
        int32_t filled;
        int32_t next; /* picture behind those that were in a slot */
} wave;

static effnet_status
measure(const en_batch *batch, int32_t index, int32_t *height, int32_t *width)
{
        const effnet_image *image = batch->images[index];

        if (image == NULL)
                return en_fail(EFFNET_ERROR_ARGUMENT, "it is NULL");
        return en_preprocess_size(&batch->session->preprocess.steps,
                                  image->height, image->width, height, width);
}

/* That of the first picture that has one. */
static void
find_size(en_batch *batch)
{
        for (int32_t i = 0; i < batch->count; i++)
                if (measure(batch, i, &batch->height, &batch->width) ==
                    EFFNET_OK)
                        return;
        batch->height = batch->width = 0;
}

static effnet_status
check_picture(const en_batch *batch, int32_t index)
{
        int32_t height, width;
        effnet_status status = measure(batch, index, &height, &width);

        if (status != EFFNET_OK)
                return status;
        if (height == batch->height && width == batch->width)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_MISMATCH,
                       "it is prepared as %" PRId32 " x %" PRId32
                       ", those before it as %" PRId32 " x %" PRId32,
                       height, width, batch->height, batch->width);
}

static void
set_status(const en_batch *batch, int32_t index, effnet_status status)
{
        if (batch->statuses != NULL)
                batch->statuses[index] = status;
}

/* The thread's message says why. */
static void
fail_picture(en_batch *batch, int32_t index, effnet_status status)
{
        char context[32];

        set_status(batch, index, status);
        batch->ops->skip(batch, index);
        if (batch->failed >= 0 && batch->failed < index)
                return;
        snprintf(context, sizeof(context), "picture %" PRId32, index);
        en_fail_in(status, context);
        batch->failed = index;
        batch->status = status;
        en_message_keep(batch->message);
}

static void
prepare(void *context, int32_t index, int32_t thread)
{
        const wave *w = context;
        const en_batch *batch = w->batch;
        const en_allocator *outer = en_allocator_use(w->allocator);
        slot *s = &w->slots[index];

        (void)thread;
        s->status = en_preprocess_apply(&batch->session->preprocess.steps,
                                        batch->images[s->index], s->planes);
        en_allocator_use(outer);
        if (s->status != EFFNET_OK)
                en_message_keep(s->message);
}

static void
fill(en_batch *batch, wave *w)
{
        w->filled = 0;
        while (w->next < batch->count && w->filled < w->room) {
                int32_t index = w->next++;
                effnet_status status = check_picture(batch, index);

                if (status == EFFNET_OK)
                        w->slots[w->filled++].index = index;
                else
                        fail_picture(batch, index, status);
        }
}

/* Neither the slots from `from` on nor the pictures behind them are run. */
static void
end_early(en_batch *batch, const wave *w, int32_t from, effnet_status status)
{
        for (int32_t i = from; i < w->filled; i++) {
                set_status(batch, w->slots[i].index, status);
                batch->ops->skip(batch, w->slots[i].index);
        }
        for (int32_t i = w->next; i < batch->count; i++) {
                set_status(batch, i, status);
                batch->ops->skip(batch, i);
        }
}

static effnet_status
run_wave(en_batch *batch, wave *w)
{
        const en_exec exec = en_engine_exec(batch->session->engine);
        effnet_status status = EFFNET_OK;

        if (w->filled > 0)
                status = en_cancel_check(&exec.cancel);
        if (status == EFFNET_OK)
                status = en_pool_run(exec.pool, w->filled, prepare, w);
        for (int32_t i = 0; i < w->filled; i++) {
                slot *s = &w->slots[i];

                if (status == EFFNET_OK && s->status != EFFNET_OK) {
                        en_message_restore(s->message);
                        fail_picture(batch, s->index, s->status);
                        continue;
                }
                if (status == EFFNET_OK)
                        status = batch->ops->use(batch, s->index, s->planes);
                if (status != EFFNET_OK) {
                        end_early(batch, w, i, status);
                        return status;
                }
                set_status(batch, s->index, EFFNET_OK);
                batch->used++;
        }
        return status;
}

/* Room for as many pictures as there are threads, if there is the memory. */
static effnet_status
make_room(const en_batch *batch, wave *w)
{
        effnet_session *session = batch->session;
        int64_t floats = (int64_t)session->model->config.input_channels *
                         batch->height * batch->width;
        int64_t most = session->memory / ((int64_t)sizeof(float) * floats);
        effnet_status status;

        w->room = en_engine_exec(session->engine).threads;
        if (w->room > batch->count)
                w->room = batch->count;
        if (w->room > most)
                w->room = most > 1 ? (int32_t)most : 1;
        status = en_session_reserve_input(session, w->room, batch->height,
                                          batch->width);
        if (status != EFFNET_OK)
                return status;
        w->slots = en_alloc_zero((size_t)w->room, sizeof(*w->slots));
        if (w->slots == NULL)
                return EFFNET_ERROR_MEMORY;
        for (int32_t i = 0; i < w->room; i++)
                w->slots[i].planes = session->input + i * floats;
        return EFFNET_OK;
}

static effnet_status
begin(en_batch *batch, wave *w)
{
        effnet_status status = make_room(batch, w);

        if (status == EFFNET_OK && batch->ops->begin != NULL)
                status = batch->ops->begin(batch);
        batch->begun = status == EFFNET_OK;
        if (status != EFFNET_OK)
                end_early(batch, w, 0, status);
        return status;
}

static effnet_status
run_waves(en_batch *batch)
{
        wave w = {.batch = batch, .allocator = en_allocator_used()};
        effnet_status status = EFFNET_OK;

        find_size(batch);
        if (batch->height > 0)
                status = begin(batch, &w);
        else
                w.room = 1; /* which nothing will fill */
        while (status == EFFNET_OK && w.next < batch->count) {
                fill(batch, &w);
                status = run_wave(batch, &w);
        }
        en_free(w.slots);
        return status;
}

effnet_status
en_batch_run(en_batch *batch)
{
        effnet_status status;

        batch->failed = -1;
        status = run_waves(batch);
        if (status != EFFNET_OK || batch->failed < 0)
                return status;
        en_message_restore(batch->message);
        return batch->status;
}
