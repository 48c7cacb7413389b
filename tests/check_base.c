/* check_base.c: allocation, sizes, sources, the message and the threads. */
#include "base/alloc.h"
#include "base/cpu.h"
#include "base/fpu.h"
#include "base/size.h"
#include "base/source.h"
#include "base/status.h"
#include "base/threads.h"
#include "support.h"

#include <errno.h>
#include <fenv.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SSE__)

/* Kernels ask for flags, which must not be the caller's; nor are theirs. */
START_TEST(flags_of_the_fpu)
{
        volatile float zero = 0, found;
        uint64_t mode;

        feclearexcept(FE_ALL_EXCEPT);
        found = zero / zero;
        ck_assert(fetestexcept(FE_INVALID));
        mode = en_fpu_enter();
        ck_assert(!fetestexcept(FE_ALL_EXCEPT));
        found = 1 / zero;
        ck_assert(fetestexcept(FE_DIVBYZERO));
        en_fpu_leave(mode);
        ck_assert(fetestexcept(FE_INVALID));
        ck_assert(!fetestexcept(FE_DIVBYZERO));
        ck_assert(found > 0);
}
END_TEST

#endif

START_TEST(message_is_cut_and_prefixed)
{
        char longer[3 * EN_MESSAGE_SIZE];

        memset(longer, 'x', sizeof(longer));
        longer[sizeof(longer) - 1] = '\0';
        ck_assert_int_eq(en_fail(EFFNET_ERROR_IO, "%s", longer),
                         EFFNET_ERROR_IO);
        ck_assert_uint_eq(strlen(en_message()), EN_MESSAGE_SIZE - 1);
        en_fail(EFFNET_ERROR_IO, "inner");
        en_fail_in(EFFNET_ERROR_IO, "file");
        ck_assert_str_eq(en_message(), "file: inner");
        en_fail_in(EFFNET_ERROR_IO, "file");
        ck_assert_str_eq(en_message(), "file: inner");
        en_fail_in(EFFNET_OK, "other");
        ck_assert_str_eq(en_message(), "file: inner");
}
END_TEST

static void *
fail_in_thread(void *unused)
{
        (void)unused;
        en_fail(EFFNET_ERROR_IO, "in the other thread");
        return NULL;
}

START_TEST(message_is_per_thread)
{
        pthread_t thread;

        en_fail(EFFNET_ERROR_IO, "mine");
        ck_assert(pthread_create(&thread, NULL, fail_in_thread, NULL) == 0);
        pthread_join(thread, NULL);
        ck_assert_str_eq(en_message(), "mine");
}
END_TEST

START_TEST(sizes_overflow)
{
        uint64_t u;
        size_t s;

        ck_assert(en_mul_u64(3, 5, &u) && u == 15);
        ck_assert(!en_mul_u64(UINT64_MAX, 2, &u));
        ck_assert(en_add_u64(3, 5, &u) && u == 8);
        ck_assert(!en_add_u64(UINT64_MAX, 1, &u));
        ck_assert(!en_mul_size(SIZE_MAX, 2, &s));
        ck_assert(!en_add_size(SIZE_MAX, 1, &s));
        ck_assert_uint_eq(en_round_up(0, 8), 0);
        ck_assert_uint_eq(en_round_up(9, 8), 16);
}
END_TEST

START_TEST(allocation_fails_with_a_message)
{
        ck_assert_ptr_null(en_alloc_array(SIZE_MAX, 2));
        ck_assert_ptr_nonnull(strstr(en_message(), "out of memory"));
        ck_assert_ptr_null(en_alloc_aligned(SIZE_MAX, 1));
        ck_assert_ptr_null(en_alloc_aligned(SIZE_MAX / 2, 4));
        ck_assert_ptr_null(en_realloc_array(NULL, SIZE_MAX, 8));
        ck_assert_ptr_null(en_strndup("", SIZE_MAX));
}
END_TEST

