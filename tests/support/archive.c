/* archive.c: writes zip archives and pickles byte by byte. */
#include "archive.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

void
test_put(test_bytes *to, const void *data, size_t size)
{
        if (to->size + size > to->capacity) {
                to->capacity = (to->size + size) * 2 + 64;
                to->data = realloc(to->data, to->capacity);
                ck_assert_ptr_nonnull(to->data);
        }
        if (size > 0)
                memcpy(to->data + to->size, data, size);
        to->size += size;
}

int32_t
test_take(void *opaque, const void *data, size_t size)
{
        test_put(opaque, data, size);
        return 0;
}

void
test_put_number(test_bytes *to, uint64_t number, int count)
{
        for (int i = 0; i < count; i++) {
                uint8_t byte = i < 8 ? (uint8_t)(number >> (8 * i)) : 0;

                test_put(to, &byte, 1);
        }
}

void
test_set_number(test_bytes *to, size_t at, uint64_t number, int count)
{
        ck_assert(at + (size_t)count <= to->size);
        for (int i = 0; i < count; i++)
                to->data[at + (size_t)i] = (uint8_t)(number >> (8 * i));
}

/* As torch.save writes them: no sizes in the local header. */
static void
add(test_zip *zip, const char *name, const void *data, size_t stored,
    size_t size, int method)
{
        int i = zip->count++;

        ck_assert_int_lt(i, TEST_ZIP_MEMBERS);
        snprintf(zip->members[i].name, sizeof(zip->members[i].name), "%s",
                 name);
        zip->members[i].stored = stored;
        zip->members[i].size = size;
        zip->members[i].method = method;
        zip->local[i] = zip->bytes.size;
        test_put_text(&zip->bytes, "PK\3\4\0\0\10\10");
        test_put_number(&zip->bytes, (uint64_t)method, 2);
        test_put_number(&zip->bytes, 0, 8);
        test_put_number(&zip->bytes, 0, 8);
        test_put_number(&zip->bytes, strlen(name), 2);
        test_put_number(&zip->bytes, 5, 2);
        test_put(&zip->bytes, name, strlen(name));
        test_put_text(&zip->bytes, "FB\1\0Z");
        test_put(&zip->bytes, data, stored);
}

void
test_zip_add(test_zip *zip, const char *name, const void *data, size_t size)
{
        add(zip, name, data, size, size, 0);
}

void
test_zip_deflate(test_zip *zip, const char *name, const void *data, size_t size)
{
        z_stream stream = {0};
        size_t most = size + size / 1000 + 64;
        uint8_t *out = malloc(most);
        union {
                const void *data;
                Bytef *next;
        } in = {data};

        ck_assert_ptr_nonnull(out);
        ck_assert_int_eq(deflateInit2(&stream, 9, Z_DEFLATED, -15, 9,
                                      Z_DEFAULT_STRATEGY),
                         Z_OK);
        stream.next_in = in.next;
        stream.avail_in = (uInt)size;
        stream.next_out = out;
        stream.avail_out = (uInt)most;
        ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
        add(zip, name, out, most - stream.avail_out, size, 8);
        deflateEnd(&stream);
        free(out);
}

static void
put_central(test_zip *zip, int i)
{
        test_bytes *b = &zip->bytes;

        zip->central[i] = b->size;
        test_put_text(b, "PK\1\2\0\0\0\0\10\10");
        test_put_number(b, (uint64_t)zip->members[i].method, 2);
        test_put_number(b, 0, 8);
        test_put_number(b, zip->members[i].stored, 4);
        test_put_number(b, zip->members[i].size, 4);
        test_put_number(b, strlen(zip->members[i].name), 2);
        test_put_number(b, 0, 12);
        test_put_number(b, zip->local[i], 4);
        test_put(b, zip->members[i].name, strlen(zip->members[i].name));
}

