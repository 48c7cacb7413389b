/* check_image_options.c: pictures turned by EXIF and blended with a background
 * against stored results of Pillow, and the limits and errors of both.
 */
#include "image/orientation.h"
#include "memory.h"
#include "pictures.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

static effnet_options *
options_of(int64_t orientation, int64_t background)
{
        effnet_options *options;

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_ORIENTATION,
                                     orientation));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_BACKGROUND,
                                     background));
        return options;
}

typedef struct sample {
        char name[64], verdict[8], hash[HASH_SIZE];
        int orientation, background, width, height;
} sample;

static bool
next_sample(FILE *table, sample *s)
{
        if (fscanf(table, "%63s %d %d %7s", s->name, &s->orientation,
                   &s->background, s->verdict) != 4)
                return false;
        return strcmp(s->verdict, "ok") != 0 ||
               fscanf(table, "%d %d %64s", &s->width, &s->height, s->hash) == 3;
}

static void
check_sample(const sample *s)
{
        effnet_options *options = options_of(s->orientation, s->background);
        char path[96], hash[HASH_SIZE];
        effnet_image *image;
        effnet_status status;

        snprintf(path, sizeof(path), "image/%s", s->name);
        status = effnet_image_read_file(&image, test_data(path), options);
        ck_assert_msg((status == EFFNET_OK) == (strcmp(s->verdict, "ok") == 0),
                      "%s: %s", s->name, effnet_last_error());
        if (status == EFFNET_OK) {
                test_image_hash(image, hash);
                ck_assert_msg(effnet_image_width(image) == s->width &&
                                      effnet_image_height(image) == s->height &&
                                      strcmp(hash, s->hash) == 0,
                              "%s, orientation %d, background %d: not Pillow's",
                              s->name, s->orientation, s->background);
        }
        effnet_image_free(image);
        effnet_options_free(options);
}

START_TEST(results_are_pillows)
{
        FILE *table = test_table("image/options.txt");
        int samples = 0;
        sample s;

        for (; next_sample(table, &s); samples++)
                if (test_format_built(s.name))
                        check_sample(&s);
        fclose(table);
        ck_assert_int_ge(samples, 200);
}
END_TEST

/* Every value with every alpha. */
START_TEST(wrapped_pixels_are_blended_as_pillows)
{
        FILE *table = test_table("image/blend.txt");
        uint8_t *pixels = malloc((size_t)4 << 16);
        effnet_image *image, *rgb;
        char expected[HASH_SIZE], hash[HASH_SIZE];
        int colour, lines = 0;
        bool bgr = _i == 1;

        for (int i = 0; i < 1 << 16; i++) {
                uint8_t *p = pixels + 4 * i, x = (uint8_t)i;

                p[bgr ? 2 : 0] = x;
                p[1] = (uint8_t)(255 - x);
                p[bgr ? 0 : 2] = x ^ 85;
                p[3] = (uint8_t)(i >> 8);
        }
        ck_ok(effnet_image_wrap(&image,
                                bgr ? EFFNET_PIXEL_BGRA : EFFNET_PIXEL_RGBA,
                                256, 256, pixels, 1024, NULL, NULL));
        for (; fscanf(table, "%d %64s", &colour, expected) == 2; lines++) {
                ck_ok(effnet_image_set_background(image, colour));
                ck_ok(effnet_image_resize(&rgb, image, 256, 256, 0));
                test_image_hash(rgb, hash);
                ck_assert_str_eq(hash, expected);
                effnet_image_free(rgb);
        }
        fclose(table);
        ck_assert_int_eq(lines, 5);
        ck_ok(effnet_image_set_background(image, -1));
        ck_ok(effnet_image_resize(&rgb, image, 256, 256, 0));
        ck_assert_int_eq(((const uint8_t *)effnet_image_pixels(rgb))[3 * 77],
                         77);
        effnet_image_free(rgb);
        effnet_image_free(image);
        free(pixels);
}
END_TEST

