/* hash.h: SHA-256, so that large results can be compared with stored ones. */
#ifndef TESTS_HASH_H
#define TESTS_HASH_H

#include <stddef.h>

#define HASH_SIZE 65

/* The hash of `size` bytes in hexadecimal. */
void test_hash(const void *data, size_t size, char hex[HASH_SIZE]);

#endif
