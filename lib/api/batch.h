/* batch.h: many pictures through one session, each of which fails alone. */
#ifndef EN_API_BATCH_H
#define EN_API_BATCH_H

#include "api/session.h"
#include "base/status.h"

typedef struct en_batch en_batch;

/* What is done with pictures once they are prepared. */
typedef struct en_batch_ops {
        /* Before the first, when the size is known; NULL: nothing. */
        effnet_status (*begin)(const en_batch *batch);
        /* A failure ends the batch. */
        effnet_status (*use)(const en_batch *batch, int32_t index,
                             const float *planes);
        /* Of one that failed; also without `begin`. */
        void (*skip)(const en_batch *batch, int32_t index);
} en_batch_ops;

struct en_batch {
        const en_batch_ops *ops;
        effnet_session *session;
        const effnet_image *const *images;
        int32_t count;
        effnet_status *statuses; /* of each; or NULL */
        void *results;           /* for the ops */

        int32_t height, width; /* of each input; 0: of none yet */
        bool begun;
        int32_t used;
        int32_t failed; /* the first that failed; -1: none did */
        effnet_status status;
        char message[EN_MESSAGE_SIZE]; /* of that one */
};

/* Prepares as many pictures at once as there are threads, then uses them in
 * order.  Returns what ended the batch early, else the status of the first
 * picture that failed, with its message.
 */
effnet_status en_batch_run(en_batch *batch);

#endif
