/* check_load_hostile.c: files that are damaged, lie or attack. */
#include "support.h"

#include "archive.h"
#include "base/options.h"
#include "load/checkpoint.h"
#include "load/container.h"
#include "memory.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "\x80\x02"

static effnet_status
open_bytes(en_container **container, const void *data, size_t size)
{
        en_source source;

        en_source_memory(&source, data, size);
        return en_container_open(container, &source, NULL);
}

/* The whole must fail so, and say that. */
static void
expect(const void *data, size_t size, effnet_status status, const char *message)
{
        en_container *container = (en_container *)&container;
        effnet_status found = open_bytes(&container, data, size);

        ck_assert_msg(found == status, "expected %s (%s), found %s: %s",
                      effnet_status_name(status), message,
                      effnet_status_name(found),
                      found == EFFNET_OK ? "" : effnet_last_error());
        ck_assert_ptr_null(container);
        ck_message(message);
        ck_assert(strncmp(effnet_last_error(), "memory: ", 8) == 0);
}

static void
expect_zip(test_zip *zip, effnet_status status, const char *message)
{
        expect(zip->bytes.data, zip->bytes.size, status, message);
        free(zip->bytes.data);
}

/* ---- files that are no checkpoints at all */

START_TEST(other_files)
{
        static const struct {
                const char *bytes;
                size_t size;
                effnet_status status;
                const char *message;
        } files[] = {
#define FILE_(text, status, message) {text, sizeof(text) - 1, status, message}
                FILE_("", EFFNET_ERROR_FORMAT, "empty"),
                FILE_("a", EFFNET_ERROR_FORMAT, "1 bytes, too few"),
                FILE_("version https://git-lfs.github.com/spec/v1\noid sha256:",
                      EFFNET_ERROR_FORMAT, "Git LFS pointer"),
                FILE_("\x89HDF\r\n\x1a\n        ", EFFNET_ERROR_UNSUPPORTED,
                      "HDF5 file (Keras .h5); expected a PyTorch state_dict"),
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
                FILE_("\x1c\0\0\0TFL3", EFFNET_ERROR_UNSUPPORTED,
                      "TensorFlow Lite"),
                FILE_("GGUF\3\0\0\0", EFFNET_ERROR_UNSUPPORTED, "GGUF"),
                FILE_("<!DOCTYPE html><html>", EFFNET_ERROR_FORMAT, "HTML"),
                FILE_("<html><body>", EFFNET_ERROR_FORMAT, "HTML"),
                FILE_("{\"weight_map\": {}}", EFFNET_ERROR_FORMAT, "sharded"),
                FILE_("\x80\x04\x95\0\0\0\0\0\0\0\0N.", EFFNET_ERROR_FORMAT,
                      "bare pickle"),
                FILE_("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
                      EFFNET_ERROR_FORMAT, "empty zip"),
                FILE_("PK\3\4", EFFNET_ERROR_FORMAT, "truncated zip archive"),
                FILE_("some other text", EFFNET_ERROR_FORMAT,
                      "not a checkpoint: begins with 73 6f 6d 65"),
#undef FILE_
        };

        for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
                expect(files[i].bytes, files[i].size, files[i].status,
                       files[i].message);
}
END_TEST

START_TEST(tar)
{
        char block[512] = "storages";

        memcpy(block + 257, "ustar", 5);
        expect(block, sizeof(block), EFFNET_ERROR_UNSUPPORTED, "tar archive");
}
END_TEST

/* ---- zip */

static void
start_zip(test_zip *zip)
{
        test_bytes pickle = {0};

        memset(zip, 0, sizeof(*zip));
        test_put_text(&pickle, HEAD "}.");
        test_zip_torch(zip, &pickle, 8);
        free(pickle.data);
}

START_TEST(zip_plain)
{
        test_zip zip;
        en_container *container;

        start_zip(&zip);
        ck_ok(open_bytes(&container, zip.bytes.data, zip.bytes.size));
        ck_assert_int_eq(container->entry_count, 0);
        en_container_close(container);
        free(zip.bytes.data);
}
END_TEST

/* A byte, or a number, of one part of the archive is changed. */
START_TEST(zip_fields)
{
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
                {CENTRAL, 0, 4, 0, EFFNET_ERROR_FORMAT,
                 "damaged zip directory"},
                {CENTRAL, 20, 4, 5, EFFNET_ERROR_FORMAT, "two sizes"},
                {CENTRAL, 28, 2, 5000, EFFNET_ERROR_FORMAT,
                 "truncated zip directory"},
                {CENTRAL, 42, 4, 60, EFFNET_ERROR_FORMAT, "overlaps another"},
                {CENTRAL, 42, 4, 1, EFFNET_ERROR_FORMAT, "overlaps another"},
                {CENTRAL, 42, 4, 1000000, EFFNET_ERROR_FORMAT, "reaches past"},
                {CENTRAL, 20, 8, UINT64_C(0x0fffff000fffff00),
                 EFFNET_ERROR_FORMAT, "reaches past"},
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
                {END64, 32, 8, UINT64_MAX, EFFNET_ERROR_UNSUPPORTED,
                 "several disks"},
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

                        ck_ok(open_bytes(&container, zip.bytes.data,
                                         zip.bytes.size));
                        en_container_close(container);
                        free(zip.bytes.data);
                } else {
                        expect_zip(&zip, changes[i].status, changes[i].message);
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
                expect_zip(&zip, EFFNET_ERROR_FORMAT, lies[i].message);
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

                test_zip_add(&zip, "m/data.pkl", HEAD "}.", 4);
                test_zip_add(&zip, names[i], "x", 1);
                test_zip_finish(&zip);
                expect_zip(&zip, EFFNET_ERROR_FORMAT, "unsafe name");
                ck_assert_ptr_null(strchr(effnet_last_error(), 0x1b));
        }
}
END_TEST

