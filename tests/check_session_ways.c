/* check_session_ways.c: sessions on the caller's threads, and runs that the
 * caller cancels.
 */
#include "memory.h"
#include "small.h"
#include "support.h"

#include <fenv.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLASSES 10
#define SIDE    TEST_SMALL_SIDE
#define MOST    8 /* threads */

static const int64_t shape[4] = {2, 3, SIDE, SIDE};

static effnet_session *
new_session(int threads)
{
        effnet_options *options;
        effnet_session *session;
        effnet_model *model = test_small_model(CLASSES, 3, NULL);

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_THREADS, threads));
        ck_ok(effnet_session_create(&session, model, options));
        effnet_options_free(options);
        effnet_model_release(model);
        return session;
}

static void
copy_logits(effnet_session *session, float logits[2 * CLASSES])
{
        ck_ok(effnet_session_copy_output(session, EFFNET_OUTPUT_LOGITS, logits,
                                         2 * CLASSES, NULL));
}

/* What one thread of the library's own makes of it. */
static void
expected_logits(const effnet_tensor *input, float logits[2 * CLASSES])
{
        effnet_session *session = new_session(1);

        ck_ok(effnet_session_run(session, input));
        copy_logits(session, logits);
        effnet_session_free(session);
}

static void
runs_as_expected(effnet_session *session)
{
        float found[2 * CLASSES], expected[2 * CLASSES];
        effnet_tensor *input = test_small_input(shape);

        expected_logits(input, expected);
        ck_ok(effnet_session_run(session, input));
        copy_logits(session, found);
        ck_assert_mem_eq(found, expected, sizeof(expected));
        effnet_tensor_free(input);
}

/* ---- runners */

typedef struct runner {
        int threads;
        int calls;
        int fail_at; /* the call that fails; negative: none does */
        pthread_t caller;
        bool strayed; /* it was called on another thread, or for one job */
} runner;

static bool
begin(runner *self, int32_t count)
{
        if (count < 2 || !pthread_equal(pthread_self(), self->caller))
                self->strayed = true;
        return self->calls++ != self->fail_at;
}

static effnet_status
in_order(void *opaque, int32_t count, effnet_job_fn job, void *job_opaque)
{
        if (!begin(opaque, count))
                return EFFNET_ERROR_IO;
        for (int32_t i = 0; i < count; i++)
                job(job_opaque, i, 0);
        return EFFNET_OK;
}

static effnet_status
backwards(void *opaque, int32_t count, effnet_job_fn job, void *job_opaque)
{
        const runner *self = opaque;

        if (!begin(opaque, count))
                return EFFNET_ERROR_IO;
        for (int32_t i = count; i-- > 0;)
                job(job_opaque, i, i % self->threads);
        return EFFNET_OK;
}

typedef struct shift {
        effnet_job_fn job;
        void *job_opaque;
        int32_t count;
        atomic_int next;
} shift;

typedef struct worker {
        shift *all;
        int32_t number;
        pthread_t handle;
} worker;

static void *
work(void *argument)
{
        const worker *self = argument;
        int32_t i;

        while ((i = self->all->next++) < self->all->count)
                self->all->job(self->all->job_opaque, i, self->number);
        return NULL;
}

/* The caller waits. */
static effnet_status
on_threads(void *opaque, int32_t count, effnet_job_fn job, void *job_opaque)
{
        const runner *self = opaque;
        shift all = {job, job_opaque, count, 0};
        worker workers[MOST];
        int started = 0;

        if (!begin(opaque, count))
                return EFFNET_ERROR_IO;
        for (; started < self->threads; started++) {
                workers[started].all = &all;
                workers[started].number = started;
                if (pthread_create(&workers[started].handle, NULL, work,
                                   &workers[started]) != 0)
                        break;
        }
        for (int i = 0; i < started; i++)
                pthread_join(workers[i].handle, NULL);
        return started > 0 ? EFFNET_OK : EFFNET_ERROR_MEMORY;
}

static const effnet_runner_fn ways[] = {in_order, backwards, on_threads};

static runner
new_runner(int threads)
{
        return (runner){threads, 0, -1, pthread_self(), false};
}

START_TEST(runners_give_the_same_bits)
{
        static const int threads[] = {2, 3, MOST};

        for (int i = 0; i < 3; i++) {
                effnet_session *session = new_session(threads[i]);
                runner self = new_runner(threads[i]);
                int calls;

                ck_ok(effnet_session_set_runner(session, ways[_i], &self));
                runs_as_expected(session);
                runs_as_expected(session);
                ck_assert_int_gt(self.calls, 20);
                ck_assert(!self.strayed);
                calls = self.calls;
                ck_ok(effnet_session_set_runner(session, NULL, NULL));
                runs_as_expected(session);
                ck_assert_int_eq(self.calls, calls);
                effnet_session_free(session);
        }
}
END_TEST

