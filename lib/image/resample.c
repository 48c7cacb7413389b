/* resample.c: Pillow's two-pass resampling of 8-bit pixels, bit for bit, for
 * the part of the result that is kept (ImagingResample and
 * ImagingScaleAffine of Pillow 13.0.0).
 */
#include "image/resample.h"

#include "base/alloc.h"
#include "base/status.h"
#include "image/picks.h"
#include "image/taps.h"
#include "kernels/kernels.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

/* The pass across takes strips of so many rows, turned so that the pixels of a
 * column lie together: it then sums rows of bytes, as the pass down does.
 */
#define STRIP_ROWS 32
/* Columns that are turned at a time, to stay in the first cache. */
#define TURNED 16

typedef struct job {
        const effnet_image *image;
        en_rect from;
        int32_t width, height; /* of the whole result */
        int32_t filter;
        en_rect keep;
        const en_kernels *kernels;
} job;

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

/* Output i from the inputs that begin at `rows`. */
static void
weigh(const job *j, const en_taps *weights, int32_t i, const uint8_t *rows,
      ptrdiff_t stride, size_t bytes, uint8_t *to)
{
        const en_weighing call = {.rows = rows + weights->start[i] * stride,
                                  .stride = stride,
                                  .count = weights->length[i],
                                  .weights = weights->weight +
                                             (size_t)i * (size_t)weights->taps,
                                  .bytes = bytes,
                                  .to = to};

        j->kernels->weigh(&call);
}

/* A strip of rows on its way through the pass across. */
typedef struct strip {
        int32_t columns;
        int32_t rows;
        uint8_t *pixels; /* rows x columns, where the image's own do not do */
        uint8_t *turned; /* columns x rows */
        uint8_t *sums;   /* one output of all rows */
} strip;

static effnet_status
strip_create(strip *s, int32_t columns, int32_t rows)
{
        size_t row = (size_t)columns * 3;

        s->columns = columns;
        s->rows = rows < STRIP_ROWS ? rows : STRIP_ROWS;
        s->pixels = en_alloc_array(row, (size_t)s->rows);
        s->turned = en_alloc_array(row, (size_t)s->rows);
        s->sums = en_alloc_array((size_t)s->rows, 3);
        return s->pixels == NULL || s->turned == NULL || s->sums == NULL
                       ? EFFNET_ERROR_MEMORY
                       : EFFNET_OK;
}

static void
strip_free(strip *s)
{
        en_free(s->pixels);
        en_free(s->turned);
        en_free(s->sums);
}

/* `count` pixels of a row, one to a record.  As 4 bytes they move faster, where
 * what that overwrites behind each is written later.
 */
static void
spread(const uint8_t *from, int32_t count, uint8_t *to, size_t record,
       bool exactly)
{
        for (int32_t x = 0; x < count; x++) {
                if (exactly)
                        memcpy(to, from, 3);
                else
                        memcpy(to, from, 4);
                from += 3;
                to += record;
        }
}

/* The last column has nothing behind it to read; behind the last row is the
 * first one of the next column, which is there already.
 */
static void
turn(const strip *s, const uint8_t *pixels, ptrdiff_t stride)
{
        const size_t record = (size_t)s->rows * 3;
        const int32_t last = s->columns - 1;

        for (int32_t x = 0; x < last; x += TURNED) {
                int32_t count = last - x < TURNED ? last - x : TURNED;
                const uint8_t *from = pixels + 3 * (ptrdiff_t)x;
                uint8_t *to = s->turned + (size_t)x * record;

                for (int32_t y = 0; y < s->rows - 1; y++)
                        spread(from + y * stride, count, to + 3 * (size_t)y,
                               record, false);
                spread(from + (s->rows - 1) * stride, count, to + record - 3,
                       record, true);
        }
        for (int32_t y = 0; y < s->rows; y++)
                memcpy(s->turned + (size_t)last * record + 3 * (size_t)y,
                       pixels + y * stride + 3 * (ptrdiff_t)last, 3);
}

/* The rows of the strip, from row y and column x of the image on. */
static void
read_strip(const strip *s, const effnet_image *image, int32_t x, int32_t y)
{
        const ptrdiff_t row = 3 * (ptrdiff_t)s->columns;

        if (en_image_is_rgb(image)) {
                turn(s,
                     image->pixels + y * (ptrdiff_t)image->stride +
                             3 * (ptrdiff_t)x,
                     (ptrdiff_t)image->stride);
                return;
        }
        for (int32_t i = 0; i < s->rows; i++)
                en_image_row_rgb(image, y + i, x, s->columns,
                                 s->pixels + i * row);
        turn(s, s->pixels, row);
}

