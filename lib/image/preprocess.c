/* preprocess.c: from pixels to the planes of the input tensor, as torchvision
 * does with Pillow images: Resize, CenterCrop, ToTensor, Normalize.
 */
#include "image/preprocess.h"

#include "arch/limits.h"
#include "base/fpu.h"
#include "base/options.h"
#include "base/status.h"
#include "image/resample.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>

/* QK's and Lite's margin around the crop: EFFNET_MODE_CROP_FIRST. */
#define CROP_MARGIN 32

/* What is read, what it becomes, and where the result has it. */
typedef struct geometry {
        en_rect from;          /* of the image */
        int32_t width, height; /* that becomes */
        en_rect keep;          /* of which this part */
        int32_t left, top;     /* begins here in the result */
        int32_t result_width, result_height;
} geometry;

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

        if (steps->mode != EFFNET_MODE_CENTRE &&
            steps->mode != EFFNET_MODE_CROP_FIRST)
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
        return status == EFFNET_OK ? check_numbers(steps) : status;
}

/* The length of the longer side when the shorter one becomes `size`. */
static int64_t
scaled(int32_t size, int32_t side, int32_t shorter)
{
        return (int64_t)size * side / shorter;
}

static effnet_status
resized_size(const en_preset *steps, int32_t height, int32_t width,
             geometry *plan)
{
        int32_t shorter = width < height ? width : height;
        int64_t new_height = steps->resize_height;
        int64_t new_width = steps->resize_width;

        if (new_height == 0) {
                new_height = height;
                new_width = width;
        } else if (new_width == 0) {
                new_width = scaled(steps->resize_height, width, shorter);
                new_height = scaled(steps->resize_height, height, shorter);
        }
        if (new_width > INT32_MAX || new_height > INT32_MAX)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "preprocess: an image of %" PRId32 " x %" PRId32
                               " pixels resized to %" PRId64 " x %" PRId64,
                               width, height, new_width, new_height);
        plan->width = (int32_t)new_width;
        plan->height = (int32_t)new_height;
        return EFFNET_OK;
}

/* Python's round(): half to even. */
static int32_t
half_to_even(int32_t n)
{
        int32_t half = n / 2;

        return n % 2 != 0 && half % 2 != 0 ? half + 1 : half;
}

/* torchvision's CenterCrop along one axis: `side` to `crop`. */
static void
crop_axis(int32_t side, int32_t crop, int32_t *keep, int32_t *kept,
          int32_t *before)
{
        if (side < crop) {
                *keep = 0;
                *kept = side;
                *before = (crop - side) / 2;
        } else {
                *keep = half_to_even(side - crop);
                *kept = crop;
                *before = 0;
        }
}

static effnet_status
plan_centre(const en_preset *steps, int32_t height, int32_t width,
            geometry *plan)
{
        effnet_status status = resized_size(steps, height, width, plan);

        if (status != EFFNET_OK)
                return status;
        plan->from = (en_rect){0, 0, width, height};
        plan->result_width = steps->crop_width;
        plan->result_height = steps->crop_height;
        if (steps->crop_height == 0) {
                plan->result_width = plan->width;
                plan->result_height = plan->height;
        }
        crop_axis(plan->width, plan->result_width, &plan->keep.x,
                  &plan->keep.width, &plan->left);
        crop_axis(plan->height, plan->result_height, &plan->keep.y,
                  &plan->keep.height, &plan->top);
        return EFFNET_OK;
}

/* The offset is (side - crop + 1) / 2: center_crop_and_resize of
 * qubvel/efficientnet, and TensorFlow's preprocessing.
 */
static void
plan_crop_first(const en_preset *steps, int32_t height, int32_t width,
                geometry *plan)
{
        int32_t shorter = width < height ? width : height;
        int32_t side = (int32_t)scaled(shorter, steps->crop_height,
                                       steps->crop_height + CROP_MARGIN);

        side = side > 0 ? side : 1;
        plan->from = (en_rect){(width - side + 1) / 2, (height - side + 1) / 2,
                               side, side};
        plan->width = plan->result_width = steps->crop_width;
        plan->height = plan->result_height = steps->crop_height;
        plan->keep = (en_rect){0, 0, plan->width, plan->height};
        plan->left = plan->top = 0;
}

