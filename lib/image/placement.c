/* placement.c: the sizes and offsets of resizing and cropping, as torchvision,
 * timm, transformers and qubvel/efficientnet have them.
 */
#include "image/placement.h"

#include "base/fpu.h"
#include "base/options.h"
#include "base/status.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>

/* QK's and Lite's margin around the crop: EFFNET_MODE_CROP_FIRST. */
#define CROP_MARGIN 32

/* The length of the longer side when the shorter one becomes `size`. */
static int64_t
scaled(int32_t size, int32_t side, int32_t shorter)
{
        return (int64_t)size * side / shorter;
}

static void
keep_aspect(int32_t shorter_to, int32_t height, int32_t width, int64_t size[2])
{
        int32_t shorter = width < height ? width : height;

        size[0] = scaled(shorter_to, height, shorter);
        size[1] = scaled(shorter_to, width, shorter);
}

/* timm's ResizeKeepRatio with longest = 1: the picture fits into the box.
 * Pillow refuses an empty result; here the shorter side stays 1 at least.
 */
static void
fit_into(const en_preset *steps, int32_t height, int32_t width, int64_t size[2])
{
        bool own = steps->resize_height > 0;
        int32_t box_height = own ? steps->resize_height : steps->crop_height;
        int32_t box_width = own ? steps->resize_width : steps->crop_width;
        uint64_t mode = en_fpu_enter();
        double ratio;

        if (box_width == 0)
                box_width = box_height;
        ratio = fmax((double)height / box_height, (double)width / box_width);
        size[0] = (int64_t)fmax(nearbyint(height / ratio), 1);
        size[1] = (int64_t)fmax(nearbyint(width / ratio), 1);
        en_fpu_leave(mode);
}

/* Height and width after resizing. */
static void
resized_size(const en_preset *steps, int32_t height, int32_t width,
             int64_t size[2])
{
        size[0] = steps->resize_height;
        size[1] = steps->resize_width;
        if (steps->mode == EFFNET_MODE_BORDER) {
                fit_into(steps, height, width, size);
        } else if (size[0] == 0) {
                size[0] = height;
                size[1] = width;
        } else if (size[1] == 0 && steps->mode == EFFNET_MODE_SQUASH) {
                size[1] = size[0];
        } else if (size[1] == 0) {
                keep_aspect(steps->resize_height, height, width, size);
        }
}

/* Python's round(): half to even. */
static int32_t
half_to_even(int32_t n)
{
        int32_t half = n / 2;

        return n % 2 != 0 && half % 2 != 0 ? half + 1 : half;
}

/* `side` to `crop` along one axis: torchvision's CenterCrop, or center_crop of
 * transformers, which rounds both halves the other way.
 */
static void
crop_axis(int32_t arithmetic, int32_t side, int32_t crop, int32_t *keep,
          int32_t *kept, int32_t *before)
{
        bool hf = arithmetic == EFFNET_ARITHMETIC_HF;

        *keep = *before = 0;
        *kept = side < crop ? side : crop;
        if (side < crop)
                *before = (crop - side + hf) / 2;
        else
                *keep = hf ? (side - crop) / 2 : half_to_even(side - crop);
}

static effnet_status
plan_resize_first(const en_preset *steps, int32_t height, int32_t width,
                  en_placement *plan)
{
        int64_t size[2];

        resized_size(steps, height, width, size);
        if (size[0] > INT32_MAX || size[1] > INT32_MAX)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "preprocess: an image of %" PRId32 " x %" PRId32
                               " pixels resized to %" PRId64 " x %" PRId64,
                               width, height, size[1], size[0]);
        plan->height = (int32_t)size[0];
        plan->width = (int32_t)size[1];
        plan->from = (en_rect){0, 0, width, height};
        plan->result_width = steps->crop_width;
        plan->result_height = steps->crop_height;
        if (steps->crop_height == 0) {
                plan->result_width = plan->width;
                plan->result_height = plan->height;
        }
        crop_axis(steps->arithmetic, plan->width, plan->result_width,
                  &plan->keep.x, &plan->keep.width, &plan->left);
        crop_axis(steps->arithmetic, plan->height, plan->result_height,
                  &plan->keep.y, &plan->keep.height, &plan->top);
        return EFFNET_OK;
}

/* The offset is (side - crop + 1) / 2: center_crop_and_resize of
 * qubvel/efficientnet, and TensorFlow's preprocessing.
 */
static void
plan_crop_first(const en_preset *steps, int32_t height, int32_t width,
                en_placement *plan)
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

effnet_status
en_place(en_placement *plan, const en_preset *steps, int32_t height,
         int32_t width)
{
        bool crop_first = steps->mode == EFFNET_MODE_CROP_FIRST;
        effnet_status status = EFFNET_OK;
        int64_t pixels;

        if ((crop_first || steps->mode == EFFNET_MODE_BORDER) &&
            steps->crop_height == 0)
                return en_fail(EFFNET_ERROR_MISMATCH,
                               "preprocess: %s needs a crop, found none",
                               crop_first ? "crop-first" : "border");
        if (crop_first)
                plan_crop_first(steps, height, width, plan);
        else
                status = plan_resize_first(steps, height, width, plan);
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