/* Resamples the strip to columns of `out`, from row y on. */
static void
weigh_strip(const job *j, const strip *s, const en_taps *weights,
            effnet_image *out, int32_t y)
{
        const ptrdiff_t record = 3 * (ptrdiff_t)s->rows;
        /* Indexed from the start of the axis. */
        const uint8_t *turned = s->turned - en_taps_low(weights) * record;

        for (int32_t i = 0; i < weights->count; i++) {
                uint8_t *to = row_of(out, y) + 3 * (ptrdiff_t)i;

                weigh(j, weights, i, turned, record, (size_t)record, s->sums);
                for (int32_t k = 0; k < s->rows; k++) {
                        memcpy(to, s->sums + 3 * (size_t)k, 3);
                        to += out->stride;
                }
        }
}

/* Rows y ... y + rows - 1 of the image.  The axis begins at column x.  The last
 * strip begins early enough to be whole.
 */
static effnet_status
horizontal_pass(effnet_image **out, const job *j, const effnet_image *image,
                int32_t x, int32_t y, int32_t rows, const en_taps *weights)
{
        int32_t low = en_taps_low(weights);
        strip s;
        effnet_status status = strip_create(&s, en_taps_high(weights) - low,
                                            rows);

        *out = NULL;
        if (status == EFFNET_OK)
                status = en_image_create(out, weights->count, rows);
        for (int32_t i = 0; status == EFFNET_OK && i < rows; i += s.rows) {
                int32_t at = i + s.rows > rows ? rows - s.rows : i;

                read_strip(&s, image, x + low, y + at);
                weigh_strip(j, &s, weights, *out, at);
        }
        strip_free(&s);
        return status;
}

/* Columns x ... of an RGB image.  The axis begins at row y. */
static effnet_status
vertical_rgb(effnet_image **out, const job *j, const effnet_image *image,
             int32_t x, int32_t columns, int32_t y, const en_taps *weights)
{
        ptrdiff_t stride = (ptrdiff_t)image->stride;
        const uint8_t *first = image->pixels + 3 * (ptrdiff_t)x + y * stride;
        effnet_status status = en_image_create(out, columns, weights->count);

        for (int32_t i = 0; status == EFFNET_OK && i < weights->count; i++)
                weigh(j, weights, i, first, stride, (size_t)columns * 3,
                      row_of(*out, i));
        return status;
}

/* Every row is used for several outputs, so that other formats are converted
 * beforehand.
 */
static effnet_status
vertical_pass(effnet_image **out, const job *j, const effnet_image *image,
              int32_t x, int32_t columns, int32_t y, const en_taps *weights)
{
        int32_t low = en_taps_low(weights);
        en_rect part = {x, y + low, columns, en_taps_high(weights) - low};
        effnet_image *copy;
        effnet_status status;

        if (en_image_is_rgb(image))
                return vertical_rgb(out, j, image, x, columns, y, weights);
        *out = NULL;
        status = copy_part(&copy, image, part);
        if (status == EFFNET_OK)
                status = vertical_rgb(out, j, copy, 0, columns, -low, weights);
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
        effnet_status status = horizontal_pass(&half, j, j->image, j->from.x,
                                               j->from.y + low, rows, across);

        if (status == EFFNET_OK)
                status = vertical_pass(out, j, half, 0, j->keep.width, -low,
                                       down);
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
        effnet_status status = vertical_pass(
                &half, j, j->image, j->from.x + low, columns, j->from.y, down);

        if (status == EFFNET_OK)
                status = horizontal_pass(out, j, half, -low, 0, j->keep.height,
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
                status = horizontal_pass(out, j, j->image, j->from.x,
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
                status = vertical_pass(out, j, j->image, j->from.x + j->keep.x,
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
        const en_cpuid cpuid = en_cpuid_read();
        const job j = {image,
                       from,
                       width,
                       height,
                       filter,
                       keep,
                       en_kernels_for(EFFNET_ISA_BEST, &cpuid)};

        *resized = NULL;
        if (!inside(from, image->width, image->height) ||
            !inside(keep, width, height))
                return en_fail(EFFNET_ERROR_INTERNAL,
                               "resample: a part lies outside its image");
        return run(resized, &j);
}
