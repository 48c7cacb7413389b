/* folder.h: a folder of files for one test. */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include <stddef.h>

typedef struct test_folder {
        char path[64];
} test_folder;

test_folder test_folder_create(void);
/* With all that is in it. */
void test_folder_free(test_folder *folder);

/* The path of `name` in it; valid until eight more calls. */
const char *test_in_folder(const test_folder *folder, const char *name);

void test_folder_write(const test_folder *folder, const char *name,
                       const void *data, size_t size);
/* `name` of tests/data/`data`/`from`. */
void test_folder_copy(const test_folder *folder, const char *data,
                      const char *from, const char *name);
/* A folder in it. */
void test_folder_make(const test_folder *folder, const char *name);

#endif
