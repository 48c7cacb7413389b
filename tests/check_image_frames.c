/* check_image_frames.c: frames against the formula in double, 16-bit and float
 * pictures against stored results of Pillow, regions against copies, and the
 * errors of their functions.
 */
#include "image/image.h"
#include "pictures.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The formula of effnet.h, unrounded, clipped. */
static void
exact_rgb(int matrix, int range, const int yuv[3], double rgb[3])
{
        double kr = matrix == 0 ? 0.299 : 0.2126;
        double kb = matrix == 0 ? 0.114 : 0.0722, kg = 1 - kr - kb;
        double y = range == 0 ? (yuv[0] - 16) / 219.0 : yuv[0] / 255.0;
        double b = (yuv[1] - 128) / (range == 0 ? 224.0 : 255.0);
        double r = (yuv[2] - 128) / (range == 0 ? 224.0 : 255.0);

        rgb[0] = 255 * (y + 2 * (1 - kr) * r);
        rgb[1] = 255 *
                 (y - 2 * (1 - kb) * kb / kg * b - 2 * (1 - kr) * kr / kg * r);
        rgb[2] = 255 * (y + 2 * (1 - kb) * b);
        for (int i = 0; i < 3; i++)
                rgb[i] = fmin(fmax(rgb[i], 0), 255);
}

/* Every luma with one chroma; the largest difference to the formula. */
static double
worst_of_row(int matrix, int range, int cb, int cr)
{
        uint8_t luma[256], us[128], vs[128], rgb[768];
        double exact[3], worst = 0;
        effnet_image *image;

        for (int i = 0; i < 256; i++)
                luma[i] = (uint8_t)i;
        memset(us, cb, sizeof(us));
        memset(vs, cr, sizeof(vs));
        ck_ok(effnet_image_wrap_planes(&image, EFFNET_PIXEL_I420, 256, 1,
                                       (const void *const[]){luma, us, vs},
                                       (int64_t[]){256, 128, 128}, NULL, NULL));
        ck_ok(effnet_image_set_colour(image, matrix, range));
        en_image_row_rgb(image, 0, 0, 256, rgb);
        for (int i = 0; i < 256; i++) {
                exact_rgb(matrix, range, (int[]){i, cb, cr}, exact);
                for (int j = 0; j < 3; j++)
                        worst = fmax(worst, fabs(rgb[3 * i + j] - exact[j]));
        }
        effnet_image_free(image);
        return worst;
}

/* Every fifth chroma, and both ends. */
START_TEST(frames_follow_the_formula)
{
        double worst = 0;

        for (int cb = 0; cb < 256; cb += 5)
                for (int cr = 0; cr < 256; cr += 5)
                        worst = fmax(worst,
                                     worst_of_row(_i / 2, _i % 2, cb, cr));
        printf("matrix %d range %d: within %.4f of the formula\n", _i / 2,
               _i % 2, worst);
        ck_assert(worst < 0.52);
}
END_TEST

#define WIDE 7
#define HIGH 5

/* Random samples of a frame, chroma of four columns and three rows. */
typedef struct frame {
        uint8_t luma[HIGH][WIDE], chroma[2][3][4];
} frame;

static frame
random_frame(void)
{
        uint8_t *bytes = test_picture(30, 1, 77, 0);
        frame f;

        memcpy(f.luma, bytes, sizeof(f.luma));
        memcpy(f.chroma, bytes + sizeof(f.luma), sizeof(f.chroma));
        free(bytes);
        return f;
}

/* What is wrapped: `gap` bytes between the rows, bottom up if `flipped`; each
 * plane's memory is of its exact size.
 */
typedef struct planes {
        uint8_t *memory[3];
        const void *top[3];
        int64_t strides[3];
} planes;

static uint8_t *
plane_row(planes *p, int plane, int y)
{
        ptrdiff_t at = (const uint8_t *)p->top[plane] - p->memory[plane];

        return p->memory[plane] + at + y * p->strides[plane];
}