START_TEST(allocation_is_aligned_and_zero)
{
        for (size_t n = 0; n < 300; n += 37) {
                uint8_t *memory = en_alloc_aligned(n, 1);

                ck_assert_ptr_nonnull(memory);
                ck_assert_uint_eq((uintptr_t)memory % EN_ALIGNMENT, 0);
                for (size_t i = 0; i < n; i++)
                        ck_assert_uint_eq(memory[i], 0);
                en_free(memory);
        }
        en_free(NULL);
}
END_TEST

/* A scratch file of `size` bytes 0, 1, 2, ... that is unlinked by the caller.
 */
static void
scratch_file(char path[64], size_t size)
{
        int fd;

        snprintf(path, 64, "%s/effnet-check-XXXXXX", P_tmpdir);
        fd = mkstemp(path);
        ck_assert_int_ge(fd, 0);
        for (size_t i = 0; i < size; i++) {
                uint8_t byte = (uint8_t)i;

                ck_assert_int_eq(write(fd, &byte, 1), 1);
        }
        close(fd);
}

START_TEST(source_reads_a_file)
{
        char path[64];
        uint8_t buffer[16];
        en_source source;

        scratch_file(path, 10);
        errno = 77;
        ck_ok(en_source_open(&source, path, 10));
        ck_assert_uint_eq(source.size, 10);
        ck_ok(en_source_read(&source, 3, buffer, 7));
        for (int i = 0; i < 7; i++)
                ck_assert_int_eq(buffer[i], 3 + i);
        ck_ok(en_source_read(&source, 10, buffer, 0));
        ck_fails(en_source_read(&source, 4, buffer, 7), EFFNET_ERROR_FORMAT);
        ck_message("offset 4");
        ck_message(path);
        ck_fails(en_source_read(&source, UINT64_MAX, buffer, 1),
                 EFFNET_ERROR_FORMAT);
        ck_assert(truncate(path, 5) == 0);
        ck_fails(en_source_read(&source, 3, buffer, 7), EFFNET_ERROR_IO);
        ck_message("became shorter");
        ck_assert_int_eq(errno, 77);
        en_source_close(&source);
        unlink(path);
}
END_TEST

START_TEST(source_refuses)
{
        char path[64];
        en_source source;
        uint8_t *data;
        size_t size;

        scratch_file(path, 10);
        ck_fails(en_source_open(&source, path, 9), EFFNET_ERROR_LIMIT);
        ck_message("10 bytes, the limit is 9");
        ck_fails(en_source_open(&source, "/nonexistent/file", 9),
                 EFFNET_ERROR_IO);
        ck_message("/nonexistent/file");
        ck_message("no such file");
        ck_fails(en_source_open(&source, "/", 9), EFFNET_ERROR_IO);
        ck_message("directory");
        ck_fails(en_source_open(&source, "/dev/null", 9), EFFNET_ERROR_IO);
        ck_message("regular");
        ck_fails(en_read_file("/nonexistent/file", 9, &data, &size),
                 EFFNET_ERROR_IO);
        ck_assert_ptr_null(data);
        ck_ok(en_read_file(path, 10, &data, &size));
        ck_assert_uint_eq(size, 10);
        en_free(data);
        unlink(path);
}
END_TEST

static int32_t
failing_read(void *opaque, uint64_t offset, void *buffer, size_t size)
{
        (void)offset;
        memset(buffer, 7, size);
        ++*(int *)opaque;
        return size > 4;
}

START_TEST(source_calls_back)
{
        int calls = 0;
        uint8_t buffer[8];
        en_source source;

        en_source_callback(&source, failing_read, &calls, 100);
        ck_ok(en_source_read(&source, 96, buffer, 4));
        ck_assert_int_eq(buffer[3], 7);
        ck_fails(en_source_read(&source, 0, buffer, 5), EFFNET_ERROR_IO);
        ck_message("callback failed");
        ck_fails(en_source_read(&source, 97, buffer, 4), EFFNET_ERROR_FORMAT);
        ck_assert_int_eq(calls, 2);
}
END_TEST

static const en_runner own = {NULL, NULL}; /* the pool's own threads */

typedef struct tally {
        atomic_int done[1000];
        atomic_int wrong_thread;
        int threads;
} tally;

