/* check_load_labels.c: ImageNet's names, and label files. */
#include "support.h"

#include "load/labels.h"
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file of those bytes; its path is valid until the next call. */
static const char *
write_file(const char *bytes, size_t size)
{
        static char path[64];
        int fd;

        snprintf(path, sizeof(path), "%s/effnet-labels-XXXXXX", P_tmpdir);
        fd = mkstemp(path);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
        close(fd);
        return path;
}

static effnet_status
load(en_labels **labels, const char *bytes, size_t size, int32_t classes)
{
        const char *path = write_file(bytes, size);
        effnet_status status = en_labels_load(labels, path, classes);

        if (status != EFFNET_OK)
                ck_message(path);
        unlink(path);
        return status;
}

#define LOAD(labels, text, classes)                                            \
        load((labels), (text), sizeof(text) - 1, (classes))

START_TEST(imagenet)
{
        const char *path = test_shared("data/labels/imagenet_classes.txt");
        en_labels *labels;

        ck_assert_str_eq(en_imagenet_label(0), "tench");
        ck_assert_str_eq(en_imagenet_label(258), "Samoyed");
        ck_assert_str_eq(en_imagenet_label(967), "espresso");
        ck_assert_str_eq(en_imagenet_label(134), "crane");
        ck_assert_str_eq(en_imagenet_label(517), "crane");
        ck_assert_str_eq(en_imagenet_label(999), "toilet tissue");
        ck_assert_ptr_null(en_imagenet_label(-1));
        ck_assert_ptr_null(en_imagenet_label(1000));
        if (path == NULL)
                return;
        ck_ok(en_labels_load(&labels, path, 1000));
        for (int32_t i = 0; i < 1000; i++)
                ck_assert_str_eq(en_imagenet_label(i),
                                 en_labels_get(labels, i));
        en_labels_free(labels);
}
END_TEST

START_TEST(lines)
{
        en_labels *labels;

        ck_ok(LOAD(&labels, "cat\r\n dog with blanks\n\nlast", 4));
        ck_assert_str_eq(en_labels_get(labels, 0), "cat");
        ck_assert_str_eq(en_labels_get(labels, 1), " dog with blanks");
        ck_assert_str_eq(en_labels_get(labels, 2), "");
        ck_assert_str_eq(en_labels_get(labels, 3), "last");
        ck_assert_ptr_null(en_labels_get(labels, 4));
        ck_assert_ptr_null(en_labels_get(labels, -1));
        ck_assert_ptr_null(en_labels_get(NULL, 0));
        en_labels_free(labels);
        en_labels_free(NULL);
        ck_ok(LOAD(&labels, "cat\ndog\n", 2));
        ck_assert_str_eq(en_labels_get(labels, 1), "dog");
        en_labels_free(labels);
        ck_ok(LOAD(&labels, "", 0));
        ck_assert_ptr_null(en_labels_get(labels, 0));
        en_labels_free(labels);
}
END_TEST

START_TEST(errors)
{
        en_labels *labels = (en_labels *)&labels;

        ck_fails(LOAD(&labels, "cat\ndog\n", 3), EFFNET_ERROR_MISMATCH);
        ck_message("2 labels; expected 3");
        ck_assert_ptr_null(labels);
        ck_fails(LOAD(&labels, "cat\ndog\n", 1), EFFNET_ERROR_MISMATCH);
        ck_fails(LOAD(&labels, "c\0t\n", 1), EFFNET_ERROR_FORMAT);
        ck_message("NUL");
        ck_fails(en_labels_load(&labels, "/nonexistent/labels", 1),
                 EFFNET_ERROR_IO);
        ck_assert_ptr_null(labels);
}
END_TEST

START_TEST(json)
{
        static const char *const texts[] = {
                "[\"cat\", \"d\xc3\xb6g\"]",
                "\xef\xbb\xbf \n{\"0\": \"cat\", \"1\": \"d\\u00f6g\"}",
                "{\"1\": \"d\\u00f6g\", \"0\": \"cat\"}",
                "{\"cat\": 0, \"d\xc3\xb6g\": 1}",
                "{\"0\": [\"n1\", \"cat\"], \"1\": [\"n2\", "
                "\"d\\u00f6g\"]}",
                "{\"a\": {\"b\": []}, \"id2label\": {\"0\": \"cat\", "
                "\"1\": \"d\\u00f6g\"}, \"label2id\": {\"x\": 4}}",
                "{\"labels\": [\"cat\", \"d\\u00f6g\"]}",
                "{\"label_names\": [\"n1\", \"d\\u00f6g\"], "
                "\"label_descriptions\": {\"n1\": \"cat\", \"n3\": 1}}"};
        en_labels *labels;

        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
                ck_ok(load(&labels, texts[i], strlen(texts[i]), 2));
                ck_assert_int_eq(en_labels_count(labels), 2);
                ck_assert_str_eq(en_labels_get(labels, 0), "cat");
                ck_assert_str_eq(en_labels_get(labels, 1), "d\xc3\xb6g");
                en_labels_free(labels);
        }
}
END_TEST