void
test_zip_finish(test_zip *zip)
{
        test_bytes *b = &zip->bytes;
        size_t start = b->size, size;

        for (int i = 0; i < zip->count; i++)
                put_central(zip, i);
        size = b->size - start;
        zip->end64 = b->size;
        test_put_text(b, "PK\6\6\x2c\0\0\0\0\0\0\0\x1e\3\x2d\0");
        test_put_number(b, 0, 8);
        test_put_number(b, (uint64_t)zip->count, 8);
        test_put_number(b, (uint64_t)zip->count, 8);
        test_put_number(b, size, 8);
        test_put_number(b, start, 8);
        zip->locator = b->size;
        test_put_text(b, "PK\6\7");
        test_put_number(b, 0, 4);
        test_put_number(b, zip->end64, 8);
        test_put_number(b, 1, 4);
        zip->end = b->size;
        test_put_text(b, "PK\5\6\0\0\0\0");
        test_put_number(b, (uint64_t)zip->count, 2);
        test_put_number(b, (uint64_t)zip->count, 2);
        test_put_number(b, size, 4);
        test_put_number(b, start, 4);
        test_put_number(b, 0, 2);
}

void
test_zip_torch(test_zip *zip, const test_bytes *pickle, size_t size)
{
        void *zeros = calloc(size + 1, 1);

        test_zip_add(zip, "m/version", "3\n", 2);
        test_zip_add(zip, "m/data.pkl", pickle->data, pickle->size);
        test_zip_add(zip, "m/data/0", zeros, size);
        test_zip_finish(zip);
        free(zeros);
}

void
test_pickle_text(test_bytes *to, const char *text)
{
        test_put_text(to, "X");
        test_put_number(to, strlen(text), 4);
        test_put(to, text, strlen(text));
}

static void
put_tuple(test_bytes *to, int count, const int32_t *numbers)
{
        test_put_text(to, "(");
        for (int i = 0; i < count; i++) {
                test_put_text(to, "J");
                test_put_number(to, (uint32_t)numbers[i], 4);
        }
        test_put_text(to, "t");
}

void
test_pickle_tensor(test_bytes *to, const char *key, uint32_t count,
                   int32_t offset, int rank, const int32_t *shape,
                   const int32_t *stride)
{
        test_put_text(to, "ctorch._utils\n_rebuild_tensor_v2\n((");
        test_pickle_text(to, "storage");
        test_put_text(to, "ctorch\nFloatStorage\n");
        test_pickle_text(to, key);
        test_pickle_text(to, "cpu");
        test_put_text(to, "J");
        test_put_number(to, count, 4);
        test_put_text(to, "tQJ");
        test_put_number(to, (uint32_t)offset, 4);
        put_tuple(to, rank, shape);
        put_tuple(to, rank, stride);
        test_put_text(to, "\x89"
                          "ccollections\nOrderedDict\n)RtR");
}

void
test_legacy_head(test_bytes *to, int protocol, bool little_endian)
{
        test_put_text(to, "\x80\2\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8"
                          "\x50\x19." TEST_PICKLE_HEAD "M");
        test_put_number(to, (uint64_t)protocol, 2);
        test_put_text(to, "." TEST_PICKLE_HEAD "}");
        test_pickle_text(to, "little_endian");
        test_put(to, little_endian ? "\x88s." : "\x89s.", 3);
}

effnet_status
test_container_open(en_container **container, const void *data, size_t size)
{
        en_source source;

        en_source_memory(&source, data, size);
        return en_container_open(container, &source, NULL);
}

void
test_container_fails(const void *data, size_t size, effnet_status status,
                     const char *message)
{
        en_container *container = (en_container *)&container;
        effnet_status found = test_container_open(&container, data, size);

        ck_assert_msg(found == status, "expected %s (%s), found %s: %s",
                      effnet_status_name(status), message,
                      effnet_status_name(found),
                      found == EFFNET_OK ? "" : effnet_last_error());
        ck_assert_ptr_null(container);
        ck_message(message);
        ck_assert(strncmp(effnet_last_error(), "memory: ", 8) == 0);
}

void
test_zip_fails(test_zip *zip, effnet_status status, const char *message)
{
        test_container_fails(zip->bytes.data, zip->bytes.size, status, message);
        free(zip->bytes.data);
}

void
test_repeat(test_bytes *to, const char *part, size_t count)
{
        for (size_t i = 0; i < count; i++)
                test_put(to, part, strlen(part));
}
