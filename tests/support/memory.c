/* memory.c: the wrappers behind memory.h. */
#include "memory.h"

#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

static struct {
        long count;
        size_t bytes;
        long fail_at; /* -1: never */
        int all;
} state = {0, 0, -1, 0};

void
test_memory_reset(void)
{
        state.count = 0;
        state.bytes = 0;
        state.fail_at = -1;
        state.all = 0;
}

long
test_memory_count(void)
{
        return state.count;
}

size_t
test_memory_bytes(void)
{
        return state.bytes;
}

void
test_memory_fail(long n, int all)
{
        test_memory_reset();
        state.fail_at = n;
        state.all = all;
}

static int
granted(size_t bytes)
{
        long number = state.count++;

        state.bytes += bytes;
        if (state.fail_at < 0)
                return 1;
        return number < state.fail_at || (!state.all && number > state.fail_at);
}

void *
__wrap_malloc(size_t size)
{
        return granted(size) ? __real_malloc(size) : NULL;
}

void *
__wrap_calloc(size_t count, size_t size)
{
        return granted(count * size) ? __real_calloc(count, size) : NULL;
}

void *
__wrap_realloc(void *old, size_t size)
{
        return granted(size) ? __real_realloc(old, size) : NULL;
}

void *
__wrap_aligned_alloc(size_t alignment, size_t size)
{
        return granted(size) ? __real_aligned_alloc(alignment, size) : NULL;
}