START_TEST(wrong_json)
{
        static const struct {
                const char *text;
                effnet_status status;
                const char *message;
        } cases[] = {
                {"[\"cat\"]", EFFNET_ERROR_MISMATCH, "1 labels; expected 2"},
                {"[\"a\", \"b\", \"c\"]", EFFNET_ERROR_MISMATCH, "3 labels"},
                {"[\"a\", 3]", EFFNET_ERROR_FORMAT, "label 1 is no text"},
                {"[\"a\", \"b\\u0000\"]", EFFNET_ERROR_FORMAT, ""},
                {"[\"a\", \"b\"", EFFNET_ERROR_FORMAT, "no JSON"},
                {"[]", EFFNET_ERROR_FORMAT, "no labels"},
                {"{}", EFFNET_ERROR_FORMAT, "no labels"},
                {"{\"a\": \"b\"}", EFFNET_ERROR_FORMAT, "no labels"},
                {"{\"0\": \"a\", \"2\": \"b\"}", EFFNET_ERROR_FORMAT,
                 "class 2; expected one of each from 0 to 1"},
                {"{\"0\": \"a\", \"00\": \"b\"}", EFFNET_ERROR_FORMAT,
                 "no labels"},
                {"{\"-1\": \"a\", \"0\": \"b\"}", EFFNET_ERROR_FORMAT,
                 "no labels"},
                {"{\"a\": 0, \"b\": 0}", EFFNET_ERROR_FORMAT,
                 "class 0 has two labels"},
                {"{\"a\": 0, \"b\": -1}", EFFNET_ERROR_FORMAT, "class -1"},
                {"{\"a\": 0, \"b\": 99999999999999999999}", EFFNET_ERROR_FORMAT,
                 "no JSON"},
                {"[[[[[[[[[[[[[[[[[[\"a\"]]]]]]]]]]]]]]]]]]",
                 EFFNET_ERROR_FORMAT, "nest 18 deep"},
        };
        en_labels *labels;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                ck_fails(load(&labels, cases[i].text, strlen(cases[i].text), 2),
                         cases[i].status);
                ck_message(cases[i].message);
                ck_assert_ptr_null(labels);
        }
}
END_TEST

START_TEST(utf8)
{
        static const char *const good[] = {
                "\x7f",         "\xc2\x80",         "\xdf\xbf",
                "\xe0\xa0\x80", "\xed\x9f\xbf",     "\xee\x80\x80",
                "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
        static const char *const bad[] = {"\x80",
                                          "\xbf",
                                          "\xc0\x80",
                                          "\xc1\xbf",
                                          "\xc2",
                                          "\xc2 ",
                                          "\xe0\x9f\xbf",
                                          "\xe1\x80",
                                          "\xe1\x80 ",
                                          "\xed\xa0\x80",
                                          "\xf0\x8f\xbf\xbf",
                                          "\xf4\x90\x80\x80",
                                          "\xf5\x80\x80\x80",
                                          "\xff",
                                          "L\xf6we"};
        en_labels *labels;

        for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
                ck_ok(load(&labels, good[i], strlen(good[i]), 1));
                ck_assert_str_eq(en_labels_get(labels, 0), good[i]);
                en_labels_free(labels);
        }
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                char text[40];

                snprintf(text, sizeof(text), "a\nb%s\nc", bad[i]);
                ck_fails(load(&labels, text, strlen(text), 3),
                         EFFNET_ERROR_FORMAT);
                ck_message("line 2 is no UTF-8");
        }
}
END_TEST

START_TEST(long_labels)
{
        static char text[EN_MOST_LABEL + 8];
        en_labels *labels;

        memset(text, 'x', sizeof(text));
        ck_ok(load(&labels, text, EN_MOST_LABEL, 1));
        en_labels_free(labels);
        ck_fails(load(&labels, text, EN_MOST_LABEL + 1, 1), EFFNET_ERROR_LIMIT);
        ck_message("line 1 is longer than 4096");
        memcpy(text, "[\"", 2);
        memcpy(text + EN_MOST_LABEL + 3, "\"]", 2);
        ck_fails(load(&labels, text, EN_MOST_LABEL + 5, 1), EFFNET_ERROR_LIMIT);
        ck_message("label 0 is longer than 4096");
}
END_TEST

/* More values than labels could be. */
START_TEST(costly_json)
{
        size_t size = 1 << 20;
        char *text = malloc(size);
        en_labels *labels;

        ck_assert_ptr_nonnull(text);
        memset(text, ',', size);
        text[0] = '[';
        ck_fails(load(&labels, text, size, 2), EFFNET_ERROR_LIMIT);
        ck_message("too many for 2 classes");
        free(text);
}
END_TEST

START_TEST(out_of_memory)
{
        const char *path = write_file("cat\ndog\n", 8);
        effnet_status status = EFFNET_ERROR_MEMORY;
        en_labels *labels;
        int failures = 0;

        while (status == EFFNET_ERROR_MEMORY) {
                test_memory_fail(failures++, 0);
                status = en_labels_load(&labels, path, 2);
                test_memory_reset();
        }
        ck_assert_int_eq(status, EFFNET_OK);
        ck_assert_int_eq(failures, 5);
        en_labels_free(labels);
        unlink(path);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("load_labels");
        TCase *test = tcase_create("labels");

        tcase_add_test(test, imagenet);
        tcase_add_test(test, lines);
        tcase_add_test(test, errors);
        tcase_add_test(test, json);
        tcase_add_test(test, wrong_json);
        tcase_add_test(test, utf8);
        tcase_add_test(test, long_labels);
        tcase_add_test(test, costly_json);
        tcase_add_test(test, out_of_memory);
        suite_add_tcase(suite, test);
        return test_main(suite);
}