START_TEST(one_thread_needs_no_runner)
{
        effnet_session *session = new_session(1);
        runner self = new_runner(1);

        ck_ok(effnet_session_set_runner(session, in_order, &self));
        runs_as_expected(session);
        ck_assert_int_eq(self.calls, 0);
        effnet_session_free(session);
        ck_fails(effnet_session_set_runner(NULL, in_order, &self),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("session is NULL");
}
END_TEST

/* Whichever call of it fails; the session can be used afterwards. */
START_TEST(a_runner_may_fail)
{
        effnet_session *session = new_session(2);
        effnet_tensor *input = test_small_input(shape);
        const effnet_tensor *output;
        runner self = new_runner(2);
        int calls;

        ck_ok(effnet_session_set_runner(session, ways[_i], &self));
        ck_ok(effnet_session_run(session, input));
        calls = self.calls;
        for (int i = 0; i < calls; i += 7) {
                self.calls = 0;
                self.fail_at = i;
                ck_fails(effnet_session_run(session, input), EFFNET_ERROR_IO);
                ck_message("runner failed");
                ck_fails(effnet_session_output(session, EFFNET_OUTPUT_LOGITS,
                                               &output),
                         EFFNET_ERROR_STATE);
        }
        self.fail_at = -1;
        runs_as_expected(session);
        effnet_tensor_free(input);
        effnet_session_free(session);
}
END_TEST

/* ---- runners that do not keep their word */

static effnet_status
leave_one_out(void *opaque, int32_t count, effnet_job_fn job, void *job_opaque)
{
        (void)opaque;
        for (int32_t i = 1; i < count; i++)
                job(job_opaque, i, 0);
        return EFFNET_OK;
}

/* As many calls as there are jobs. */
static effnet_status
one_for_another(void *opaque, int32_t count, effnet_job_fn job,
                void *job_opaque)
{
        (void)opaque;
        for (int32_t i = 0; i < count; i++)
                job(job_opaque, i == 1 ? 0 : i, 0);
        return EFFNET_OK;
}

static effnet_status
one_twice(void *opaque, int32_t count, effnet_job_fn job, void *job_opaque)
{
        job(job_opaque, count - 1, 1);
        return in_order(opaque, count, job, job_opaque);
}

static effnet_status
one_too_many(void *opaque, int32_t count, effnet_job_fn job, void *job_opaque)
{
        job(job_opaque, count, 0);
        return in_order(opaque, count, job, job_opaque);
}

static effnet_status
a_thread_too_many(void *opaque, int32_t count, effnet_job_fn job,
                  void *job_opaque)
{
        job(job_opaque, 0, ((const runner *)opaque)->threads);
        return in_order(opaque, count, job, job_opaque);
}

static const struct {
        effnet_runner_fn run;
        const char *message;
} broken[] = {
        {leave_one_out, "not job 0; it called 0 more than once and 0 with"},
        {one_for_another, "not job 1; it called 1 more than once and 0 with"},
        {one_twice, "but called 1 more than once and 0 with"},
        {one_too_many, "but called 0 more than once and 1 with"},
        {a_thread_too_many, "but called 0 more than once and 1 with"},
};

#define BROKEN ((int)(sizeof(broken) / sizeof(broken[0])))

START_TEST(a_runner_may_break_its_word)
{
        effnet_session *session = new_session(2);
        effnet_tensor *input = test_small_input(shape);
        runner self = new_runner(2);

        ck_ok(effnet_session_set_runner(session, broken[_i].run, &self));
        ck_fails(effnet_session_run(session, input), EFFNET_ERROR_ARGUMENT);
        ck_message("the runner ran");
        ck_message(broken[_i].message);
        ck_ok(effnet_session_set_runner(session, NULL, NULL));
        runs_as_expected(session);
        effnet_tensor_free(input);
        effnet_session_free(session);
}
END_TEST

/* The session's own threads cannot be had again: the runner stays. */
START_TEST(no_memory_to_go_back)
{
        effnet_session *session = new_session(2);
        runner self = new_runner(2);
        effnet_status status;

        ck_ok(effnet_session_set_runner(session, in_order, &self));
        test_memory_fail(0, 1);
        status = effnet_session_set_runner(session, NULL, NULL);
        test_memory_reset();
        ck_assert_int_eq(status, EFFNET_ERROR_MEMORY);
        runs_as_expected(session);
        ck_assert_int_gt(self.calls, 0);
        effnet_session_free(session);
}
END_TEST

START_TEST(a_runner_survives_fork)
{
        effnet_session *session = new_session(2);
        effnet_tensor *input = test_small_input(shape);
        runner self = new_runner(2);
        pid_t child;
        int status;

        ck_ok(effnet_session_set_runner(session, in_order, &self));
        child = fork();
        if (child == 0)
                _exit(effnet_session_run(session, input) == EFFNET_OK ? 0 : 1);
        waitpid(child, &status, 0);
        ck_assert_int_eq(status, 0);
        effnet_tensor_free(input);
        effnet_session_free(session);
}
END_TEST

/* A job works in the library's mode, and leaves the thread's. */
static effnet_status
rounding_up(void *opaque, int32_t count, effnet_job_fn job, void *job_opaque)
{
        int *kept = opaque;

        fesetround(FE_UPWARD);
        for (int32_t i = 0; i < count; i++)
                job(job_opaque, i, 0);
        if (fegetround() == FE_UPWARD)
                ++*kept;
        fesetround(FE_TONEAREST);
        return EFFNET_OK;
}

START_TEST(jobs_have_the_librarys_mode)
{
        effnet_session *session = new_session(2);
        int kept = 0;

        ck_ok(effnet_session_set_runner(session, rounding_up, &kept));
        runs_as_expected(session);
        ck_assert_int_gt(kept, 20);
        effnet_session_free(session);
}
END_TEST

START_TEST(runs_allocate_nothing)
{
        effnet_session *session = new_session(3);
        effnet_tensor *input = test_small_input(shape);
        runner self = new_runner(3);
        effnet_status status;
        long count;

        ck_ok(effnet_session_set_runner(session, in_order, &self));
        ck_ok(effnet_session_run(session, input));
        test_memory_reset();
        status = effnet_session_run(session, input);
        count = test_memory_count();
        ck_ok(status);
        ck_assert_int_eq(count, 0);
        effnet_tensor_free(input);
        effnet_session_free(session);
}
END_TEST

/* ---- cancelling */

typedef struct asker {
        int asked;
        int stop_at; /* the question that is answered with 3; -1: none */
        pthread_t caller;
        bool strayed;
} asker;

static int32_t
ask(void *opaque)
{
        asker *self = opaque;

        if (!pthread_equal(pthread_self(), self->caller))
                self->strayed = true;
        return self->asked++ == self->stop_at ? 3 : 0;
}

/* Between any two steps of either picture. */
START_TEST(a_run_is_cancelled)
{
        effnet_session *session = new_session(_i);
        asker self = {0, -1, pthread_self(), false};
        effnet_tensor *input = test_small_input(shape);
        const effnet_tensor *output;
        int asked;

        ck_ok(effnet_session_set_cancel(session, ask, &self));
        runs_as_expected(session);
        asked = self.asked;
        ck_assert_int_gt(asked, 2 * 30);
        for (int i = 0; i < asked; i += 5) {
                self.asked = 0;
                self.stop_at = i;
                ck_fails(effnet_session_run(session, input),
                         EFFNET_ERROR_CANCELLED);
                ck_message("answered 3");
                ck_assert_int_eq(self.asked, i + 1);
                ck_fails(effnet_session_output(session, EFFNET_OUTPUT_LOGITS,
                                               &output),
                         EFFNET_ERROR_STATE);
        }
        self.stop_at = -1;
        runs_as_expected(session);
        ck_assert(!self.strayed);
        self.asked = 0;
        ck_ok(effnet_session_set_cancel(session, NULL, &self));
        runs_as_expected(session);
        ck_assert_int_eq(self.asked, 0);
        ck_fails(effnet_session_set_cancel(NULL, ask, &self),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("session is NULL");
        effnet_tensor_free(input);
        effnet_session_free(session);
}
END_TEST

START_TEST(classify_is_cancelled)
{
        static uint8_t pixels[50 * 60 * 3];
        effnet_session *session = new_session(1);
        asker self = {0, 20, pthread_self(), false};
        int32_t classes[2], count = 2;
        effnet_image *image;
        float scores[2];

        ck_ok(effnet_image_wrap(&image, EFFNET_PIXEL_RGB, 50, 60, pixels, 150,
                                NULL, NULL));
        ck_ok(effnet_session_set_cancel(session, ask, &self));
        ck_fails(effnet_session_classify(session, image, &count, classes,
                                         scores),
                 EFFNET_ERROR_CANCELLED);
        ck_assert_int_eq(count, 0);
        count = 2;
        ck_ok(effnet_session_classify(session, image, &count, classes, scores));
        effnet_image_free(image);
        effnet_session_free(session);
}
END_TEST

static Suite *
suite(void)
{
        Suite *made = suite_create("session_ways");
        TCase *runners = tcase_create("runners");
        TCase *cancel = tcase_create("cancel");

        tcase_add_loop_test(runners, runners_give_the_same_bits, 0, 3);
        tcase_add_test(runners, one_thread_needs_no_runner);
        tcase_add_loop_test(runners, a_runner_may_fail, 0, 3);
        tcase_add_loop_test(runners, a_runner_may_break_its_word, 0, BROKEN);
        tcase_add_test(runners, no_memory_to_go_back);
        tcase_add_test(runners, a_runner_survives_fork);
        tcase_add_test(runners, jobs_have_the_librarys_mode);
        tcase_add_test(runners, runs_allocate_nothing);
        suite_add_tcase(made, runners);
        tcase_add_loop_test(cancel, a_run_is_cancelled, 1, 3);
        tcase_add_test(cancel, classify_is_cancelled);
        suite_add_tcase(made, cancel);
        return made;
}

int
main(void)
{
        return test_main(suite());
}
