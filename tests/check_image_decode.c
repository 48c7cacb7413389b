/* check_image_decode.c: PNG and JPEG files against what Pillow makes of them.
 */
#include "hash.h"
#include "memory.h"
#include "pictures.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
skip_unbuilt(const char *path)
{
        if (test_format_built(path))
                return false;
        test_skipped(path, "built without support for it");
        return true;
}

static void
check_pixels(const effnet_image *image, const test_verdict *expected)
{
        char hash[HASH_SIZE];

        ck_assert_int_eq(effnet_image_width(image), expected->width);
        ck_assert_int_eq(effnet_image_height(image), expected->height);
        test_image_hash(image, hash);
        ck_assert_msg(strcmp(hash, expected->hash) == 0,
                      "%s: the pixels are not Pillow's", expected->name);
}

static void
check_file(const test_verdict *expected)
{
        char name[256];
        effnet_image *image;
        effnet_status status;

        snprintf(name, sizeof(name), "image/%s", expected->name);
        status = effnet_image_read_file(&image, test_data(name), NULL);
        ck_assert_msg((status == EFFNET_OK) == expected->good,
                      "%s: Pillow %s it, the library says %s: %s",
                      expected->name, expected->good ? "reads" : "refuses",
                      effnet_status_name(status), effnet_last_error());
        if (status == EFFNET_OK) {
                check_pixels(image, expected);
        } else {
                ck_assert_ptr_null(image);
                ck_message(test_data(name));
        }
        effnet_image_free(image);
}

START_TEST(own_files_are_pillows)
{
        FILE *table = test_table("image/expected.txt");
        bool built[2] = {test_format_built(".png"), test_format_built(".jpg")};
        test_verdict expected;
        int files = 0;

        while (test_verdict_next(table, &expected)) {
                if (built[strstr(expected.name, ".jpg") != NULL])
                        check_file(&expected);
                files++;
        }
        fclose(table);
        ck_assert_int_gt(files, 150);
}
END_TEST

static effnet_status
read_exactly(const uint8_t *data, size_t size)
{
        uint8_t *copy = malloc(size + (size == 0));
        effnet_image *image;
        effnet_status status;

        ck_assert_ptr_nonnull(copy);
        memcpy(copy, data, size);
        status = effnet_image_read_memory(&image, copy, size, NULL);
        effnet_image_free(image);
        free(copy);
        return status;
}

START_TEST(every_beginning_has_pillows_verdict)
{
        FILE *table = test_table("image/truncated.txt");
        char name[64], path[128], verdict[8];
        int from, to;

        while (fscanf(table, "%63s %d %d %7s", name, &from, &to, verdict) ==
               4) {
                bool good = strcmp(verdict, "ok") == 0;
                uint8_t *data;
                size_t size;

                if (!test_format_built(name))
                        continue;
                snprintf(path, sizeof(path), "image/%s", name);
                data = test_read(test_data(path), &size);
                ck_assert_uint_le((size_t)to, size);
                for (int n = from; n <= to; n++)
                        ck_assert_msg((read_exactly(data, (size_t)n) ==
                                       EFFNET_OK) == good,
                                      "%s: its first %d bytes should be %s",
                                      name, n, verdict);
                free(data);
        }
        fclose(table);
}
END_TEST

