/* resample_real.c: Pillow's two-pass resampling of 32-bit floats, bit for bit
 * (ImagingResampleHorizontal_32bpc and _Vertical_32bpc of Pillow 13.0.0):
 * sums in double with unrounded weights, rounded to float after each pass.
 */
#include "image/resample_real.h"

#include "base/alloc.h"
#include "image/picks.h"
#include "image/taps.h"

#include <string.h>

/* Values of a part of a picture, rows without gaps.  `left` and `top`: where
 * the part begins in the axes that the taps count in.
 */
typedef struct grid {
        int32_t left, top, width, height;
        float *values;
} grid;

static bool
grid_make(grid *g, int32_t left, int32_t top, int32_t width, int32_t height)
{
        *g = (grid){left, top, width, height, NULL};
        g->values = en_alloc_array((size_t)width * sizeof(float),
                                   (size_t)height);
        return g->values != NULL;
}

static float *
row_of(const grid *g, int32_t y)
{
        return g->values + (ptrdiff_t)(y - g->top) * g->width;
}

static bool
across_pass(grid *out, const grid *in, const en_taps *taps)
{
        if (!grid_make(out, 0, in->top, taps->count, in->height))
                return false;
        for (int32_t y = in->top; y < in->top + in->height; y++) {
                const float *row = row_of(in, y) - in->left;
                float *to = row_of(out, y);

                for (int32_t i = 0; i < taps->count; i++) {
                        const double *weight = taps->real +
                                               (size_t)i * (size_t)taps->taps;
                        double sum = 0.0;

                        for (int32_t j = 0; j < taps->length[i]; j++)
                                sum += (double)row[taps->start[i] + j] *
                                       weight[j];
                        to[i] = (float)sum;
                }
        }
        return true;
}

static float
column_sum(const grid *in, const double *weight, int32_t start, int32_t length,
           int32_t x)
{
        double sum = 0.0;

        for (int32_t j = 0; j < length; j++)
                sum += (double)row_of(in, start + j)[x] * weight[j];
        return (float)sum;
}

static bool
down_pass(grid *out, const grid *in, const en_taps *taps)
{
        if (!grid_make(out, in->left, 0, in->width, taps->count))
                return false;
        for (int32_t i = 0; i < taps->count; i++) {
                const double *weight = taps->real +
                                       (size_t)i * (size_t)taps->taps;

                for (int32_t x = 0; x < in->width; x++)
                        row_of(out, i)[x] = column_sum(
                                in, weight, taps->start[i], taps->length[i], x);
        }
        return true;
}

/* The values that `across` and `down` read, or that are kept where an axis
 * stays as it is.
 */
static bool
read_grid(grid *g, const effnet_image *image, int channel,
          const en_placement *plan, const en_taps *across, const en_taps *down)
{
        const en_rect *keep = &plan->keep;
        int32_t x = keep->x, y = keep->y, width = keep->width;
        int32_t height = keep->height;

        if (across->count > 0) {
                x = en_taps_low(across);
                width = en_taps_high(across) - x;
        }
        if (down->count > 0) {
                y = en_taps_low(down);
                height = en_taps_high(down) - y;
        }
        if (!grid_make(g, x, y, width, height))
                return false;
        for (int32_t i = y; i < y + height; i++)
                en_image_row_real(image, channel, plan->from.y + i,
                                  plan->from.x + x, width, row_of(g, i));
        return true;
}

/* Replaces the values by what a pass makes of them. */
static bool
take_pass(grid *g, const en_taps *taps,
          bool (*pass)(grid *, const grid *, const en_taps *))
{
        float *old = g->values;
        grid made;
        bool done;

        if (taps->count == 0)
                return true;
        done = pass(&made, g, taps);
        en_free(old);
        *g = made;
        return done;
}

static effnet_status
filtered(grid *g, const effnet_image *image, int channel,
         const en_placement *plan, int32_t filter)
{
        const en_rect *keep = &plan->keep, *from = &plan->from;
        bool down_first = en_resample_down_first(from->width, from->height,
                                                 plan->width, plan->height);
        en_taps across = {0}, down = {0};
        effnet_status status = EFFNET_OK;

        if (from->width != plan->width)
                status = en_taps_make_real(&across, from->width, plan->width,
                                           filter, keep->x, keep->width);
        if (status == EFFNET_OK && from->height != plan->height)
                status = en_taps_make_real(&down, from->height, plan->height,
                                           filter, keep->y, keep->height);
        if (status == EFFNET_OK &&
            !(read_grid(g, image, channel, plan, &across, &down) &&
              (!down_first || take_pass(g, &down, down_pass)) &&
              take_pass(g, &across, across_pass) &&
              (down_first || take_pass(g, &down, down_pass))))
                status = EFFNET_ERROR_MEMORY;
        en_taps_free(&across);
        en_taps_free(&down);
        return status;
}

static effnet_status
nearest(grid *g, const effnet_image *image, int channel,
        const en_placement *plan)
{
        const en_rect *keep = &plan->keep, *from = &plan->from;
        int32_t *columns = en_picks_make(from->width, plan->width, keep->x,
                                         keep->width);
        int32_t *rows = en_picks_make(from->height, plan->height, keep->y,
                                      keep->height);
        bool done = columns != NULL && rows != NULL &&
                    grid_make(g, 0, 0, keep->width, keep->height);

        for (int32_t y = 0; done && y < keep->height; y++)
                for (int32_t x = 0; x < keep->width; x++)
                        en_image_row_real(image, channel, from->y + rows[y],
                                          from->x + columns[x], 1,
                                          row_of(g, y) + x);
        en_free(columns);
        en_free(rows);
        return done ? EFFNET_OK : EFFNET_ERROR_MEMORY;
}

effnet_status
en_resample_real(float **values, const effnet_image *image, int channel,
                 const en_placement *plan, int32_t filter)
{
        bool same = plan->from.width == plan->width &&
                    plan->from.height == plan->height;
        grid g = {0};
        effnet_status status = filter == EFFNET_FILTER_NEAREST && !same
                                       ? nearest(&g, image, channel, plan)
                                       : filtered(&g, image, channel, plan,
                                                  filter);

        if (status != EFFNET_OK) {
                en_free(g.values);
                g.values = NULL;
        }
        *values = g.values;
        return status;
}
