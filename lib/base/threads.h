/* threads.h: a pool that runs numbered tasks and sleeps between runs. */
#ifndef EN_BASE_THREADS_H
#define EN_BASE_THREADS_H

#include "effnet.h"

typedef struct en_pool en_pool;

/* Task `index` of a run, on thread `thread` (0: the caller's). */
typedef void (*en_task_fn)(void *context, int32_t index, int32_t thread);

/* A pool of `threads` threads, the caller's included. */
effnet_status en_pool_create(en_pool **pool, int32_t threads);
void en_pool_free(en_pool *pool);
int32_t en_pool_threads(const en_pool *pool);

/* Runs tasks 0 to count - 1, each once, in any order, and returns when all
 * are done.  Flush-to-zero is set in each thread meanwhile.  A NULL pool runs
 * them in order on the caller's thread.  EFFNET_ERROR_STATE in a child after
 * fork, where the pool's threads do not exist.
 */
effnet_status en_pool_run(en_pool *pool, int32_t count, en_task_fn task,
                          void *context);

#endif
