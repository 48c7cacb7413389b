/* check_image_preprocess.c: tensors against stored results of torchvision,
 * and the errors of the image and preprocessing functions.
 */
#include "image/preprocess.h"
#include "memory.h"
#include "pictures.h"
#include "support.h"

#include <fenv.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct norm {
        const char *name;
        float mean[3], std[3];
} norm;

static const norm norms[] = {
        {"imagenet", {0.485F, 0.456F, 0.406F}, {0.229F, 0.224F, 0.225F}},
        {"half", {0.5F, 0.5F, 0.5F}, {0.5F, 0.5F, 0.5F}},
        {"lite",
         {127.0F / 255, 127.0F / 255, 127.0F / 255},
         {128.0F / 255, 128.0F / 255, 128.0F / 255}},
        {"odd", {0.1F, 0.0F, -0.3F}, {1.7F, -0.25F, 0.001F}},
};

/* The sides in the order of the table: height, width; of the image: width,
 * height.
 */
typedef struct sample {
        int image[2], seed, mode, resize[2], crop[2], filter;
        char norm[16];
        int size[2];
        char hash[HASH_SIZE];
} sample;

static bool
next_sample(FILE *table, sample *s)
{
        return fscanf(table, "%d %d %d %d %d %d %d %d %d %15s %d %d %64s",
                      &s->image[0], &s->image[1], &s->seed, &s->mode,
                      &s->resize[0], &s->resize[1], &s->crop[0], &s->crop[1],
                      &s->filter, s->norm, &s->size[0], &s->size[1],
                      s->hash) == 13;
}

static const norm *
norm_named(const char *name)
{
        for (size_t i = 0; i < sizeof(norms) / sizeof(norms[0]); i++) {
                if (strcmp(norms[i].name, name) == 0)
                        return &norms[i];
        }
        ck_abort_msg("no norm %s", name);
}

static effnet_preprocess *
steps_of(const sample *s)
{
        const norm *n = norm_named(s->norm);
        effnet_preprocess *steps;

        ck_ok(effnet_preprocess_create(&steps));
        ck_ok(effnet_preprocess_set_mode(steps, s->mode));
        ck_ok(effnet_preprocess_set_resize(steps, s->resize[0], s->resize[1]));
        ck_ok(effnet_preprocess_set_crop(steps, s->crop[0], s->crop[1]));
        ck_ok(effnet_preprocess_set_filter(steps, s->filter));
        ck_ok(effnet_preprocess_set_mean(steps, n->mean));
        ck_ok(effnet_preprocess_set_std(steps, n->std));
        return steps;
}

static effnet_image *
wrap(int32_t width, int32_t height, const uint8_t *pixels)
{
        effnet_image *image;

        ck_ok(effnet_image_wrap(&image, EFFNET_PIXEL_RGB, width, height, pixels,
                                3 * (int64_t)width, NULL, NULL));
        return image;
}

static void
tensor_hash(const effnet_tensor *tensor, char hash[HASH_SIZE])
{
        test_hash(effnet_tensor_const_data(tensor),
                  (size_t)effnet_tensor_count(tensor) * sizeof(float), hash);
}

static void
check_sample(const sample *s)
{
        uint8_t *pixels = test_picture(s->image[0], s->image[1],
                                       (uint64_t)s->seed, 0);
        effnet_image *image = wrap(s->image[0], s->image[1], pixels);
        effnet_preprocess *steps = steps_of(s);
        effnet_tensor *tensor;
        char hash[HASH_SIZE];

        ck_ok(effnet_preprocess_apply(steps, image, &tensor));
        ck_assert_int_eq(effnet_tensor_rank(tensor), 4);
        ck_assert_int_eq(effnet_tensor_type(tensor), EFFNET_TYPE_F32);
        ck_assert_int_eq(effnet_tensor_dimension(tensor, 0), 1);
        ck_assert_int_eq(effnet_tensor_dimension(tensor, 1), 3);
        ck_assert_int_eq(effnet_tensor_dimension(tensor, 2), s->size[0]);
        ck_assert_int_eq(effnet_tensor_dimension(tensor, 3), s->size[1]);
        tensor_hash(tensor, hash);
        ck_assert_msg(strcmp(hash, s->hash) == 0,
                      "%dx%d seed %d mode %d resize %d,%d crop %d,%d filter %d "
                      "%s: not torchvision's",
                      s->image[0], s->image[1], s->seed, s->mode, s->resize[0],
                      s->resize[1], s->crop[0], s->crop[1], s->filter, s->norm);
        effnet_tensor_free(tensor);
        effnet_preprocess_free(steps);
        effnet_image_free(image);
        free(pixels);
}