START_TEST(memory_is_limited_and_may_fail)
{
        static const struct {
                const char *path, *message;
                int64_t bytes;
        } cases[] = {{"image/exif-6.png", "twice to turn them", 89},
                     {"image/alpha-rgb8.png", "to blend alpha", 335}};
        effnet_options *options = options_of(1, 0x123456);
        effnet_status status = EFFNET_ERROR_MEMORY;
        effnet_image *image;
        uint8_t *data;
        size_t size;
        long n;

        if (!test_format_built(".png")) {
                test_skipped("memory", "built without PNG support");
                effnet_options_free(options);
                return;
        }
        data = test_read(test_data(cases[_i].path), &size);
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_MAX_MEMORY_BYTES,
                                     cases[_i].bytes));
        ck_fails(effnet_image_read_memory(&image, data, size, options),
                 EFFNET_ERROR_LIMIT);
        ck_message(cases[_i].message);
        ck_assert_ptr_null(image);
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_MAX_MEMORY_BYTES,
                                     cases[_i].bytes + 1));
        for (n = 0; n < 60 && status == EFFNET_ERROR_MEMORY; n++) {
                test_memory_fail(n, 0);
                status = effnet_image_read_memory(&image, data, size, options);
                test_memory_reset();
        }
        ck_assert_int_eq(status, EFFNET_OK);
        ck_assert_int_gt(n, 3);
        effnet_image_free(image);
        effnet_options_free(options);
        free(data);
}
END_TEST

START_TEST(options_are_checked)
{
        effnet_options *options = options_of(1, 0xffffff);
        int64_t value;

        ck_fails(effnet_options_set_int(options, EFFNET_OPTION_ORIENTATION, 2),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_options_set_int(options, EFFNET_OPTION_ORIENTATION, -1),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_options_set_int(options, EFFNET_OPTION_BACKGROUND, -2),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_options_set_int(options, EFFNET_OPTION_BACKGROUND,
                                        0x1000000),
                 EFFNET_ERROR_ARGUMENT);
        ck_ok(effnet_options_get_int(NULL, EFFNET_OPTION_BACKGROUND, &value));
        ck_assert_int_eq(value, -1);
        ck_ok(effnet_options_get_int(NULL, EFFNET_OPTION_ORIENTATION, &value));
        ck_assert_int_eq(value, 0);
        effnet_options_free(options);
}
END_TEST

/* Every cut and every changed byte of a block is read within its bounds. */
START_TEST(damaged_exif_is_read_within_bounds)
{
        size_t size;
        uint8_t *file = test_read(test_data("image/exif-three-values.jpg"),
                                  &size);
        size_t end = 140 < size ? 140 : size;

        ck_assert_int_eq(en_jpeg_orientation(file, size), 6);
        for (size_t cut = 0; cut <= end; cut++) {
                uint8_t *part = test_guarded(cut, false);

                memcpy(part, file, cut);
                ck_assert_int_ge(en_jpeg_orientation(part, cut), 1);
                if (cut > 12) {
                        int found = en_exif_orientation(part + 12, cut - 12);

                        ck_assert(found >= 1 && found <= 8);
                }
                test_guarded_free(part, cut, false);
        }
        for (size_t i = 2; i < 80; i++) {
                uint8_t *part = test_guarded(80, false);

                for (int bit = 0; bit < 8; bit++) {
                        memcpy(part, file, 80);
                        part[i] ^= (uint8_t)(1 << bit);
                        ck_assert_int_le(en_jpeg_orientation(part, 80), 8);
                        ck_assert_int_le(en_exif_orientation(part + 12, 68), 8);
                }
                test_guarded_free(part, 80, false);
        }
        free(file);
}
END_TEST

static Suite *
make_suite(void)
{
        Suite *suite = suite_create("image_options");
        TCase *options = tcase_create("options");

        tcase_add_test(options, results_are_pillows);
        tcase_add_loop_test(options, wrapped_pixels_are_blended_as_pillows, 0,
                            2);
        tcase_add_loop_test(options, memory_is_limited_and_may_fail, 0, 2);
        tcase_add_test(options, options_are_checked);
        tcase_add_test(options, damaged_exif_is_read_within_bounds);
        suite_add_tcase(suite, options);
        return suite;
}

int
main(void)
{
        return test_main(make_suite());
}
