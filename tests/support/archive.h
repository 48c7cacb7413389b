/* archive.h: writes zip archives, pickles and safetensors byte by byte, also
 * such as no honest program would.
 */
#ifndef TESTS_ARCHIVE_H
#define TESTS_ARCHIVE_H

#include "load/container.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct test_bytes {
        uint8_t *data; /* free */
        size_t size, capacity;
} test_bytes;

void test_put(test_bytes *to, const void *data, size_t size);
/* The same as an effnet_write_fn; `opaque` is a test_bytes. */
int32_t test_take(void *opaque, const void *data, size_t size);
/* `count` bytes of a little-endian number. */
void test_put_number(test_bytes *to, uint64_t number, int count);
void test_set_number(test_bytes *to, size_t at, uint64_t number, int count);
/* `part`, a string, `count` times. */
void test_repeat(test_bytes *to, const char *part, size_t count);
/* A string literal, NUL bytes included. */
#define test_put_text(to, literal)                                             \
        test_put((to), (literal), sizeof(literal) - 1)

#define TEST_ZIP_MEMBERS 32

/* Where the parts of an archive are, so that a test can damage them. */
typedef struct test_zip {
        test_bytes bytes;
        int count;
        size_t local[TEST_ZIP_MEMBERS];   /* offsets of local headers */
        size_t central[TEST_ZIP_MEMBERS]; /* of directory entries */
        size_t end64, locator, end;       /* of the end records */
        struct {
                char name[200];
                size_t stored, size;
                int method;
        } members[TEST_ZIP_MEMBERS];
} test_zip;

/* A stored member. */
void test_zip_add(test_zip *zip, const char *name, const void *data,
                  size_t size);
/* A deflated one. */
void test_zip_deflate(test_zip *zip, const char *name, const void *data,
                      size_t size);
/* The directory and, as torch.save always does, both end records. */
void test_zip_finish(test_zip *zip);

/* A torch archive: m/version, m/data.pkl, and m/data/0 of `size` zero bytes.
 */
void test_zip_torch(test_zip *zip, const test_bytes *pickle, size_t size);

/* What a pickle of protocol 2 begins with. */
#define TEST_PICKLE_HEAD "\x80\x02"

/* Opcodes of one tensor of floats: storage `key` of `count` elements. */
void test_pickle_tensor(test_bytes *to, const char *key, uint32_t count,
                        int32_t offset, int rank, const int32_t *shape,
                        const int32_t *stride);
/* A text. */
void test_pickle_text(test_bytes *to, const char *text);

/* What a legacy file begins with: the first three pickles. */
void test_legacy_head(test_bytes *to, int protocol, bool little_endian);

/* A container in memory, which must outlive it. */
effnet_status test_container_open(en_container **container, const void *data,
                                  size_t size);
/* The whole must fail so, and say that; the zip is freed. */
void test_container_fails(const void *data, size_t size, effnet_status status,
                          const char *message);
void test_zip_fails(test_zip *zip, effnet_status status, const char *message);

#endif