START_TEST(zip_duplicate)
{
        test_zip zip = {0};

        test_zip_add(&zip, "m/data.pkl", HEAD "}.", 4);
        test_zip_add(&zip, "m/data/0", "x", 1);
        test_zip_add(&zip, "m/data.pkl", HEAD "}.", 4);
        test_zip_finish(&zip);
        expect_zip(&zip, EFFNET_ERROR_FORMAT,
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
                test_zip_add(&zip, "m/data.pkl", HEAD "}.", 4);
                test_zip_add(&zip, kinds[i].member, "x", 1);
                test_zip_finish(&zip);
                expect_zip(&zip, kinds[i].status, kinds[i].message);
        }
        memset(&zip, 0, sizeof(zip));
        test_zip_add(&zip, "config.json", "{}", 2);
        test_zip_add(&zip, "model.weights.h5", "x", 1);
        test_zip_finish(&zip);
        expect_zip(&zip, EFFNET_ERROR_UNSUPPORTED, "Keras 3");
        memset(&zip, 0, sizeof(zip));
        test_zip_add(&zip, "a.npy", "x", 1);
        test_zip_finish(&zip);
        expect_zip(&zip, EFFNET_ERROR_UNSUPPORTED, ".npz");
        memset(&zip, 0, sizeof(zip));
        test_zip_add(&zip, "readme.txt", "x", 1);
        test_zip_finish(&zip);
        expect_zip(&zip, EFFNET_ERROR_FORMAT, "no member ends in /data.pkl");
}
END_TEST

START_TEST(zip_byte_order)
{
        test_zip zip = {0};
        en_container *container;

        test_zip_add(&zip, "m/data.pkl", HEAD "}.", 4);
        test_zip_add(&zip, "m/byteorder", "big", 3);
        test_zip_finish(&zip);
        expect_zip(&zip, EFFNET_ERROR_UNSUPPORTED, "byte order");
        memset(&zip, 0, sizeof(zip));
        test_zip_add(&zip, "m/byteorder", "little", 6);
        test_zip_add(&zip, "m/data.pkl", HEAD "}.", 4);
        test_zip_finish(&zip);
        ck_ok(open_bytes(&container, zip.bytes.data, zip.bytes.size));
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
        test_put_text(pickle, HEAD "}");
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
        expect_zip(&zip, EFFNET_ERROR_LIMIT, "limit for headers");
        ck_assert_uint_lt(test_memory_bytes(), 1000000);
        free(pickle);
}
END_TEST

/* ---- pickles */

static void
expect_pickle(const test_bytes *pickle, effnet_status status,
              const char *message)
{
        test_zip zip = {0};

        test_zip_torch(&zip, pickle, 24);
        expect_zip(&zip, status, message);
}

