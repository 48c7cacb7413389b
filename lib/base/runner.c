/* runner.c: calling the caller's runner, which is not trusted to count. */
#include "base/runner.h"

#include "base/alloc.h"
#include "base/fpu.h"
#include "base/status.h"

#include <stdatomic.h>

typedef struct jobs {
        en_task_fn task;
        void *context;
        int32_t count, threads;
        atomic_int done;
        atomic_int strange; /* of numbers that are none of the run's */
} jobs;

static void
run_job(void *opaque, int32_t index, int32_t thread)
{
        jobs *all = opaque;
        uint64_t mode;

        if (index < 0 || index >= all->count || thread < 0 ||
            thread >= all->threads) {
                atomic_fetch_add_explicit(&all->strange, 1,
                                          memory_order_relaxed);
                return;
        }
        mode = en_fpu_enter();
        all->task(all->context, index, thread);
        en_fpu_leave(mode);
        atomic_fetch_add_explicit(&all->done, 1, memory_order_relaxed);
}

static effnet_status
failed(effnet_status status)
{
        if (status < EFFNET_ERROR_INTERNAL || status > 0)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "the runner answered %d, which is no status",
                               (int)status);
        return en_fail(status, "the runner failed");
}

effnet_status
en_runner_run(const en_runner *runner, int32_t threads, int32_t count,
              en_task_fn task, void *context)
{
        const en_allocator *used = en_allocator_use(NULL);
        jobs all = {.task = task,
                    .context = context,
                    .count = count,
                    .threads = threads};
        effnet_status status;
        int done, strange;

        status = runner->run(runner->opaque, count, run_job, &all);
        en_allocator_use(used);
        if (status != EFFNET_OK)
                return failed(status);
        done = atomic_load_explicit(&all.done, memory_order_relaxed);
        strange = atomic_load_explicit(&all.strange, memory_order_relaxed);
        if (done == count && strange == 0)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_ARGUMENT,
                       "the runner ran %d of %d jobs, and %d with an index or "
                       "thread out of range",
                       done, (int)count, strange);
}