static void
count_task(void *context, int32_t index, int32_t thread)
{
        tally *all = context;

        atomic_fetch_add(&all->done[index], 1);
        if (thread < 0 || thread >= all->threads)
                atomic_fetch_add(&all->wrong_thread, 1);
}

START_TEST(pool_runs_each_task_once)
{
        for (int threads = 1; threads <= 4; threads++) {
                tally *all = calloc(1, sizeof(*all));
                en_pool *pool;

                all->threads = threads;
                ck_ok(en_pool_create(&pool, threads, &own));
                ck_assert_int_eq(en_pool_threads(pool), threads);
                for (int run = 1; run <= 50; run++) {
                        ck_ok(en_pool_run(pool, 1000, count_task, all));
                        for (int i = 0; i < 1000; i++)
                                ck_assert_int_eq(all->done[i], run);
                }
                ck_ok(en_pool_run(pool, 0, count_task, all));
                ck_assert_int_eq(all->wrong_thread, 0);
                en_pool_free(pool);
                free(all);
        }
        en_pool_free(NULL);
        ck_assert_int_eq(en_pool_threads(NULL), 1);
}
END_TEST

typedef struct short_run {
        int values[8];
        int number;
} short_run;

static void
number_task(void *context, int32_t index, int32_t thread)
{
        short_run *run = context;

        (void)thread;
        run->values[index] += run->number;
}

/* A worker that is late for a run must not take part in it: what the run was
 * about, here a variable that is no more, ends with its last task.
 */
static void
run_shortly(en_pool *pool, int number)
{
        const int count = number % 8 + 1;
        short_run run = {{0}, number};

        ck_ok(en_pool_run(pool, count, number_task, &run));
        for (int i = 0; i < 8; i++)
                ck_assert_int_eq(run.values[i], i < count ? number : 0);
}

START_TEST(pool_ends_a_run_with_its_last_task)
{
        for (int threads = 2; threads <= 5; threads++) {
                en_pool *pool;

                ck_ok(en_pool_create(&pool, threads, &own));
                for (int number = 1; number <= 4000; number++) {
                        if (number % 50 == 0)
                                en_pool_wake(pool, number % 100 == 0);
                        run_shortly(pool, number);
                }
                en_pool_free(pool);
        }
        en_pool_wake(NULL, true);
}
END_TEST

#define SHARE 7 /* tasks a thread */

typedef struct shares {
        int threads;
        atomic_int begun, ended;
        int first_of[4]; /* the first task of each thread, or -1 */
        int slow;        /* a task that ends last, or -1 */
} shares;

/* A thread's first task waits for those of all others: until then nobody can
 * have taken over what is another's.
 */
static void
meet_task(void *context, int32_t index, int32_t thread)
{
        shares *all = context;

        if (all->first_of[thread] < 0) {
                all->first_of[thread] = index;
                atomic_fetch_add(&all->begun, 1);
                while (atomic_load(&all->begun) < all->threads)
                        sched_yield();
        }
        while (index == all->slow &&
               atomic_load(&all->ended) < all->threads * SHARE - 1)
                sched_yield();
        atomic_fetch_add(&all->ended, 1);
}

/* Neighbouring tasks; but a slow thread's, but for the one that it is at, are
 * run by others.  A new pool each time: a thread that is late to leave a run may
 * begin the next one with another's.
 */
START_TEST(pool_gives_threads_shares)
{
        for (int threads = 2; threads <= 4; threads++) {
                for (int slow = -1; slow < threads; slow++) {
                        shares all = {threads, 0, 0, {-1, -1, -1, -1}, -1};
                        en_pool *pool;

                        ck_ok(en_pool_create(&pool, threads, &own));
                        if (slow >= 0)
                                all.slow = slow * SHARE;
                        ck_ok(en_pool_run(pool, threads * SHARE, meet_task,
                                          &all));
                        ck_assert_int_eq(all.ended, threads * SHARE);
                        for (int i = 0; i < threads; i++)
                                ck_assert_int_eq(all.first_of[i], i * SHARE);
                        en_pool_free(pool);
                }
        }
}
END_TEST

#define MANY 10000 /* tasks: more than a runner is given at once */

