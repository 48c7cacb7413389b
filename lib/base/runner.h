/* runner.h: numbered tasks on the caller's threads. */
#ifndef EN_BASE_RUNNER_H
#define EN_BASE_RUNNER_H

#include "effnet.h"

/* Task `index` of a run, on thread `thread` (0: the caller's). */
typedef void (*en_task_fn)(void *context, int32_t index, int32_t thread);

typedef struct en_runner {
        effnet_runner_fn run; /* NULL: there is none */
        void *opaque;
} en_runner;

/* Runs tasks 0 to count - 1 for `threads` threads, in the library's
 * floating-point mode.  The runner's status, or EFFNET_ERROR_ARGUMENT where it
 * did not ask for each task once; a task is never run twice.
 */
effnet_status en_runner_run(const en_runner *runner, int32_t threads,
                            int32_t count, en_task_fn task, void *context);

#endif
