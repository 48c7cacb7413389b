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
        tcase_add_test(test, out_of_memory);
        suite_add_tcase(suite, test);
        return test_main(suite);
}