/* The statuses, and what the messages must name. */
static const struct {
        const char *name;
        effnet_status status;
        const char *message;
} failures[] = {
        {"ihdr-crc.png", EFFNET_ERROR_FORMAT, "IHDR chunk at offset 8"},
        {"plte-crc.png", EFFNET_ERROR_FORMAT, "PLTE chunk at offset 33"},
        {"text-crc.png", EFFNET_ERROR_FORMAT, "tEXt chunk at offset 33"},
        {"ihdr-short.png", EFFNET_ERROR_FORMAT, "12 bytes, expected at least"},
        {"no-ihdr.png", EFFNET_ERROR_FORMAT, "no IHDR"},
        {"no-idat.png", EFFNET_ERROR_FORMAT, "no IDAT"},
        {"bad-name.png", EFFNET_ERROR_FORMAT, "damaged: expected a chunk"},
        {"depth-3.png", EFFNET_ERROR_FORMAT, "bit depth 3"},
        {"colour-1.png", EFFNET_ERROR_FORMAT, "colour type 1"},
        {"filter-1.png", EFFNET_ERROR_FORMAT, "filter method 1"},
        {"plte-257.png", EFFNET_ERROR_FORMAT, "257 entries"},
        {"iccp-method.png", EFFNET_ERROR_FORMAT, "compression method"},
        {"width-0.png", EFFNET_ERROR_FORMAT, "0 x 5"},
        {"huge.png", EFFNET_ERROR_LIMIT, "60000 x 60000"},
        {"wide.png", EFFNET_ERROR_LIMIT, "1000000 a side"},
        {"wide.jpg", EFFNET_ERROR_LIMIT, "65500"},
        {"comment-cut.jpg", EFFNET_ERROR_FORMAT, "truncated before"},
        {"huge-both.png", EFFNET_ERROR_LIMIT, "4294967295"},
        {"bad-adler.png", EFFNET_ERROR_FORMAT, "after row 4 of 5"},
        {"bad-zlib.png", EFFNET_ERROR_FORMAT, "damaged pixel data"},
        {"bad-filter.png", EFFNET_ERROR_FORMAT, "after row 1 of 5"},
        {"cut-stream.png", EFFNET_ERROR_FORMAT, "truncated: the pixel data"},
        {"tail-cut.png", EFFNET_ERROR_FORMAT, "5 of its 100 bytes"},
        {"cut.jpg", EFFNET_ERROR_FORMAT, "truncated: the file ends after row"},
        {"soi-only.jpg", EFFNET_ERROR_FORMAT, "truncated before"},
        {"precision-12.jpg", EFFNET_ERROR_UNSUPPORTED, "precision 12"},
        {"lossless.jpg", EFFNET_ERROR_UNSUPPORTED, "0xc3"},
        {"two-components.jpg", EFFNET_ERROR_UNSUPPORTED, "2 components"},
        {"huge.jpg", EFFNET_ERROR_LIMIT, "65317 x 65309"},
        {"height-0.jpg", EFFNET_ERROR_FORMAT, "Empty"},
        {"no-tables.jpg", EFFNET_ERROR_FORMAT, "offset"},
};

START_TEST(failures_have_status_and_message)
{
        char path[128];
        effnet_image *image;

        if (!test_format_built(failures[_i].name))
                return;
        snprintf(path, sizeof(path), "image/%s", failures[_i].name);
        ck_fails(effnet_image_read_file(&image, test_data(path), NULL),
                 failures[_i].status);
        ck_assert_ptr_null(image);
        ck_message(failures[_i].message);
        ck_assert(strncmp(effnet_last_error(), test_data(path),
                          strlen(test_data(path))) == 0);
}
END_TEST

