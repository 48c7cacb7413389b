/* threads.c: POSIX threads, one condition variable each way.  Each thread has a
 * share of a run's tasks, neighbours in the order of their numbers: of the next
 * run, mostly on the same rows of a map, it has the same part, whose data is in
 * its cache.  Whoever is done takes over from others, so that a slow thread
 * holds up nobody: a run ends with its last task, whether or not all workers
 * have noticed that it began.
 *
 * While the pool is awake, who waits looks around a short time before he
 * sleeps: waking takes longer than many a step of a small network.
 */
#include "base/threads.h"

#include "base/alloc.h"
#include "base/fpu.h"
#include "base/status.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

/* `share`: the tasks of a run that it is to run and nobody has taken yet, from
 * the first, in the upper half, up to one behind the last.  Who takes one reads
 * the run's other fields only then: they stay until all that were taken have
 * ended.
 */
typedef struct worker {
        _Alignas(EN_ALIGNMENT) _Atomic uint64_t share;
        en_pool *pool;
        pthread_t handle;
        int32_t number;
} worker;

/* Looks, and rounds of so many after each of which another thread may have the
 * core: some 50 us together.
 */
#define LOOKS  64
#define ROUNDS 24

#define SHARE_BITS 32

struct en_pool {
        pthread_mutex_t lock;
        pthread_cond_t start;
        pthread_cond_t done;
        bool stop;   /* guarded by lock */
        pid_t owner; /* the process that the workers live in */

        en_task_fn task;
        void *context;
        int32_t count;
        _Alignas(EN_ALIGNMENT) _Atomic uint32_t run;  /* its number */
        _Alignas(EN_ALIGNMENT) _Atomic int32_t ended; /* tasks */
        atomic_bool awake;

        en_runner runner; /* in place of the workers */
        int32_t threads;
        int32_t started;
        worker workers[]; /* the first: the thread that runs the pool */
};

static inline void
relax(void)
{
#if defined __x86_64__ || defined __i386__
        __builtin_ia32_pause();
#elif defined __aarch64__
        __asm__ volatile("yield");
#endif
}

static uint64_t
share_of(int64_t begin, int64_t end)
{
        return (uint64_t)begin << SHARE_BITS | (uint64_t)end;
}

/* The first or the last task of a share; -1: none is left. */
static int32_t
take_from(worker *from, bool first)
{
        uint64_t share = atomic_load_explicit(&from->share,
                                              memory_order_acquire);
        int64_t begin, end;
        uint64_t left;

        do {
                begin = (int64_t)(share >> SHARE_BITS);
                end = (int64_t)(uint32_t)share;
                if (begin >= end)
                        return -1;
                left = first ? share_of(begin + 1, end)
                             : share_of(begin, end - 1);
        } while (!atomic_compare_exchange_weak_explicit(
                &from->share, &share, left, memory_order_acq_rel,
                memory_order_acquire));
        return (int32_t)(first ? begin : end - 1);
}

static int32_t
take(en_pool *pool, int32_t thread)
{
        int32_t index = take_from(&pool->workers[thread], true);

        for (int32_t i = 1; index < 0 && i < pool->threads; i++)
                index = take_from(&pool->workers[(thread + i) % pool->threads],
                                  false);
        return index;
}

static void
end_task(en_pool *pool, int32_t thread)
{
        int32_t count = pool->count; /* before the run may end */
        int32_t ended = atomic_fetch_add_explicit(&pool->ended, 1,
                                                  memory_order_acq_rel);

        if (ended + 1 < count || thread == 0)
                return;
        pthread_mutex_lock(&pool->lock);
        pthread_cond_signal(&pool->done);
        pthread_mutex_unlock(&pool->lock);
}

static void
run_tasks(en_pool *pool, int32_t thread)
{
        uint64_t mode = en_fpu_enter();
        int32_t index;

        while ((index = take(pool, thread)) >= 0) {
                pool->task(pool->context, index, thread);
                end_task(pool, thread);
        }
        en_fpu_leave(mode);
}

static uint32_t
current_run(const en_pool *pool)
{
        return atomic_load_explicit(&pool->run, memory_order_acquire);
}

static bool
has_begun(en_pool *pool, uint64_t seen)
{
        return current_run(pool) != seen;
}

static bool
has_ended(en_pool *pool, uint64_t count)
{
        return (uint64_t)atomic_load_explicit(&pool->ended,
                                              memory_order_acquire) == count;
}

static void
look_for(en_pool *pool, bool (*what)(en_pool *, uint64_t), uint64_t value)
{
        for (int32_t i = 0; i < ROUNDS; i++) {
                for (int32_t j = 0; j < LOOKS; j++) {
                        if (what(pool, value) ||
                            !atomic_load_explicit(&pool->awake,
                                                  memory_order_relaxed))
                                return;
                        relax();
                }
                sched_yield();
        }
}

/* Waits for another run than `seen`; false: for the end of all. */
static bool
wait_for_run(en_pool *pool, uint32_t seen)
{
        bool stop;

        look_for(pool, has_begun, seen);
        if (has_begun(pool, seen))
                return true;
        pthread_mutex_lock(&pool->lock);
        while (!has_begun(pool, seen) && !pool->stop)
                pthread_cond_wait(&pool->start, &pool->lock);
        stop = pool->stop;
        pthread_mutex_unlock(&pool->lock);
        return !stop;
}

static void *
work(void *argument)
{
        worker *self = argument;
        uint32_t seen = 0;

        while (wait_for_run(self->pool, seen)) {
                seen = current_run(self->pool);
                run_tasks(self->pool, self->number);
        }
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
        for (int32_t i = 1; i < pool->threads && error == 0; i++) {
                worker *self = &pool->workers[i];

                self->pool = pool;
                self->number = i;
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
        pool = en_alloc_aligned(1, sizeof(*pool) +
                                           (size_t)threads * sizeof(worker));
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
                for (int32_t i = 1; i <= pool->started; i++)
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

void
en_pool_wake(en_pool *pool, bool awake)
{
        if (pool != NULL)
                atomic_store_explicit(&pool->awake, awake,
                                      memory_order_relaxed);
}

/* Shares differ by a task at most, and no other has more than the first. */
static void
share_out(en_pool *pool, int64_t count)
{
        const int64_t threads = pool->threads;
        int64_t begin = 0;

        for (int64_t i = 0; i < threads; i++) {
                int64_t end = (count * (i + 1) + threads - 1) / threads;

                atomic_store_explicit(&pool->workers[i].share,
                                      share_of(begin, end),
                                      memory_order_release);
                begin = end;
        }
}

static void
begin_run(en_pool *pool, int32_t count, en_task_fn task, void *context)
{
        pool->task = task;
        pool->context = context;
        pool->count = count;
        atomic_store_explicit(&pool->ended, 0, memory_order_relaxed);
        share_out(pool, count);
        pthread_mutex_lock(&pool->lock);
        atomic_fetch_add_explicit(&pool->run, 1, memory_order_release);
        pthread_cond_broadcast(&pool->start);
        pthread_mutex_unlock(&pool->lock);
}

static void
wait_for_end(en_pool *pool, int32_t count)
{
        look_for(pool, has_ended, (uint64_t)count);
        if (has_ended(pool, (uint64_t)count))
                return;
        pthread_mutex_lock(&pool->lock);
        while (!has_ended(pool, (uint64_t)count))
                pthread_cond_wait(&pool->done, &pool->lock);
        pthread_mutex_unlock(&pool->lock);
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
        begin_run(pool, count, task, context);
        run_tasks(pool, 0);
        wait_for_end(pool, count);
        return EFFNET_OK;
}