static void
count_calls(void *context, int32_t index, int32_t thread)
{
        (void)thread;
        ++((int *)context)[index];
}

/* `opaque` is the number of calls until one repeats job 7. */
static effnet_status
repeat_once(void *opaque, int32_t count, effnet_job_fn job, void *job_opaque)
{
        int *left = opaque;

        for (int32_t i = count; i-- > 0;)
                job(job_opaque, i, i % 2);
        if ((*left)-- == 0)
                job(job_opaque, 7, 0);
        return EFFNET_OK;
}

START_TEST(runner_runs_each_task_once)
{
        int *calls = calloc(MANY, sizeof(*calls)), left = -1;
        const en_runner runner = {repeat_once, &left};

        ck_ok(en_runner_run(&runner, 2, MANY, count_calls, calls));
        for (int i = 0; i < MANY; i++)
                ck_assert_int_eq(calls[i], 1);
        left = 1;
        ck_fails(en_runner_run(&runner, 2, MANY, count_calls, calls),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("called 1 more than once");
        for (int i = 0; i < MANY; i++)
                ck_assert_int_le(calls[i], 2);
        free(calls);
}
END_TEST

START_TEST(pool_does_not_survive_fork)
{
        tally *all = calloc(1, sizeof(*all));
        en_pool *pool;
        pid_t child;
        int status;

        all->threads = 2;
        ck_ok(en_pool_create(&pool, 2, &own));
        child = fork();
        if (child == 0) {
                status = en_pool_run(pool, 10, count_task, all);
                en_pool_free(pool);
                _exit(status == EFFNET_ERROR_STATE ? 0 : 1);
        }
        waitpid(child, &status, 0);
        ck_assert_int_eq(status, 0);
        ck_ok(en_pool_run(pool, 10, count_task, all));
        en_pool_free(pool);
        free(all);
}
END_TEST

#if defined(__SSE__) || defined(__aarch64__)

static volatile float tiny = 1e-39F;

static void
flush_task(void *context, int32_t index, int32_t thread)
{
        (void)index;
        (void)thread;
        if (tiny * 1.0F != 0)
                *(int *)context = 1;
}

/* Between the jobs its own mode holds. */
static effnet_status
run_and_look(void *opaque, int32_t count, effnet_job_fn job, void *job_opaque)
{
        for (int32_t i = 0; i < count; i++) {
                job(job_opaque, i, 0);
                if (tiny * 1.0F == 0)
                        *(int *)opaque = 2;
        }
        return EFFNET_OK;
}

START_TEST(tasks_flush_subnormals_and_restore)
{
        int kept = 0;
        const en_runner theirs = {run_and_look, &kept};
        en_pool *pool;

        ck_assert(tiny * 1.0F != 0);
        ck_ok(en_pool_run(NULL, 3, flush_task, &kept));
        ck_ok(en_pool_create(&pool, 3, &own));
        ck_ok(en_pool_run(pool, 30, flush_task, &kept));
        en_pool_free(pool);
        ck_ok(en_pool_create(&pool, 3, &theirs));
        ck_ok(en_pool_run(pool, 30, flush_task, &kept));
        en_pool_free(pool);
        ck_assert_int_eq(kept, 0);
        ck_assert(tiny * 1.0F != 0);
}
END_TEST

#endif

/* ---- runners */

/* In falling order, each on another thread's number. */
static effnet_status
run_backwards(void *opaque, int32_t count, effnet_job_fn job, void *job_opaque)
{
        int threads = *(const int *)opaque;

        for (int32_t i = count; i-- > 0;)
                job(job_opaque, i, i % threads);
        return EFFNET_OK;
}

START_TEST(pool_hands_tasks_to_a_runner)
{
        tally *all = calloc(1, sizeof(*all));
        en_runner runner = {run_backwards, &all->threads};
        pid_t child;
        en_pool *pool;
        int status;

        all->threads = 3;
        ck_ok(en_pool_create(&pool, 3, &runner));
        ck_assert_int_eq(en_pool_threads(pool), 3);
        ck_ok(en_pool_run(pool, 1000, count_task, all));
        ck_ok(en_pool_run(pool, 1, count_task, all));
        ck_ok(en_pool_run(pool, 0, count_task, all));
        for (int i = 0; i < 1000; i++)
                ck_assert_int_eq(all->done[i], i == 0 ? 2 : 1);
        ck_assert_int_eq(all->wrong_thread, 0);
        child = fork(); /* it has no threads that could be lost */
        if (child == 0) {
                status = en_pool_run(pool, 10, count_task, all);
                _exit(status == EFFNET_OK && all->done[9] == 2 ? 0 : 1);
        }
        waitpid(child, &status, 0);
        ck_assert_int_eq(status, 0);
        en_pool_free(pool);
        free(all);
}
END_TEST

/* What is wrong with a runner. */
typedef struct fault {
        int32_t index, thread;  /* of one job more; -1: none is added */
        int32_t missing;        /* jobs that are not run */
        effnet_status answer;   /* of the runner */
        effnet_status expected; /* of the run */
        const char *message;
} fault;

static effnet_status
run_wrongly(void *opaque, int32_t count, effnet_job_fn job, void *job_opaque)
{
        const fault *is = opaque;

        for (int32_t i = is->missing; i < count; i++)
                job(job_opaque, i, 0);
        if (is->message != NULL && is->index != -1)
                job(job_opaque, is->index, is->thread);
        return is->answer;
}

START_TEST(pool_notices_a_bad_runner)
{
        static const fault faults[] = {
                {-1, 0, 0, 0, EFFNET_OK, NULL},
                {-1, 0, 1, 0, EFFNET_ERROR_ARGUMENT, "ran 9 of 10 jobs"},
                {-1, 0, 10, 0, EFFNET_ERROR_ARGUMENT, "ran 0 of 10 jobs"},
                {5, 0, 0, 0, EFFNET_ERROR_ARGUMENT,
                 "ran all 10 jobs, but called 1 more than once"},
                {5, 0, 1, 0, EFFNET_ERROR_ARGUMENT,
                 "ran 9 of 10 jobs, not job 0; it called 1 more than once"},
                {10, 0, 0, 0, EFFNET_ERROR_ARGUMENT, "and 1 with"},
                {-2, 0, 1, 0, EFFNET_ERROR_ARGUMENT, "and 1 with"},
                {1, 2, 0, 0, EFFNET_ERROR_ARGUMENT, "and 1 with"},
                {1, -1, 0, 0, EFFNET_ERROR_ARGUMENT, "and 1 with"},
                {-1, 0, 10, EFFNET_ERROR_IO, EFFNET_ERROR_IO, "runner failed"},
                {-1, 0, 0, EFFNET_ERROR_CANCELLED, EFFNET_ERROR_CANCELLED,
                 "runner failed"},
                {-1, 0, 0, 7, EFFNET_ERROR_ARGUMENT, "answered 7"},
                {-1, 0, 0, -99, EFFNET_ERROR_ARGUMENT, "answered -99"},
        };

        for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
                fault is = faults[i];
                en_runner runner = {run_wrongly, &is};
                tally *all = calloc(1, sizeof(*all));
                effnet_status status;
                en_pool *pool;

                all->threads = 2;
                ck_ok(en_pool_create(&pool, 2, &runner));
                status = en_pool_run(pool, 10, count_task, all);
                ck_assert_int_eq(status, is.expected);
                if (is.message != NULL)
                        ck_message(is.message);
                ck_assert_int_eq(all->wrong_thread, 0);
                en_pool_free(pool);
                free(all);
        }
}
END_TEST

