/* alloc.h: the only door to the heap.  Each returns NULL with a message and
 * means EFFNET_ERROR_MEMORY when it fails.
 */
#ifndef EN_BASE_ALLOC_H
#define EN_BASE_ALLOC_H

#include "effnet.h"

#include <stddef.h>

/* Alignment of en_alloc_aligned: a cache line, and any vector register. */
#define EN_ALIGNMENT 64

/* The caller's functions; all NULL: malloc and free. */
typedef struct en_allocator {
        effnet_alloc_fn allocate;
        effnet_free_fn deallocate;
        void *opaque;
} en_allocator;

/* Where the calling thread's blocks come from, from now on; NULL: malloc.
 * Returns what it was, to be put back: an exported function uses its object's
 * allocator as long as it lasts, but not while it calls back.  Must stay valid
 * that long; a block returns to where it came from by itself.
 */
const en_allocator *en_allocator_use(const en_allocator *allocator);
/* For threads that work for this one. */
const en_allocator *en_allocator_used(void);

void *en_alloc(size_t size);
void *en_alloc_zero(size_t count, size_t size);
void *en_alloc_array(size_t count, size_t size);
/* Like realloc: on failure `old` is untouched. */
void *en_realloc_array(void *old, size_t count, size_t size);
char *en_strdup(const char *text);
char *en_strndup(const char *text, size_t length);
void en_free(void *memory);

/* EFFNET_ERROR_LIMIT where `count` elements are more than `most` bytes; the
 * message calls them `what`.
 */
effnet_status en_check_memory(uint64_t count, size_t size, int64_t most,
                              const char *what);

/* Zero-filled and aligned to EN_ALIGNMENT; freed with en_free. */
void *en_alloc_aligned(size_t count, size_t size);
/* The same, but not filled. */
void *en_alloc_block(size_t count, size_t size);

#endif
