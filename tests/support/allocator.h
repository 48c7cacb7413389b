/* allocator.h: an allocator for the library that counts, checks what comes
 * back, and fails on demand.  Threads may use it at once.
 */
#ifndef TESTS_ALLOCATOR_H
#define TESTS_ALLOCATOR_H

#include "effnet.h"

#include <stdatomic.h>
#include <stdbool.h>

typedef struct test_allocator {
        atomic_long calls;   /* of test_allocate */
        atomic_long live;    /* blocks not given back */
        atomic_size_t bytes; /* in them */
        atomic_size_t peak;
        long fail_at;    /* the call that fails; negative: none does */
        bool fail_after; /* and every one after it */
        bool misaligned; /* blocks of alignment 64 are not */
} test_allocator;

/* Zero counts, no failure. */
void test_allocator_reset(test_allocator *allocator);

/* Gives no better an alignment than is asked for. */
void *test_allocate(void *allocator, size_t size, size_t alignment);
/* Aborts where size or alignment are not those of the block. */
void test_deallocate(void *allocator, void *memory, size_t size,
                     size_t alignment);

/* Options that carry it. */
effnet_options *test_allocator_options(test_allocator *allocator);

#endif