static void
make_plane(planes *p, int plane, int row, int rows, int gap, bool flipped)
{
        size_t size = (size_t)(rows * row + (rows - 1) * gap);

        p->memory[plane] = malloc(size);
        memset(p->memory[plane], 99, size);
        p->strides[plane] = flipped ? -(row + gap) : row + gap;
        p->top[plane] = p->memory[plane] +
                        (flipped ? (rows - 1) * (row + gap) : 0);
}

static void
fill_yuyv(planes *p, const frame *f, int gap, bool flipped)
{
        make_plane(p, 0, 16, HIGH, gap, flipped);
        for (int y = 0; y < HIGH; y++) {
                uint8_t *row = plane_row(p, 0, y);

                for (int x = 0; x < WIDE; x++) {
                        row[2 * x] = f->luma[y][x];
                        row[4 * (x / 2) + 1] = f->chroma[0][y / 2][x / 2];
                        row[4 * (x / 2) + 3] = f->chroma[1][y / 2][x / 2];
                }
        }
}

static void
fill_planar(planes *p, const frame *f, int format, int gap, bool flipped)
{
        bool pairs = format == EFFNET_PIXEL_NV12;

        make_plane(p, 0, WIDE, HIGH, gap, flipped);
        make_plane(p, 1, pairs ? 8 : 4, 3, gap, flipped);
        if (!pairs)
                make_plane(p, 2, 4, 3, gap, flipped);
        for (int y = 0; y < HIGH; y++)
                memcpy(plane_row(p, 0, y), f->luma[y], WIDE);
        for (int y = 0; y < 3; y++)
                for (int x = 0; x < 4; x++) {
                        if (pairs) {
                                plane_row(p, 1, y)[2 * x] = f->chroma[0][y][x];
                                plane_row(p, 1,
                                          y)[2 * x + 1] = f->chroma[1][y][x];
                        } else {
                                plane_row(p, 1, y)[x] = f->chroma[0][y][x];
                                plane_row(p, 2, y)[x] = f->chroma[1][y][x];
                        }
                }
}

static effnet_image *
wrap_frame(planes *p, const frame *f, int format, int gap, bool flipped)
{
        effnet_image *image;

        memset(p, 0, sizeof(*p));
        if (format == EFFNET_PIXEL_YUYV)
                fill_yuyv(p, f, gap, flipped);
        else
                fill_planar(p, f, format, gap, flipped);
        ck_ok(effnet_image_wrap_planes(&image, format, WIDE, HIGH, p->top,
                                       p->strides, NULL, NULL));
        ck_ok(effnet_image_set_colour(image, EFFNET_MATRIX_BT709,
                                      EFFNET_RANGE_FULL));
        return image;
}

static void
check_frame(const effnet_image *image, const frame *f, int left, int top)
{
        effnet_image *rgb;
        const uint8_t *pixel;
        double exact[3];

        ck_ok(effnet_image_resize(&rgb, image, effnet_image_width(image),
                                  effnet_image_height(image), 0));
        pixel = effnet_image_pixels(rgb);
        for (int y = top; y < top + effnet_image_height(image); y++)
                for (int x = left; x < left + effnet_image_width(image); x++) {
                        const int yuv[3] = {f->luma[y][x],
                                            f->chroma[0][y / 2][x / 2],
                                            f->chroma[1][y / 2][x / 2]};

                        exact_rgb(1, 1, yuv, exact);
                        for (int i = 0; i < 3; i++)
                                ck_assert(fabs(*pixel++ - exact[i]) < 0.52);
                }
        effnet_image_free(rgb);
}

