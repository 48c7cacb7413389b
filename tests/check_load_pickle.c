/* check_load_pickle.c: pickles that are damaged, lie or attack, in zip archives
 * and in legacy files.
 */
#include "support.h"

#include "archive.h"
#include "base/options.h"
#include "memory.h"

#include <stdlib.h>
#include <string.h>

/* ---- pickles */

static void
expect_pickle(const test_bytes *pickle, effnet_status status,
              const char *message)
{
        test_zip zip = {0};

        test_zip_torch(&zip, pickle, 24);
        test_zip_fails(&zip, status, message);
}

static const struct {
        const char *bytes;
        size_t size;
        effnet_status status;
        const char *message;
} programs[] = {
#define PICKLE(text, status, says)                                             \
        {                                                                      \
                text, sizeof(text) - 1, status, says                           \
        }
#define REFUSED(text, says) PICKLE(text, EFFNET_ERROR_UNSUPPORTED, says)
#define DAMAGED(text, says) PICKLE(text, EFFNET_ERROR_FORMAT, says)
        REFUSED(TEST_PICKLE_HEAD "cos\nsystem\nX\2\0\0\0ls\x85R.",
                "pickle global os.system refused"),
        REFUSED(TEST_PICKLE_HEAD "c__builtin__\neval\nX\1\0\0\0001\x85R.",
                "pickle global __builtin__.eval refused"),
        REFUSED("\x80\4\x8c\5posix\x8c\6system\x93.",
                "pickle global posix.system refused"),
        REFUSED(TEST_PICKLE_HEAD "ctorch.nn.modules.conv\nConv2d\n)\x81.",
                "a whole module (torch.nn.modules.conv.Conv2d)"),
        REFUSED(TEST_PICKLE_HEAD
                "ctimm.models.efficientnet\nEfficientNet\n)\x81.",
                "a whole module (timm."),
        REFUSED(TEST_PICKLE_HEAD "ctorch\nQInt8Storage\n.",
                "element type of torch.QInt8Storage"),
        REFUSED(TEST_PICKLE_HEAD "ctorch\x1b[2J\nx\n.", "torch?[2J.x refused"),
        REFUSED(TEST_PICKLE_HEAD "(cos\nsystem\no.", "refused"),
        REFUSED(TEST_PICKLE_HEAD "(ios\nsystem\n.", "opcode INST"),
        REFUSED(TEST_PICKLE_HEAD "(o.", "opcode OBJ"),
        REFUSED(TEST_PICKLE_HEAD "}}}\x92.", "opcode NEWOBJ_EX"),
        REFUSED(TEST_PICKLE_HEAD "\x82\1.", "opcode EXT1"),
        REFUSED(TEST_PICKLE_HEAD "Pabc\n.", "opcode PERSID"),
        REFUSED(TEST_PICKLE_HEAD "I1\n.", "opcode INT at byte 2"),
        REFUSED("\x80\5\x96\1\0\0\0\0\0\0\0x.", "opcode BYTEARRAY8"),
        REFUSED(TEST_PICKLE_HEAD "].", "holds a list; expected a dictionary"),
        REFUSED(TEST_PICKLE_HEAD ").", "holds a tuple"),
        REFUSED(TEST_PICKLE_HEAD "N.", "holds something else"),
        REFUSED(TEST_PICKLE_HEAD "ctorch._utils\n_rebuild_tensor_v2\n)R}b.",
                "BUILD"),
        REFUSED(TEST_PICKLE_HEAD "]Nb.", "BUILD"),
        DAMAGED("}.", "does not begin with a protocol"),
        DAMAGED("\x80\1}.", "protocol is not 2 to 5"),
        DAMAGED("\x80\6}.", "protocol is not 2 to 5"),
        DAMAGED(TEST_PICKLE_HEAD "\xff.", "no opcode is 0xff"),
        DAMAGED(TEST_PICKLE_HEAD "}", "truncated pickle"),
        DAMAGED(TEST_PICKLE_HEAD ".", "other than one value"),
        DAMAGED(TEST_PICKLE_HEAD "}}.", "other than one value"),
        DAMAGED(TEST_PICKLE_HEAD "(.", "stack is empty"),
        DAMAGED(TEST_PICKLE_HEAD "}(0" /* pops the mark */ "t.", "no mark"),
        DAMAGED(TEST_PICKLE_HEAD "0.", "stack is empty"),
        DAMAGED(TEST_PICKLE_HEAD "1.", "no mark"),
        DAMAGED(TEST_PICKLE_HEAD "2.", "stack is empty"),
        DAMAGED(TEST_PICKLE_HEAD "}(\x86.", "stack is empty"),
        DAMAGED(TEST_PICKLE_HEAD "t.", "no mark"),
        DAMAGED(TEST_PICKLE_HEAD "(e.", "stack is empty"),
        DAMAGED(TEST_PICKLE_HEAD "((e.", "stack is empty"),
        DAMAGED(TEST_PICKLE_HEAD "}Na.", "no list"),
        DAMAGED(TEST_PICKLE_HEAD "]NNs.", "no dictionary"),
        DAMAGED(TEST_PICKLE_HEAD "}(Nu.", "a key without a value"),
        DAMAGED(TEST_PICKLE_HEAD "h\0.", "never stored"),
        DAMAGED(TEST_PICKLE_HEAD "}q\5h\4.", "never stored"),
        DAMAGED(TEST_PICKLE_HEAD "q\0.", "stack is empty"),
        DAMAGED(TEST_PICKLE_HEAD "}r\0\0\0\x80.", "memo index is too large"),
        DAMAGED(TEST_PICKLE_HEAD "}j\0\0\0\x80.", "never stored"),
        DAMAGED(TEST_PICKLE_HEAD "X\377\377\377\377.", "truncated pickle"),
        DAMAGED(TEST_PICKLE_HEAD "X\377\377\377\177.", "truncated pickle"),
        DAMAGED(TEST_PICKLE_HEAD "\x8d\377\377\377\377\377\377\377\377.",
                "truncated pickle"),
        DAMAGED(TEST_PICKLE_HEAD "\x8b\377\377\377\377.", "truncated pickle"),
        DAMAGED(TEST_PICKLE_HEAD "NQ.", "a persistent id is no tuple"),
        DAMAGED(TEST_PICKLE_HEAD "}}R.", "is no global"),
        DAMAGED(TEST_PICKLE_HEAD "ccollections\nOrderedDict\n}R.",
                "without a tuple"),
        DAMAGED(TEST_PICKLE_HEAD "ctorch\nFloatStorage\n)R.",
                "a call of a type"),
        DAMAGED(TEST_PICKLE_HEAD "ccollections\nOrderedDict\nX\0\0\0\0\x85R.",
                "dictionary of no pairs"),
        DAMAGED(TEST_PICKLE_HEAD "ccollections\nOrderedDict\n]Na\x85R.",
                "dictionary of no pairs"),
        DAMAGED("\x80\4NN\x93.", "is no text"),
        DAMAGED(TEST_PICKLE_HEAD
                "}X\1\0\0\0wctorch._utils\n_rebuild_tensor_v2\n)R"
                "s.",
                "tensor w: damaged pickle: a tensor without a storage"),
        DAMAGED(TEST_PICKLE_HEAD
                "}X\1\0\0\0wctorch._utils\n_rebuild_tensor_v2\n"
                ")Q\x85Rs.",
                "tensor w: damaged pickle: a persistent id"),
        REFUSED(TEST_PICKLE_HEAD
                "}X\1\0\0\0wctorch._utils\n_rebuild_tensor_v2\n"
                "X\6\0\0\0module\x85Q\x85Rs.",
                "tensor w: a whole module"),
#undef PICKLE
#undef REFUSED
#undef DAMAGED
};

