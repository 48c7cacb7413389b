/* size.h: arithmetic on untrusted sizes.  Each returns false on overflow and
 * then leaves the result unset.
 */
#ifndef EN_BASE_SIZE_H
#define EN_BASE_SIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool
en_mul_u64(uint64_t a, uint64_t b, uint64_t *result)
{
        return !__builtin_mul_overflow(a, b, result);
}

static inline bool
en_add_u64(uint64_t a, uint64_t b, uint64_t *result)
{
        return !__builtin_add_overflow(a, b, result);
}

static inline bool
en_mul_size(size_t a, size_t b, size_t *result)
{
        return !__builtin_mul_overflow(a, b, result);
}

static inline bool
en_add_size(size_t a, size_t b, size_t *result)
{
        return !__builtin_add_overflow(a, b, result);
}

/* `n` up to the next multiple of `step`, for sizes known to be small. */
static inline size_t
en_round_up(size_t n, size_t step)
{
        return (n + step - 1) / step * step;
}

#endif