/* Recorded registers, and the same with one thing taken away each. */
START_TEST(avx2_needs_every_bit)
{
        const en_cpuid milan = {16, 0xfffa3203, 0x219c97a9,
                                7,  0x178bfbff, false};
        en_cpuid less;

        ck_assert(en_cpu_has_avx2(&milan));
        for (int bit = 0; bit < 4; bit++) {
                static const int bits[] = {12, 27, 28, 29};

                less = milan;
                less.leaf1_ecx &= ~(UINT32_C(1) << bits[bit]);
                ck_assert(!en_cpu_has_avx2(&less));
        }
        less = milan;
        less.leaf7_ebx &= ~UINT32_C(0x20);
        ck_assert(!en_cpu_has_avx2(&less));
        less = milan;
        less.max_leaf = 6;
        ck_assert(!en_cpu_has_avx2(&less));
        less = milan;
        less.xcr0 = 3; /* the system saves no YMM state */
        ck_assert(!en_cpu_has_avx2(&less));
}
END_TEST

START_TEST(avx512_needs_every_bit)
{
        const en_cpuid ice_lake = {27,    0xfffa3203, 0xf1bf07ab,
                                   0x2e7, 0x178bfbff, false};
        static const int features[] = {5, 16, 17, 30, 31};
        static const int states[] = {1, 2, 5, 6, 7};
        en_cpuid less;

        ck_assert(en_cpu_has_avx512(&ice_lake));
        for (int bit = 0; bit < 5; bit++) {
                less = ice_lake;
                less.leaf7_ebx &= ~(UINT32_C(1) << features[bit]);
                ck_assert(!en_cpu_has_avx512(&less));
                less = ice_lake;
                less.xcr0 &= ~(UINT64_C(1) << states[bit]);
                ck_assert(!en_cpu_has_avx512(&less));
        }
        less = ice_lake;
        less.leaf1_ecx &= ~UINT32_C(0x1000); /* FMA */
        ck_assert(!en_cpu_has_avx512(&less));
        less = ice_lake;
        less.xcr0 = 7; /* the system saves no ZMM state */
        ck_assert(!en_cpu_has_avx512(&less));
        ck_assert(en_cpu_has_avx2(&less));
}
END_TEST