START_TEST(odd_frames_strides_and_regions)
{
        static const int gaps[] = {0, 3};
        const frame f = random_frame();
        int format = EFFNET_PIXEL_NV12 + _i;
        planes p;

        for (int i = 0; i < 4; i++) {
                effnet_image *image = wrap_frame(&p, &f, format, gaps[i / 2],
                                                 i % 2 == 1);

                check_frame(image, &f, 0, 0);
                ck_ok(effnet_image_set_region(image, 1, 3, 6, 2));
                check_frame(image, &f, 1, 3);
                ck_ok(effnet_image_set_region(image, 2, 1, 3, 3));
                check_frame(image, &f, 2, 1);
                ck_ok(effnet_image_set_region(image, 6, 4, 1, 1));
                check_frame(image, &f, 6, 4);
                ck_ok(effnet_image_set_region(image, 0, 0, WIDE, HIGH));
                check_frame(image, &f, 0, 0);
                effnet_image_free(image);
                for (int j = 0; j < 3; j++)
                        free(p.memory[j]);
        }
}
END_TEST

/* A tensor of the steps of B0 made small; its hash. */
static void
small_hash(const effnet_image *image, int filter, char hash[HASH_SIZE])
{
        effnet_preprocess *steps;
        effnet_tensor *tensor;

        ck_ok(effnet_preprocess_create(&steps));
        ck_ok(effnet_preprocess_set_resize(steps, 6, 0));
        ck_ok(effnet_preprocess_set_crop(steps, 5, 8));
        ck_ok(effnet_preprocess_set_filter(steps, filter));
        ck_ok(effnet_preprocess_apply(steps, image, &tensor));
        test_hash(effnet_tensor_const_data(tensor),
                  (size_t)effnet_tensor_count(tensor) * sizeof(float), hash);
        effnet_tensor_free(tensor);
        effnet_preprocess_free(steps);
}

/* A region of each packed format is as the same pixels alone. */
START_TEST(a_region_is_as_a_copy)
{
        static const int32_t formats[] = {1, 2, 3, 4, 5, 9, 10, 11, 12};
        const int32_t format = formats[_i], size = en_pixel_size(format);
        const int32_t width = 11, height = 9;
        uint8_t *bytes = test_picture(4 * width, height, 5, 0);
        uint8_t *part = malloc((size_t)(size * 5 * 4));
        effnet_image *whole, *alone;
        char hashes[2][HASH_SIZE];

        ck_ok(effnet_image_wrap(&whole, format, width, height, bytes,
                                size * width, NULL, NULL));
        for (int y = 0; y < 4; y++)
                memcpy(part + y * 5 * size,
                       bytes + ((y + 3) * width + 2) * size,
                       (size_t)(5 * size));
        ck_ok(effnet_image_wrap(&alone, format, 5, 4, part, size * 5, NULL,
                                NULL));
        ck_ok(effnet_image_set_region(whole, 1, 1, 3, 2));
        ck_ok(effnet_image_set_region(whole, 2, 3, 5, 4));
        ck_assert_int_eq(effnet_image_width(whole), 5);
        ck_assert_int_eq(effnet_image_height(whole), 4);
        ck_assert_ptr_eq(effnet_image_pixels(whole),
                         bytes + (3 * width + 2) * size);
        for (int filter = 0; filter < 3; filter++) {
                small_hash(whole, filter, hashes[0]);
                small_hash(alone, filter, hashes[1]);
                ck_assert_str_eq(hashes[0], hashes[1]);
        }
        effnet_image_free(whole);
        effnet_image_free(alone);
        free(bytes);
        free(part);
}
END_TEST

/* As tests/oracle/make_real.py has it.  One byte too far, since any address
 * will do.
 */
static uint8_t *
real_values(int width, int height, int seed, int format)
{
        uint8_t *bytes = test_picture(2 * width, height, (uint64_t)seed, 0);
        size_t count = (size_t)(3 * width * height);
        size_t size = format >= EFFNET_PIXEL_GRAYF32 ? 4 : 2;
        uint8_t *values = malloc(count * size + 1);

        for (size_t i = 0; i < count; i++) {
                uint16_t v = (uint16_t)(bytes[2 * i] << 8 | bytes[2 * i + 1]);
                float real = (float)v * 0.37F;

                real = real - 5000.0F;
                memcpy(values + 1 + i * size,
                       size == 4 ? (const void *)&real : (const void *)&v,
                       size);
        }
        free(bytes);
        return values;
}