static int
check_table(const char *name)
{
        FILE *table = test_table(name);
        sample s;
        int samples = 0;

        for (; next_sample(table, &s); samples++)
                check_sample(&s);
        fclose(table);
        return samples;
}

START_TEST(results_are_torchvisions)
{
        ck_assert_int_ge(check_table("image/preprocess.txt"), 100);
}
END_TEST

START_TEST(squash_and_border_are_timms)
{
        ck_assert_int_ge(check_table("image/modes.txt"), 70);
}
END_TEST

static bool
equals(const effnet_preprocess *steps, const effnet_image *image,
       const char *expected)
{
        effnet_tensor *tensor;
        char hash[HASH_SIZE];

        ck_ok(effnet_preprocess_apply(steps, image, &tensor));
        tensor_hash(tensor, hash);
        effnet_tensor_free(tensor);
        return strcmp(hash, expected) == 0;
}

START_TEST(photographs_are_torchvisions)
{
        static const sample b0 = {.mode = EFFNET_MODE_CENTRE,
                                  .resize = {256, 0},
                                  .crop = {224, 224},
                                  .filter = EFFNET_FILTER_BICUBIC,
                                  .norm = "imagenet"};
        static const sample lite0 = {.mode = EFFNET_MODE_CROP_FIRST,
                                     .crop = {224, 224},
                                     .filter = EFFNET_FILTER_BICUBIC,
                                     .norm = "lite"};
        effnet_preprocess *first = steps_of(&b0), *second = steps_of(&lite0);
        FILE *table = test_table("image/shared_tensors.txt");
        bool built = test_format_built(".JPEG");
        bool run = built && test_shared("data/photos") != NULL;
        char path[160], hashes[2][HASH_SIZE];
        int count = 0;

        while (run && fscanf(table, "%159s %64s %64s", path, hashes[0],
                             hashes[1]) == 3) {
                effnet_image *image;

                ck_ok(effnet_image_read_file(&image, test_shared(path), NULL));
                ck_assert_msg(equals(first, image, hashes[0]) &&
                                      equals(second, image, hashes[1]),
                              "%s: not torchvision's", path);
                effnet_image_free(image);
                count++;
        }
        fclose(table);
        if (!built)
                test_skipped("photographs", "built without JPEG support");
        if (run)
                printf("%d photographs equal torchvision in every bit\n",
                       count);
        ck_assert(!run || count == 100);
        effnet_preprocess_free(first);
        effnet_preprocess_free(second);
}
END_TEST

