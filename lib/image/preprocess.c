/* preprocess.c: from pixels to the planes of the input tensor, as torchvision
 * does with Pillow images: Resize, CenterCrop, ToTensor, Normalize.
 */
#include "image/preprocess.h"

#include "arch/limits.h"
#include "base/alloc.h"
#include "base/fpu.h"
#include "base/options.h"
#include "base/status.h"
#include "image/normalise.h"
#include "image/placement.h"
#include "image/resample.h"
#include "image/resample_real.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>

/* A subnormal std counts as 0, which it is while the library divides. */
static effnet_status
check_numbers(const en_preset *steps)
{
        for (int i = 0; i < 3; i++) {
                if (!isfinite(steps->mean[i]) || !isfinite(steps->std[i]) ||
                    fabsf(steps->std[i]) < FLT_MIN)
                        return en_fail(EFFNET_ERROR_ARGUMENT,
                                       "preprocess mean and std: expected "
                                       "finite values, std not 0; found %g "
                                       "and %g",
                                       (double)steps->mean[i],
                                       (double)steps->std[i]);
        }
        return EFFNET_OK;
}

static effnet_status
check_arithmetic(const en_preset *steps)
{
        if (steps->arithmetic != EFFNET_ARITHMETIC_TORCHVISION &&
            steps->arithmetic != EFFNET_ARITHMETIC_HF)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "preprocess arithmetic: expected "
                               "EFFNET_ARITHMETIC_*, found %" PRId32,
                               steps->arithmetic);
        if (!(fabs(steps->rescale_factor) <= EN_MOST_FACTOR))
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "preprocess rescale factor: expected a number "
                               "up to %g, found %g",
                               EN_MOST_FACTOR, steps->rescale_factor);
        return EFFNET_OK;
}

/* Both are lengths, or both 0; with `one`, the first may be alone. */
static effnet_status
check_pair(const char *step, int32_t height, int32_t width, bool one)
{
        bool none = height == 0 && width == 0;
        bool alone = one && height > 0 && width == 0;
        bool both = height > 0 && width > 0;

        if ((none || alone || both) && height <= EN_MOST_RESOLUTION &&
            width <= EN_MOST_RESOLUTION)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_ARGUMENT,
                       "preprocess %s: expected 1 to %d, found height %" PRId32
                       " and width %" PRId32,
                       step, EN_MOST_RESOLUTION, height, width);
}

effnet_status
en_preprocess_check(const en_preset *steps)
{
        effnet_status status;

        if (steps->mode < EFFNET_MODE_CENTRE ||
            steps->mode > EFFNET_MODE_BORDER)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "preprocess mode: expected EFFNET_MODE_*, found "
                               "%" PRId32,
                               steps->mode);
        status = check_pair("resize", steps->resize_height, steps->resize_width,
                            true);
        if (status == EFFNET_OK)
                status = check_pair("crop", steps->crop_height,
                                    steps->crop_width, false);
        if (status == EFFNET_OK)
                status = en_filter_check(steps->filter);
        if (status == EFFNET_OK)
                status = check_arithmetic(steps);
        return status == EFFNET_OK ? check_numbers(steps) : status;
}

static effnet_status
make_plan(en_placement *plan, const en_preset *steps, int32_t height,
          int32_t width)
{
        effnet_status status = en_preprocess_check(steps);

        return status == EFFNET_OK ? en_place(plan, steps, height, width)
                                   : status;
}

int32_t
en_preprocess_channels(const en_preset *steps)
{
        return steps->gray != 0 ? 1 : 3;
}

effnet_status
en_preprocess_size(const en_preset *steps, int32_t image_height,
                   int32_t image_width, int32_t *height, int32_t *width)
{
        en_placement plan;
        effnet_status status = make_plan(&plan, steps, image_height,
                                         image_width);

        *height = status == EFFNET_OK ? plan.result_height : 0;
        *width = status == EFFNET_OK ? plan.result_width : 0;
        return status;
}

static void
fill(float *out, int64_t count, float value)
{
        for (int64_t i = 0; i < count; i++)
                out[i] = value;
}

/* What surrounds a picture that does not cover the result: black, or in timm's
 * border mode round(255 * mean), half to even.  timm has the mean as a double;
 * halves that its float misses by a rounding error are taken for halves.
 */