START_TEST(pickle_programs)
{
        static const struct {
                const char *bytes;
                size_t size;
                effnet_status status;
                const char *message;
        } programs[] = {
#define PICKLE(text, status, says) {text, sizeof(text) - 1, status, says}
#define REFUSED(text, says)        PICKLE(text, EFFNET_ERROR_UNSUPPORTED, says)
#define DAMAGED(text, says)        PICKLE(text, EFFNET_ERROR_FORMAT, says)
                REFUSED(HEAD "cos\nsystem\nX\2\0\0\0ls\x85R.",
                        "pickle global os.system refused"),
                REFUSED(HEAD "c__builtin__\neval\nX\1\0\0\0001\x85R.",
                        "pickle global __builtin__.eval refused"),
                REFUSED("\x80\4\x8c\5posix\x8c\6system\x93.",
                        "pickle global posix.system refused"),
                REFUSED(HEAD "ctorch.nn.modules.conv\nConv2d\n)\x81.",
                        "a whole module (torch.nn.modules.conv.Conv2d)"),
                REFUSED(HEAD "ctimm.models.efficientnet\nEfficientNet\n)\x81.",
                        "a whole module (timm."),
                REFUSED(HEAD "ctorch\nQInt8Storage\n.",
                        "element type of torch.QInt8Storage"),
                REFUSED(HEAD "ctorch\x1b[2J\nx\n.", "torch?[2J.x refused"),
                REFUSED(HEAD "(cos\nsystem\no.", "refused"),
                REFUSED(HEAD "(ios\nsystem\n.", "opcode INST"),
                REFUSED(HEAD "(o.", "opcode OBJ"),
                REFUSED(HEAD "}}}\x92.", "opcode NEWOBJ_EX"),
                REFUSED(HEAD "\x82\1.", "opcode EXT1"),
                REFUSED(HEAD "Pabc\n.", "opcode PERSID"),
                REFUSED(HEAD "I1\n.", "opcode INT at byte 2"),
                REFUSED("\x80\5\x96\1\0\0\0\0\0\0\0x.", "opcode BYTEARRAY8"),
                REFUSED(HEAD "].", "holds a list; expected a dictionary"),
                REFUSED(HEAD ").", "holds a tuple"),
                REFUSED(HEAD "N.", "holds something else"),
                REFUSED(HEAD "ctorch._utils\n_rebuild_tensor_v2\n)R}b.",
                        "BUILD"),
                REFUSED(HEAD "]Nb.", "BUILD"),
                DAMAGED("}.", "does not begin with a protocol"),
                DAMAGED("\x80\1}.", "protocol is not 2 to 5"),
                DAMAGED("\x80\6}.", "protocol is not 2 to 5"),
                DAMAGED(HEAD "\xff.", "no opcode is 0xff"),
                DAMAGED(HEAD "}", "truncated pickle"),
                DAMAGED(HEAD ".", "other than one value"),
                DAMAGED(HEAD "}}.", "other than one value"),
                DAMAGED(HEAD "(.", "stack is empty"),
                DAMAGED(HEAD "}(0" /* pops the mark */ "t.", "no mark"),
                DAMAGED(HEAD "0.", "stack is empty"),
                DAMAGED(HEAD "1.", "no mark"),
                DAMAGED(HEAD "2.", "stack is empty"),
                DAMAGED(HEAD "}(\x86.", "stack is empty"),
                DAMAGED(HEAD "t.", "no mark"),
                DAMAGED(HEAD "(e.", "stack is empty"),
                DAMAGED(HEAD "((e.", "stack is empty"),
                DAMAGED(HEAD "}Na.", "no list"),
                DAMAGED(HEAD "]NNs.", "no dictionary"),
                DAMAGED(HEAD "}(Nu.", "a key without a value"),
                DAMAGED(HEAD "h\0.", "never stored"),
                DAMAGED(HEAD "}q\5h\4.", "never stored"),
                DAMAGED(HEAD "q\0.", "stack is empty"),
                DAMAGED(HEAD "}r\0\0\0\x80.", "memo index is too large"),
                DAMAGED(HEAD "}j\0\0\0\x80.", "never stored"),
                DAMAGED(HEAD "X\377\377\377\377.", "truncated pickle"),
                DAMAGED(HEAD "X\377\377\377\177.", "truncated pickle"),
                DAMAGED(HEAD "\x8d\377\377\377\377\377\377\377\377.",
                        "truncated pickle"),
                DAMAGED(HEAD "\x8b\377\377\377\377.", "truncated pickle"),
                DAMAGED(HEAD "NQ.", "a persistent id is no tuple"),
                DAMAGED(HEAD "}}R.", "is no global"),
                DAMAGED(HEAD "ccollections\nOrderedDict\n}R.",
                        "without a tuple"),
                DAMAGED(HEAD "ctorch\nFloatStorage\n)R.", "a call of a type"),
                DAMAGED(HEAD "ccollections\nOrderedDict\nX\0\0\0\0\x85R.",
                        "dictionary of no pairs"),
                DAMAGED(HEAD "ccollections\nOrderedDict\n]Na\x85R.",
                        "dictionary of no pairs"),
                DAMAGED("\x80\4NN\x93.", "is no text"),
                DAMAGED(HEAD "}X\1\0\0\0wctorch._utils\n_rebuild_tensor_v2\n)R"
                             "s.",
                        "tensor w: damaged pickle: a tensor without a storage"),
                DAMAGED(HEAD "}X\1\0\0\0wctorch._utils\n_rebuild_tensor_v2\n"
                             ")Q\x85Rs.",
                        "tensor w: damaged pickle: a persistent id"),
                REFUSED(HEAD "}X\1\0\0\0wctorch._utils\n_rebuild_tensor_v2\n"
                             "X\6\0\0\0module\x85Q\x85Rs.",
                        "tensor w: a whole module"),
#undef PICKLE
#undef REFUSED
#undef DAMAGED
        };

        for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
                test_bytes pickle = {0};

                test_put(&pickle, programs[i].bytes, programs[i].size);
                expect_pickle(&pickle, programs[i].status, programs[i].message);
                free(pickle.data);
        }
}
END_TEST

