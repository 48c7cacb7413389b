/* replay.c: runs files and folders through a fuzz target without a fuzzer.
 *
 * usage: fuzz_X FILE|FOLDER...
 *
 * Each file is copied to a block of exactly its size, so that a sanitizer or
 * valgrind sees a read beyond its end.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define PATH_SIZE 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replayed;

static void
stop(const char *action, const char *path)
{
        printf("not ok - cannot %s %s\n", action, path);
        exit(EXIT_FAILURE);
}

static void
replay_file(const char *path, size_t size)
{
        FILE *file = fopen(path, "rb");
        uint8_t *data = malloc(size != 0 ? size : 1);

        if (file == NULL || data == NULL || fread(data, 1, size, file) != size)
                stop("read", path);
        fclose(file);
        /* A crash leaves the name of its input as the last line. */
        printf("%s\n", path);
        fflush(stdout);
        LLVMFuzzerTestOneInput(data, size);
        free(data);
        replayed++;
}

static void replay(const char *path);

static void
replay_folder(const char *path)
{
        DIR *folder = opendir(path);
        const struct dirent *entry;
        char inner[PATH_SIZE];

        if (folder == NULL)
                stop("open", path);
        while ((entry = readdir(folder)) != NULL) {
                if (entry->d_name[0] == '.')
                        continue;
                snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
                replay(inner);
        }
        closedir(folder);
}

static void
replay(const char *path)
{
        struct stat info;

        if (stat(path, &info) != 0)
                stop("find", path);
        if (S_ISDIR(info.st_mode))
                replay_folder(path);
        else
                replay_file(path, (size_t)info.st_size);
}

int
main(int argc, char **argv)
{
        for (int i = 1; i < argc; i++)
                replay(argv[i]);
        printf("%s - %d inputs replayed\n", replayed != 0 ? "ok" : "not ok",
               replayed);
        return replayed != 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