static effnet_status
make_plan(const en_preset *steps, int32_t height, int32_t width, geometry *plan)
{
        effnet_status status = en_preprocess_check(steps);
        int64_t pixels;

        if (status != EFFNET_OK)
                return status;
        if (steps->mode == EFFNET_MODE_CROP_FIRST && steps->crop_height == 0)
                return en_fail(EFFNET_ERROR_MISMATCH,
                               "preprocess: crop-first needs a crop, found "
                               "none");
        if (steps->mode == EFFNET_MODE_CROP_FIRST)
                plan_crop_first(steps, height, width, plan);
        else
                status = plan_centre(steps, height, width, plan);
        if (status != EFFNET_OK)
                return status;
        /* A crop is what the caller asked for; the rest hangs on the image. */
        pixels = (int64_t)plan->result_height * plan->result_width;
        if (steps->crop_height == 0 && pixels > EN_PILLOW_MAX_PIXELS)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "preprocess: a result of %" PRId32 " x %" PRId32
                               " pixels, the limit is %d in all",
                               plan->result_width, plan->result_height,
                               EN_PILLOW_MAX_PIXELS);
        return EFFNET_OK;
}

effnet_status
en_preprocess_size(const en_preset *steps, int32_t image_height,
                   int32_t image_width, int32_t *height, int32_t *width)
{
        geometry plan;
        effnet_status status = make_plan(steps, image_height, image_width,
                                         &plan);

        *height = status == EFFNET_OK ? plan.result_height : 0;
        *width = status == EFFNET_OK ? plan.result_width : 0;
        return status;
}

/* What each pixel value becomes: three operations, each rounded to float. */
static void
make_table(const en_preset *steps, int channel, float table[256])
{
        for (int value = 0; value < 256; value++) {
                float x = (float)value / 255.0F;

                x = x - steps->mean[channel];
                table[value] = x / steps->std[channel];
        }
}

static void
fill(float *out, int64_t count, float value)
{
        for (int64_t i = 0; i < count; i++)
                out[i] = value;
}

/* One plane; what the picture does not cover is black. */
static void
write_plane(const geometry *plan, const effnet_image *part, int channel,
            const float table[256], float *plane)
{
        int64_t width = plan->result_width;
        int64_t covered = part->width;

        fill(plane, plan->top * width, table[0]);
        for (int32_t y = 0; y < part->height; y++) {
                const uint8_t *pixels = part->pixels + y * part->stride;
                float *row = plane + (plan->top + y) * width;

                fill(row, plan->left, table[0]);
                for (int64_t x = 0; x < covered; x++)
                        row[plan->left + x] = table[pixels[3 * x + channel]];
                fill(row + plan->left + covered, width - plan->left - covered,
                     table[0]);
        }
        fill(plane + (plan->top + part->height) * width,
             (plan->result_height - plan->top - part->height) * width,
             table[0]);
}

static effnet_status
apply(const en_preset *steps, const geometry *plan, const effnet_image *image,
      float *planes)
{
        int64_t plane = (int64_t)plan->result_height * plan->result_width;
        effnet_image *part;
        float table[256];
        effnet_status status = en_resample(&part, image, plan->from,
                                           plan->width, plan->height,
                                           steps->filter, plan->keep);

        if (status != EFFNET_OK)
                return status;
        for (int channel = 0; channel < 3; channel++) {
                make_table(steps, channel, table);
                write_plane(plan, part, channel, table,
                            planes + channel * plane);
        }
        en_image_free(part);
        return EFFNET_OK;
}

effnet_status
en_preprocess_apply(const en_preset *steps, const effnet_image *image,
                    float *planes)
{
        geometry plan;
        effnet_status status = make_plan(steps, image->height, image->width,
                                         &plan);
        uint64_t mode;

        if (status != EFFNET_OK)
                return status;
        mode = en_fpu_enter();
        status = apply(steps, &plan, image, planes);
        en_fpu_leave(mode);
        return status;
}
