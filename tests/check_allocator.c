/* check_allocator.c: the caller's allocator: all that a model, its sessions
 * and decoded pictures need comes from it and returns to it, and each of its
 * failures is a status.
 */
#include "allocator.h"
#include "archive.h"
#include "base/alloc.h"
#include "config.h"
#include "memory.h"
#include "small.h"
#include "support.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static test_allocator heap;

static void
set_up(void)
{
        test_allocator_reset(&heap);
        test_memory_reset();
}

/* All that came from the heap is back. */
static void
tear_down(void)
{
        ck_assert_int_eq(heap.live, 0);
        ck_assert_uint_eq(heap.bytes, 0);
}

/* One of each container, deflated and not, and of each way to be recognised. */
static const char *const files[] = {
        "checkpoints/torchvision-zip.pth",
        "checkpoints/lm-legacy.pth",
        "checkpoints/timm-bfloat16-compiled.pth",
        "checkpoints/timm-headless.pth",
        "command/tutorial_b0.pth",
        "safetensors", /* saved by new_file */
};

#define FILES (int)(sizeof(files) / sizeof(files[0]))

static effnet_model *
new_kept_model(effnet_options *options)
{
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_KEEP_PARAMETERS,
                                     1));
        return test_small_model(10, 3, options);
}

/* Room for a file, so that saving it calls malloc no more. */
static test_bytes
with_room(void)
{
        test_bytes file = {malloc(1 << 22), 0, 1 << 22};

        ck_assert_ptr_nonnull(file.data);
        return file;
}

/* The file's bytes; freed with free. */
static test_bytes
new_file(const char *name)
{
        effnet_options *options;
        effnet_model *model;
        test_bytes file;

        if (strcmp(name, "safetensors") != 0) {
                file.data = test_read(test_data(name), &file.size);
                return file;
        }
        file = with_room();
        ck_ok(effnet_options_create(&options));
        model = new_kept_model(options);
        ck_ok(effnet_model_save_callback(model, test_take, &file,
                                         EFFNET_NAMES_OWN, EFFNET_TYPE_F32,
                                         NULL));
        effnet_model_release(model);
        effnet_options_free(options);
        return file;
}

/* Runs a picture where the model classifies, else zeros. */
static effnet_status
use(effnet_session *session, const effnet_model *model,
    const effnet_image *image, const effnet_tensor *zeros)
{
        int32_t classes[3], count = 3;
        float scores[3];

        if (effnet_model_classes(model) == 0)
                return effnet_session_run(session, zeros);
        return effnet_session_classify(session, image, &count, classes, scores);
}

/* ---- what comes from it */