typedef struct real_sample {
        int image[2], seed, format, resize[2], crop[2], filter, channels;
        char hash[HASH_SIZE];
} real_sample;

static bool
next_real(FILE *table, real_sample *s)
{
        return fscanf(table, "%d %d %d %d %d %d %d %d %d %d %64s", &s->image[0],
                      &s->image[1], &s->seed, &s->format, &s->resize[0],
                      &s->resize[1], &s->crop[0], &s->crop[1], &s->filter,
                      &s->channels, s->hash) == 11;
}

static effnet_preprocess *
real_steps(const real_sample *s)
{
        static const float mean[3] = {0.4F, 0.1F, 0.2F};
        static const float std[3] = {0.3F, 0.7F, 0.9F};
        effnet_preprocess *p;

        ck_ok(effnet_preprocess_create(&p));
        ck_ok(effnet_preprocess_set_resize(p, s->resize[0], s->resize[1]));
        ck_ok(effnet_preprocess_set_crop(p, s->crop[0], s->crop[1]));
        ck_ok(effnet_preprocess_set_filter(p, s->filter));
        ck_ok(effnet_preprocess_set_mean(p, mean));
        ck_ok(effnet_preprocess_set_std(p, std));
        ck_ok(effnet_preprocess_set_int(p, EFFNET_PREPROCESS_CHANNELS,
                                        s->channels));
        return p;
}

static void
check_real(const real_sample *s, int line)
{
        uint8_t *values = real_values(s->image[0], s->image[1], s->seed,
                                      s->format);
        effnet_preprocess *p = real_steps(s);
        effnet_tensor *tensor;
        effnet_image *image;
        char hash[HASH_SIZE];

        ck_ok(effnet_image_wrap(
                &image, s->format, s->image[0], s->image[1], values + 1,
                (int64_t)s->image[0] * en_pixel_size(s->format), NULL, NULL));
        if (s->format >= EFFNET_PIXEL_GRAYF32)
                ck_ok(effnet_image_set_scaling(image, 0.001, 0.25));
        ck_ok(effnet_preprocess_apply(p, image, &tensor));
        test_hash(effnet_tensor_const_data(tensor),
                  (size_t)effnet_tensor_count(tensor) * sizeof(float), hash);
        ck_assert_msg(strcmp(hash, s->hash) == 0, "line %d: not Pillow's",
                      line);
        effnet_tensor_free(tensor);
        effnet_image_free(image);
        effnet_preprocess_free(p);
        free(values);
}

START_TEST(real_pictures_are_pillows)
{
        FILE *table = test_table("image/real.txt");
        real_sample s;
        int line = 0;

        while (next_real(table, &s))
                check_real(&s, ++line);
        fclose(table);
        ck_assert_int_eq(line, 64);
}
END_TEST

/* Values that are no numbers, and what surrounds a small picture. */
START_TEST(nan_passes_and_the_border_is_the_mean)
{
        const float values[3] = {NAN, INFINITY, 0.5F};
        const real_sample s = {
                .resize = {1, 3}, .crop = {1, 5}, .filter = 2, .channels = 3};
        effnet_preprocess *p = real_steps(&s);
        effnet_tensor *tensor;
        effnet_image *image;
        const float *found;

        ck_ok(effnet_image_wrap(&image, EFFNET_PIXEL_GRAYF32, 3, 1, values, 12,
                                NULL, NULL));
        ck_ok(effnet_preprocess_apply(p, image, &tensor));
        found = effnet_tensor_const_data(tensor);
        ck_assert(isnan(found[1]) && isinf(found[2]) && isinf(found[7]));
        ck_assert(found[3] == (0.5F - 0.4F) / 0.3F);
        ck_assert(found[0] == (0.0F - 0.4F) / 0.3F && found[0] == found[4]);
        effnet_tensor_free(tensor);
        ck_ok(effnet_preprocess_set_mode(p, EFFNET_MODE_BORDER));
        ck_ok(effnet_preprocess_apply(p, image, &tensor));
        found = effnet_tensor_const_data(tensor);
        ck_assert(found[0] == 0 && found[4] == 0 && isnan(found[1]));
        effnet_tensor_free(tensor);
        effnet_image_free(image);
        effnet_preprocess_free(p);
}
END_TEST

