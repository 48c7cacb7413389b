/* files.c: finding files in folders. */
#include "files.h"
#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Folders known by device and inode, in a hash table with open addressing. */
struct seen {
        struct folder_id {
                dev_t device;
                ino_t inode;
                bool used;
        } * slots;
        size_t size; /* a power of 2, more than twice `count` */
        size_t count;
};

/* A search under way.  Real folders are entered before those behind links, so
 * that a folder with both shows under its own name.
 */
struct search {
        struct finds *finds;
        struct finds folders; /* still to be entered */
        struct finds links;   /* to folders, likewise */
        struct seen seen;
};

static void
finds_add(struct finds *finds, char *path, int error)
{
        if (finds->count == finds->capacity) {
                finds->capacity = finds->capacity * 2 + 16;
                finds->items = must(
                        realloc(finds->items,
                                finds->capacity * sizeof(finds->items[0])));
        }
        finds->items[finds->count].path = path;
        finds->items[finds->count++].error = error;
}

void
finds_free(struct finds *finds)
{
        size_t i;

        for (i = 0; i < finds->count; i++)
                free(finds->items[i].path);
        free(finds->items);
        *finds = (struct finds){0};
}

static struct folder_id *
seen_slot(const struct seen *seen, dev_t device, ino_t inode)
{
        uint64_t hash = ((uint64_t)inode ^ ((uint64_t)device << 32)) *
                        UINT64_C(0x9E3779B97F4A7C15);
        size_t i = (size_t)(hash >> 32) & (seen->size - 1);

        while (seen->slots[i].used && (seen->slots[i].device != device ||
                                       seen->slots[i].inode != inode))
                i = (i + 1) & (seen->size - 1);
        return &seen->slots[i];
}

static void
seen_grow(struct seen *seen)
{
        struct seen bigger = {NULL, seen->size == 0 ? 64 : seen->size * 2, 0};
        size_t i;

        bigger.slots = must(calloc(bigger.size, sizeof(bigger.slots[0])));
        for (i = 0; i < seen->size; i++) {
                const struct folder_id *id = &seen->slots[i];

                if (id->used)
                        *seen_slot(&bigger, id->device, id->inode) = *id;
        }
        bigger.count = seen->count;
        free(seen->slots);
        *seen = bigger;
}

/* Whether it is new; it no longer is afterwards. */
static bool
seen_add(struct seen *seen, dev_t device, ino_t inode)
{
        struct folder_id *slot;

        if (seen->size <= 2 * (seen->count + 1))
                seen_grow(seen);
        slot = seen_slot(seen, device, inode);
        if (slot->used)
                return false;
        *slot = (struct folder_id){device, inode, true};
        seen->count++;
        return true;
}

static char *
join(const char *folder, const char *name)
{
        size_t length = strlen(folder), size = length + strlen(name) + 2;
        char *path = must(malloc(size));
        bool has_slash = length > 0 && folder[length - 1] == '/';

        snprintf(path, size, "%s%s%s", folder, has_slash ? "" : "/", name);
        return path;
}

/* Puts a directory entry where it belongs; takes `path`. */
static void
sort_entry(struct search *search, char *path)
{
        struct stat status;
        bool is_link;

        if (lstat(path, &status) != 0) {
                finds_add(search->finds, path, errno);
                return;
        }
        is_link = S_ISLNK(status.st_mode);
        if (is_link && stat(path, &status) != 0)
                finds_add(search->finds, path, 0); /* leads nowhere */
        else if (S_ISREG(status.st_mode))
                finds_add(search->finds, path, 0);
        else if (S_ISDIR(status.st_mode))
                finds_add(is_link ? &search->links : &search->folders, path, 0);
        else
                free(path); /* a pipe, a device */
}

static void
read_entries(struct search *search, const char *folder, DIR *directory)
{
        struct dirent *entry;
        int error;

        while (errno = 0, (entry = readdir(directory)) != NULL)
                if (strcmp(entry->d_name, ".") != 0 &&
                    strcmp(entry->d_name, "..") != 0)
                        sort_entry(search, join(folder, entry->d_name));
        error = errno;
        if (error != 0)
                finds_add(search->finds, join(folder, ""), error);
}

/* Reads one folder; takes `path`. */
static void
enter(struct search *search, char *path)
{
        struct stat status;
        DIR *directory = opendir(path);

        if (directory == NULL) {
                finds_add(search->finds, path, errno);
                return;
        }
        if (fstat(dirfd(directory), &status) == 0 &&
            seen_add(&search->seen, status.st_dev, status.st_ino))
                read_entries(search, path, directory);
        closedir(directory);
        free(path);
}

static int
compare_paths(const void *a, const void *b)
{
        return strcmp(((const struct found *)a)->path,
                      ((const struct found *)b)->path);
}

void
finds_in_folder(struct finds *finds, const char *folder)
{
        struct search search = {.finds = finds};
        struct finds *from;

        *finds = (struct finds){0};
        finds_add(&search.folders,
                  strcpy(must(malloc(strlen(folder) + 1)), folder), 0);
        while (search.folders.count + search.links.count > 0) {
                from = search.folders.count > 0 ? &search.folders
                                                : &search.links;
                enter(&search, from->items[--from->count].path);
        }
        finds_free(&search.folders);
        finds_free(&search.links);
        free(search.seen.slots);
        if (finds->count > 0)
                qsort(finds->items, finds->count, sizeof(finds->items[0]),
                      compare_paths);
}