START_TEST(pickle_tensors)
{
        static const struct {
                const char *key;
                uint32_t count;
                int32_t offset;
                int rank;
                int32_t shape[9], stride[9];
                effnet_status status;
                const char *message;
        } tensors[] = {
                {"0", 6, 0, 2, {2, 3}, {3, 1}, EFFNET_OK, NULL},
                {"0", 6, 2, 2, {4, 1}, {1, 0}, EFFNET_OK, NULL},
                {"0", 6, 6, 1, {0}, {1}, EFFNET_OK, NULL},
                {"0",
                 6,
                 1,
                 2,
                 {2, 3},
                 {3, 1},
                 EFFNET_ERROR_FORMAT,
                 "reaches element 7 of a storage of 6"},
                {"0", 6, 0, 1, {7}, {1}, EFFNET_ERROR_FORMAT, "reaches"},
                {"0",
                 6,
                 7,
                 1,
                 {0},
                 {1},
                 EFFNET_ERROR_FORMAT,
                 "begins behind its storage"},
                {"0",
                 6,
                 -1,
                 1,
                 {1},
                 {1},
                 EFFNET_ERROR_FORMAT,
                 "without an offset"},
                {"0", 6, 0, 1, {-1}, {1}, EFFNET_ERROR_FORMAT, "no count"},
                {"0", 6, 0, 1, {1}, {-1}, EFFNET_ERROR_FORMAT, "no count"},
                {"0",
                 6,
                 0,
                 2,
                 {INT32_MAX, INT32_MAX},
                 {0, INT32_MAX},
                 EFFNET_ERROR_FORMAT,
                 "reaches"},
                {"0",
                 6,
                 0,
                 3,
                 {INT32_MAX, INT32_MAX, INT32_MAX},
                 {0, 0, 0},
                 EFFNET_ERROR_FORMAT,
                 "overflows"},
                {"0",
                 6,
                 0,
                 9,
                 {1},
                 {1},
                 EFFNET_ERROR_UNSUPPORTED,
                 "9 dimensions"},
                {"0",
                 5,
                 0,
                 1,
                 {5},
                 {1},
                 EFFNET_ERROR_FORMAT,
                 "expected 5 elements of float32, found 24 bytes"},
                {"1",
                 6,
                 0,
                 1,
                 {1},
                 {1},
                 EFFNET_ERROR_FORMAT,
                 "storage 1: the archive has no such member"},
                {"../version",
                 6,
                 0,
                 1,
                 {1},
                 {1},
                 EFFNET_ERROR_FORMAT,
                 "no such member"},
                {"", 6, 0, 1, {1}, {1}, EFFNET_ERROR_FORMAT, "no such member"},
                {"00000000000000000000000000000000000000000000000000000000000"
                 "0",
                 6,
                 0,
                 1,
                 {1},
                 {1},
                 EFFNET_ERROR_FORMAT,
                 "no such member"},
        };

        for (size_t i = 0; i < sizeof(tensors) / sizeof(tensors[0]); i++) {
                test_bytes pickle = {0};
                test_zip zip = {0};
                en_container *container;

                test_put_text(&pickle, HEAD "}");
                test_pickle_text(&pickle, "w");
                test_pickle_tensor(&pickle, tensors[i].key, tensors[i].count,
                                   tensors[i].offset, tensors[i].rank,
                                   tensors[i].shape, tensors[i].stride);
                test_put_text(&pickle, "s.");
                if (tensors[i].status != EFFNET_OK) {
                        expect_pickle(&pickle, tensors[i].status,
                                      tensors[i].message);
                        ck_message("tensor w: ");
                } else {
                        test_zip_torch(&zip, &pickle, 24);
                        ck_ok(open_bytes(&container, zip.bytes.data,
                                         zip.bytes.size));
                        ck_assert_int_eq(container->entry_count, 1);
                        en_container_close(container);
                        free(zip.bytes.data);
                }
                free(pickle.data);
        }
}
END_TEST

START_TEST(pickle_duplicate_name)
{
        const int32_t one = 1;
        test_bytes pickle = {0};

        test_put_text(&pickle, HEAD "}");
        for (int i = 0; i < 2; i++) {
                test_pickle_text(&pickle, "w");
                test_pickle_tensor(&pickle, "0", 6, 0, 1, &one, &one);
                test_put_text(&pickle, "s");
        }
        test_put_text(&pickle, ".");
        expect_pickle(&pickle, EFFNET_ERROR_FORMAT,
                      "tensor w: the name occurs twice");
        free(pickle.data);
}
END_TEST

/* Repeats `part` `count` times. */
static void
repeat(test_bytes *to, const char *part, size_t count)
{
        for (size_t i = 0; i < count; i++)
                test_put(to, part, strlen(part));
}

/* A dictionary in a dictionary, a hundred thousand deep. */
START_TEST(pickle_deep)
{
        test_bytes pickle = {0};
        test_zip zip = {0};
        en_container *container;
        size_t depth = 30000;

        test_put_text(&pickle, HEAD "}");
        repeat(&pickle, "X\1\1\1\1", 0);
        for (size_t i = 0; i < depth; i++) {
                test_pickle_text(&pickle, "a");
                test_put_text(&pickle, "}");
        }
        repeat(&pickle, "s", depth);
        test_put_text(&pickle, ".");
        test_zip_torch(&zip, &pickle, 24);
        ck_ok(open_bytes(&container, zip.bytes.data, zip.bytes.size));
        ck_assert_int_eq(container->entry_count, 0);
        en_container_close(container);
        free(zip.bytes.data);
        free(pickle.data);
}
END_TEST