START_TEST(arguments)
{
        effnet_options *options;

        ck_fails(effnet_options_set_allocator(NULL, test_allocate,
                                              test_deallocate, &heap),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("options is NULL");
        ck_ok(effnet_options_create(&options));
        ck_fails(effnet_options_set_allocator(options, test_allocate, NULL,
                                              &heap),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("deallocate is NULL");
        ck_fails(effnet_options_set_allocator(options, NULL, test_deallocate,
                                              &heap),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("allocate is NULL");
        effnet_model_release(
                test_small_model(10, 3, options)); /* nothing was set */
        ck_assert_int_eq(heap.calls, 0);
        ck_ok(effnet_options_set_allocator(options, test_allocate,
                                           test_deallocate, &heap));
        effnet_model_release(test_small_model(10, 3, options));
        ck_assert_int_gt(heap.calls, 0);
        heap.calls = 0;
        ck_ok(effnet_options_set_allocator(options, NULL, NULL, NULL));
        effnet_model_release(test_small_model(10, 3, options));
        ck_assert_int_eq(heap.calls, 0);
        effnet_options_free(options);
}
END_TEST

/* A call that takes nothing from malloc; Check itself does, behind it. */
#define no_malloc(call)                                                        \
        do {                                                                   \
                effnet_status no_status_;                                      \
                long no_count_;                                                \
                                                                               \
                test_memory_reset();                                           \
                no_status_ = (call);                                           \
                no_count_ = test_memory_count();                               \
                ck_ok(no_status_);                                             \
                ck_assert_int_eq(no_count_, 0);                                \
        } while (0)

/* malloc is not called by the library at all, and not the heap after a run's
 * plan is made.  The options may go as soon as the model is there.
 */
START_TEST(everything_comes_from_it)
{
        static const int64_t shape[] = {1, 3, 224, 224};
        test_bytes file = new_file(files[_i]);
        effnet_options *options = test_allocator_options(&heap), *two;
        effnet_image *image = test_small_image();
        effnet_session *session;
        effnet_tensor *zeros;
        effnet_model *model;
        long before;

        ck_ok(effnet_tensor_create(&zeros, EFFNET_TYPE_F32, 4, shape));
        ck_ok(effnet_options_create(&two));
        ck_ok(effnet_options_set_int(two, EFFNET_OPTION_THREADS, 2));
        no_malloc(effnet_model_load_memory(&model, file.data, file.size,
                                           options));
        effnet_options_free(options);
        before = heap.live;
        ck_assert_int_gt(before, 0);
        no_malloc(effnet_session_create(&session, model, two));
        ck_assert_int_gt(heap.live, before);
        no_malloc(use(session, model, image, zeros));
        no_malloc(effnet_session_run(session, zeros));
        before = heap.calls;
        no_malloc(effnet_session_run(session, zeros));
        ck_assert_int_eq(heap.calls, before);
        effnet_model_release(model);
        ck_assert_int_gt(heap.live, 0);
        effnet_session_free(session);
        effnet_tensor_free(zeros);
        effnet_image_free(image);
        effnet_options_free(two);
        free(file.data);
}
END_TEST

START_TEST(saving_and_files)
{
        effnet_options *options = test_allocator_options(&heap);
        test_bytes file = with_room();
        char path[] = P_tmpdir "/effnet-allocator-XXXXXX";
        effnet_model *model;
        long before;
        int fd;

        model = new_kept_model(options);
        before = heap.calls;
        no_malloc(effnet_model_save_callback(model, test_take, &file,
                                             EFFNET_NAMES_OWN, EFFNET_TYPE_F16,
                                             NULL));
        ck_assert_int_gt(heap.calls, before);
        fd = mkstemp(path);
        ck_assert_int_ge(fd, 0);
        ck_ok(effnet_model_save_file(model, path, EFFNET_NAMES_OWN,
                                     EFFNET_TYPE_F32, NULL));
        effnet_model_release(model);
        ck_assert_int_eq(heap.live, 0);
        ck_ok(effnet_model_load_file(&model, path, options));
        effnet_model_release(model);
        remove(path);
        effnet_options_free(options);
        free(file.data);
}
END_TEST

/* What a callback makes is the caller's: it is not from the model's heap. */
typedef struct source {
        test_bytes file;
        effnet_tensor *made;
} source;

static int32_t
read_and_make(void *opaque, uint64_t offset, void *buffer, size_t size)
{
        source *from = opaque;
        const int64_t shape[] = {100};
        long before = heap.calls;

        if (from->made == NULL)
                ck_ok(effnet_tensor_create(&from->made, EFFNET_TYPE_F32, 1,
                                           shape));
        ck_assert_int_eq(heap.calls, before);
        memcpy(buffer, from->file.data + offset, size);
        return 0;
}

START_TEST(callbacks_do_not_inherit_it)
{
        effnet_options *options = test_allocator_options(&heap);
        source from = {new_file("safetensors"), NULL};
        effnet_model *model;

        ck_ok(effnet_model_load_callback(&model, read_and_make, &from,
                                         from.file.size, options));
        effnet_model_release(model);
        ck_assert_int_eq(heap.live, 0);
        ck_assert_ptr_nonnull(from.made);
        effnet_tensor_free(from.made);
        effnet_options_free(options);
        free(from.file.data);
}
END_TEST

/* ---- pictures */

static const char *const pictures[] = {
#ifdef HAVE_PNG
        "image/c3-08-i.png",
        "image/alpha-rgb16.png",
#endif
#ifdef HAVE_JPEG
        "image/progressive-444.jpg",
#endif
        NULL,
};

START_TEST(pictures_keep_theirs)
{
        effnet_options *options = test_allocator_options(&heap);

        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_BACKGROUND,
                                     0x808080));
        for (int i = 0; pictures[i] != NULL; i++) {
                effnet_image *image, *again;
                test_bytes file;

                file.data = test_read(test_data(pictures[i]), &file.size);
                no_malloc(effnet_image_read_memory(&image, file.data, file.size,
                                                   options));
                no_malloc(effnet_image_read_file(&again, test_data(pictures[i]),
                                                 options));
                ck_assert_int_eq(heap.live, 4);
                effnet_image_free(image);
                effnet_image_free(again);
                ck_assert_int_eq(heap.live, 0);
                free(file.data);
        }
        effnet_options_free(options);
}
END_TEST

START_TEST(pictures_run_out_of_memory)
{
        effnet_options *options = test_allocator_options(&heap);

        for (int i = 0; pictures[i] != NULL; i++) {
                effnet_status status = EFFNET_ERROR_MEMORY;
                effnet_image *image = NULL;
                long n;

                for (n = 0; status == EFFNET_ERROR_MEMORY && n < 200; n++) {
                        test_allocator_reset(&heap);
                        heap.fail_at = n;
                        heap.fail_after = _i != 0;
                        status = effnet_image_read_file(
                                &image, test_data(pictures[i]), options);
                        ck_assert_int_eq(heap.live, image != NULL ? 2 : 0);
                }
                ck_ok(status);
                ck_assert_int_gt(n, 3);
                effnet_image_free(image);
        }
        effnet_options_free(options);
}
END_TEST

/* ---- each failure in turn */

/* The n-th allocation from now on fails. */
static void
fail_at(long n, int and_after)
{
        heap.calls = 0;
        heap.fail_at = n;
        heap.fail_after = and_after != 0;
}

START_TEST(loading_runs_out_of_memory)
{
        test_bytes file = new_file(files[_i]);
        effnet_options *options = test_allocator_options(&heap);
        effnet_model *model;
        long all;

        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_KEEP_PARAMETERS,
                                     1));
        ck_ok(effnet_model_load_memory(&model, file.data, file.size, options));
        all = heap.calls;
        effnet_model_release(model);
        ck_assert_int_gt(all, 20);
        for (long n = 0; n < all; n += n < 30 || n > all - 30 ? 1 : 31) {
                fail_at(n, 0);
                ck_fails(effnet_model_load_memory(&model, file.data, file.size,
                                                  options),
                         EFFNET_ERROR_MEMORY);
                ck_assert_ptr_null(model);
                ck_assert_int_eq(heap.live, 0);
        }
        effnet_options_free(options);
        free(file.data);
}
END_TEST