static const struct {
        const char *bytes;
        size_t size;
        effnet_status status;
        const char *message;
} others[] = {
        {"GIF89a....", 10, EFFNET_ERROR_UNSUPPORTED, "a GIF picture"},
        {"RIFF\0\0\0\0WEBPVP8 ", 16, EFFNET_ERROR_UNSUPPORTED, "a WebP"},
        {"BM........", 10, EFFNET_ERROR_UNSUPPORTED, "a BMP picture"},
        {"II*\0......", 10, EFFNET_ERROR_UNSUPPORTED, "a TIFF picture"},
        {"MM\0*......", 10, EFFNET_ERROR_UNSUPPORTED, "a TIFF picture"},
        {"\0\0\0\x18"
         "ftypheic....",
         16, EFFNET_ERROR_UNSUPPORTED, "a HEIC picture"},
        {"\0\0\0\x18"
         "ftypavif....",
         16, EFFNET_ERROR_UNSUPPORTED, "an AVIF picture"},
        {"\0\0\0\x0cjP  \r\n\x87\n", 12, EFFNET_ERROR_UNSUPPORTED,
         "a JPEG 2000"},
        {"\xff\x0a\x00\x00", 4, EFFNET_ERROR_UNSUPPORTED, "a JPEG XL"},
        {"8BPS......", 10, EFFNET_ERROR_UNSUPPORTED, "a Photoshop"},
        {"P6\n1 1\n255\n", 11, EFFNET_ERROR_UNSUPPORTED, "a PPM picture"},
        {"<svg xmlns=", 11, EFFNET_ERROR_UNSUPPORTED, "an SVG"},
        {"%PDF-1.7\n", 9, EFFNET_ERROR_FORMAT, "a PDF document"},
        {"<!DOCTYPE html>", 15, EFFNET_ERROR_FORMAT, "an HTML page"},
        {"version https://git-lfs.github.com/spec/v1\n", 43,
         EFFNET_ERROR_FORMAT, "a Git LFS pointer"},
        {"PK\3\4......", 10, EFFNET_ERROR_FORMAT, "a ZIP archive"},
        {"plain text", 10, EFFNET_ERROR_FORMAT, "found neither"},
        {"\x89PNG", 4, EFFNET_ERROR_FORMAT, "the beginning of a PNG"},
        {"\x89PNG\r\n\x1a\n", 8, EFFNET_ERROR_FORMAT, "truncated"},
        {"\xff\xd8", 2, EFFNET_ERROR_FORMAT, "the beginning of a JPEG"},
        {"", 0, EFFNET_ERROR_FORMAT, "empty"},
};

START_TEST(other_contents_are_named)
{
        uint8_t *data = test_guarded(others[_i].size + 1, false);
        effnet_image *image = (effnet_image *)data;

        if (strstr(others[_i].message, "truncated") != NULL &&
            !test_format_built(".png"))
                return;
        memmove(data + 1, others[_i].bytes, others[_i].size);
        ck_fails(effnet_image_read_memory(&image, data + 1, others[_i].size,
                                          NULL),
                 others[_i].status);
        ck_assert_ptr_null(image);
        ck_message(others[_i].message);
        test_guarded_free(data, others[_i].size + 1, false);
}
END_TEST

START_TEST(arguments_and_paths_are_checked)
{
        effnet_image *image = (effnet_image *)&image;
        const char *path = test_data("image/gray.jpg");

        ck_fails(effnet_image_read_file(NULL, path, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("image is NULL");
        ck_fails(effnet_image_read_file(&image, NULL, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_ptr_null(image);
        ck_message("path is NULL");
        ck_fails(effnet_image_read_memory(NULL, path, 3, NULL),
                 EFFNET_ERROR_ARGUMENT);
        image = (effnet_image *)&image;
        ck_fails(effnet_image_read_memory(&image, NULL, 3, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert_ptr_null(image);
        ck_message("data is NULL");
        ck_fails(effnet_image_read_file(&image, "nowhere/at.all", NULL),
                 EFFNET_ERROR_IO);
        ck_message("nowhere/at.all: ");
        ck_fails(effnet_image_read_file(&image, test_data("image"), NULL),
                 EFFNET_ERROR_IO);
        ck_message("a directory");
}
END_TEST

static void
check_limits(const char *name, int64_t pixels)
{
        effnet_options *options;
        effnet_image *image;
        size_t size;
        uint8_t *data = test_read(test_data(name), &size);

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_MAX_PIXELS,
                                     pixels));
        ck_ok(effnet_image_read_file(&image, test_data(name), options));
        effnet_image_free(image);
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_MAX_PIXELS,
                                     pixels - 1));
        ck_fails(effnet_image_read_file(&image, test_data(name), options),
                 EFFNET_ERROR_LIMIT);
        ck_assert_ptr_null(image);
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_MAX_PIXELS,
                                     pixels));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_MAX_FILE_BYTES,
                                     (int64_t)size));
        ck_ok(effnet_image_read_memory(&image, data, size, options));
        effnet_image_free(image);
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_MAX_FILE_BYTES,
                                     (int64_t)size - 1));
        ck_fails(effnet_image_read_memory(&image, data, size, options),
                 EFFNET_ERROR_LIMIT);
        ck_fails(effnet_image_read_file(&image, test_data(name), options),
                 EFFNET_ERROR_LIMIT);
        ck_message(name);
        effnet_options_free(options);
        free(data);
}