START_TEST(the_default_is_torchvisions_b0)
{
        effnet_preprocess *steps, *copy;
        float mean[3], std[3];
        int32_t height, width;

        ck_ok(effnet_preprocess_create(&steps));
        ck_ok(effnet_preprocess_copy(&copy, steps));
        effnet_preprocess_free(steps);
        ck_assert_int_eq(effnet_preprocess_mode(copy), EFFNET_MODE_CENTRE);
        ck_assert_int_eq(effnet_preprocess_filter(copy), EFFNET_FILTER_BICUBIC);
        ck_ok(effnet_preprocess_get_resize(copy, &height, &width));
        ck_assert(height == 256 && width == 0);
        ck_ok(effnet_preprocess_get_crop(copy, &height, &width));
        ck_assert(height == 224 && width == 224);
        ck_ok(effnet_preprocess_get_mean_std(copy, mean, std));
        ck_assert_mem_eq(mean, norms[0].mean, sizeof(mean));
        ck_assert_mem_eq(std, norms[0].std, sizeof(std));
        ck_ok(effnet_preprocess_get_resize(copy, NULL, NULL));
        ck_ok(effnet_preprocess_get_crop(copy, NULL, NULL));
        ck_ok(effnet_preprocess_get_mean_std(copy, NULL, NULL));
        effnet_preprocess_free(copy);
        effnet_preprocess_free(NULL);
}
END_TEST

START_TEST(a_config_brings_its_steps)
{
        effnet_preprocess *steps;
        effnet_config *config;
        int32_t height, width;

        ck_ok(effnet_config_create(&config, "efficientnet-lite0"));
        ck_ok(effnet_preprocess_create_for(&steps, config));
        ck_assert_int_eq(effnet_preprocess_mode(steps), EFFNET_MODE_CROP_FIRST);
        ck_ok(effnet_preprocess_get_crop(steps, &height, &width));
        ck_assert(height == 224 && width == 224);
        effnet_preprocess_free(steps);
        effnet_config_free(config);
}
END_TEST

static void
check_refused(effnet_status status, const char *message)
{
        ck_fails(status, EFFNET_ERROR_ARGUMENT);
        ck_message(message);
}

START_TEST(setters_check_their_values)
{
        static const int32_t bad_resizes[][2] = {
                {-1, 0}, {0, 5}, {0, -1}, {16385, 0}, {5, 16385}, {5, -1}};
        static const int32_t bad_crops[][2] = {{-1, -1},   {0, 5},     {5, 0},
                                               {16385, 5}, {5, 16385}, {5, -1}};
        static const float bad[][3] = {
                {NAN, 0, 0}, {0, INFINITY, 0}, {0, 0, -INFINITY}};
        static const float zero[3] = {1, 0, 1};
        static const float subnormal[3] = {1, 1, 1e-40F};
        static const float many[3] = {-3, 0, 1e30F};
        effnet_preprocess *p;
        int32_t height, width;
        float mean[3];

        ck_ok(effnet_preprocess_create(&p));
        check_refused(effnet_preprocess_set_mode(p, 0), "mode");
        check_refused(effnet_preprocess_set_mode(p, 5), "mode");
        check_refused(effnet_preprocess_set_filter(p, -1), "filter");
        check_refused(effnet_preprocess_set_filter(p, 3), "filter");
        for (int i = 0; i < 6; i++) {
                check_refused(effnet_preprocess_set_resize(p, bad_resizes[i][0],
                                                           bad_resizes[i][1]),
                              "resize");
                check_refused(effnet_preprocess_set_crop(p, bad_crops[i][0],
                                                         bad_crops[i][1]),
                              "crop");
        }
        for (int i = 0; i < 3; i++) {
                check_refused(effnet_preprocess_set_mean(p, bad[i]), "finite");
                check_refused(effnet_preprocess_set_std(p, bad[i]), "finite");
        }
        check_refused(effnet_preprocess_set_std(p, zero), "not 0");
        check_refused(effnet_preprocess_set_std(p, subnormal), "not 0");
        ck_ok(effnet_preprocess_get_resize(p, &height, &width));
        ck_assert(height == 256 && width == 0);
        ck_ok(effnet_preprocess_get_crop(p, &height, &width));
        ck_assert(height == 224 && width == 224);
        ck_ok(effnet_preprocess_set_mean(p, many));
        ck_ok(effnet_preprocess_get_mean_std(p, mean, NULL));
        ck_assert_mem_eq(mean, many, sizeof(many));
        ck_ok(effnet_preprocess_set_resize(p, 16384, 16384));
        ck_ok(effnet_preprocess_set_crop(p, 1, 16384));
        effnet_preprocess_free(p);
}
END_TEST