START_TEST(creating_and_saving_run_out_of_memory)
{
        effnet_options *options = test_allocator_options(&heap);
        effnet_status status = EFFNET_ERROR_MEMORY;
        effnet_model *model = NULL;
        effnet_config *config;
        long n;

        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_KEEP_PARAMETERS,
                                     1));
        ck_ok(effnet_config_create_custom(&config, "b0", 0.25, 1.0, 40));
        for (n = 0; status == EFFNET_ERROR_MEMORY && n < 200; n++) {
                fail_at(n, _i);
                status = effnet_model_create(&model, config, 1, options);
                ck_assert(status == EFFNET_OK || heap.live == 0);
        }
        ck_assert_int_gt(n, 8);
        ck_ok(status);
        status = EFFNET_ERROR_MEMORY;
        for (n = 0; status == EFFNET_ERROR_MEMORY && n < 200; n++) {
                test_bytes file = with_room();
                long before = heap.live;

                fail_at(n, _i);
                status = effnet_model_save_callback(model, test_take, &file, 0,
                                                    EFFNET_TYPE_F32, NULL);
                ck_assert_int_eq(heap.live, before);
                free(file.data);
        }
        ck_assert_int_gt(n, 1);
        ck_ok(status);
        effnet_model_release(model);
        effnet_config_free(config);
        effnet_options_free(options);
}
END_TEST

START_TEST(sessions_run_out_of_memory)
{
        effnet_options *options = test_allocator_options(&heap);
        effnet_status status = EFFNET_ERROR_MEMORY;
        effnet_model *model = test_small_model(10, 3, options);
        effnet_image *image = test_small_image();
        long before = heap.live, n;

        for (n = 0; status == EFFNET_ERROR_MEMORY && n < 200; n++) {
                effnet_session *session;

                fail_at(n, _i);
                status = effnet_session_create(&session, model, NULL);
                ck_assert((status == EFFNET_OK) == (session != NULL));
                if (status == EFFNET_OK)
                        status = use(session, model, image, NULL);
                effnet_session_free(session);
                ck_assert_int_eq(heap.live, before);
        }
        ck_assert_int_gt(n, 8);
        ck_ok(status);
        effnet_image_free(image);
        effnet_model_release(model);
        effnet_options_free(options);
}
END_TEST

/* A session that once had no memory runs when there is some. */
START_TEST(sessions_recover)
{
        effnet_options *options = test_allocator_options(&heap);
        effnet_model *model = test_small_model(10, 3, options);
        effnet_image *image = test_small_image();
        effnet_session *session;

        ck_ok(effnet_session_create(&session, model, NULL));
        for (long n = 0; n < 6; n++) {
                fail_at(n, 1);
                ck_fails(use(session, model, image, NULL), EFFNET_ERROR_MEMORY);
        }
        fail_at(-1, 0);
        ck_ok(use(session, model, image, NULL));
        effnet_session_free(session);
        effnet_image_free(image);
        effnet_model_release(model);
        effnet_options_free(options);
}
END_TEST