START_TEST(pickle_stack)
{
        test_bytes pickle = {0};

        test_put_text(&pickle, HEAD);
        repeat(&pickle, "(", 70000);
        expect_pickle(&pickle, EFFNET_ERROR_FORMAT, "stack is too deep");
        free(pickle.data);
}
END_TEST

/* Each of thirty dictionaries holds the one before it ten times. */
START_TEST(pickle_laughs)
{
        test_bytes pickle = {0};

        test_put_text(&pickle, HEAD "}q\x01");
        for (int i = 0; i < 30; i++) {
                uint8_t from = (uint8_t)(i + 1), to = (uint8_t)(i + 2);

                test_put_text(&pickle, "0}q");
                test_put(&pickle, &to, 1);
                for (char key = 'a'; key < 'k'; key++) {
                        char text[2] = {key, '\0'};

                        test_pickle_text(&pickle, text);
                        test_put_text(&pickle, "h");
                        test_put(&pickle, &from, 1);
                        test_put_text(&pickle, "s");
                }
        }
        test_put_text(&pickle, ".");
        expect_pickle(&pickle, EFFNET_ERROR_FORMAT, "nested in each other");
        free(pickle.data);
}
END_TEST

/* A dictionary in itself, with many keys. */
START_TEST(pickle_cycle)
{
        test_bytes pickle = {0};

        test_put_text(&pickle, HEAD "}q\x01");
        for (char key = 'a'; key <= 'z'; key++) {
                char text[2] = {key, '\0'};

                test_pickle_text(&pickle, text);
                test_put_text(&pickle, "h\1s");
        }
        test_put_text(&pickle, ".");
        expect_pickle(&pickle, EFFNET_ERROR_FORMAT, "nested in each other");
        free(pickle.data);
}
END_TEST

/* What an opcode costs at most: none may allocate much more than its bytes. */
START_TEST(pickle_memory)
{
        static const char *const costly[] = {
                "]", "}", "Na", "K\1", "NN\x86", "2", "]q\1", "(t",
        };

        for (size_t i = 0; i < sizeof(costly) / sizeof(costly[0]); i++) {
                test_bytes pickle = {0};
                test_zip zip = {0};
                en_container *container;

                test_put_text(&pickle, HEAD "]");
                for (int n = 0; n < 200000; n++) {
                        test_put(&pickle, costly[i], strlen(costly[i]));
                        if (strcmp(costly[i], "Na") != 0 && n % 100 == 99)
                                repeat(&pickle, "0", 100);
                }
                test_put_text(&pickle, ".");
                test_zip_torch(&zip, &pickle, 24);
                test_memory_reset();
                ck_assert_int_ne(
                        open_bytes(&container, zip.bytes.data, zip.bytes.size),
                        EFFNET_OK);
                /* reallocation counts each size on the way: a sum of thrice
                 * the last */
                ck_assert_msg(test_memory_bytes() < 80 * zip.bytes.size,
                              "%s: %zu bytes for a file of %zu", costly[i],
                              test_memory_bytes(), zip.bytes.size);
                free(zip.bytes.data);
                free(pickle.data);
        }
}
END_TEST

/* ---- legacy */

#define MAGIC "\x80\2\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."

static void
legacy(test_bytes *file, int protocol, bool little, const char *keys,
       size_t keys_size, uint64_t count)
{
        const int32_t six = 6, one = 1;

        memset(file, 0, sizeof(*file));
        test_put_text(file, MAGIC HEAD "M");
        test_put_number(file, (uint64_t)protocol, 2);
        test_put_text(file, "." HEAD "}");
        test_pickle_text(file, "little_endian");
        test_put(file, little ? "\x88s." : "\x89s.", 3);
        test_put_text(file, HEAD "}");
        test_pickle_text(file, "w");
        test_pickle_tensor(file, "7", 6, 0, 1, &six, &one);
        test_put_text(file, "s." HEAD "]");
        test_put(file, keys, keys_size);
        test_put_text(file, ".");
        test_put_number(file, count, 8);
        for (int i = 0; i < 6; i++)
                test_put_number(file, 0x3f800000, 4);
}

#define KEY "X\1\0\0\0007a"