START_TEST(null_arguments_are_refused)
{
        const float three[3] = {1, 1, 1};
        float mean[3] = {1, 1, 1};
        int32_t a = 1, b = 1;
        effnet_preprocess *p;

        check_refused(effnet_preprocess_create(NULL), "preprocess is NULL");
        check_refused(effnet_preprocess_create_for(NULL, NULL), "preprocess");
        p = (effnet_preprocess *)&a;
        check_refused(effnet_preprocess_create_for(&p, NULL), "config is NULL");
        ck_assert_ptr_null(p);
        check_refused(effnet_preprocess_copy(NULL, NULL), "preprocess");
        p = (effnet_preprocess *)&a;
        check_refused(effnet_preprocess_copy(&p, NULL), "source is NULL");
        ck_assert_ptr_null(p);
        check_refused(effnet_preprocess_set_mode(NULL, 1), "is NULL");
        check_refused(effnet_preprocess_set_resize(NULL, 1, 1), "is NULL");
        check_refused(effnet_preprocess_set_crop(NULL, 1, 1), "is NULL");
        check_refused(effnet_preprocess_set_filter(NULL, 1), "is NULL");
        check_refused(effnet_preprocess_set_mean(NULL, three), "is NULL");
        check_refused(effnet_preprocess_set_std(NULL, three), "is NULL");
        ck_ok(effnet_preprocess_create(&p));
        check_refused(effnet_preprocess_set_mean(p, NULL), "mean is NULL");
        check_refused(effnet_preprocess_set_std(p, NULL), "std is NULL");
        effnet_preprocess_free(p);
        check_refused(effnet_preprocess_get_resize(NULL, &a, &b), "is NULL");
        ck_assert(a == 0 && b == 0);
        a = b = 1;
        check_refused(effnet_preprocess_get_crop(NULL, &a, &b), "is NULL");
        ck_assert(a == 0 && b == 0);
        check_refused(effnet_preprocess_get_mean_std(NULL, mean, NULL),
                      "is NULL");
        ck_assert(mean[0] == 0 && mean[1] == 0 && mean[2] == 0);
        ck_assert_int_eq(effnet_preprocess_mode(NULL), 0);
        ck_assert_int_eq(effnet_preprocess_filter(NULL), 0);
}
END_TEST

START_TEST(applying_checks_its_arguments)
{
        static const uint8_t pixels[3];
        effnet_image *image = wrap(1, 1, pixels);
        effnet_preprocess *steps;
        effnet_tensor *tensor;
        int32_t any;

        ck_ok(effnet_preprocess_create(&steps));
        check_refused(effnet_preprocess_apply(steps, image, NULL), "tensor");
        tensor = (effnet_tensor *)&any;
        check_refused(effnet_preprocess_apply(NULL, image, &tensor),
                      "preprocess is NULL");
        ck_assert_ptr_null(tensor);
        tensor = (effnet_tensor *)&any;
        check_refused(effnet_preprocess_apply(steps, NULL, &tensor),
                      "image is NULL");
        ck_assert_ptr_null(tensor);
        ck_ok(effnet_preprocess_apply(steps, image, &tensor));
        check_refused(effnet_preprocess_apply_into(NULL, image, tensor, 0),
                      "preprocess is NULL");
        check_refused(effnet_preprocess_apply_into(steps, NULL, tensor, 0),
                      "image is NULL");
        check_refused(effnet_preprocess_apply_into(steps, image, NULL, 0),
                      "tensor is NULL");
        check_refused(effnet_preprocess_apply_into(steps, image, tensor, -1),
                      "index");
        check_refused(effnet_preprocess_apply_into(steps, image, tensor, 1),
                      "index");
        effnet_tensor_free(tensor);
        effnet_preprocess_free(steps);
        effnet_image_free(image);
}
END_TEST

