/* check_image_arithmetic.c: the arithmetic of transformers and one channel,
 * against stored results of transformers, torchvision and Pillow; and the
 * errors of the steps by key.
 */
#include "pictures.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float mean[3] = {0.485F, 0.456F, 0.406F};
static const float std[3] = {0.47853944F, 0.4732864F, 0.47434163F};

static effnet_image *
generated(int32_t width, int32_t height, int seed, uint8_t **pixels)
{
        effnet_image *image;

        *pixels = test_picture(width, height, (uint64_t)seed, 0);
        ck_ok(effnet_image_wrap(&image, EFFNET_PIXEL_RGB, width, height,
                                *pixels, 3 * (int64_t)width, NULL, NULL));
        return image;
}

static effnet_preprocess *
steps_of(int mode, const int resize[2], const int crop[2], int filter)
{
        effnet_preprocess *steps;

        ck_ok(effnet_preprocess_create(&steps));
        ck_ok(effnet_preprocess_set_mode(steps, mode));
        ck_ok(effnet_preprocess_set_resize(steps, resize[0], resize[1]));
        ck_ok(effnet_preprocess_set_crop(steps, crop[0], crop[1]));
        ck_ok(effnet_preprocess_set_filter(steps, filter));
        return steps;
}

/* Compares the result and its size; frees all. */
static void
check_result(effnet_preprocess *steps, effnet_image *image, uint8_t *pixels,
             const int64_t size[3], const char *expected, int line)
{
        effnet_tensor *tensor;
        char hash[HASH_SIZE];

        ck_ok(effnet_preprocess_apply(steps, image, &tensor));
        for (int i = 0; i < 3; i++)
                ck_assert_int_eq(effnet_tensor_dimension(tensor, i + 1),
                                 size[i]);
        test_hash(effnet_tensor_const_data(tensor),
                  (size_t)effnet_tensor_count(tensor) * sizeof(float), hash);
        ck_assert_msg(strcmp(hash, expected) == 0, "line %d differs", line);
        effnet_tensor_free(tensor);
        effnet_preprocess_free(steps);
        effnet_image_free(image);
        free(pixels);
}

static const int32_t flags[] = {
        EFFNET_PREPROCESS_RESCALE, EFFNET_PREPROCESS_RESCALE_OFFSET,
        EFFNET_PREPROCESS_NORMALIZE, EFFNET_PREPROCESS_NORMALIZE_AGAIN};

typedef struct hf_sample {
        int image[2], seed, mode, resize[2], crop[2], filter, on[4], size[2];
        double factor;
        char hash[HASH_SIZE];
} hf_sample;

static bool
next_hf(FILE *table, hf_sample *s)
{
        return fscanf(table,
                      "%d %d %d %d %d %d %d %d %d %d %lf %d %d %d %d %d %64s",
                      &s->image[0], &s->image[1], &s->seed, &s->mode,
                      &s->resize[0], &s->resize[1], &s->crop[0], &s->crop[1],
                      &s->filter, &s->on[0], &s->factor, &s->on[1], &s->on[2],
                      &s->on[3], &s->size[0], &s->size[1], s->hash) == 17;
}

START_TEST(results_are_transformers)
{
        FILE *table = test_table("image/huggingface.txt");
        hf_sample s;
        int line = 0;

        while (next_hf(table, &s)) {
                const int64_t size[3] = {3, s.size[0], s.size[1]};
                uint8_t *pixels;
                effnet_image *image = generated(s.image[0], s.image[1], s.seed,
                                                &pixels);
                effnet_preprocess *p = steps_of(s.mode, s.resize, s.crop,
                                                s.filter);

                ck_ok(effnet_preprocess_set_mean(p, mean));
                ck_ok(effnet_preprocess_set_std(p, std));
                ck_ok(effnet_preprocess_set_int(p, EFFNET_PREPROCESS_ARITHMETIC,
                                                EFFNET_ARITHMETIC_HF));
                ck_ok(effnet_preprocess_set_double(
                        p, EFFNET_PREPROCESS_RESCALE_FACTOR, s.factor));
                for (int i = 0; i < 4; i++)
                        ck_ok(effnet_preprocess_set_int(p, flags[i], s.on[i]));
                check_result(p, image, pixels, size, s.hash, ++line);
        }
        fclose(table);
        ck_assert_int_eq(line, 48);
}
END_TEST