START_TEST(limits_hold_png)
{
        if (!skip_unbuilt("image/c2-08.png"))
                check_limits("image/c2-08.png", 13 * 11);
}
END_TEST

START_TEST(limits_hold_jpeg)
{
        if (!skip_unbuilt("image/420.jpg"))
                check_limits("image/420.jpg", 37 * 29);
}
END_TEST

/* A sparse file of `size` bytes that begins with `head`. */
static void
check_long_file(const void *head, size_t head_size, off_t size,
                effnet_status expected, const char *message)
{
        char path[] = P_tmpdir "/effnet-long-XXXXXX";
        int fd = mkstemp(path);
        effnet_image *image = (effnet_image *)path;

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(write(fd, head, head_size), (ssize_t)head_size);
        ck_assert_int_eq(ftruncate(fd, size), 0);
        close(fd);
        test_memory_reset();
        ck_assert_int_eq(effnet_image_read_file(&image, path, NULL), expected);
        unlink(path);
        ck_assert_uint_lt(test_memory_bytes(), 65536);
        ck_assert_ptr_null(image);
        ck_message(path);
        ck_message(message);
}

/* Neither is one that is no picture, or too long for one. */
START_TEST(long_files_are_not_read_whole)
{
        const off_t gigabyte = (off_t)1 << 30;
        size_t size;
        uint8_t *png = test_read(test_data("image/c2-08.png"), &size);

        check_long_file(png, size, gigabyte + 1, EFFNET_ERROR_LIMIT,
                        "1073741825 bytes, the limit of a picture's file is "
                        "1073741824");
        check_long_file(png, size, 3 * gigabyte, EFFNET_ERROR_LIMIT, "limit");
        check_long_file("plain text", 10, gigabyte, EFFNET_ERROR_FORMAT,
                        "found neither");
        check_long_file("PK\3\4", 4, 9 * gigabyte, EFFNET_ERROR_FORMAT,
                        "a ZIP archive");
        check_long_file("GIF89a", 6, gigabyte / 2, EFFNET_ERROR_UNSUPPORTED,
                        "a GIF picture");
        check_long_file("", 0, 0, EFFNET_ERROR_FORMAT, "empty");
        free(png);
}
END_TEST

static effnet_options *
memory_limit(int64_t bytes)
{
        effnet_options *options;

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_MAX_MEMORY_BYTES,
                                     bytes));
        return options;
}

static void
check_memory(const char *name, int64_t least)
{
        size_t size;
        uint8_t *data = test_read(test_data(name), &size);
        effnet_options *enough = memory_limit(least);
        effnet_options *little = memory_limit(least - 1);
        effnet_options *less_than_file = memory_limit((int64_t)size - 1);
        effnet_image *image;

        ck_ok(effnet_image_read_memory(&image, data, size, enough));
        effnet_image_free(image);
        ck_fails(effnet_image_read_memory(&image, data, size, little),
                 EFFNET_ERROR_LIMIT);
        ck_assert_ptr_null(image);
        ck_message("the limit of memory is");
        ck_fails(
                effnet_image_read_file(&image, test_data(name), less_than_file),
                EFFNET_ERROR_LIMIT);
        ck_assert_ptr_null(image);
        ck_message("limit of a picture's file");
        effnet_options_free(enough);
        effnet_options_free(little);
        effnet_options_free(less_than_file);
        free(data);
}