START_TEST(legacy_files)
{
        test_bytes file;
        en_container *container;
        float values[6];
        en_source source;

        legacy(&file, 1001, true, KEY, sizeof(KEY) - 1, 6);
        en_source_memory(&source, file.data, file.size);
        ck_ok(en_container_open(&container, &source, NULL));
        ck_assert_int_eq(container->entry_count, 1);
        ck_ok(en_container_read_f32(container, container->entries, values));
        ck_assert(values[0] == 1 && values[5] == 1);
        en_container_close(container);
        test_put_text(&file, "x");
        expect(file.data, file.size, EFFNET_ERROR_FORMAT,
               "1 bytes behind the last storage");
        expect(file.data, file.size - 2, EFFNET_ERROR_FORMAT, "truncated");
        free(file.data);
        legacy(&file, 1000, true, KEY, sizeof(KEY) - 1, 6);
        expect(file.data, file.size, EFFNET_ERROR_UNSUPPORTED, "expected 1001");
        free(file.data);
        legacy(&file, 1001, false, KEY, sizeof(KEY) - 1, 6);
        expect(file.data, file.size, EFFNET_ERROR_UNSUPPORTED, "big-endian");
        free(file.data);
        legacy(&file, 1001, true, KEY, sizeof(KEY) - 1, 5);
        expect(file.data, file.size, EFFNET_ERROR_FORMAT,
               "storage 7: expected 6 elements, found 5");
        free(file.data);
        legacy(&file, 1001, true, KEY KEY, 2 * (sizeof(KEY) - 1), 6);
        expect(file.data, file.size, EFFNET_ERROR_FORMAT, "listed twice");
        free(file.data);
        legacy(&file, 1001, true, "", 0, 6);
        expect(file.data, file.size, EFFNET_ERROR_FORMAT, "bytes behind");
        free(file.data);
        legacy(&file, 1001, true, "X\1\0\0\0008a", 7, 6);
        expect(file.data, file.size, EFFNET_ERROR_FORMAT,
               "storage 8: no tensor is of it");
        free(file.data);
        legacy(&file, 1001, true, "Na", 2, 6);
        expect(file.data, file.size, EFFNET_ERROR_FORMAT, "key is no text");
        free(file.data);
}
END_TEST

/* ---- safetensors */

static void
safetensors(test_bytes *file, const char *header, size_t data)
{
        memset(file, 0, sizeof(*file));
        test_put_number(file, strlen(header), 8);
        test_put(file, header, strlen(header));
        for (size_t i = 0; i < data; i++)
                test_put(file, "", 1);
}

START_TEST(safetensors_headers)
{
#define T(dtype, shape, offsets)                                               \
        "{\"dtype\":\"" dtype "\",\"shape\":" shape                            \
        ",\"data_offsets\":" offsets "}"
        static const struct {
                const char *header;
                size_t data;
                effnet_status status;
                const char *message;
        } headers[] = {
                {"{\"a\":" T("F32", "[2]", "[0,8]") "}", 8, EFFNET_OK, NULL},
                {"{\"__metadata__\":{\"format\":\"pt\"},\"a\":" T("F32", "[]",
                                                                  "[0,4]") "}",
                 4, EFFNET_OK, NULL},
                {"{\"b\":" T("F32", "[1]", "[4,8]") ",\"a\":" T("F16", "[2]",
                                                                "[0,4]") "}",
                 8, EFFNET_OK, NULL},
                {"{\"__metadata__\":{\"a\":1}}", 0, EFFNET_ERROR_FORMAT,
                 "more than texts"},
                {"{\"__metadata__\":[]}", 0, EFFNET_ERROR_FORMAT, "no object"},
                {"{\"a\":" T("F32", "[2]", "[0,8]") ",\"a\":" T("F32", "[2]",
                                                                "[0,8]") "}",
                 8, EFFNET_ERROR_FORMAT, "duplicate"},
                {"{\"a\":" T("F8_E4M3", "[2]", "[0,2]") "}", 2,
                 EFFNET_ERROR_UNSUPPORTED, "tensor a: element type F8_E4M3"},
                {"{\"a\":" T("F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]") "}", 4,
                 EFFNET_ERROR_UNSUPPORTED, "more than eight"},
                {"{\"a\":" T("F32", "[1.0]", "[0,4]") "}", 4,
                 EFFNET_ERROR_FORMAT, "no count"},
                {"{\"a\":" T("F32", "[-1]", "[0,4]") "}", 4,
                 EFFNET_ERROR_FORMAT, "no count"},
                {"{\"a\":" T("F32", "[2]", "[4,0]") "}", 8, EFFNET_ERROR_FORMAT,
                 "no data_offsets"},
                {"{\"a\":" T("F32", "[2]", "[0,8,9]") "}", 8,
                 EFFNET_ERROR_FORMAT, "no data_offsets"},
                {"{\"a\":" T("F32", "[3]", "[0,8]") "}", 8, EFFNET_ERROR_FORMAT,
                 "needs 12 bytes"},
                {"{\"a\":" T("F32", "[1]", "[4,8]") "}", 8, EFFNET_ERROR_FORMAT,
                 "a hole"},
                {"{\"a\":" T("F32", "[1]", "[0,4]") "}", 8, EFFNET_ERROR_FORMAT,
                 "4 bytes behind"},
                {"{\"a\":" T("F32", "[2]", "[0,8]") "}", 4, EFFNET_ERROR_FORMAT,
                 "truncated"},
                {"{\"a\":" T("F32", "[0,4611686018427387904,4]", "[0,0]") "}",
                 0, EFFNET_ERROR_FORMAT, "overflows"},
                {"{\"a\":3}", 0, EFFNET_ERROR_FORMAT, "no object"},
                {"{\"a\":{\"shape\":[],\"data_offsets\":[0,4]}}", 4,
                 EFFNET_ERROR_FORMAT, "no dtype"},
                {"{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4,
                 EFFNET_ERROR_FORMAT, "no shape"},
                {"{\"a\":" T("F32", "[[1]]", "[0,4]") "}", 4,
                 EFFNET_ERROR_FORMAT, "nests 4 deep"},
                {"{\"a\\u0000b\":{}}", 0, EFFNET_ERROR_FORMAT, "no JSON"},
                {"{\"weight_map\":{}}", 0, EFFNET_ERROR_UNSUPPORTED, "sharded"},
                {"{} x", 0, EFFNET_ERROR_FORMAT, "no JSON"},
        };
#undef T

        for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
                test_bytes file;
                en_container *container;

                safetensors(&file, headers[i].header, headers[i].data);
                if (headers[i].status != EFFNET_OK) {
                        expect(file.data, file.size, headers[i].status,
                               headers[i].message);
                } else {
                        ck_ok(open_bytes(&container, file.data, file.size));
                        en_container_close(container);
                }
                free(file.data);
        }
}
END_TEST

