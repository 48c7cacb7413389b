/* check_image_resample.c: resizing against stored results of Pillow, parts of
 * a result against the whole, and the memory it takes.
 */
#include "base/alloc.h"
#include "image/picks.h"
#include "image/resample.h"
#include "memory.h"
#include "pictures.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

typedef struct sample {
        int width, height, seed, kind, filter, to_width, to_height;
        char hash[HASH_SIZE];
} sample;

static bool
next_sample(FILE *table, sample *s)
{
        return fscanf(table, "%d %d %d %d %d %d %d %64s", &s->width, &s->height,
                      &s->seed, &s->kind, &s->filter, &s->to_width,
                      &s->to_height, s->hash) == 8;
}

static effnet_image *
wrap(int32_t format, int32_t width, int32_t height, const uint8_t *pixels,
     int64_t stride)
{
        effnet_image *image;

        ck_ok(effnet_image_wrap(&image, format, width, height, pixels, stride,
                                NULL, NULL));
        return image;
}

static void
check_whole(const sample *s)
{
        uint8_t *pixels = test_picture(s->width, s->height, (uint64_t)s->seed,
                                       s->kind);
        effnet_image *image = wrap(EFFNET_PIXEL_RGB, s->width, s->height,
                                   pixels, 3 * s->width);
        effnet_image *resized;
        char hash[HASH_SIZE];

        ck_ok(effnet_image_resize(&resized, image, s->to_width, s->to_height,
                                  s->filter));
        ck_assert_int_eq(effnet_image_width(resized), s->to_width);
        ck_assert_int_eq(effnet_image_height(resized), s->to_height);
        test_image_hash(resized, hash);
        ck_assert_msg(strcmp(hash, s->hash) == 0,
                      "%dx%d seed %d kind %d to %dx%d by filter %d: not "
                      "Pillow's",
                      s->width, s->height, s->seed, s->kind, s->to_width,
                      s->to_height, s->filter);
        effnet_image_free(resized);
        effnet_image_free(image);
        free(pixels);
}

START_TEST(results_are_pillows)
{
        FILE *table = test_table("image/resample.txt");
        sample s;
        int samples = 0;

        for (; next_sample(table, &s); samples++)
                check_whole(&s);
        fclose(table);
        ck_assert_int_gt(samples, 200);
}
END_TEST

static uint64_t dice = 1;

static int32_t
roll(int32_t most)
{
        dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407;
        return 1 + (int32_t)((dice >> 33) % (uint64_t)most);
}

static en_rect
random_part(int32_t width, int32_t height)
{
        en_rect part;

        part.width = roll(width);
        part.height = roll(height);
        part.x = roll(width - part.width + 1) - 1;
        part.y = roll(height - part.height + 1) - 1;
        return part;
}

static void
check_part(const effnet_image *part, const effnet_image *whole, en_rect keep)
{
        ck_assert_int_eq(part->width, keep.width);
        ck_assert_int_eq(part->height, keep.height);
        for (int32_t y = 0; y < keep.height; y++)
                ck_assert_mem_eq(part->pixels + y * part->stride,
                                 whole->pixels + (keep.y + y) * whole->stride +
                                         3 * keep.x,
                                 (size_t)keep.width * 3);
}

/* The part `from` alone, so that nothing around it can have been read. */
static effnet_image *
alone(const effnet_image *image, en_rect from)
{
        effnet_image *copy;

        ck_ok(en_image_create(&copy, from.width, from.height));
        for (int32_t y = 0; y < from.height; y++)
                en_image_row_rgb(image, from.y + y, from.x, from.width,
                                 copy->owned + y * copy->stride);
        return copy;
}

static void
compare_parts(const effnet_image *image)
{
        en_rect from = random_part(image->width, image->height);
        int32_t width = roll(4) == 1 ? from.width : roll(60);
        int32_t height = roll(4) == 1 ? from.height : roll(60);
        int32_t filter = roll(3) - 1;
        en_rect keep = random_part(width, height);
        effnet_image *copy = alone(image, from);
        effnet_image *whole, *part;

        ck_ok(effnet_image_resize(&whole, copy, width, height, filter));
        ck_ok(en_resample(&part, image, from, width, height, filter, keep));
        check_part(part, whole, keep);
        effnet_image_free(part);
        effnet_image_free(whole);
        effnet_image_free(copy);
}

