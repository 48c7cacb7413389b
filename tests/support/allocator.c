/* allocator.c: the allocator behind allocator.h, over aligned_alloc, which
 * memory.c does not count.
 */
#include "allocator.h"
#include "support.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* Before the memory of each block. */
typedef struct stamp {
        void *base;
        size_t size, alignment;
        const void *self; /* what the memory's address is */
} stamp;

void
test_allocator_reset(test_allocator *allocator)
{
        allocator->calls = 0;
        allocator->live = 0;
        allocator->bytes = 0;
        allocator->peak = 0;
        allocator->fail_at = -1;
        allocator->fail_after = false;
        allocator->misaligned = false;
}

/* Without Check's assertions, which allocate, and are for one thread. */
static void
require(bool sound, const char *message)
{
        if (sound)
                return;
        fprintf(stderr, "allocator: %s\n", message);
        abort();
}

static void
count(test_allocator *allocator, size_t size)
{
        size_t now = atomic_fetch_add(&allocator->bytes, size) + size;
        size_t peak = allocator->peak;

        allocator->live++;
        while (now > peak &&
               !atomic_compare_exchange_weak(&allocator->peak, &peak, now))
                continue;
}

void *
test_allocate(void *opaque, size_t size, size_t alignment)
{
        test_allocator *allocator = opaque;
        long number = allocator->calls++, fail_at = allocator->fail_at;
        size_t shift = alignment < 64 ? 64 + alignment : 64;
        stamp *before;
        char *memory;
        void *base;

        require(size > 0, "a size of 0");
        require(alignment == 64 || alignment == alignof(max_align_t),
                "an alignment that no one needs");
        if (fail_at >= 0 &&
            (number == fail_at || (allocator->fail_after && number > fail_at)))
                return NULL;
        if (allocator->misaligned && alignment == 64)
                shift -= 16;
        base = aligned_alloc(128, (size + shift + 127) / 128 * 128);
        if (base == NULL)
                return NULL;
        memory = (char *)base + shift;
        before = (stamp *)(void *)(memory - sizeof(*before));
        *before = (stamp){base, size, alignment, memory};
        count(allocator, size);
        return memory;
}

void
test_deallocate(void *opaque, void *memory, size_t size, size_t alignment)
{
        test_allocator *allocator = opaque;
        stamp *before;

        require(memory != NULL, "NULL given back");
        before = (stamp *)(void *)((char *)memory - sizeof(*before));
        require(before->self == memory, "not a block of it");
        require(before->size == size, "another size");
        require(before->alignment == alignment, "another alignment");
        before->self = NULL;
        allocator->live--;
        allocator->bytes -= size;
        free(before->base);
}

effnet_options *
test_allocator_options(test_allocator *allocator)
{
        effnet_options *options;

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_allocator(options, test_allocate,
                                           test_deallocate, allocator));
        return options;
}
