/* memory.c: the wrappers behind memory.h. */
#include "memory.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
int __real_posix_memalign(void **block, size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
int __wrap_posix_memalign(void **block, size_t alignment, size_t size);

/* Threads of a test may allocate at once. */
static atomic_long count;
static atomic_size_t bytes;
static atomic_long fail_at = -1; /* -1: never */
static atomic_int fail_all;

void
test_memory_reset(void)
{
        count = 0;
        bytes = 0;
        fail_at = -1;
        fail_all = 0;
}

long
test_memory_count(void)
{
        return count;
}

size_t
test_memory_bytes(void)
{
        return bytes;
}

void
test_memory_fail(long n, int all)
{
        test_memory_reset();
        fail_all = all;
        fail_at = n;
}

static int
granted(size_t size)
{
        long number = count++, failing = fail_at;

        bytes += size;
        return failing < 0 || number < failing ||
               (!fail_all && number > failing);
}

void *
__wrap_malloc(size_t size)
{
        return granted(size) ? __real_malloc(size) : NULL;
}

void *
__wrap_calloc(size_t n, size_t size)
{
        return granted(n * size) ? __real_calloc(n, size) : NULL;
}

void *
__wrap_realloc(void *old, size_t size)
{
        return granted(size) ? __real_realloc(old, size) : NULL;
}

int
__wrap_posix_memalign(void **block, size_t alignment, size_t size)
{
        return granted(size) ? __real_posix_memalign(block, alignment, size)
                             : ENOMEM;
}