START_TEST(parts_are_parts_of_the_whole)
{
        dice = 1;
        for (int i = 0; i < 300; i++) {
                int32_t width = roll(70), height = roll(70);
                uint8_t *pixels = test_picture(width, height, dice, 0);
                effnet_image *image = wrap(EFFNET_PIXEL_RGB, width, height,
                                           pixels, 3 * width);

                compare_parts(image);
                effnet_image_free(image);
                free(pixels);
        }
}
END_TEST

/* The same picture in a format of its own, with gaps and perhaps upside down
 * in memory, ends at a guard page.
 */
static void
check_format(int32_t format, bool downwards)
{
        const int32_t width = 21, height = 17, pixel = en_pixel_size(format);
        const int32_t step = pixel * width + 5;
        size_t size = (size_t)(step * (height - 1) + pixel * width);
        uint8_t *base = test_guarded(size, !downwards);
        uint8_t *top = downwards ? base : base + step * (height - 1);
        int64_t stride = downwards ? step : -step;
        effnet_image *image = wrap(format, width, height, top, stride);
        effnet_image *plain, *expected, *found;

        for (size_t i = 0; i < size; i++)
                base[i] = (uint8_t)(i * 37 + i / 11);
        plain = alone(image, (en_rect){0, 0, width, height});
        for (int32_t filter = 0; filter < 3; filter++) {
                for (int32_t to = 5; to < 40; to += 8) {
                        ck_ok(effnet_image_resize(&expected, plain, to, 45 - to,
                                                  filter));
                        ck_ok(effnet_image_resize(&found, image, to, 45 - to,
                                                  filter));
                        check_part(found, expected,
                                   (en_rect){0, 0, to, 45 - to});
                        effnet_image_free(expected);
                        effnet_image_free(found);
                }
        }
        effnet_image_free(plain);
        effnet_image_free(image);
        test_guarded_free(base, size, !downwards);
}

START_TEST(formats_and_strides_give_the_same)
{
        for (int32_t format = EFFNET_PIXEL_RGB; format <= EFFNET_PIXEL_GRAY;
             format++) {
                check_format(format, true);
                check_format(format, false);
        }
}
END_TEST

START_TEST(rows_are_converted)
{
        static const uint8_t pixels[] = {1, 2, 3, 4, 5, 6, 7, 8};
        static const struct {
                int32_t format;
                uint8_t rgb[3]; /* of the second pixel */
        } rows[] = {
                {EFFNET_PIXEL_RGB, {4, 5, 6}},  {EFFNET_PIXEL_BGR, {6, 5, 4}},
                {EFFNET_PIXEL_RGBA, {5, 6, 7}}, {EFFNET_PIXEL_BGRA, {7, 6, 5}},
                {EFFNET_PIXEL_GRAY, {2, 2, 2}},
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                effnet_image *image = wrap(rows[i].format, 2, 1, pixels, 8);
                uint8_t rgb[3];

                en_image_row_rgb(image, 0, 1, 1, rgb);
                ck_assert_mem_eq(rgb, rows[i].rgb, 3);
                effnet_image_free(image);
        }
}
END_TEST

/* The picture is long, the whole result enormous, what is kept small. */
START_TEST(only_what_is_kept_costs_memory)
{
        uint8_t *pixels = calloc(1, 1000000);
        effnet_image *image = wrap(EFFNET_PIXEL_GRAY, 1, 1000000, pixels, 1);
        en_rect from = {0, 0, 1, 1000000};
        en_rect keep = {16, 127999888, 224, 224};
        effnet_image *part;

        for (int32_t filter = 1; filter < 3; filter++) {
                test_memory_reset();
                ck_ok(en_resample(&part, image, from, 256, 256000000, filter,
                                  keep));
                ck_assert_uint_lt(test_memory_bytes(), 1 << 20);
                effnet_image_free(part);
        }
        effnet_image_free(image);
        free(pixels);
}
END_TEST

/* Pillow's loop from the first output on. */
static void
check_picks(int32_t inputs, int32_t outputs, int32_t first, int32_t count)
{
        int32_t *found = en_picks_make(inputs, outputs, first, count);
        double scale = (double)inputs / outputs;
        double at = scale * 0.5;

        ck_assert_ptr_nonnull(found);
        for (int32_t i = 0; i < first + count; i++) {
                int32_t input = at < inputs ? (int32_t)at : inputs - 1;

                if (i >= first)
                        ck_assert_msg(found[i - first] == input,
                                      "%d to %d: output %d takes %d, found %d",
                                      inputs, outputs, i, input,
                                      found[i - first]);
                at += scale;
        }
        en_free(found);
}

