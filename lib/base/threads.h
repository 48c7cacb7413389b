/* threads.h: a pool that runs numbered tasks and sleeps when there are none for
 * a while, or hands them to the caller's runner.
 */
#ifndef EN_BASE_THREADS_H
#define EN_BASE_THREADS_H

#include "base/runner.h"

#include <stdbool.h>

typedef struct en_pool en_pool;

/* A pool of `threads` threads, the caller's included.  With a runner it has
 * none of its own.
 */
effnet_status en_pool_create(en_pool **pool, int32_t threads,
                             const en_runner *runner);
void en_pool_free(en_pool *pool);
int32_t en_pool_threads(const en_pool *pool);

/* While it is awake, workers look for the next run a short time before they
 * sleep.  NULL: no pool.
 */
void en_pool_wake(en_pool *pool, bool awake);

/* Runs tasks 0 to count - 1, each once, in any order, and returns when all
 * are done.  Flush-to-zero is set in each thread meanwhile.  A NULL pool runs
 * them in order on the caller's thread.  EFFNET_ERROR_STATE in a child after
 * fork, where the pool's threads do not exist; and the runner's failures.
 */
effnet_status en_pool_run(en_pool *pool, int32_t count, en_task_fn task,
                          void *context);

#endif