typedef struct gray_sample {
        int image[2], seed, resize[2], crop[2], filter;
        char norm[16], hash[HASH_SIZE];
} gray_sample;

static bool
next_gray(FILE *table, gray_sample *s)
{
        return fscanf(table, "%d %d %d %d %d %d %d %d %15s %64s", &s->image[0],
                      &s->image[1], &s->seed, &s->resize[0], &s->resize[1],
                      &s->crop[0], &s->crop[1], &s->filter, s->norm,
                      s->hash) == 10;
}

/* The second and third values do not count. */
static void
set_norm(effnet_preprocess *p, const char *name)
{
        static const struct {
                const char *name;
                float mean[3], std[3];
        } norms[] = {{"imagenet", {0.485F, 7, 8}, {0.229F, 9, 1}},
                     {"half", {0.5F, 7, 8}, {0.5F, 9, 1}},
                     {"lite", {127.0F / 255, 7, 8}, {128.0F / 255, 9, 1}},
                     {"odd", {0.1F, 7, 8}, {1.7F, 9, 1}}};

        for (int i = 0; i < 4; i++) {
                if (strcmp(norms[i].name, name) != 0)
                        continue;
                ck_ok(effnet_preprocess_set_mean(p, norms[i].mean));
                ck_ok(effnet_preprocess_set_std(p, norms[i].std));
        }
}

START_TEST(one_channel_is_pillows_gray)
{
        FILE *table = test_table("image/gray.txt");
        gray_sample s;
        int line = 0;

        while (next_gray(table, &s)) {
                const int64_t size[3] = {1, s.crop[0], s.crop[1]};
                uint8_t *pixels;
                effnet_image *image = generated(s.image[0], s.image[1], s.seed,
                                                &pixels);
                effnet_preprocess *p = steps_of(EFFNET_MODE_CENTRE, s.resize,
                                                s.crop, s.filter);

                set_norm(p, s.norm);
                ck_ok(effnet_preprocess_set_int(p, EFFNET_PREPROCESS_CHANNELS,
                                                1));
                check_result(p, image, pixels, size, s.hash, ++line);
        }
        fclose(table);
        ck_assert_int_eq(line, 24);
}
END_TEST

/* Gray pixels themselves, and one picture of a batch. */
START_TEST(gray_stays_and_goes_into_a_batch)
{
        static const uint8_t pixels[6] = {0, 1, 127, 128, 254, 255};
        static const float none[3] = {0, 0, 0}, ones[3] = {1, 1, 1};
        const int whole[2] = {0, 0};
        effnet_preprocess *p = steps_of(1, whole, whole, 0);
        effnet_tensor *batch;
        effnet_image *image;
        const float *values;

        ck_ok(effnet_preprocess_set_mean(p, none));
        ck_ok(effnet_preprocess_set_std(p, ones));
        ck_ok(effnet_preprocess_set_int(p, EFFNET_PREPROCESS_CHANNELS, 1));
        ck_ok(effnet_image_wrap(&image, EFFNET_PIXEL_GRAY, 3, 2, pixels, 3,
                                NULL, NULL));
        ck_ok(effnet_tensor_create(&batch, EFFNET_TYPE_F32, 4,
                                   (int64_t[]){2, 1, 2, 3}));
        ck_ok(effnet_preprocess_apply_into(p, image, batch, 1));
        values = effnet_tensor_const_data(batch);
        for (int i = 0; i < 6; i++) {
                ck_assert(values[i] == 0);
                ck_assert(values[6 + i] == (float)pixels[i] / 255.0F);
        }
        effnet_tensor_free(batch);
        ck_ok(effnet_tensor_create(&batch, EFFNET_TYPE_F32, 4,
                                   (int64_t[]){2, 3, 2, 3}));
        ck_fails(effnet_preprocess_apply_into(p, image, batch, 1),
                 EFFNET_ERROR_MISMATCH);
        ck_message("expected N x 1 x 2 x 3, found N x 3 x 2 x 3");
        effnet_tensor_free(batch);
        effnet_image_free(image);
        effnet_preprocess_free(p);
}
END_TEST