static int
surrounding(const en_preset *steps, int channel)
{
        double value = 255.0 * (double)steps->mean[channel];
        double halves = nearbyint(2 * value);

        if (steps->mode != EFFNET_MODE_BORDER)
                return 0;
        if (fabs(2 * value - halves) < 2e-5)
                value = halves / 2;
        value = nearbyint(value);
        return (int)fmin(fmax(value, 0), 255);
}

/* One plane; `around` is where the picture does not cover it. */
static void
write_plane(const en_placement *plan, const effnet_image *part, int channel,
            const float table[256], float around, float *plane)
{
        int64_t width = plan->result_width;
        int64_t covered = part->width;

        fill(plane, plan->top * width, around);
        for (int32_t y = 0; y < part->height; y++) {
                const uint8_t *pixels = part->pixels + y * part->stride;
                float *row = plane + (plan->top + y) * width;

                fill(row, plan->left, around);
                for (int64_t x = 0; x < covered; x++)
                        row[plan->left + x] = table[pixels[3 * x + channel]];
                fill(row + plan->left + covered, width - plan->left - covered,
                     around);
        }
        fill(plane + (plan->top + part->height) * width,
             (plan->result_height - plan->top - part->height) * width, around);
}

static effnet_status
apply(const en_preset *steps, const en_placement *plan,
      const effnet_image *image, float *planes)
{
        int64_t plane = (int64_t)plan->result_height * plan->result_width;
        effnet_image *part;
        float table[256];
        effnet_status status = en_resample(&part, image, plan->from,
                                           plan->width, plan->height,
                                           steps->filter, plan->keep);

        if (status != EFFNET_OK)
                return status;
        for (int channel = 0; channel < en_preprocess_channels(steps);
             channel++) {
                en_normalise_table(steps, channel, table);
                write_plane(plan, part, channel, table,
                            table[surrounding(steps, channel)],
                            planes + channel * plane);
        }
        en_image_free(part);
        return EFFNET_OK;
}

/* The value of a 16-bit or float picture as the network's input. */
static float
real_input(const en_preset *steps, const effnet_image *image, int channel,
           float value)
{
        float unit = (float)((double)value * image->scale + image->offset);

        return en_normalise_unit(steps, channel, unit);
}

/* One plane of `values`; around them 0, or the mean in the border mode. */
static void
write_real(const en_preset *steps, const en_placement *plan,
           const effnet_image *image, int channel, const float *values,
           float *plane)
{
        const en_rect *keep = &plan->keep;
        float around = real_input(steps, image, channel, 0);

        if (steps->mode == EFFNET_MODE_BORDER)
                around = en_normalise_unit(steps, channel,
                                           steps->mean[channel]);
        fill(plane, (int64_t)plan->result_height * plan->result_width, around);
        plane += (int64_t)plan->top * plan->result_width + plan->left;
        for (int32_t y = 0; y < keep->height; y++) {
                for (int32_t x = 0; x < keep->width; x++)
                        plane[x] = real_input(steps, image, channel, values[x]);
                values += keep->width;
                plane += plan->result_width;
        }
}

static effnet_status
apply_real(const en_preset *steps, const en_placement *plan,
           const effnet_image *image, float *planes)
{
        int64_t plane = (int64_t)plan->result_height * plan->result_width;
        effnet_status status = EFFNET_OK;

        for (int channel = 0;
             status == EFFNET_OK && channel < en_preprocess_channels(steps);
             channel++) {
                float *values;

                status = en_resample_real(&values, image, channel, plan,
                                          steps->filter);
                if (status == EFFNET_OK)
                        write_real(steps, plan, image, channel, values,
                                   planes + channel * plane);
                en_free(values);
        }
        return status;
}

effnet_status
en_preprocess_apply(const en_preset *steps, const effnet_image *image,
                    float *planes)
{
        en_placement plan;
        effnet_status status = make_plan(&plan, steps, image->height,
                                         image->width);
        effnet_image seen = *image;
        uint64_t mode;

        if (status != EFFNET_OK)
                return status;
        seen.gray = steps->gray != 0;
        mode = en_fpu_enter();
        if (en_pixel_kind(image->format) == EN_KIND_REAL)
                status = apply_real(steps, &plan, &seen, planes);
        else
                status = apply(steps, &plan, &seen, planes);
        en_fpu_leave(mode);
        return status;
}
