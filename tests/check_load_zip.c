/* check_load_zip.c: files of other kinds, and zip archives that are damaged,
 * lie or attack.
 */
#include "support.h"

#include "archive.h"
#include "base/options.h"
#include "memory.h"

#include <stdlib.h>
#include <string.h>

/* ---- files that are no checkpoints at all */

static const struct {
        const char *bytes;
        size_t size;
        effnet_status status;
        const char *message;
} files[] = {
#define FILE_(text, status, message)                                           \
        {                                                                      \
                text, sizeof(text) - 1, status, message                        \
        }
        FILE_("", EFFNET_ERROR_FORMAT, "empty"),
        FILE_("a", EFFNET_ERROR_FORMAT, "1 bytes, too few"),
        FILE_("version https://git-lfs.github.com/spec/v1\noid sha256:",
              EFFNET_ERROR_FORMAT, "Git LFS pointer"),
        FILE_("\x89HDF\r\n\x1a\n        ", EFFNET_ERROR_UNSUPPORTED,
              "HDF5: superblock version 32; expected 0"),
        FILE_("\x89PNG\r\n\x1a\n        ", EFFNET_ERROR_FORMAT, "PNG"),
        FILE_("\xff\xd8\xff\xe0    JFIF", EFFNET_ERROR_FORMAT, "JPEG"),
        FILE_("GIF89a", EFFNET_ERROR_FORMAT, "GIF"),
        FILE_("RIFF....WEBP", EFFNET_ERROR_FORMAT, "WebP"),
        FILE_("\x1f\x8b\x08\0\0\0", EFFNET_ERROR_UNSUPPORTED, "gzip"),
        FILE_("\xfd"
              "7zXZ\0",
              EFFNET_ERROR_UNSUPPORTED, "xz"),
        FILE_("\x28\xb5\x2f\xfd....", EFFNET_ERROR_UNSUPPORTED, "zstd"),
        FILE_("BZh91AY", EFFNET_ERROR_UNSUPPORTED, "bzip2"),
        FILE_("7z\xbc\xaf\x27\x1c", EFFNET_ERROR_UNSUPPORTED, "7z"),
        FILE_("\x93NUMPY\1\0", EFFNET_ERROR_UNSUPPORTED, "NumPy array"),
        FILE_("\x1c\0\0\0TFL3", EFFNET_ERROR_UNSUPPORTED, "TensorFlow Lite"),
        FILE_("GGUF\3\0\0\0", EFFNET_ERROR_UNSUPPORTED, "GGUF"),
        FILE_("<!DOCTYPE html><html>", EFFNET_ERROR_FORMAT, "HTML"),
        FILE_("<html><body>", EFFNET_ERROR_FORMAT, "HTML"),
        FILE_("{\"weight_map\": {}}", EFFNET_ERROR_FORMAT, "sharded"),
        FILE_("\x80\x04\x95\0\0\0\0\0\0\0\0N.", EFFNET_ERROR_FORMAT,
              "bare pickle"),
        FILE_("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", EFFNET_ERROR_FORMAT,
              "empty zip"),
        FILE_("PK\3\4", EFFNET_ERROR_FORMAT, "truncated zip archive"),
        FILE_("some other text", EFFNET_ERROR_FORMAT,
              "not a checkpoint: begins with 73 6f 6d 65"),
#undef FILE_
};

START_TEST(other_files)
{
        for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
                test_container_fails(files[i].bytes, files[i].size,
                                     files[i].status, files[i].message);
}
END_TEST

START_TEST(tar)
{
        char block[512] = "storages";

        memcpy(block + 257, "ustar", 5);
        test_container_fails(block, sizeof(block), EFFNET_ERROR_UNSUPPORTED,
                             "tar archive");
}
END_TEST

/* ---- zip */

static void
start_zip(test_zip *zip)
{
        test_bytes pickle = {0};

        memset(zip, 0, sizeof(*zip));
        test_put_text(&pickle, TEST_PICKLE_HEAD "}.");
        test_zip_torch(zip, &pickle, 8);
        free(pickle.data);
}

START_TEST(zip_plain)
{
        test_zip zip;
        en_container *container;

        start_zip(&zip);
        ck_ok(test_container_open(&container, zip.bytes.data, zip.bytes.size));
        ck_assert_int_eq(container->entry_count, 0);
        en_container_close(container);
        free(zip.bytes.data);
}
END_TEST

