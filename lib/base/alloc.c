/* alloc.c: checked allocation, by malloc or the caller's allocator.  A header
 * before each block tells where it came from.
 */
#define _DEFAULT_SOURCE /* madvise */

#include "base/alloc.h"

#include "base/size.h"
#include "base/status.h"

#include <errno.h>
#include <inttypes.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* What malloc aligns to. */
#define ORDINARY alignof(max_align_t)

typedef struct header {
        effnet_free_fn deallocate; /* NULL: free */
        void *opaque;
        size_t size; /* of the block, this included */
        size_t alignment;
} header;

/* NULL: malloc. */
static _Thread_local const en_allocator *current;

const en_allocator *
en_allocator_use(const en_allocator *allocator)
{
        const en_allocator *before = current;

        current = allocator != NULL && allocator->allocate != NULL ? allocator
                                                                   : NULL;
        return before;
}

const en_allocator *
en_allocator_used(void)
{
        return current;
}

static void *
out_of_memory(size_t size)
{
        en_fail(EFFNET_ERROR_MEMORY, "out of memory: %zu bytes", size);
        return NULL;
}

/* Of the memory within its block. */
static size_t
offset_of(size_t alignment)
{
        return en_round_up(sizeof(header), alignment);
}

static header *
header_of(void *memory)
{
        return (header *)((char *)memory - sizeof(header));
}

static char *
block_of(void *memory)
{
        return (char *)memory - offset_of(header_of(memory)->alignment);
}

#define HUGE_PAGE ((size_t)2 << 20)

/* Asks for huge pages where a block holds some: a fault for each 4 KiB costs
 * more than reading a checkpoint does.  A wish; its failure changes nothing.
 */
static void
prefer_huge_pages(void *block, size_t size)
{
#ifdef MADV_HUGEPAGE
        size_t skipped = en_round_up((uintptr_t)block, HUGE_PAGE) -
                         (uintptr_t)block;

        if (size >= skipped + HUGE_PAGE)
                madvise((char *)block + skipped, size - skipped, MADV_HUGEPAGE);
#else
        (void)block;
        (void)size;
#endif
}

/* Such a block begins where a huge page does, or else its first part would
 * have none.
 */
static void *
aligned_block(size_t size, size_t alignment)
{
        void *block;

        if (size >= HUGE_PAGE && alignment < HUGE_PAGE)
                alignment = HUGE_PAGE;
        return posix_memalign(&block, alignment, size) == 0 ? block : NULL;
}

/* calloc knows which memory is 0 already. */
static void *
system_block(size_t size, size_t alignment, bool zero)
{
        bool cleared = zero && alignment == ORDINARY;
        void *block = cleared                 ? calloc(1, size)
                      : alignment == ORDINARY ? malloc(size)
                                              : aligned_block(size, alignment);

        if (block == NULL)
                return NULL;
        prefer_huge_pages(block, size);
        if (zero && !cleared)
                memset(block, 0, size);
        return block;
}

/* Vector loads would fault on memory that is not aligned as promised. */
static void *
callers_block(const en_allocator *from, size_t size, size_t alignment,
              bool zero)
{
        void *block = from->allocate(from->opaque, size, alignment);

        if (block != NULL && (uintptr_t)block % alignment != 0) {
                from->deallocate(from->opaque, block, size, alignment);
                return NULL;
        }
        if (block != NULL && zero)
                memset(block, 0, size);
        return block;
}

/* errno is left as it was: malloc may change it. */
static void *
allocate(size_t size, size_t alignment, bool zero)
{
        const header malloced = {NULL, NULL, 0, 0};
        size_t offset = offset_of(alignment), bytes;
        int error = errno;
        header *head;
        char *block;

        if (!en_add_size(size, offset + alignment, &bytes))
                return out_of_memory(size);
        bytes = size + offset;
        if (alignment != ORDINARY) /* a caller may use aligned_alloc */
                bytes = en_round_up(bytes, alignment);
        block = current != NULL ? callers_block(current, bytes, alignment, zero)
                                : system_block(bytes, alignment, zero);
        errno = error;
        if (block == NULL)
                return out_of_memory(size);
        head = header_of(block + offset);
        *head = malloced;
        if (current != NULL) {
                head->deallocate = current->deallocate;
                head->opaque = current->opaque;
        }
        head->size = bytes;
        head->alignment = alignment;
        return block + offset;
}

void *
en_alloc(size_t size)
{
        return allocate(size, ORDINARY, false);
}

void *
en_alloc_zero(size_t count, size_t size)
{
        size_t bytes;

        if (!en_mul_size(count, size, &bytes))
                return out_of_memory(SIZE_MAX);
        return allocate(bytes, ORDINARY, true);
}

void *
en_alloc_array(size_t count, size_t size)
{
        size_t bytes;

        if (!en_mul_size(count, size, &bytes))
                return out_of_memory(SIZE_MAX);
        return en_alloc(bytes);
}

/* Through realloc, which can move pages instead of copying. */
static void *
grow_malloced(void *old, size_t size)
{
        size_t bytes;
        int error = errno;
        char *block;

        if (!en_add_size(size, offset_of(ORDINARY), &bytes))
                return out_of_memory(size);
        block = realloc(block_of(old), bytes);
        errno = error;
        if (block == NULL)
                return out_of_memory(size);
        header_of(block + offset_of(ORDINARY))->size = bytes;
        return block + offset_of(ORDINARY);
}

void *
en_realloc_array(void *old, size_t count, size_t size)
{
        size_t bytes, had;
        void *memory;

        if (!en_mul_size(count, size, &bytes))
                return out_of_memory(SIZE_MAX);
        if (old == NULL)
                return en_alloc(bytes);
        if (current == NULL && header_of(old)->deallocate == NULL &&
            header_of(old)->alignment == ORDINARY)
                return grow_malloced(old, bytes);
        memory = en_alloc(bytes);
        if (memory == NULL)
                return NULL;
        had = header_of(old)->size - offset_of(header_of(old)->alignment);
        memcpy(memory, old, had < bytes ? had : bytes);
        en_free(old);
        return memory;
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

static void *
allocate_aligned(size_t count, size_t size, bool zero)
{
        size_t bytes;

        if (!en_mul_size(count, size, &bytes))
                return out_of_memory(SIZE_MAX);
        return allocate(bytes, EN_ALIGNMENT, zero);
}

void *
en_alloc_aligned(size_t count, size_t size)
{
        return allocate_aligned(count, size, true);
}

void *
en_alloc_block(size_t count, size_t size)
{
        return allocate_aligned(count, size, false);
}

char *
en_strndup(const char *text, size_t length)
{
        char *copy;

        if (length == SIZE_MAX)
                return out_of_memory(length);
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
        const header *head;

        if (memory == NULL)
                return;
        head = header_of(memory);
        if (head->deallocate != NULL)
                head->deallocate(head->opaque, block_of(memory), head->size,
                                 head->alignment);
        else
                free(block_of(memory));
}