START_TEST(pickle_programs)
{
        for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
                test_bytes pickle = {0};

                test_put(&pickle, programs[i].bytes, programs[i].size);
                expect_pickle(&pickle, programs[i].status, programs[i].message);
                free(pickle.data);
        }
}
END_TEST

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
        {"0", 6, -1, 1, {1}, {1}, EFFNET_ERROR_FORMAT, "without an offset"},
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
        {"0", 6, 0, 9, {1}, {1}, EFFNET_ERROR_UNSUPPORTED, "9 dimensions"},
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

START_TEST(pickle_tensors)
{
        for (size_t i = 0; i < sizeof(tensors) / sizeof(tensors[0]); i++) {
                test_bytes pickle = {0};
                test_zip zip = {0};
                en_container *container;

                test_put_text(&pickle, TEST_PICKLE_HEAD "}");
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
                        ck_ok(test_container_open(&container, zip.bytes.data,
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

        test_put_text(&pickle, TEST_PICKLE_HEAD "}");
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

/* A dictionary in a dictionary, a hundred thousand deep. */
START_TEST(pickle_deep)
{
        test_bytes pickle = {0};
        test_zip zip = {0};
        en_container *container;
        size_t depth = 30000;

        test_put_text(&pickle, TEST_PICKLE_HEAD "}");
        test_repeat(&pickle, "X\1\1\1\1", 0);
        for (size_t i = 0; i < depth; i++) {
                test_pickle_text(&pickle, "a");
                test_put_text(&pickle, "}");
        }
        test_repeat(&pickle, "s", depth);
        test_put_text(&pickle, ".");
        test_zip_torch(&zip, &pickle, 24);
        ck_ok(test_container_open(&container, zip.bytes.data, zip.bytes.size));
        ck_assert_int_eq(container->entry_count, 0);
        en_container_close(container);
        free(zip.bytes.data);
        free(pickle.data);
}
END_TEST

START_TEST(pickle_stack)
{
        test_bytes pickle = {0};

        test_put_text(&pickle, TEST_PICKLE_HEAD);
        test_repeat(&pickle, "(", 70000);
        expect_pickle(&pickle, EFFNET_ERROR_FORMAT, "stack is too deep");
        free(pickle.data);
}
END_TEST

/* Each of thirty dictionaries holds the one before it ten times. */
START_TEST(pickle_laughs)
{
        test_bytes pickle = {0};

        test_put_text(&pickle, TEST_PICKLE_HEAD "}q\x01");
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

        test_put_text(&pickle, TEST_PICKLE_HEAD "}q\x01");
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

                test_put_text(&pickle, TEST_PICKLE_HEAD "]");
                for (int n = 0; n < 200000; n++) {
                        test_put(&pickle, costly[i], strlen(costly[i]));
                        if (strcmp(costly[i], "Na") != 0 && n % 100 == 99)
                                test_repeat(&pickle, "0", 100);
                }
                test_put_text(&pickle, ".");
                test_zip_torch(&zip, &pickle, 24);
                test_memory_reset();
                ck_assert_int_ne(test_container_open(&container, zip.bytes.data,
                                                     zip.bytes.size),
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

/* As many values as the tree holds, and one more. */
START_TEST(pickle_values)
{
        test_bytes pickle = {0};

        test_put_text(&pickle, TEST_PICKLE_HEAD);
        test_repeat(&pickle, "]0", (size_t)1 << 22);
        test_put_text(&pickle, "}.");
        expect_pickle(&pickle, EFFNET_ERROR_FORMAT, "more than 4194304 values");
        free(pickle.data);
}
END_TEST

/* ---- legacy */

static void
legacy(test_bytes *file, int protocol, bool little, const char *keys,
       size_t keys_size, uint64_t count)
{
        const int32_t six = 6, one = 1;

        memset(file, 0, sizeof(*file));
        test_legacy_head(file, protocol, little);
        test_put_text(file, TEST_PICKLE_HEAD "}");
        test_pickle_text(file, "w");
        test_pickle_tensor(file, "7", 6, 0, 1, &six, &one);
        test_put_text(file, "s." TEST_PICKLE_HEAD "]");
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
        test_container_fails(file.data, file.size, EFFNET_ERROR_FORMAT,
                             "1 bytes behind the last storage");
        test_container_fails(file.data, file.size - 2, EFFNET_ERROR_FORMAT,
                             "truncated");
        free(file.data);
        legacy(&file, 1000, true, KEY, sizeof(KEY) - 1, 6);
        test_container_fails(file.data, file.size, EFFNET_ERROR_UNSUPPORTED,
                             "expected 1001");
        free(file.data);
        legacy(&file, 1001, false, KEY, sizeof(KEY) - 1, 6);
        test_container_fails(file.data, file.size, EFFNET_ERROR_UNSUPPORTED,
                             "big-endian");
        free(file.data);
        legacy(&file, 1001, true, KEY, sizeof(KEY) - 1, 5);
        test_container_fails(file.data, file.size, EFFNET_ERROR_FORMAT,
                             "storage 7: expected 6 elements, found 5");
        free(file.data);
        legacy(&file, 1001, true, KEY KEY, 2 * (sizeof(KEY) - 1), 6);
        test_container_fails(file.data, file.size, EFFNET_ERROR_FORMAT,
                             "listed twice");
        free(file.data);
        legacy(&file, 1001, true, "", 0, 6);
        test_container_fails(file.data, file.size, EFFNET_ERROR_FORMAT,
                             "bytes behind");
        free(file.data);
        legacy(&file, 1001, true, "X\1\0\0\0008a", 7, 6);
        test_container_fails(file.data, file.size, EFFNET_ERROR_FORMAT,
                             "storage 8: no tensor is of it");
        free(file.data);
        legacy(&file, 1001, true, "Na", 2, 6);
        test_container_fails(file.data, file.size, EFFNET_ERROR_FORMAT,
                             "key is no text");
        free(file.data);
}
END_TEST

/* More ids of storages than there may be tensors cost no memory each. */
START_TEST(legacy_ids)
{
        static const char ids[] = TEST_PICKLE_HEAD
                "}(X\7\0\0\0storagectorch\nFloatStorage\n"
                "X\1\0\0\0007X\3\0\0\0cpuK\1t";
        int64_t most = en_options_or_default(NULL)->max_tensors;
        test_bytes file = {0};

        test_legacy_head(&file, 1001, true);
        test_put(&file, ids, sizeof(ids) - 1);
        test_repeat(&file, "2Q0", (size_t)most + 1);
        test_put_text(&file, "0." TEST_PICKLE_HEAD "]" KEY ".");
        test_put_number(&file, 1, 8);
        test_put_number(&file, 0x3f800000, 4);
        test_memory_reset();
        test_container_fails(file.data, file.size, EFFNET_ERROR_LIMIT,
                             "65537 ids of storages, the limit for tensors is "
                             "65536");
        ck_assert_uint_lt(test_memory_bytes(), 8000000);
        free(file.data);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("load_pickle");
        TCase *test = tcase_create("pickle");

        tcase_add_test(test, pickle_programs);
        tcase_add_test(test, pickle_tensors);
        tcase_add_test(test, pickle_duplicate_name);
        tcase_add_test(test, pickle_deep);
        tcase_add_test(test, pickle_stack);
        tcase_add_test(test, pickle_laughs);
        tcase_add_test(test, pickle_cycle);
        tcase_add_test(test, pickle_memory);
        tcase_add_test(test, pickle_values);
        tcase_add_test(test, legacy_files);
        tcase_add_test(test, legacy_ids);
        suite_add_tcase(suite, test);
        return test_main(suite);
}
