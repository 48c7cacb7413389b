/* alloc.c: checked allocation. */
#include "base/alloc.h"

#include "base/size.h"
#include "base/status.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* `error` is errno before the attempt, which malloc may have changed. */
static void *
checked(void *memory, size_t size, int error)
{
        errno = error;
        if (memory == NULL)
                en_fail(EFFNET_ERROR_MEMORY, "out of memory: %zu bytes", size);
        return memory;
}

/* malloc(0) may be NULL, which would read as a failure. */
static size_t
at_least_one(size_t size)
{
        return size != 0 ? size : 1;
}

void *
en_alloc(size_t size)
{
        int error = errno;

        return checked(malloc(at_least_one(size)), size, error);
}

void *
en_alloc_zero(size_t count, size_t size)
{
        int error = errno;

        return checked(calloc(at_least_one(count), at_least_one(size)),
                       count * size, error);
}

void *
en_alloc_array(size_t count, size_t size)
{
        size_t bytes;

        if (!en_mul_size(count, size, &bytes))
                return checked(NULL, SIZE_MAX, errno);
        return en_alloc(bytes);
}

void *
en_realloc_array(void *old, size_t count, size_t size)
{
        int error = errno;
        size_t bytes;

        if (!en_mul_size(count, size, &bytes))
                return checked(NULL, SIZE_MAX, error);
        return checked(realloc(old, at_least_one(bytes)), bytes, error);
}

effnet_status
en_check_memory(uint64_t count, size_t size, int64_t most, const char *what)
{
        if (count <= (uint64_t)most / size)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_LIMIT,
                       "%s: %" PRIu64 " times %zu bytes, the limit of memory "
                       "is %" PRId64,
                       what, count, size, most);
}

void *
en_alloc_aligned(size_t count, size_t size)
{
        int error = errno;
        size_t bytes, padded;
        void *memory;

        if (!en_mul_size(count, size, &bytes) ||
            !en_add_size(bytes, EN_ALIGNMENT, &padded))
                return checked(NULL, SIZE_MAX, errno);
        padded = padded / EN_ALIGNMENT * EN_ALIGNMENT;
        memory = checked(aligned_alloc(EN_ALIGNMENT, padded), padded, error);
        if (memory != NULL)
                memset(memory, 0, padded);
        return memory;
}

char *
en_strndup(const char *text, size_t length)
{
        char *copy;

        if (length == SIZE_MAX)
                return checked(NULL, length, errno);
        copy = en_alloc(length + 1);
        if (copy == NULL)
                return NULL;
        memcpy(copy, text, length);
        copy[length] = '\0';
        return copy;
}

char *
en_strdup(const char *text)
{
        return en_strndup(text, strlen(text));
}

void
en_free(void *memory)
{
        free(memory);
}