static void
refused(effnet_status status, effnet_status expected, const char *message)
{
        ck_fails(status, expected);
        ck_message(message);
}

static const struct {
        int32_t format, width, height, plane;
        int64_t stride;
} short_strides[] = {
        {EFFNET_PIXEL_NV12, 7, 5, 0, 6},
        {EFFNET_PIXEL_NV12, 7, 5, 1, -7},
        {EFFNET_PIXEL_I420, 7, 5, 1, 3},
        {EFFNET_PIXEL_I420, 7, 5, 2, -3},
        {EFFNET_PIXEL_YUYV, 7, 5, 0, 15},
        {EFFNET_PIXEL_I420, 7, 5, 2, INT64_MIN},
};

START_TEST(frames_check_their_arguments)
{
        static const uint8_t bytes[99];
        const void *top[3] = {bytes, bytes, bytes};
        int64_t strides[3] = {16, 16, 16};
        effnet_image *image = (effnet_image *)&image;

        refused(effnet_image_wrap_planes(NULL, 6, 1, 1, top, strides, NULL,
                                         NULL),
                EFFNET_ERROR_ARGUMENT, "image is NULL");
        refused(effnet_image_wrap_planes(&image, 6, 1, 1, NULL, strides, NULL,
                                         NULL),
                EFFNET_ERROR_ARGUMENT, "planes is NULL");
        ck_assert_ptr_null(image);
        refused(effnet_image_wrap_planes(&image, 6, 1, 1, top, NULL, NULL,
                                         NULL),
                EFFNET_ERROR_ARGUMENT, "strides is NULL");
        refused(effnet_image_wrap_planes(&image, 1, 1, 1, top, strides, NULL,
                                         NULL),
                EFFNET_ERROR_ARGUMENT, "EFFNET_PIXEL_NV12");
        refused(effnet_image_wrap_planes(&image, 6, 0, 1, top, strides, NULL,
                                         NULL),
                EFFNET_ERROR_ARGUMENT, "width");
        for (size_t i = 0; i < sizeof(short_strides) / sizeof(short_strides[0]);
             i++) {
                strides[short_strides[i].plane] = short_strides[i].stride;
                refused(effnet_image_wrap_planes(&image,
                                                 short_strides[i].format, 7, 5,
                                                 top, strides, NULL, NULL),
                        EFFNET_ERROR_ARGUMENT, "stride");
                ck_assert_ptr_null(image);
                strides[short_strides[i].plane] = 16;
        }
        top[2] = NULL;
        refused(effnet_image_wrap_planes(&image, EFFNET_PIXEL_I420, 7, 5, top,
                                         strides, NULL, NULL),
                EFFNET_ERROR_ARGUMENT, "planes[2] is NULL");
        ck_ok(effnet_image_wrap_planes(&image, EFFNET_PIXEL_NV12, 7, 5, top,
                                       strides, NULL, NULL));
        effnet_image_free(image);
}
END_TEST

static effnet_image *
tiny(int32_t format)
{
        static const uint8_t bytes[64];
        effnet_image *image;

        if (format == EFFNET_PIXEL_NV12)
                ck_ok(effnet_image_wrap_planes(
                        &image, format, 2, 2,
                        (const void *const[]){bytes, bytes, NULL},
                        (int64_t[]){2, 2, 0}, NULL, NULL));
        else
                ck_ok(effnet_image_wrap(&image, format, 2, 2, bytes, 24, NULL,
                                        NULL));
        return image;
}