START_TEST(misaligned_memory_is_refused)
{
        effnet_options *options = test_allocator_options(&heap);
        effnet_config *config;
        effnet_model *model;

        heap.misaligned = true;
        ck_ok(effnet_config_create_custom(&config, "b0", 0.25, 1.0, 40));
        ck_fails(effnet_model_create(&model, config, 1, options),
                 EFFNET_ERROR_MEMORY);
        ck_assert_ptr_null(model);
        effnet_config_free(config);
        effnet_options_free(options);
}
END_TEST

/* ---- threads */

/* Returns the model where all went well. */
static void *
run_session(void *model)
{
        static const int64_t shape[] = {1, 3, 40, 40};
        effnet_session *session;
        effnet_tensor *zeros;
        void *answer = model;

        if (effnet_tensor_create(&zeros, EFFNET_TYPE_F32, 4, shape) != 0)
                return NULL;
        for (int i = 0; i < 5; i++) {
                if (effnet_session_create(&session, model, NULL) != 0 ||
                    effnet_session_run(session, zeros) != 0)
                        answer = NULL;
                effnet_session_free(session);
        }
        effnet_tensor_free(zeros);
        return answer;
}

START_TEST(threads_share_it)
{
        effnet_options *options = test_allocator_options(&heap);
        effnet_model *model = test_small_model(10, 3, options);
        pthread_t threads[3];

        effnet_options_free(options);
        for (int i = 0; i < 3; i++)
                ck_assert_int_eq(
                        pthread_create(&threads[i], NULL, run_session, model),
                        0);
        for (int i = 0; i < 3; i++) {
                void *answer;

                pthread_join(threads[i], &answer);
                ck_assert_ptr_eq(answer, model);
        }
        effnet_model_release(model);
}
END_TEST

/* ---- the room's own functions */

/* A block returns to where it came from, whatever is used by then. */
START_TEST(blocks_grow_across_allocators)
{
        const en_allocator mine = {test_allocate, test_deallocate, &heap};
        const en_allocator none = {NULL, NULL, NULL};
        char *a = en_alloc(10), *b, *c;

        memset(a, 'a', 10);
        ck_assert_ptr_null(en_allocator_use(&mine));
        ck_assert_ptr_eq(en_allocator_used(), &mine);
        b = en_alloc_aligned(3, 5);
        ck_assert_uint_eq((uintptr_t)b % EN_ALIGNMENT, 0);
        memset(b, 'b', 15);
        a = en_realloc_array(a, 100, 10); /* from malloc to the heap */
        ck_assert_int_eq(heap.live, 2);
        ck_assert_int_eq(a[0] + a[9], 'a' + 'a');
        ck_assert_ptr_null(en_realloc_array(a, SIZE_MAX, 2));
        heap.fail_at = heap.calls;
        ck_assert_ptr_null(en_realloc_array(a, 2, 1000));
        a = en_realloc_array(a, 1, 5);
        ck_assert_int_eq(a[0] + a[4], 'a' + 'a');
        c = en_alloc_zero(7, 3);
        for (int i = 0; i < 21; i++)
                ck_assert_int_eq(c[i], 0);
        ck_assert_ptr_eq(en_allocator_use(&none), &mine);
        ck_assert_ptr_null(en_allocator_used());
        a = en_realloc_array(a, 10, 10); /* and back */
        b = en_realloc_array(b, 20, 1);
        ck_assert_int_eq(heap.live, 1);
        ck_assert_int_eq(a[0] + b[14], 'a' + 'b');
        en_free(c);
        ck_assert_int_eq(heap.live, 0);
        en_free(a);
        en_free(b);
}
END_TEST

static Suite *
suite(void)
{
        Suite *made = suite_create("allocator");
        TCase *tests = tcase_create("allocator");

        tcase_add_checked_fixture(tests, set_up, tear_down);
        tcase_add_test(tests, arguments);
        tcase_add_loop_test(tests, everything_comes_from_it, 0, FILES);
        tcase_add_test(tests, saving_and_files);
        tcase_add_test(tests, callbacks_do_not_inherit_it);
        tcase_add_test(tests, pictures_keep_theirs);
        tcase_add_loop_test(tests, pictures_run_out_of_memory, 0, 2);
        tcase_add_loop_test(tests, loading_runs_out_of_memory, 0, FILES);
        tcase_add_loop_test(tests, creating_and_saving_run_out_of_memory, 0, 2);
        tcase_add_loop_test(tests, sessions_run_out_of_memory, 0, 2);
        tcase_add_test(tests, sessions_recover);
        tcase_add_test(tests, misaligned_memory_is_refused);
        tcase_add_test(tests, threads_share_it);
        tcase_add_test(tests, blocks_grow_across_allocators);
        suite_add_tcase(made, tests);
        return made;
}

int
main(void)
{
        return test_main(suite());
}