/* A byte, or a number, of one part of the archive is changed. */
enum { LOCAL, CENTRAL, END64, LOCATOR, END };
static const struct {
        int part, at, bytes;
        uint64_t number;
        effnet_status status;
        const char *message;
} changes[] = {
        {CENTRAL, 8, 2, 0x0801, EFFNET_ERROR_UNSUPPORTED, "encrypted"},
        {CENTRAL, 8, 2, 0x0820, EFFNET_ERROR_UNSUPPORTED, "patched"},
        {CENTRAL, 8, 2, 0x2800, EFFNET_ERROR_UNSUPPORTED, "encrypted"},
        {CENTRAL, 10, 2, 12, EFFNET_ERROR_UNSUPPORTED, "method"},
        {CENTRAL, 34, 2, 1, EFFNET_ERROR_UNSUPPORTED, "another disk"},
        {CENTRAL, 0, 4, 0, EFFNET_ERROR_FORMAT, "damaged zip directory"},
        {CENTRAL, 20, 4, 5, EFFNET_ERROR_FORMAT, "two sizes"},
        {CENTRAL, 28, 2, 5000, EFFNET_ERROR_FORMAT, "truncated zip directory"},
        {CENTRAL, 42, 4, 60, EFFNET_ERROR_FORMAT, "overlaps another"},
        {CENTRAL, 42, 4, 1, EFFNET_ERROR_FORMAT, "overlaps another"},
        {CENTRAL, 42, 4, 1000000, EFFNET_ERROR_FORMAT, "reaches past"},
        {CENTRAL, 20, 8, UINT64_C(0x0fffff000fffff00), EFFNET_ERROR_FORMAT,
         "reaches past"},
        {LOCAL, 0, 4, 0, EFFNET_ERROR_FORMAT, "local header"},
        {LOCAL, 6, 2, 0x0801, EFFNET_ERROR_FORMAT, "local header"},
        {LOCAL, 8, 2, 8, EFFNET_ERROR_FORMAT, "local header"},
        {LOCAL, 28, 2, 500, EFFNET_ERROR_FORMAT, "overlaps another"},
        {LOCAL, 30, 1, 'x', EFFNET_ERROR_FORMAT, "another name"},
        {END, 0, 4, 0, EFFNET_ERROR_FORMAT, "directory is missing"},
        {END, 10, 2, 7, EFFNET_ERROR_FORMAT, "disagree"},
        {END, 12, 4, 7, EFFNET_ERROR_FORMAT, "disagree"},
        {END, 16, 4, 7, EFFNET_ERROR_FORMAT, "disagree"},
        {END, 20, 2, 7, EFFNET_ERROR_FORMAT, "directory is missing"},
        {END64, 0, 4, 0, EFFNET_ERROR_FORMAT, "no zip64 record"},
        {END64, 16, 4, 1, EFFNET_ERROR_UNSUPPORTED, "several disks"},
        {END64, 24, 8, 9, EFFNET_ERROR_UNSUPPORTED, "several disks"},
        {END64, 32, 8, UINT64_MAX, EFFNET_ERROR_UNSUPPORTED, "several disks"},
        {END64, 40, 8, UINT64_MAX, EFFNET_ERROR_FORMAT, "disagree"},
        {END64, 48, 8, UINT64_MAX, EFFNET_ERROR_FORMAT, "disagree"},
        {LOCATOR, 4, 4, 1, EFFNET_ERROR_UNSUPPORTED, "several disks"},
        {LOCATOR, 16, 4, 3, EFFNET_ERROR_UNSUPPORTED, "several disks"},
        {LOCATOR, 8, 8, UINT64_MAX - 3, EFFNET_ERROR_FORMAT,
         "is not before its locator"},
        {LOCATOR, 8, 8, 4, EFFNET_ERROR_FORMAT, "no zip64 record"},
        /* without a locator the end record counts, and is right */
        {LOCATOR, 0, 4, 0, EFFNET_OK, NULL},
};

START_TEST(zip_fields)
{
        for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
                test_zip zip;
                size_t parts[5];

                start_zip(&zip);
                parts[LOCAL] = zip.local[1];
                parts[CENTRAL] = zip.central[1];
                parts[END64] = zip.end64;
                parts[LOCATOR] = zip.locator;
                parts[END] = zip.end;
                test_set_number(&zip.bytes,
                                parts[changes[i].part] + (size_t)changes[i].at,
                                changes[i].number, changes[i].bytes);
                if (changes[i].status == EFFNET_OK) {
                        en_container *container;

                        ck_ok(test_container_open(&container, zip.bytes.data,
                                                  zip.bytes.size));
                        en_container_close(container);
                        free(zip.bytes.data);
                } else {
                        test_zip_fails(&zip, changes[i].status,
                                       changes[i].message);
                }
        }
}
END_TEST