static effnet_tensor *
tensor_of(int32_t type, int32_t rank, const int64_t *shape)
{
        effnet_tensor *tensor;

        ck_ok(effnet_tensor_create(&tensor, type, rank, shape));
        return tensor;
}

#ifdef FE_UPWARD
/* The rounding mode by what it does, on whatever unit computes doubles. */
static bool
rounds_up(void)
{
        /* Volatile, lest the compiler divide before or after. */
        volatile double one = 1, three = 3, third = one / three;
        static const double nearest = 1.0 / 3;

        return third > nearest;
}

typedef struct outcome {
        effnet_tensor *tensor, *into;
        effnet_image *resized;
} outcome;

static outcome
all_results(const effnet_image *image)
{
        effnet_preprocess *steps;
        outcome o;

        ck_ok(effnet_preprocess_create(&steps));
        ck_ok(effnet_preprocess_apply(steps, image, &o.tensor));
        o.into = tensor_of(EFFNET_TYPE_F32, 4, (int64_t[]){1, 3, 224, 224});
        ck_ok(effnet_preprocess_apply_into(steps, image, o.into, 0));
        ck_ok(effnet_image_resize(&o.resized, image, 9 * 15, 7 * 10,
                                  EFFNET_FILTER_NEAREST));
        effnet_preprocess_free(steps);
        return o;
}

static void
compare_and_free(const outcome *a, const outcome *b)
{
        const size_t bytes = sizeof(float) * 3 * 224 * 224;

        ck_assert_mem_eq(effnet_tensor_const_data(a->tensor),
                         effnet_tensor_const_data(b->tensor), bytes);
        ck_assert_mem_eq(effnet_tensor_const_data(a->into),
                         effnet_tensor_const_data(b->into), bytes);
        ck_assert_mem_eq(effnet_image_pixels(a->resized),
                         effnet_image_pixels(b->resized),
                         (size_t)3 * 9 * 15 * 7 * 10);
        for (int i = 0; i < 2; i++) {
                const outcome *o = i == 0 ? a : b;

                effnet_tensor_free(o->tensor);
                effnet_tensor_free(o->into);
                effnet_image_free(o->resized);
        }
}

START_TEST(the_callers_rounding_is_not_used_and_kept)
{
        uint8_t *pixels = test_picture(30, 20, 7, 0);
        effnet_image *image = wrap(30, 20, pixels);
        outcome nearest = all_results(image), upward;
        bool kept;

        ck_assert_int_eq(fesetround(FE_UPWARD), 0);
        ck_assert(rounds_up());
        upward = all_results(image);
        kept = rounds_up();
        fesetround(FE_TONEAREST);
        ck_assert(kept);
        compare_and_free(&nearest, &upward);
        effnet_image_free(image);
        free(pixels);
}
END_TEST
#endif

START_TEST(a_batch_takes_each_picture_at_its_place)
{
        uint8_t *pixels = test_picture(30, 20, 5, 0);
        effnet_image *image = wrap(30, 20, pixels);
        effnet_preprocess *steps;
        effnet_tensor *one;
        effnet_tensor *batch = tensor_of(EFFNET_TYPE_F32, 4,
                                         (int64_t[]){3, 3, 12, 14});
        const size_t n = 3 * 12 * 14;
        float *values = effnet_tensor_data(batch);

        ck_ok(effnet_preprocess_create(&steps));
        ck_ok(effnet_preprocess_set_resize(steps, 15, 0));
        ck_ok(effnet_preprocess_set_crop(steps, 12, 14));
        ck_ok(effnet_preprocess_apply(steps, image, &one));
        for (size_t i = 0; i < 3 * n; i++)
                values[i] = 99;
        ck_ok(effnet_preprocess_apply_into(steps, image, batch, 1));
        ck_assert_mem_eq(values + n, effnet_tensor_data(one),
                         n * sizeof(float));
        for (size_t i = 0; i < n; i++)
                ck_assert(values[i] == 99 && values[2 * n + i] == 99);
        effnet_tensor_free(one);
        effnet_tensor_free(batch);
        effnet_preprocess_free(steps);
        effnet_image_free(image);
        free(pixels);
}
END_TEST

