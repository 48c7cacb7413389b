/* support.h: what the test programs share. */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include "effnet.h"

#include <check.h>
#include <stdbool.h>

/* A call that must succeed; the library's message is shown if not. */
#define ck_ok(call)                                                            \
        do {                                                                   \
                effnet_status ck_status_ = (call);                             \
                ck_assert_msg(ck_status_ == EFFNET_OK, "%s: %s: %s", #call,    \
                              effnet_status_name(ck_status_),                  \
                              effnet_last_error());                            \
        } while (0)

/* A call that must fail with `expected` and a message. */
#define ck_fails(call, expected)                                               \
        do {                                                                   \
                effnet_status ck_status_ = (call);                             \
                ck_assert_msg(ck_status_ == (expected),                        \
                              "%s: expected %s, found %s (%s)", #call,         \
                              effnet_status_name(expected),                    \
                              effnet_status_name(ck_status_),                  \
                              effnet_last_error());                            \
                ck_assert(effnet_last_error()[0] != '\0');                     \
        } while (0)

/* The last message contains `part`. */
#define ck_message(part)                                                       \
        ck_assert_msg(strstr(effnet_last_error(), (part)) != NULL,             \
                      "expected \"%s\" in \"%s\"", (part),                     \
                      effnet_last_error())

/* Runs a suite as a program: each test in a process of its own unless
 * CK_FORK=no.  Returns the exit code.
 */
int test_main(Suite *suite);

/* The path of a file under tests/data; of one under the shared data folder
 * ($EFFNET_SHARED, default ../shared beside the source), or NULL after
 * printing "skipped: ..." where that is missing.  Valid until eight more
 * calls.
 */
const char *test_data(const char *name);
const char *test_shared(const char *name);

/* Prints "skipped: what (why)", which the runner counts. */
void test_skipped(const char *what, const char *why);

/* A whole file, malloced; fails the test if it cannot be read. */
uint8_t *test_read(const char *path, size_t *size);

/* A float32 or uint8 C-order .npy file, malloced data; fails the test if it
 * is anything else.
 */
typedef struct test_array {
        int rank;
        int64_t shape[8];
        int64_t count;
        float *f32; /* one of the two is NULL */
        uint8_t *u8;
} test_array;

test_array test_npy(const char *path);
void test_array_free(test_array *array);

/* max |a - b| / max |b| over n values; infinite if a NaN differs. */
double test_relative_difference(const float *a, const float *b, int64_t n);

/* `size` bytes that end (or, with `at_start`, begin) at an inaccessible page.
 */
void *test_guarded(size_t size, bool at_start);
void test_guarded_free(void *memory, size_t size, bool at_start);

#endif