/* With 2n inputs and an odd multiple of n outputs the middle of some outputs
 * is the border of two inputs: rounding errors decide.
 */
START_TEST(picks_are_plain_sums)
{
        static const int32_t pairs[][2] = {
                {1, 3000000}, {1000000, 3}, {3, 4096},         {5, 1 << 20},
                {7, 1 << 20}, {1, 1},       {999999, 1000000}, {6, 2999997},
                {1 << 19, 3}, {12345, 8192}};
        uint32_t random = 1;

        for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
                int32_t outputs = pairs[i][1];

                check_picks(pairs[i][0], outputs, 0,
                            outputs < 100 ? outputs : 100);
                check_picks(pairs[i][0], outputs, outputs - outputs / 3,
                            outputs / 3);
        }
        for (int32_t odd = 3; odd < 200; odd += 2) {
                int32_t n, first;

                random = random * 1664525 + 1013904223;
                n = (int32_t)(random >> 24) + 1;
                first = (int32_t)(random >> 8) % (n * odd);
                check_picks(2 * n, n * odd, first, n * odd - first);
        }
}
END_TEST

START_TEST(parts_outside_are_refused)
{
        uint8_t pixels[12] = {0};
        effnet_image *image = wrap(EFFNET_PIXEL_RGB, 2, 2, pixels, 6);
        const en_rect good = {0, 0, 2, 2};
        static const en_rect bad[] = {{-1, 0, 2, 2}, {0, -1, 2, 2},
                                      {0, 0, 0, 2},  {0, 0, 2, 0},
                                      {1, 0, 2, 2},  {0, 1, 2, 2},
                                      {0, 0, 3, 2},  {3, 0, INT32_MAX, 2}};
        effnet_image *part;

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                part = image;
                ck_fails(en_resample(&part, image, bad[i], 2, 2, 1, good),
                         EFFNET_ERROR_INTERNAL);
                ck_assert_ptr_null(part);
                ck_fails(en_resample(&part, image, good, 2, 2, 1, bad[i]),
                         EFFNET_ERROR_INTERNAL);
                ck_assert_ptr_null(part);
        }
        effnet_image_free(image);
}
END_TEST

/* Both orders of the passes, one pass each, none, and nearest; from a format
 * that is copied first.
 */
START_TEST(memory_may_fail)
{
        static const int32_t sizes[][3] = {{3, 3, 2},  {30, 3, 2},  {20, 3, 2},
                                           {3, 20, 2}, {20, 20, 2}, {5, 5, 0}};
        const int32_t *to = sizes[_i];
        uint8_t *pixels = test_picture(20, 20, 1, 0);
        effnet_image *image = wrap(EFFNET_PIXEL_BGR, 20, 20, pixels, 60);
        effnet_status status = EFFNET_ERROR_MEMORY;
        effnet_image *resized;
        int32_t n;

        for (n = 0; n < 40; n++) {
                test_memory_fail(n, 0);
                status = effnet_image_resize(&resized, image, to[0], to[1],
                                             to[2]);
                test_memory_reset();
                if (status == EFFNET_OK)
                        break;
                ck_assert_int_eq(status, EFFNET_ERROR_MEMORY);
                ck_assert_ptr_null(resized);
        }
        ck_assert_int_eq(status, EFFNET_OK);
        ck_assert_int_ge(n, 2);
        effnet_image_free(resized);
        effnet_image_free(image);
        free(pixels);
}
END_TEST

static Suite *
make_suite(void)
{
        Suite *suite = suite_create("image_resample");
        TCase *tests = tcase_create("resample");

        tcase_add_test(tests, results_are_pillows);
        tcase_add_test(tests, parts_are_parts_of_the_whole);
        tcase_add_test(tests, formats_and_strides_give_the_same);
        tcase_add_test(tests, rows_are_converted);
        tcase_add_test(tests, only_what_is_kept_costs_memory);
        tcase_add_test(tests, picks_are_plain_sums);
        tcase_add_test(tests, parts_outside_are_refused);
        tcase_add_loop_test(tests, memory_may_fail, 0, 6);
        suite_add_tcase(suite, tests);
        return suite;
}

int
main(void)
{
        return test_main(make_suite());
}