static const struct {
        int32_t key;
        int64_t initial, wrong[2];
} ints[] = {{EFFNET_PREPROCESS_ARITHMETIC, 0, {-1, 2}},
            {EFFNET_PREPROCESS_RESCALE, 1, {-1, 2}},
            {EFFNET_PREPROCESS_RESCALE_OFFSET, 0, {-1, 2}},
            {EFFNET_PREPROCESS_NORMALIZE, 1, {-1, INT64_C(1) << 32}},
            {EFFNET_PREPROCESS_NORMALIZE_AGAIN, 0, {-1, 2}},
            {EFFNET_PREPROCESS_CHANNELS, 3, {0, 2}}};

START_TEST(steps_by_key)
{
        effnet_preprocess *p;
        int64_t value;
        double factor;

        ck_ok(effnet_preprocess_create(&p));
        for (size_t i = 0; i < sizeof(ints) / sizeof(ints[0]); i++) {
                int32_t key = ints[i].key;

                for (int j = 0; j < 2; j++) {
                        ck_fails(effnet_preprocess_set_int(p, key,
                                                           ints[i].wrong[j]),
                                 EFFNET_ERROR_ARGUMENT);
                        ck_message("expected");
                }
                ck_ok(effnet_preprocess_get_int(p, key, &value));
                ck_assert_int_eq(value, ints[i].initial);
                ck_ok(effnet_preprocess_set_int(p, key, 1));
                ck_ok(effnet_preprocess_get_int(p, key, &value));
                ck_assert_int_eq(value, 1);
        }
        ck_ok(effnet_preprocess_get_double(p, EFFNET_PREPROCESS_RESCALE_FACTOR,
                                           &factor));
        ck_assert(factor == 1.0 / 255);
        ck_ok(effnet_preprocess_set_double(p, EFFNET_PREPROCESS_RESCALE_FACTOR,
                                           -2.5));
        ck_ok(effnet_preprocess_get_double(p, EFFNET_PREPROCESS_RESCALE_FACTOR,
                                           &factor));
        ck_assert(factor == -2.5);
        effnet_preprocess_free(p);
}
END_TEST

START_TEST(keys_are_checked)
{
        static const double wrong[] = {NAN, INFINITY, -INFINITY, 2e30};
        static const int32_t others[] = {0, -1, 8,
                                         EFFNET_PREPROCESS_RESCALE_FACTOR};
        effnet_preprocess *p;
        int64_t value = 9;
        double real = 9;

        ck_ok(effnet_preprocess_create(&p));
        for (int i = 0; i < 4; i++) {
                ck_fails(effnet_preprocess_set_double(
                                 p, EFFNET_PREPROCESS_RESCALE_FACTOR, wrong[i]),
                         EFFNET_ERROR_ARGUMENT);
                ck_message("rescale factor");
                ck_fails(effnet_preprocess_set_int(p, others[i], 1),
                         EFFNET_ERROR_ARGUMENT);
                ck_message("no int step has key");
                ck_fails(effnet_preprocess_get_int(p, others[i], &value),
                         EFFNET_ERROR_ARGUMENT);
                ck_assert_int_eq(value, 0);
        }
        ck_fails(effnet_preprocess_set_double(p, EFFNET_PREPROCESS_RESCALE, 1),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("no double step has key 2");
        ck_fails(effnet_preprocess_get_double(p, 1, &real),
                 EFFNET_ERROR_ARGUMENT);
        ck_assert(real == 0);
        ck_ok(effnet_preprocess_get_double(p, 3, &real));
        ck_assert(real == 1.0 / 255);
        ck_fails(effnet_preprocess_set_int(NULL, 1, 1), EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_preprocess_get_int(NULL, 1, &value),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_preprocess_get_int(p, 1, NULL), EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_preprocess_set_double(NULL, 3, 1),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_preprocess_get_double(NULL, 3, &real),
                 EFFNET_ERROR_ARGUMENT);
        ck_fails(effnet_preprocess_get_double(p, 3, NULL),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("value is NULL");
        effnet_preprocess_free(p);
}
END_TEST

static Suite *
make_suite(void)
{
        Suite *suite = suite_create("image_arithmetic");
        TCase *arithmetic = tcase_create("arithmetic");

        tcase_add_test(arithmetic, results_are_transformers);
        tcase_add_test(arithmetic, one_channel_is_pillows_gray);
        tcase_add_test(arithmetic, gray_stays_and_goes_into_a_batch);
        tcase_add_test(arithmetic, steps_by_key);
        tcase_add_test(arithmetic, keys_are_checked);
        suite_add_tcase(suite, arithmetic);
        return suite;
}

int
main(void)
{
        return test_main(make_suite());
}