/* Brackets without end must not reach the JSON parser's recursion. */
START_TEST(safetensors_deep)
{
        test_bytes file = {0};

        test_put_number(&file, 1000000, 8);
        test_put_text(&file, "{\"a\":");
        repeat(&file, "[", 999995);
        expect(file.data, file.size, EFFNET_ERROR_FORMAT, "deep");
        free(file.data);
}
END_TEST

/* ---- limits */

START_TEST(limits)
{
        effnet_options options = *en_options_or_default(NULL);
        en_container *container;
        en_source source;
        size_t size;
        uint8_t *data = test_read(test_data("load/torchvision_b0.pth"), &size);

        en_source_memory(&source, data, size);
        options.max_tensors = 359;
        ck_fails(en_container_open(&container, &source, &options),
                 EFFNET_ERROR_LIMIT);
        ck_message("more than 359 tensors");
        options.max_tensors = 360;
        ck_ok(en_container_open(&container, &source, &options));
        en_container_close(container);
        options.max_header_bytes = 5000;
        ck_fails(en_container_open(&container, &source, &options),
                 EFFNET_ERROR_LIMIT);
        ck_message("limit for headers");
        options.max_header_bytes = 3000;
        ck_fails(en_container_open(&container, &source, &options),
                 EFFNET_ERROR_LIMIT);
        ck_message("zip directory of");
        options.max_file_bytes = (int64_t)size - 1;
        ck_fails(en_container_open(&container, &source, &options),
                 EFFNET_ERROR_LIMIT);
        ck_message("limit for files");
        free(data);
        data = test_read(test_data("load/lm_b0_legacy.pth"), &size);
        en_source_memory(&source, data, size);
        options = *en_options_or_default(NULL);
        options.max_header_bytes = 20000;
        ck_fails(en_container_open(&container, &source, &options),
                 EFFNET_ERROR_LIMIT);
        ck_message("limit for headers");
        free(data);
}
END_TEST

/* ---- every cut and every flipped bit of the fuzzer's seeds */

static const char *const seeds[] = {"zip2",     "zip4",  "legacy",
                                    "deflated", "types", "safetensors"};

#define SEEDS (int)(sizeof(seeds) / sizeof(seeds[0]))

static uint8_t *
read_seed(int index, size_t *size)
{
        char path[1024];

        snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/checkpoint/%s",
                 TESTS_SOURCE, seeds[index]);
        return test_read(path, size);
}

/* Opens and reads all there is; the bytes end at a page that must not be
 * touched.
 */
static effnet_status
exercise(const uint8_t *data, size_t size, bool *values_ok)
{
        uint8_t *guarded = test_guarded(size, false);
        en_container *container;
        en_source source;
        effnet_status status;

        memcpy(guarded, data, size);
        en_source_memory(&source, guarded, size);
        status = en_container_open(&container, &source, NULL);
        *values_ok = status == EFFNET_OK;
        for (int32_t i = 0; status == EFFNET_OK && i < container->entry_count;
             i++) {
                const en_entry *entry = &container->entries[i];
                double *values;

                if (entry->count > 100000)
                        continue;
                values = malloc((size_t)entry->count * sizeof(double) + 1);
                if (en_container_read_f64(container, entry, values) !=
                    EFFNET_OK)
                        *values_ok = false;
                free(values);
        }
        en_container_close(container);
        test_guarded_free(guarded, size, false);
        return status;
}

START_TEST(truncated)
{
        size_t size;
        uint8_t *data = read_seed(_i, &size);
        bool values_ok;

        ck_ok(exercise(data, size, &values_ok));
        ck_assert(values_ok);
        for (size_t cut = 0; cut < size; cut++) {
                effnet_status status = exercise(data, cut, &values_ok);

                ck_assert_msg(status == EFFNET_ERROR_FORMAT,
                              "%s cut to %zu: %s", seeds[_i], cut,
                              effnet_status_name(status));
        }
        free(data);
}
END_TEST