START_TEST(another_tensor_is_a_mismatch)
{
        static const struct {
                int32_t type, rank;
                int64_t shape[4];
        } wrong[] = {{EFFNET_TYPE_U8, 4, {1, 3, 224, 224}},
                     {EFFNET_TYPE_F32, 3, {3, 224, 224, 0}},
                     {EFFNET_TYPE_F32, 4, {1, 1, 224, 224}},
                     {EFFNET_TYPE_F32, 4, {1, 3, 223, 224}},
                     {EFFNET_TYPE_F32, 4, {1, 3, 224, 225}}};
        static const uint8_t pixels[3];
        effnet_image *image = wrap(1, 1, pixels);
        effnet_preprocess *steps;
        effnet_tensor *tensor;

        ck_ok(effnet_preprocess_create(&steps));
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                tensor = tensor_of(wrong[i].type, wrong[i].rank,
                                   wrong[i].shape);
                ck_fails(effnet_preprocess_apply_into(steps, image, tensor, 0),
                         EFFNET_ERROR_MISMATCH);
                ck_message("expected");
                effnet_tensor_free(tensor);
        }
        effnet_preprocess_free(steps);
        effnet_image_free(image);
}
END_TEST

START_TEST(steps_that_do_not_fit_are_refused)
{
        uint8_t *pixels = calloc(3, 1000000);
        effnet_image *tall = wrap(1, 1000000, pixels);
        effnet_tensor *tensor = (effnet_tensor *)&tensor;
        effnet_preprocess *p;

        ck_ok(effnet_preprocess_create(&p));
        ck_ok(effnet_preprocess_set_crop(p, 0, 0));
        ck_ok(effnet_preprocess_set_mode(p, EFFNET_MODE_CROP_FIRST));
        ck_fails(effnet_preprocess_apply(p, tall, &tensor),
                 EFFNET_ERROR_MISMATCH);
        ck_assert_ptr_null(tensor);
        ck_message("crop-first needs a crop");
        ck_ok(effnet_preprocess_set_mode(p, EFFNET_MODE_BORDER));
        ck_fails(effnet_preprocess_apply(p, tall, &tensor),
                 EFFNET_ERROR_MISMATCH);
        ck_assert_ptr_null(tensor);
        ck_message("border needs a crop");
        ck_ok(effnet_preprocess_set_mode(p, EFFNET_MODE_CENTRE));
        /* 256 x 256,000,000 */
        ck_fails(effnet_preprocess_apply(p, tall, &tensor), EFFNET_ERROR_LIMIT);
        ck_message("178956970");
        /* 16384 x 16,384,000,000 */
        ck_ok(effnet_preprocess_set_resize(p, 16384, 0));
        ck_fails(effnet_preprocess_apply(p, tall, &tensor), EFFNET_ERROR_LIMIT);
        ck_message("16384000000");
        /* With a crop only that much is made. */
        ck_ok(effnet_preprocess_set_resize(p, 256, 0));
        ck_ok(effnet_preprocess_set_crop(p, 224, 224));
        ck_ok(effnet_preprocess_apply(p, tall, &tensor));
        effnet_tensor_free(tensor);
        effnet_preprocess_free(p);
        effnet_image_free(tall);
        free(pixels);
}
END_TEST

static void
count_release(void *opaque)
{
        ++*(int *)opaque;
}