START_TEST(memory_is_limited)
{
        if (!skip_unbuilt("image/c2-08.png"))
                check_memory("image/c2-08.png", 3 * 13 * 11);
        if (!skip_unbuilt("image/420.jpg"))
                check_memory("image/420.jpg", 3 * 37 * 29);
}
END_TEST

static size_t
find_marker(const uint8_t *data, size_t size, size_t from, bool any)
{
        for (size_t i = from; i + 1 < size; i++) {
                if (data[i] == 0xff &&
                    (any ? data[i + 1] != 0 : data[i + 1] == 0xda))
                        return i;
        }
        ck_abort_msg("no such marker");
}

/* The first scan of a progressive file `scans` times more: each makes the
 * decoder pass over the whole picture.
 */
static uint8_t *
make_bomb(int scans, size_t *size)
{
        size_t length, start, end, scan;
        uint8_t *data = test_read(test_data("image/progressive-gray.jpg"),
                                  &length);
        uint8_t *bomb;

        start = find_marker(data, length, 0, false);
        end = find_marker(data, length, start + 2, true);
        scan = end - start;
        *size = length + (size_t)scans * scan;
        bomb = malloc(*size);
        ck_assert_ptr_nonnull(bomb);
        memcpy(bomb, data, end);
        for (int i = 0; i < scans; i++)
                memcpy(bomb + end + (size_t)i * scan, data + start, scan);
        memcpy(bomb + *size - (length - end), data + end, length - end);
        free(data);
        return bomb;
}

static void
check_bomb(int scans, int side, const effnet_options *options,
           const char *refusal)
{
        effnet_status expected = refusal != NULL ? EFFNET_ERROR_LIMIT
                                                 : EFFNET_OK;
        size_t size;
        uint8_t *bomb = make_bomb(scans, &size);
        effnet_image *image;
        size_t frame = 0;

        while (bomb[frame] != 0xff || bomb[frame + 1] != 0xc2)
                frame++;
        bomb[frame + 5] = bomb[frame + 7] = (uint8_t)(side >> 8);
        bomb[frame + 6] = bomb[frame + 8] = (uint8_t)side;
        ck_assert_int_eq(effnet_image_read_memory(&image, bomb, size, options),
                         expected);
        if (refusal != NULL)
                ck_message(refusal);
        effnet_image_free(image);
        free(bomb);
}

START_TEST(scans_are_limited)
{
        if (skip_unbuilt("image/progressive-gray.jpg"))
                return;
        check_bomb(300, 32, NULL, NULL);
        check_bomb(600, 32, NULL, "over 500 scans");
        check_bomb(300, 4096, NULL, "over 64 scans");
        check_bomb(20, 11000, NULL, "over 16 scans");
}
END_TEST

/* 48 MiB of pixels and 32 MiB of coefficients. */
START_TEST(coefficients_count_as_memory)
{
        effnet_options *little = memory_limit(INT64_C(78) << 20);
        effnet_options *enough = memory_limit(INT64_C(82) << 20);
        effnet_options *only_pixels = memory_limit(INT64_C(48) << 20);

        if (!skip_unbuilt("image/progressive-gray.jpg")) {
                check_bomb(1, 4096, enough, NULL);
                check_bomb(1, 4096, little, "in several scans");
                check_bomb(1, 4096, only_pixels, "in several scans");
        }
        effnet_options_free(little);
        effnet_options_free(enough);
        effnet_options_free(only_pixels);
}
END_TEST

/* Each allocation of the library fails once; those of libjpeg itself do not
 * pass through the test's door.
 */
