/* threads.c: POSIX threads, one condition variable each way.  Tasks are taken
 * from a counter, so that a slow thread holds up nobody.
 */
#include "base/threads.h"

#include "base/alloc.h"
#include "base/fpu.h"
#include "base/status.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

typedef struct worker {
        en_pool *pool;
        pthread_t handle;
        int32_t number;
} worker;

struct en_pool {
        pthread_mutex_t lock;
        pthread_cond_t start;
        pthread_cond_t done;
        uint64_t run; /* number of the current run; guarded by lock */
        int32_t busy; /* workers still in it; guarded by lock */
        bool stop;
        pid_t owner; /* the process that the workers live in */

        en_task_fn task;
        void *context;
        int32_t count;
        atomic_int next;

        en_runner runner; /* in place of the workers */
        int32_t threads;
        int32_t started;
        worker workers[];
};

static void
run_tasks(en_pool *pool, int32_t thread)
{
        uint64_t mode = en_fpu_enter();

        for (;;) {
                int32_t index = atomic_fetch_add_explicit(&pool->next, 1,
                                                          memory_order_relaxed);

                if (index >= pool->count)
                        break;
                pool->task(pool->context, index, thread);
        }
        en_fpu_leave(mode);
}

static void *
work(void *argument)
{
        worker *self = argument;
        en_pool *pool = self->pool;
        uint64_t seen = 0;

        pthread_mutex_lock(&pool->lock);
        for (;;) {
                while (pool->run == seen && !pool->stop)
                        pthread_cond_wait(&pool->start, &pool->lock);
                if (pool->stop)
                        break;
                seen = pool->run;
                pthread_mutex_unlock(&pool->lock);
                run_tasks(pool, self->number);
                pthread_mutex_lock(&pool->lock);
                if (--pool->busy == 0)
                        pthread_cond_signal(&pool->done);
        }
        pthread_mutex_unlock(&pool->lock);
        return NULL;
}

/* Workers take no signals: those are the program's threads' business. */
static effnet_status
start_workers(en_pool *pool)
{
        sigset_t all, old;
        int error = 0;

        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &old);
        for (int32_t i = 0; i + 1 < pool->threads && error == 0; i++) {
                worker *self = &pool->workers[i];

                self->pool = pool;
                self->number = i + 1;
                error = pthread_create(&self->handle, NULL, work, self);
                if (error == 0)
                        pool->started++;
        }
        pthread_sigmask(SIG_SETMASK, &old, NULL);
        if (error != 0)
                return en_fail(EFFNET_ERROR_MEMORY,
                               "cannot start thread %d of %d (error %d)",
                               (int)pool->started + 2, (int)pool->threads,
                               error);
        return EFFNET_OK;
}

effnet_status
en_pool_create(en_pool **out, int32_t threads, const en_runner *runner)
{
        en_pool *pool;
        effnet_status status = EFFNET_OK;

        *out = NULL;
        pool = en_alloc_zero(1,
                             sizeof(*pool) + (size_t)threads * sizeof(worker));
        if (pool == NULL)
                return EFFNET_ERROR_MEMORY;
        pthread_mutex_init(&pool->lock, NULL);
        pthread_cond_init(&pool->start, NULL);
        pthread_cond_init(&pool->done, NULL);
        pool->threads = threads;
        pool->owner = getpid();
        if (runner->run != NULL)
                pool->runner = *runner;
        else
                status = start_workers(pool);
        if (status != EFFNET_OK) {
                en_pool_free(pool);
                return status;
        }
        *out = pool;
        return EFFNET_OK;
}

/* In a child after fork the workers are not there to be joined, and the
 * locks may be held by them: only the memory is given back.
 */
void
en_pool_free(en_pool *pool)
{
        if (pool == NULL)
                return;
        if (pool->owner == getpid()) {
                pthread_mutex_lock(&pool->lock);
                pool->stop = true;
                pthread_cond_broadcast(&pool->start);
                pthread_mutex_unlock(&pool->lock);
                for (int32_t i = 0; i < pool->started; i++)
                        pthread_join(pool->workers[i].handle, NULL);
                pthread_cond_destroy(&pool->done);
                pthread_cond_destroy(&pool->start);
                pthread_mutex_destroy(&pool->lock);
        }
        en_free(pool);
}

int32_t
en_pool_threads(const en_pool *pool)
{
        return pool != NULL ? pool->threads : 1;
}

static void
run_in_order(int32_t count, en_task_fn task, void *context)
{
        uint64_t mode = en_fpu_enter();

        for (int32_t i = 0; i < count; i++)
                task(context, i, 0);
        en_fpu_leave(mode);
}

effnet_status
en_pool_run(en_pool *pool, int32_t count, en_task_fn task, void *context)
{
        if (pool == NULL || pool->threads == 1) {
                run_in_order(count, task, context);
                return EFFNET_OK;
        }
        if (pool->runner.run == NULL && pool->owner != getpid())
                return en_fail(EFFNET_ERROR_STATE,
                               "a session with threads does not survive fork: "
                               "create another in the child");
        if (count <= 1) {
                run_in_order(count, task, context);
                return EFFNET_OK;
        }
        if (pool->runner.run != NULL)
                return en_runner_run(&pool->runner, pool->threads, count, task,
                                     context);
        pthread_mutex_lock(&pool->lock);
        pool->task = task;
        pool->context = context;
        pool->count = count;
        atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
        pool->busy = pool->started;
        pool->run++;
        pthread_cond_broadcast(&pool->start);
        pthread_mutex_unlock(&pool->lock);
        run_tasks(pool, 0);
        pthread_mutex_lock(&pool->lock);
        while (pool->busy > 0)
                pthread_cond_wait(&pool->done, &pool->lock);
        pthread_mutex_unlock(&pool->lock);
        return EFFNET_OK;
}