/* Both end records lie alike. */
START_TEST(zip_directory_lies)
{
        static const struct {
                uint64_t members, size, offset; /* added */
                const char *message;
        } lies[] = {
                {1, 0, 0, "cannot hold 4"},
                {(uint64_t)-1, 0, 0, "bytes more than its 2 members"},
                {UINT64_C(1) << 40, 0, 0, "cannot hold"},
                {0, UINT64_C(1) << 40, 0, "is not inside the file"},
                {0, 0, UINT64_C(1) << 63, "is not inside the file"},
                {0, 1000, 0, "is not inside the file"},
                {0, 0, (uint64_t)-46, "damaged zip directory"},
        };

        for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
                test_zip zip;
                uint64_t start;

                start_zip(&zip);
                start = zip.central[0] + lies[i].offset;
                test_set_number(&zip.bytes, zip.end64 + 24, 3 + lies[i].members,
                                8);
                test_set_number(&zip.bytes, zip.end64 + 32, 3 + lies[i].members,
                                8);
                test_set_number(&zip.bytes, zip.end64 + 40,
                                zip.end64 - zip.central[0] + lies[i].size, 8);
                test_set_number(&zip.bytes, zip.end64 + 48, start, 8);
                test_set_number(&zip.bytes, zip.end + 10, 0xffff, 2);
                test_set_number(&zip.bytes, zip.end + 12, UINT32_MAX, 4);
                test_set_number(&zip.bytes, zip.end + 16, UINT32_MAX, 4);
                test_zip_fails(&zip, EFFNET_ERROR_FORMAT, lies[i].message);
        }
}
END_TEST

START_TEST(zip_names)
{
        static const char *const names[] = {
                "m/../x", "../x",  "..",        "/x",     "m//x",
                "m\\x",   "m/./x", "m/\x1b[2J", "a/b/..", ".",
        };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                test_zip zip = {0};

                test_zip_add(&zip, "m/data.pkl", TEST_PICKLE_HEAD "}.", 4);
                test_zip_add(&zip, names[i], "x", 1);
                test_zip_finish(&zip);
                test_zip_fails(&zip, EFFNET_ERROR_FORMAT, "unsafe name");
                ck_assert_ptr_null(strchr(effnet_last_error(), 0x1b));
        }
}
END_TEST

START_TEST(zip_duplicate)
{
        test_zip zip = {0};

        test_zip_add(&zip, "m/data.pkl", TEST_PICKLE_HEAD "}.", 4);
        test_zip_add(&zip, "m/data/0", "x", 1);
        test_zip_add(&zip, "m/data.pkl", TEST_PICKLE_HEAD "}.", 4);
        test_zip_finish(&zip);
        test_zip_fails(&zip, EFFNET_ERROR_FORMAT,
                       "m/data.pkl: the name occurs twice");
}
END_TEST

START_TEST(zip_of_other_kinds)
{
        static const struct {
                const char *member;
                effnet_status status;
                const char *message;
        } kinds[] = {
                {"m/constants.pkl", EFFNET_ERROR_UNSUPPORTED, "TorchScript"},
                {"m/code/__torch__.py", EFFNET_ERROR_UNSUPPORTED,
                 "TorchScript"},
        };
        test_zip zip = {0};

        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
                memset(&zip, 0, sizeof(zip));
                test_zip_add(&zip, "m/data.pkl", TEST_PICKLE_HEAD "}.", 4);
                test_zip_add(&zip, kinds[i].member, "x", 1);
                test_zip_finish(&zip);
                test_zip_fails(&zip, kinds[i].status, kinds[i].message);
        }
        memset(&zip, 0, sizeof(zip));
        test_zip_add(&zip, "config.json", "{}", 2);
        test_zip_add(&zip, "model.weights.h5", "x", 1);
        test_zip_finish(&zip);
        test_zip_fails(&zip, EFFNET_ERROR_UNSUPPORTED, "Keras 3");
        memset(&zip, 0, sizeof(zip));
        test_zip_add(&zip, "a.npy", "x", 1);
        test_zip_finish(&zip);
        test_zip_fails(&zip, EFFNET_ERROR_UNSUPPORTED, ".npz");
        memset(&zip, 0, sizeof(zip));
        test_zip_add(&zip, "readme.txt", "x", 1);
        test_zip_finish(&zip);
        test_zip_fails(&zip, EFFNET_ERROR_FORMAT,
                       "no member ends in /data.pkl");
}
END_TEST