static TCase *
memory_case(void)
{
        TCase *tcase = tcase_create("memory and sources");

#if defined(__SSE__)
        tcase_add_test(tcase, flags_of_the_fpu);
#endif
        tcase_add_test(tcase, message_is_cut_and_prefixed);
        tcase_add_test(tcase, message_is_per_thread);
        tcase_add_test(tcase, sizes_overflow);
        tcase_add_test(tcase, allocation_fails_with_a_message);
        tcase_add_test(tcase, allocation_is_aligned_and_zero);
        tcase_add_test(tcase, source_reads_a_file);
        tcase_add_test(tcase, source_refuses);
        tcase_add_test(tcase, source_calls_back);
        return tcase;
}

/* Recorded: third and second cache of an Intel Xeon (leaf 4), third cache of an
 * AMD EPYC (leaf 0x8000001d): 20 ways of 64 bytes and 245760 sets, and so on.
 */
START_TEST(sizes_of_caches)
{
        ck_assert_uint_eq(en_cpu_cache_size(0x04c0003f, 0x3bfff), 300 << 20);
        ck_assert_uint_eq(en_cpu_cache_size(0x03c0003f, 0x7ff), 2 << 20);
        ck_assert_uint_eq(en_cpu_cache_size(0x03c0003f, 0x7fff), 32 << 20);
}
END_TEST

static TCase *
threads_case(void)
{
        TCase *tcase = tcase_create("threads and processor");

        tcase_add_test(tcase, pool_runs_each_task_once);
        tcase_add_test(tcase, pool_ends_a_run_with_its_last_task);
        tcase_add_test(tcase, pool_gives_threads_shares);
        tcase_add_test(tcase, runner_runs_each_task_once);
        tcase_add_test(tcase, pool_does_not_survive_fork);
        tcase_add_test(tcase, pool_hands_tasks_to_a_runner);
        tcase_add_test(tcase, pool_notices_a_bad_runner);
#if defined(__SSE__) || defined(__aarch64__)
        tcase_add_test(tcase, tasks_flush_subnormals_and_restore);
#endif
        tcase_add_test(tcase, avx2_needs_every_bit);
        tcase_add_test(tcase, avx512_needs_every_bit);
        tcase_add_test(tcase, sizes_of_caches);
        return tcase;
}

int
main(void)
{
        Suite *suite = suite_create("base");

        suite_add_tcase(suite, memory_case());
        suite_add_tcase(suite, threads_case());
        return test_main(suite);
}