START_TEST(wrapping_keeps_pixels_and_releases_once)
{
        static const uint8_t pixels[64];
        effnet_image *image;
        int released = 0;

        ck_ok(effnet_image_wrap(&image, EFFNET_PIXEL_BGRA, 3, 4, pixels + 48,
                                -16, count_release, &released));
        ck_assert_ptr_eq(effnet_image_pixels(image), pixels + 48);
        ck_assert_int_eq(effnet_image_format(image), EFFNET_PIXEL_BGRA);
        ck_assert_int_eq(effnet_image_width(image), 3);
        ck_assert_int_eq(effnet_image_height(image), 4);
        ck_assert_int_eq(effnet_image_stride(image), -16);
        ck_assert_int_eq(released, 0);
        effnet_image_free(image);
        ck_assert_int_eq(released, 1);
        effnet_image_free(NULL);
        ck_assert_int_eq(effnet_image_format(NULL), 0);
        ck_assert_int_eq(effnet_image_width(NULL), 0);
        ck_assert_int_eq(effnet_image_height(NULL), 0);
        ck_assert_int_eq(effnet_image_stride(NULL), 0);
        ck_assert_ptr_null(effnet_image_pixels(NULL));
}
END_TEST

static const struct {
        int32_t format, width, height;
        int64_t stride;
        const char *message;
} wrong_images[] = {
        {0, 1, 1, 4, "format"},
        {EFFNET_PIXEL_NV12, 1, 1, 4, "effnet_image_wrap_planes"},
        {EFFNET_PIXEL_YUYV, 1, 1, 4, "effnet_image_wrap_planes"},
        {13, 1, 1, 4, "format"},
        {EFFNET_PIXEL_RGB16, 2, 1, 11, "stride"},
        {EFFNET_PIXEL_RGBF32, 2, 2, -23, "stride"},
        {EFFNET_PIXEL_GRAYF32, 2, 1, 7, "stride"},
        {-1, 1, 1, 4, "format"},
        {EFFNET_PIXEL_RGB, 0, 1, 4, "width"},
        {EFFNET_PIXEL_RGB, -1, 1, 4, "width"},
        {EFFNET_PIXEL_RGB, 1, 0, 4, "height"},
        {EFFNET_PIXEL_RGB, 1000001, 1, 4000000, "width"},
        {EFFNET_PIXEL_RGB, 1, 1000001, 4, "height"},
        {EFFNET_PIXEL_RGB, 2, 1, 5, "stride"},
        {EFFNET_PIXEL_RGB, 2, 1, -5, "stride"},
        {EFFNET_PIXEL_RGBA, 2, 2, 7, "stride"},
        {EFFNET_PIXEL_GRAY, 2, 1, 0, "stride"},
        {EFFNET_PIXEL_GRAY, 1, 2, INT64_MAX, "stride"},
        {EFFNET_PIXEL_GRAY, 1, 3, INT64_MIN, "stride"},
        {EFFNET_PIXEL_GRAY, 1, 1, INT64_MIN, "stride"},
        {EFFNET_PIXEL_GRAY, 1, 1000000, INT64_MAX / 999999, "stride"},
};

START_TEST(wrapping_checks_its_arguments)
{
        static const uint8_t pixels[64];
        effnet_image *image = (effnet_image *)&image;
        int released = 0;

        check_refused(effnet_image_wrap(&image, wrong_images[_i].format,
                                        wrong_images[_i].width,
                                        wrong_images[_i].height, pixels,
                                        wrong_images[_i].stride, count_release,
                                        &released),
                      wrong_images[_i].message);
        ck_assert_ptr_null(image);
        ck_assert_int_eq(released, 0);
        check_refused(effnet_image_wrap(NULL, 1, 1, 1, pixels, 3, NULL, NULL),
                      "image is NULL");
        image = (effnet_image *)&image;
        check_refused(effnet_image_wrap(&image, 1, 1, 1, NULL, 3, NULL, NULL),
                      "pixels is NULL");
        ck_assert_ptr_null(image);
}
END_TEST