START_TEST(setters_check_the_format_and_values)
{
        effnet_image *rgb = tiny(EFFNET_PIXEL_RGB), *out = rgb;
        effnet_image *yuv = tiny(EFFNET_PIXEL_NV12);
        effnet_image *real = tiny(EFFNET_PIXEL_RGBF32);
        effnet_image *alpha = tiny(EFFNET_PIXEL_RGBA);
        const effnet_status wrong = EFFNET_ERROR_ARGUMENT;

        refused(effnet_image_set_colour(NULL, 0, 0), wrong, "image is NULL");
        refused(effnet_image_set_colour(rgb, 0, 0), EFFNET_ERROR_STATE, "luma");
        refused(effnet_image_set_colour(yuv, 2, 0), wrong, "matrix");
        refused(effnet_image_set_colour(yuv, -1, 0), wrong, "matrix");
        refused(effnet_image_set_colour(yuv, 0, 2), wrong, "range");
        refused(effnet_image_set_scaling(NULL, 1, 0), wrong, "image is NULL");
        refused(effnet_image_set_scaling(rgb, 1, 0), EFFNET_ERROR_STATE,
                "scaling");
        refused(effnet_image_set_scaling(real, NAN, 0), wrong, "finite");
        refused(effnet_image_set_scaling(real, 1, INFINITY), wrong, "finite");
        refused(effnet_image_set_background(NULL, 0), wrong, "image is NULL");
        refused(effnet_image_set_background(rgb, 0), EFFNET_ERROR_STATE,
                "alpha");
        refused(effnet_image_set_background(alpha, -2), wrong, "background");
        refused(effnet_image_set_background(alpha, 0x1000000), wrong,
                "background");
        refused(effnet_image_resize(&out, real, 1, 1, 0), wrong, "8 bits");
        ck_assert_ptr_null(out);
        effnet_image_free(rgb);
        effnet_image_free(yuv);
        effnet_image_free(real);
        effnet_image_free(alpha);
}
END_TEST

START_TEST(regions_lie_inside)
{
        static const int32_t wrong[][4] = {
                {-1, 0, 1, 1}, {0, -1, 1, 1}, {0, 0, 0, 1},
                {0, 0, 1, 0},  {2, 0, 1, 1},  {1, 0, 2, 1},
                {0, 1, 1, 2},  {0, 0, 1, -1}, {INT32_MAX, 0, INT32_MAX, 1}};
        effnet_image *image = tiny(EFFNET_PIXEL_RGB);

        refused(effnet_image_set_region(NULL, 0, 0, 1, 1),
                EFFNET_ERROR_ARGUMENT, "image is NULL");
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                refused(effnet_image_set_region(image, wrong[i][0], wrong[i][1],
                                                wrong[i][2], wrong[i][3]),
                        EFFNET_ERROR_ARGUMENT, "region");
        ck_assert_int_eq(effnet_image_width(image), 2);
        effnet_image_free(image);
}
END_TEST

static Suite *
make_suite(void)
{
        Suite *suite = suite_create("image_frames");
        TCase *frames = tcase_create("frames");

        tcase_add_loop_test(frames, frames_follow_the_formula, 0, 4);
        tcase_add_loop_test(frames, odd_frames_strides_and_regions, 0, 3);
        tcase_add_loop_test(frames, a_region_is_as_a_copy, 0, 9);
        tcase_add_test(frames, real_pictures_are_pillows);
        tcase_add_test(frames, nan_passes_and_the_border_is_the_mean);
        tcase_add_test(frames, frames_check_their_arguments);
        tcase_add_test(frames, setters_check_the_format_and_values);
        tcase_add_test(frames, regions_lie_inside);
        suite_add_tcase(suite, frames);
        return suite;
}

int
main(void)
{
        return test_main(make_suite());
}
