/* resample.c: Pillow's two-pass resampling of 8-bit pixels, bit for bit, for
 * the part of the result that is kept (ImagingResample and
 * ImagingScaleAffine of Pillow 13.0.0).
 */
#include "image/resample.h"

#include "base/alloc.h"
#include "base/status.h"
#include "image/picks.h"
#include "image/taps.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define ROUNDING (INT32_C(1) << (EN_WEIGHT_BITS - 1))
/* Samples that the vertical pass sums at a time, to stay in the cache. */
#define BLOCK 768

typedef struct job {
        const effnet_image *image;
        en_rect from;
        int32_t width, height; /* of the whole result */
        int32_t filter;
        en_rect keep;
} job;

static uint8_t
clip(int32_t sum)
{
        /* An arithmetic shift, as gcc and clang define it. */
        int32_t value = sum >> EN_WEIGHT_BITS;

        return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static uint8_t *
row_of(const effnet_image *image, int32_t y)
{
        return image->owned + (ptrdiff_t)y * image->stride;
}

/* A copy of a part as RGB. */
static effnet_status
copy_part(effnet_image **copy, const effnet_image *image, en_rect part)
{
        effnet_status status = en_image_create(copy, part.width, part.height);

        for (int32_t y = 0; status == EFFNET_OK && y < part.height; y++)
                en_image_row_rgb(image, part.y + y, part.x, part.width,
                                 row_of(*copy, y));
        return status;
}

static void
horizontal_row(const uint8_t *row, const en_taps *weights, uint8_t *out)
{
        for (int32_t i = 0; i < weights->count; i++) {
                const int32_t *weight = weights->weight +
                                        (size_t)i * (size_t)weights->taps;
                const uint8_t *pixel = row + 3 * (size_t)weights->start[i];
                int32_t red = ROUNDING, green = ROUNDING, blue = ROUNDING;

                for (int32_t j = 0; j < weights->length[i]; j++) {
                        red += pixel[0] * weight[j];
                        green += pixel[1] * weight[j];
                        blue += pixel[2] * weight[j];
                        pixel += 3;
                }
                *out++ = clip(red);
                *out++ = clip(green);
                *out++ = clip(blue);
        }
}

/* Rows y ... y + rows - 1 of the image.  The axis begins at column x. */
static effnet_status
horizontal_pass(effnet_image **out, const effnet_image *image, int32_t x,
                int32_t y, int32_t rows, const en_taps *weights)
{
        int32_t low = en_taps_low(weights);
        int32_t width = en_taps_high(weights) - low;
        /* Indexed from the start of the axis; only what is used is there. */
        uint8_t *buffer = en_alloc_array((size_t)(low + width), 3);
        effnet_status status;

        *out = NULL;
        if (buffer == NULL)
                return EFFNET_ERROR_MEMORY;
        status = en_image_create(out, weights->count, rows);
        for (int32_t i = 0; status == EFFNET_OK && i < rows; i++) {
                en_image_row_rgb(image, y + i, x + low, width,
                                 buffer + 3 * (size_t)low);
                horizontal_row(buffer, weights, row_of(*out, i));
        }
        en_free(buffer);
        return status;
}

/* `samples` samples of one row from the `length` rows from `first` on. */
static void
vertical_row(const uint8_t *first, ptrdiff_t stride, const int32_t *weight,
             int32_t length, size_t samples, uint8_t *out)
{
        int32_t sums[BLOCK];

        for (size_t begin = 0; begin < samples; begin += BLOCK) {
                size_t n = samples - begin < BLOCK ? samples - begin : BLOCK;
                const uint8_t *row = first + begin;

                for (size_t i = 0; i < n; i++)
                        sums[i] = ROUNDING;
                for (int32_t j = 0; j < length; j++) {
                        for (size_t i = 0; i < n; i++)
                                sums[i] += row[i] * weight[j];
                        row += stride;
                }
                for (size_t i = 0; i < n; i++)
                        out[begin + i] = clip(sums[i]);
        }
}

/* Columns x ... of an RGB image.  The axis begins at row y. */
static effnet_status
vertical_rgb(effnet_image **out, const effnet_image *image, int32_t x,
             int32_t columns, int32_t y, const en_taps *weights)
{
        const uint8_t *column = image->pixels + 3 * (ptrdiff_t)x;
        ptrdiff_t stride = (ptrdiff_t)image->stride;
        effnet_status status = en_image_create(out, columns, weights->count);

        for (int32_t i = 0; status == EFFNET_OK && i < weights->count; i++)
                vertical_row(column + (y + weights->start[i]) * stride, stride,
                             weights->weight +
                                     (size_t)i * (size_t)weights->taps,
                             weights->length[i], (size_t)columns * 3,
                             row_of(*out, i));
        return status;
}

/* Every row is used for several outputs, so that other formats are converted
 * beforehand.
 */
static effnet_status
vertical_pass(effnet_image **out, const effnet_image *image, int32_t x,
              int32_t columns, int32_t y, const en_taps *weights)
{
        int32_t low = en_taps_low(weights);
        en_rect part = {x, y + low, columns, en_taps_high(weights) - low};
        effnet_image *copy;
        effnet_status status;

        if (en_image_is_rgb(image))
                return vertical_rgb(out, image, x, columns, y, weights);
        *out = NULL;
        status = copy_part(&copy, image, part);
        if (status == EFFNET_OK)
                status = vertical_rgb(out, copy, 0, columns, -low, weights);
        en_image_free(copy);
        return status;
}

static effnet_status
horizontal_first(effnet_image **out, const job *j, const en_taps *across,
                 const en_taps *down)
{
        int32_t low = en_taps_low(down);
        int32_t rows = en_taps_high(down) - low;
        effnet_image *half;
        effnet_status status = horizontal_pass(&half, j->image, j->from.x,
                                               j->from.y + low, rows, across);

        if (status == EFFNET_OK)
                status = vertical_pass(out, half, 0, j->keep.width, -low, down);
        en_image_free(half);
        return status;
}

static effnet_status
vertical_first(effnet_image **out, const job *j, const en_taps *across,
               const en_taps *down)
{
        int32_t low = en_taps_low(across);
        int32_t columns = en_taps_high(across) - low;
        effnet_image *half;
        effnet_status status = vertical_pass(&half, j->image, j->from.x + low,
                                             columns, j->from.y, down);

        if (status == EFFNET_OK)
                status = horizontal_pass(out, half, -low, 0, j->keep.height,
                                         across);
        en_image_free(half);
        return status;
}

static effnet_status
weights_across(const job *j, en_taps *weights)
{
        return en_taps_make(weights, j->from.width, j->width, j->filter,
                            j->keep.x, j->keep.width);
}

static effnet_status
weights_down(const job *j, en_taps *weights)
{
        return en_taps_make(weights, j->from.height, j->height, j->filter,
                            j->keep.y, j->keep.height);
}

static effnet_status
across_only(effnet_image **out, const job *j)
{
        en_taps across;
        effnet_status status = weights_across(j, &across);

        if (status == EFFNET_OK)
                status = horizontal_pass(out, j->image, j->from.x,
                                         j->from.y + j->keep.y, j->keep.height,
                                         &across);
        en_taps_free(&across);
        return status;
}

static effnet_status
down_only(effnet_image **out, const job *j)
{
        en_taps down;
        effnet_status status = weights_down(j, &down);

        if (status == EFFNET_OK)
                status = vertical_pass(out, j->image, j->from.x + j->keep.x,
                                       j->keep.width, j->from.y, &down);
        en_taps_free(&down);
        return status;
}

bool
en_resample_down_first(int32_t width, int32_t height, int32_t to_width,
                       int32_t to_height)
{
        int64_t fewer_rows = (int64_t)height - to_height;
        int64_t fewer_columns = (int64_t)width - to_width;

        return fewer_rows > 0 && fewer_rows > 2 * fewer_columns;
}

static effnet_status
both(effnet_image **out, const job *j)
{
        bool down_first = en_resample_down_first(j->from.width, j->from.height,
                                                 j->width, j->height);
        en_taps across, down = {0};
        effnet_status status = weights_across(j, &across);

        if (status == EFFNET_OK)
                status = weights_down(j, &down);
        if (status == EFFNET_OK)
                status = down_first ? vertical_first(out, j, &across, &down)
                                    : horizontal_first(out, j, &across, &down);
        en_taps_free(&across);
        en_taps_free(&down);
        return status;
}

static void
pick_row(const uint8_t *row, const int32_t *columns, int32_t count,
         uint8_t *out)
{
        for (int32_t i = 0; i < count; i++)
                memcpy(out + 3 * (size_t)i, row + 3 * (size_t)columns[i], 3);
}

static effnet_status
nearest(effnet_image **out, const job *j)
{
        int32_t *columns = en_picks_make(j->from.width, j->width, j->keep.x,
                                         j->keep.width);
        int32_t *rows = en_picks_make(j->from.height, j->height, j->keep.y,
                                      j->keep.height);
        uint8_t *row = en_alloc_array((size_t)j->from.width, 3);
        effnet_status status = EFFNET_ERROR_MEMORY;

        if (columns != NULL && rows != NULL && row != NULL)
                status = en_image_create(out, j->keep.width, j->keep.height);
        for (int32_t y = 0; status == EFFNET_OK && y < j->keep.height; y++) {
                en_image_row_rgb(j->image, j->from.y + rows[y], j->from.x,
                                 j->from.width, row);
                pick_row(row, columns, j->keep.width, row_of(*out, y));
        }
        en_free(columns);
        en_free(rows);
        en_free(row);
        return status;
}

static effnet_status
run(effnet_image **out, const job *j)
{
        bool across = j->from.width != j->width;
        bool down = j->from.height != j->height;
        en_rect part = j->keep;

        if (!across && !down) {
                part.x += j->from.x;
                part.y += j->from.y;
                return copy_part(out, j->image, part);
        }
        if (j->filter == EFFNET_FILTER_NEAREST)
                return nearest(out, j);
        if (across && down)
                return both(out, j);
        return across ? across_only(out, j) : down_only(out, j);
}

effnet_status
en_filter_check(int32_t filter)
{
        if (filter == EFFNET_FILTER_NEAREST ||
            filter == EFFNET_FILTER_BILINEAR || filter == EFFNET_FILTER_BICUBIC)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_ARGUMENT,
                       "filter: expected EFFNET_FILTER_*, found %" PRId32,
                       filter);
}

static bool
inside(en_rect rect, int32_t width, int32_t height)
{
        return rect.x >= 0 && rect.y >= 0 && rect.width > 0 &&
               rect.height > 0 && rect.width <= width - rect.x &&
               rect.height <= height - rect.y;
}

effnet_status
en_resample(effnet_image **resized, const effnet_image *image, en_rect from,
            int32_t width, int32_t height, int32_t filter, en_rect keep)
{
        const job j = {image, from, width, height, filter, keep};

        *resized = NULL;
        if (!inside(from, image->width, image->height) ||
            !inside(keep, width, height))
                return en_fail(EFFNET_ERROR_INTERNAL,
                               "resample: a part lies outside its image");
        return run(resized, &j);
}