START_TEST(zip_byte_order)
{
        test_zip zip = {0};
        en_container *container;

        test_zip_add(&zip, "m/data.pkl", TEST_PICKLE_HEAD "}.", 4);
        test_zip_add(&zip, "m/byteorder", "big", 3);
        test_zip_finish(&zip);
        test_zip_fails(&zip, EFFNET_ERROR_UNSUPPORTED, "byte order");
        memset(&zip, 0, sizeof(zip));
        test_zip_add(&zip, "m/byteorder", "little", 6);
        test_zip_add(&zip, "m/data.pkl", TEST_PICKLE_HEAD "}.", 4);
        test_zip_finish(&zip);
        ck_ok(test_container_open(&container, zip.bytes.data, zip.bytes.size));
        en_container_close(container);
        free(zip.bytes.data);
}
END_TEST

/* ---- deflated members */

static void
one_tensor(test_bytes *pickle, int32_t count)
{
        const int32_t stride = 1;

        memset(pickle, 0, sizeof(*pickle));
        test_put_text(pickle, TEST_PICKLE_HEAD "}");
        test_pickle_text(pickle, "w");
        test_pickle_tensor(pickle, "0", (uint32_t)count, 0, 1, &count, &stride);
        test_put_text(pickle, "s.");
}

/* A storage of `count` zeros, deflated, whose size may be told wrongly. */
static effnet_status
read_deflated(int32_t count, int64_t told)
{
        test_bytes pickle;
        test_zip zip = {0};
        uint8_t *zeros = calloc((size_t)count, 4);
        float *values = calloc((size_t)count + 64, sizeof(float));
        en_container *container = NULL;
        en_source source;
        effnet_status status;

        one_tensor(&pickle, (int32_t)(told / 4));
        test_zip_deflate(&zip, "m/data.pkl", pickle.data, pickle.size);
        test_zip_deflate(&zip, "m/data/0", zeros, (size_t)count * 4);
        zip.members[1].size = (size_t)told;
        test_zip_finish(&zip);
        en_source_memory(&source, zip.bytes.data, zip.bytes.size);
        test_memory_reset();
        status = en_container_open(&container, &source, NULL);
        if (status == EFFNET_OK)
                status = en_container_read_f32(container,
                                               &container->entries[0], values);
        en_container_close(container);
        free(zip.bytes.data);
        free(pickle.data);
        free(values);
        free(zeros);
        return status;
}

START_TEST(deflated_sizes)
{
        ck_ok(read_deflated(100, 400));
        ck_ok(read_deflated(100000, 400000));
        ck_fails(read_deflated(100, 404), EFFNET_ERROR_FORMAT);
        ck_message("ends after 400 of 404 bytes");
        ck_fails(read_deflated(100, 396), EFFNET_ERROR_FORMAT);
        ck_message("goes on after");
}
END_TEST

#define FLOATS 262144

/* Tensors of `count` floats each, in turn of one and of the other of two
 * storages of 1 MiB, both deflated, `first` elements from their start.
 */
static en_container *
open_two(test_zip *zip, en_source *source, int tensors, int32_t count,
         int32_t first, int64_t most_memory)
{
        effnet_options options = *en_options_or_default(NULL);
        const int32_t one = 1;
        float *values = malloc(FLOATS * sizeof(float));
        test_bytes pickle = {0};
        en_container *container;

        for (int i = 0; i < FLOATS; i++)
                values[i] = (float)(i / 1000);
        test_put_text(&pickle, TEST_PICKLE_HEAD "}");
        for (int i = 0; i < tensors; i++) {
                char name[2] = {(char)('a' + i), '\0'};

                test_pickle_text(&pickle, name);
                test_pickle_tensor(&pickle, i % 2 == 0 ? "0" : "1", FLOATS,
                                   first, 1, &count, &one);
                test_put_text(&pickle, "s");
        }
        test_put_text(&pickle, ".");
        memset(zip, 0, sizeof(*zip));
        test_zip_add(zip, "m/data.pkl", pickle.data, pickle.size);
        test_zip_deflate(zip, "m/data/0", values, FLOATS * sizeof(float));
        test_zip_deflate(zip, "m/data/1", values, FLOATS * sizeof(float));
        test_zip_finish(zip);
        en_source_memory(source, zip->bytes.data, zip->bytes.size);
        options.max_memory_bytes = most_memory;
        ck_ok(en_container_open(&container, source, &options));
        free(pickle.data);
        free(values);
        return container;
}