START_TEST(flipped)
{
        size_t size;
        uint8_t *data = read_seed(_i, &size);
        int refused = 0;

        for (size_t bit = 0; bit < size * 8; bit++) {
                effnet_status status;
                bool values_ok;

                data[bit / 8] ^= (uint8_t)(1 << bit % 8);
                status = exercise(data, size, &values_ok);
                data[bit / 8] ^= (uint8_t)(1 << bit % 8);
                ck_assert_msg(status == EFFNET_OK ||
                                      status == EFFNET_ERROR_FORMAT ||
                                      status == EFFNET_ERROR_UNSUPPORTED ||
                                      status == EFFNET_ERROR_LIMIT,
                              "%s, bit %zu: %s", seeds[_i], bit,
                              effnet_status_name(status));
                refused += status != EFFNET_OK;
        }
        ck_assert_int_gt(refused, 100);
        free(data);
}
END_TEST

/* ---- short of memory: each allocation fails in turn */

START_TEST(out_of_memory)
{
        const char *path = _i == 0   ? test_data("load/torchvision_b0.pth")
                           : _i == 1 ? test_data("load/lm_b0_legacy.pth")
                                     : test_data("load/timm_b0_headless.pth");
        size_t size;
        uint8_t *data = test_read(path, &size);
        en_source source;
        en_checkpoint *checkpoint;
        effnet_status status;
        long n;

        en_source_memory(&source, data, size);
        test_memory_reset();
        status = en_checkpoint_open(&checkpoint, &source, NULL);
        n = test_memory_count(); /* before Check allocates, too */
        ck_assert_int_eq(status, EFFNET_OK);
        en_checkpoint_close(checkpoint);
        ck_assert_int_gt(n, 100);
        for (long i = 0; i < n; i += i < 60 || i > n - 60 ? 1 : 7) {
                test_memory_fail(i, 0);
                status = en_checkpoint_open(&checkpoint, &source, NULL);
                test_memory_reset();
                ck_assert_int_eq(status, EFFNET_ERROR_MEMORY);
                ck_assert_ptr_null(checkpoint);
                ck_message("out of memory");
        }
        test_memory_reset();
        free(data);
}
END_TEST

/* ---- shared data */

/* Every file is refused, with little memory; none is unpickled here. */
START_TEST(pickles_hostile)
{
        static const char *const folders[] = {
                "data/checkpoints/pickles_hostile/data",
                "data/checkpoints/pickles_hostile/data2",
        };
        int files = 0;

        for (int f = 0; f < 2; f++) {
                const char *folder = test_shared(folders[f]);
                struct dirent *item;
                DIR *list;

                if (folder == NULL)
                        return;
                list = opendir(folder);
                ck_assert_ptr_nonnull(list);
                while ((item = readdir(list)) != NULL) {
                        char path[2048];
                        en_checkpoint *checkpoint;
                        en_source source;
                        effnet_status status;

                        if (item->d_name[0] == '.')
                                continue;
                        snprintf(path, sizeof(path), "%s/%s", folder,
                                 item->d_name);
                        ck_ok(en_source_open(&source, path, 1 << 24));
                        test_memory_reset();
                        status = en_checkpoint_open(&checkpoint, &source, NULL);
                        ck_assert_msg(
                                status == EFFNET_ERROR_FORMAT ||
                                        status == EFFNET_ERROR_UNSUPPORTED,
                                "%s: %s", path, effnet_status_name(status));
                        ck_assert_uint_lt(test_memory_bytes(),
                                          8 * source.size + 300000);
                        ck_message(path);
                        en_source_close(&source);
                        files++;
                }
                closedir(list);
        }
        ck_assert_int_gt(files, 100);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("load_hostile");
        TCase *test = tcase_create("hostile");

        tcase_set_timeout(test, 0);
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
        tcase_add_test(test, deflate_bomb);
        tcase_add_test(test, deflate_bomb_pickle);
        tcase_add_test(test, pickle_programs);
        tcase_add_test(test, pickle_tensors);
        tcase_add_test(test, pickle_duplicate_name);
        tcase_add_test(test, pickle_deep);
        tcase_add_test(test, pickle_stack);
        tcase_add_test(test, pickle_laughs);
        tcase_add_test(test, pickle_cycle);
        tcase_add_test(test, pickle_memory);
        tcase_add_test(test, legacy_files);
        tcase_add_test(test, safetensors_headers);
        tcase_add_test(test, safetensors_deep);
        tcase_add_test(test, limits);
        tcase_add_loop_test(test, truncated, 0, SEEDS);
        tcase_add_loop_test(test, flipped, 0, SEEDS);
        tcase_add_loop_test(test, out_of_memory, 0, 3);
        tcase_add_test(test, pickles_hostile);
        suite_add_tcase(suite, test);
        return test_main(suite);
}