START_TEST(resizing_checks_its_arguments)
{
        static const uint8_t pixels[3];
        static const int32_t wrong[][3] = {
                {0, 1, 1},     {1, 0, 1}, {-1, 1, 1}, {65537, 1, 1},
                {1, 65537, 1}, {1, 1, 3}, {1, 1, -1}};
        effnet_image *image = wrap(1, 1, pixels);
        effnet_image *resized;

        check_refused(effnet_image_resize(NULL, image, 1, 1, 1), "resized");
        resized = image;
        check_refused(effnet_image_resize(&resized, NULL, 1, 1, 1), "image");
        ck_assert_ptr_null(resized);
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                resized = image;
                check_refused(effnet_image_resize(&resized, image, wrong[i][0],
                                                  wrong[i][1], wrong[i][2]),
                              "expected");
                ck_assert_ptr_null(resized);
        }
        ck_ok(effnet_image_resize(&resized, image, 65536, 1, 2));
        effnet_image_free(resized);
        effnet_image_free(image);
}
END_TEST

START_TEST(memory_may_fail)
{
        uint8_t *pixels = test_picture(30, 20, 1, 0);
        effnet_image *image = wrap(30, 20, pixels);
        effnet_status status = EFFNET_ERROR_MEMORY;
        effnet_preprocess *steps;
        effnet_tensor *tensor;
        long n;

        ck_ok(effnet_preprocess_create(&steps));
        for (n = 0; n < 40; n++) {
                test_memory_fail(n, _i);
                status = effnet_preprocess_apply(steps, image, &tensor);
                test_memory_reset();
                if (status == EFFNET_OK)
                        break;
                ck_assert_int_eq(status, EFFNET_ERROR_MEMORY);
                ck_assert_ptr_null(tensor);
        }
        ck_assert_int_eq(status, EFFNET_OK);
        ck_assert_int_ge(n, 5);
        effnet_tensor_free(tensor);
        effnet_preprocess_free(steps);
        for (n = 0; n < 2; n++) {
                test_memory_fail(0, 0);
                status = n == 0 ? effnet_preprocess_create(&steps)
                                : effnet_image_wrap(&image, 1, 1, 1, pixels, 3,
                                                    NULL, NULL);
                test_memory_reset();
                ck_assert_int_eq(status, EFFNET_ERROR_MEMORY);
                ck_assert_ptr_null(n == 0 ? (void *)steps : (void *)image);
                if (n == 0)
                        effnet_image_free(image);
        }
        free(pixels);
}
END_TEST

static Suite *
make_suite(void)
{
        Suite *suite = suite_create("image_preprocess");
        TCase *results = tcase_create("results");
        TCase *errors = tcase_create("errors");
        int wrong = (int)(sizeof(wrong_images) / sizeof(wrong_images[0]));

        tcase_add_test(results, results_are_torchvisions);
        tcase_add_test(results, squash_and_border_are_timms);
        tcase_add_test(results, photographs_are_torchvisions);
        tcase_add_test(results, the_default_is_torchvisions_b0);
        tcase_add_test(results, a_config_brings_its_steps);
        tcase_add_test(results, a_batch_takes_each_picture_at_its_place);
        tcase_add_test(results, wrapping_keeps_pixels_and_releases_once);
#ifdef FE_UPWARD
        tcase_add_test(results, the_callers_rounding_is_not_used_and_kept);
#endif
        suite_add_tcase(suite, results);
        tcase_add_test(errors, setters_check_their_values);
        tcase_add_test(errors, null_arguments_are_refused);
        tcase_add_test(errors, applying_checks_its_arguments);
        tcase_add_test(errors, another_tensor_is_a_mismatch);
        tcase_add_test(errors, steps_that_do_not_fit_are_refused);
        tcase_add_loop_test(errors, wrapping_checks_its_arguments, 0, wrong);
        tcase_add_test(errors, resizing_checks_its_arguments);
        tcase_add_loop_test(errors, memory_may_fail, 0, 2);
        suite_add_tcase(suite, errors);
        return suite;
}

int
main(void)
{
        return test_main(make_suite());
}