/* Each storage is inflated once, as far as it is needed, and let go. */
START_TEST(deflated_in_turn)
{
        static const struct {
                int32_t count, first;
                size_t bytes; /* allocated at most, growing by doubling */
        } cases[] = {
                {100, 0, 200000},
                {100, 50000, 1200000},
                {100, FLOATS - 100, 7000000},
        };
        float values[100];

        for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
                test_zip zip;
                en_source source;
                en_container *container = open_two(&zip, &source, 20,
                                                   cases[c].count,
                                                   cases[c].first, 1 << 22);

                for (int i = 0; i < 20; i++)
                        en_container_plan(container, &container->entries[i]);
                test_memory_reset();
                for (int i = 0; i < 20; i++) {
                        ck_ok(en_container_read_f32(
                                container, &container->entries[i], values));
                        ck_assert(values[99] ==
                                  (float)((cases[c].first + 99) / 1000));
                }
                ck_assert_uint_lt(test_memory_bytes(), cases[c].bytes);
                ck_assert_uint_eq(container->inflated, 0);
                /* and once more from the start */
                ck_ok(en_container_read_f32(container, &container->entries[0],
                                            values));
                ck_assert(values[0] == (float)(cases[c].first / 1000));
                en_container_close(container);
                free(zip.bytes.data);
        }
}
END_TEST

START_TEST(deflated_limit)
{
        test_zip zip;
        en_source source;
        en_container *container = open_two(&zip, &source, 4, 4, FLOATS - 4,
                                           FLOATS * 4 + 100);
        float values[4];

        for (int i = 0; i < 4; i++)
                en_container_plan(container, &container->entries[i]);
        ck_ok(en_container_read_f32(container, &container->entries[0], values));
        ck_fails(en_container_read_f32(container, &container->entries[1],
                                       values),
                 EFFNET_ERROR_LIMIT);
        ck_message("tensor b: deflated storages of 2097152 bytes, the limit "
                   "for memory is 1048676");
        /* the first is let go with its last read */
        ck_ok(en_container_read_f32(container, &container->entries[2], values));
        ck_ok(en_container_read_f32(container, &container->entries[3], values));
        en_container_close(container);
        free(zip.bytes.data);
}
END_TEST

/* 40 MB of zeros in 40 KB. */
START_TEST(deflate_bomb)
{
        ck_fails(read_deflated(10000000, 40000000), EFFNET_ERROR_LIMIT);
        ck_message("the limit is a ratio of 100");
        ck_assert_uint_lt(test_memory_bytes(), 1000000);
}
END_TEST

/* A pickle that inflates to more than the limit for headers. */
START_TEST(deflate_bomb_pickle)
{
        size_t size = 20000000;
        uint8_t *pickle = calloc(size, 1);
        test_zip zip = {0};

        test_zip_deflate(&zip, "m/data.pkl", pickle, size);
        test_zip_finish(&zip);
        test_memory_reset();
        test_zip_fails(&zip, EFFNET_ERROR_LIMIT, "limit for headers");
        ck_assert_uint_lt(test_memory_bytes(), 1000000);
        free(pickle);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("load_zip");
        TCase *test = tcase_create("zip");

        tcase_add_test(test, other_files);
        tcase_add_test(test, tar);
        tcase_add_test(test, zip_plain);
        tcase_add_test(test, zip_fields);
        tcase_add_test(test, zip_directory_lies);
        tcase_add_test(test, zip_names);
        tcase_add_test(test, zip_duplicate);
        tcase_add_test(test, zip_of_other_kinds);
        tcase_add_test(test, zip_byte_order);
        tcase_add_test(test, deflated_sizes);
        tcase_add_test(test, deflated_in_turn);
        tcase_add_test(test, deflated_limit);
        tcase_add_test(test, deflate_bomb);
        tcase_add_test(test, deflate_bomb_pickle);
        suite_add_tcase(suite, test);
        return test_main(suite);
}