static void
fail_allocations(const char *name)
{
        size_t size;
        uint8_t *data = test_read(test_data(name), &size);
        effnet_status status = EFFNET_ERROR_MEMORY;
        effnet_image *image;
        long n;

        for (n = 0; n < 100; n++) {
                test_memory_fail(n, 0);
                status = effnet_image_read_memory(&image, data, size, NULL);
                test_memory_reset();
                if (status == EFFNET_OK)
                        break;
                ck_assert_int_eq(status, EFFNET_ERROR_MEMORY);
                ck_message("memory");
                ck_assert_ptr_null(image);
        }
        ck_assert_int_eq(status, EFFNET_OK);
        ck_assert_int_ge(n, 2);
        effnet_image_free(image);
        free(data);
}

START_TEST(memory_may_fail)
{
        if (!skip_unbuilt("image/c6-16-i.png"))
                fail_allocations("image/c6-16-i.png");
        if (!skip_unbuilt("image/cmyk.jpg"))
                fail_allocations("image/cmyk.jpg");
}
END_TEST

typedef struct tally {
        int files, equal, refused, different;
} tally;

/* Pillow reads more formats than are promised: those are counted apart. */
static void
compare_shared(const test_verdict *expected, tally *sum)
{
        const char *path = test_shared(expected->name);
        effnet_image *image;
        effnet_status status;
        char hash[HASH_SIZE];

        sum->files++;
        if (path == NULL)
                ck_abort_msg("%s is missing", expected->name);
        status = effnet_image_read_file(&image, path, NULL);
        if (status == EFFNET_OK && expected->good) {
                check_pixels(image, expected);
                sum->equal++;
        } else if (status == EFFNET_OK) {
                test_image_hash(image, hash);
                ck_abort_msg("%s: Pillow refuses it", expected->name);
        } else if (!expected->good) {
                sum->refused++;
        } else {
                printf("not as Pillow: %s: %s\n", expected->name,
                       effnet_last_error());
                ck_assert_int_eq(status, EFFNET_ERROR_UNSUPPORTED);
                ck_message("expected a PNG or JPEG picture, found");
                sum->different++;
        }
        effnet_image_free(image);
}

START_TEST(shared_files_are_pillows)
{
        FILE *table = test_table("image/shared.txt");
        test_verdict expected;
        tally sum = {0};

        if (test_shared("data/png") != NULL && !skip_unbuilt(".png") &&
            !skip_unbuilt(".jpg")) {
                while (test_verdict_next(table, &expected))
                        compare_shared(&expected, &sum);
                printf("%d shared files: %d equal Pillow in every pixel, %d "
                       "are refused by both, %d differ\n",
                       sum.files, sum.equal, sum.refused, sum.different);
                ck_assert_int_gt(sum.equal, 0);
        }
        fclose(table);
}
END_TEST

static Suite *
make_suite(void)
{
        Suite *suite = suite_create("image_decode");
        TCase *files = tcase_create("files");
        TCase *errors = tcase_create("errors");

        tcase_add_test(files, own_files_are_pillows);
        tcase_add_test(files, every_beginning_has_pillows_verdict);
        tcase_add_test(files, shared_files_are_pillows);
        suite_add_tcase(suite, files);
        tcase_add_loop_test(errors, failures_have_status_and_message, 0,
                            (int)(sizeof(failures) / sizeof(failures[0])));
        tcase_add_loop_test(errors, other_contents_are_named, 0,
                            (int)(sizeof(others) / sizeof(others[0])));
        tcase_add_test(errors, arguments_and_paths_are_checked);
        tcase_add_test(errors, limits_hold_png);
        tcase_add_test(errors, limits_hold_jpeg);
        tcase_add_test(errors, long_files_are_not_read_whole);
        tcase_add_test(errors, memory_is_limited);
        tcase_add_test(errors, scans_are_limited);
        tcase_add_test(errors, coefficients_count_as_memory);
        tcase_add_test(errors, memory_may_fail);
        suite_add_tcase(suite, errors);
        return suite;
}

int
main(void)
{
        return test_main(make_suite());
}
