/* pictures.h: generated pictures, and tables of what Pillow made of files. */
#ifndef TESTS_PICTURES_H
#define TESTS_PICTURES_H

#include "effnet.h"
#include "hash.h"

#include <stdbool.h>
#include <stdio.h>

/* RGB bytes of a picture by the generator that tests/oracle/make_pixels.py
 * describes; malloced.
 */
uint8_t *test_picture(int32_t width, int32_t height, uint64_t seed, int kind);

/* The hash of an image that owns RGB pixels. */
void test_image_hash(const effnet_image *image, char hex[HASH_SIZE]);

/* A line of a table: "name bad" or "name ok width height hash". */
typedef struct test_verdict {
        char name[160];
        bool good;
        int width, height;
        char hash[HASH_SIZE];
} test_verdict;

/* False at the end of the table. */
bool test_verdict_next(FILE *table, test_verdict *verdict);

/* Opens a table below tests/data. */
FILE *test_table(const char *name);

/* Whether the library can read the format of this path's ending. */
bool test_format_built(const char *path);

#endif
