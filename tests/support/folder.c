/* folder.c: a folder of files for one test. */
#include "folder.h"

#include "support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

test_folder
test_folder_create(void)
{
        test_folder folder = {P_tmpdir "/effnet-folder-XXXXXX"};

        ck_assert_ptr_nonnull(mkdtemp(folder.path));
        return folder;
}

void
test_folder_free(test_folder *folder)
{
        DIR *dir = opendir(folder->path);
        struct dirent *entry;

        ck_assert_ptr_nonnull(dir);
        while ((entry = readdir(dir)) != NULL) {
                if (strcmp(entry->d_name, ".") == 0 ||
                    strcmp(entry->d_name, "..") == 0)
                        continue;
                ck_assert_int_eq(remove(test_in_folder(folder, entry->d_name)),
                                 0);
        }
        closedir(dir);
        ck_assert_int_eq(rmdir(folder->path), 0);
}

const char *
test_in_folder(const test_folder *folder, const char *name)
{
        static char paths[8][400];
        static int next;
        char *path = paths[next++ % 8];

        snprintf(path, sizeof(paths[0]), "%s/%s", folder->path, name);
        return path;
}

void
test_folder_write(const test_folder *folder, const char *name, const void *data,
                  size_t size)
{
        FILE *file = fopen(test_in_folder(folder, name), "wb");

        ck_assert_ptr_nonnull(file);
        ck_assert_uint_eq(fwrite(data, 1, size, file), size);
        ck_assert_int_eq(fclose(file), 0);
}

void
test_folder_copy(const test_folder *folder, const char *data, const char *from,
                 const char *name)
{
        char path[200];
        uint8_t *bytes;
        size_t size;

        snprintf(path, sizeof(path), "%s/%s/%s", data, from, name);
        bytes = test_read(test_data(path), &size);
        test_folder_write(folder, name, bytes, size);
        free(bytes);
}

void
test_folder_make(const test_folder *folder, const char *name)
{
        ck_assert_int_eq(mkdir(test_in_folder(folder, name), 0700), 0);
}
