/* runner.c: calling the caller's runner, which is not trusted to count. */
#include "base/runner.h"

#include "base/alloc.h"
#include "base/fpu.h"
#include "base/status.h"

#include <stdatomic.h>
#include <stdbool.h>

/* Jobs of one call of the runner; a run of more calls it again. */
#define MOST 4096
#define WORD 32

typedef struct jobs {
        en_task_fn task;
        void *context;
        int32_t first, count, threads;
        atomic_int done;
        atomic_int repeated;
        atomic_int strange; /* of numbers that are none of the run's */
        atomic_uint taken[MOST / WORD];
} jobs;

static void
count_one(atomic_int *counter)
{
        atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* False where somebody has taken it before. */
static bool
take(jobs *all, int32_t index)
{
        const unsigned bit = 1U << (index % WORD);
        const unsigned before = atomic_fetch_or_explicit(
                &all->taken[index / WORD], bit, memory_order_relaxed);

        return (before & bit) == 0;
}

static void
run_job(void *opaque, int32_t index, int32_t thread)
{
        jobs *all = opaque;
        uint64_t mode;

        if (index < 0 || index >= all->count || thread < 0 ||
            thread >= all->threads) {
                count_one(&all->strange);
                return;
        }
        if (!take(all, index)) {
                count_one(&all->repeated);
                return;
        }
        mode = en_fpu_enter();
        all->task(all->context, all->first + index, thread);
        en_fpu_leave(mode);
        count_one(&all->done);
}

/* Whether each job was run, and nothing else was asked for. */
static effnet_status
check_jobs(jobs *all)
{
        const int done = atomic_load_explicit(&all->done, memory_order_relaxed);
        const int repeated = atomic_load_explicit(&all->repeated,
                                                  memory_order_relaxed);
        const int strange = atomic_load_explicit(&all->strange,
                                                 memory_order_relaxed);
        int32_t missing = 0;

        if (done == all->count && repeated == 0 && strange == 0)
                return EFFNET_OK;
        if (done == all->count)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "the runner ran all %d jobs, but called %d more "
                               "than once and %d with an index or thread out "
                               "of range",
                               done, repeated, strange);
        while (missing < all->count && !take(all, missing))
                missing++;
        if (missing == all->count)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "the runner returned when %d of %d jobs were "
                               "done",
                               done, (int)all->count);
        return en_fail(EFFNET_ERROR_ARGUMENT,
                       "the runner ran %d of %d jobs, not job %d; it called %d "
                       "more than once and %d with an index or thread out of "
                       "range",
                       done, (int)all->count, (int)missing, repeated, strange);
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
        effnet_status status = EFFNET_OK;

        for (int32_t first = 0; status == EFFNET_OK && first < count;) {
                jobs all = {.task = task,
                            .context = context,
                            .first = first,
                            .count = count - first < MOST ? count - first
                                                          : MOST,
                            .threads = threads};
                const en_allocator *used = en_allocator_use(NULL);

                status = runner->run(runner->opaque, all.count, run_job, &all);
                en_allocator_use(used);
                status = status != EFFNET_OK ? failed(status)
                                             : check_jobs(&all);
                first += all.count;
        }
        return status;
}
