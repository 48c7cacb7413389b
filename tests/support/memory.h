/* memory.h: the library's allocations counted, and made to fail.  The test
 * programs are linked with -Wl,--wrap for malloc, calloc, realloc and
 * posix_memalign.
 */
#ifndef TESTS_MEMORY_H
#define TESTS_MEMORY_H

#include <stddef.h>

/* Starts counting anew, with no failures. */
void test_memory_reset(void);

/* Allocations, and bytes asked for in all, since then. */
long test_memory_count(void);
size_t test_memory_bytes(void);

/* The n-th allocation from now on (0: the next) fails, and where `all` is not
 * 0 every one after it.
 */
void test_memory_fail(long n, int all);

#endif
