/* told_processor.c: preprocessor_config.json of transformers, literally, with
 * what a file leaves out as in image_processing_pil_efficientnet.py.
 */
#include "load/told.h"

#include "arch/limits.h"
#include "base/status.h"
#include "load/fields.h"
#include "load/text.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Pillow's numbers of filters (PIL.Image.Resampling). */
static const int32_t filters[] = {[0] = EFFNET_FILTER_NEAREST,
                                  [1] = -1, /* Lanczos */
                                  [2] = EFFNET_FILTER_BILINEAR,
                                  [3] = EFFNET_FILTER_BICUBIC};

#define FILTERS (sizeof(filters) / sizeof(filters[0]))

static bool
get_flag(const en_json *root, const char *key, int32_t otherwise)
{
        int32_t found = otherwise;

        en_field_flag(root, key, &found);
        return found != 0;
}

/* {"height": h, "width": w}, [h, w] or n; what is missing is `otherwise`. */
static bool
read_box(const en_json *size, int32_t otherwise, int32_t *height,
         int32_t *width)
{
        *height = *width = otherwise;
        if (size == NULL)
                return true;
        if (en_json_is_object(size))
                return en_field_size(en_json_get(size, "height"), height) &&
                       en_field_size(en_json_get(size, "width"), width) &&
                       *height > 0 && *width > 0;
        if (en_json_is_array(size))
                return en_json_count(size) == 2 &&
                       en_field_size(en_json_at(size, 0), height) &&
                       en_field_size(en_json_at(size, 1), width) &&
                       *height > 0 && *width > 0;
        if (!en_field_size(size, height) || *height == 0)
                return false;
        *width = *height;
        return true;
}

static bool
read_resize(en_preset *preset, const en_json *root)
{
        const en_json *size = en_json_get(root, "size");
        const en_json *shortest = en_json_get(size, "shortest_edge");

        preset->mode = EFFNET_MODE_CENTRE;
        preset->resize_height = preset->resize_width = 0;
        if (!get_flag(root, "do_resize", 1))
                return true;
        if (shortest != NULL)
                return en_json_get(size, "longest_edge") == NULL &&
                       en_field_size(shortest, &preset->resize_height) &&
                       preset->resize_height > 0;
        preset->mode = EFFNET_MODE_SQUASH;
        return read_box(size, 346, &preset->resize_height,
                        &preset->resize_width);
}

/* Not cropped, the result is what resizing gives. */
static bool
read_crop(en_preset *preset, const en_json *root)
{
        preset->crop_height = preset->crop_width = 0;
        if (preset->mode == EFFNET_MODE_SQUASH) {
                preset->crop_height = preset->resize_height;
                preset->crop_width = preset->resize_width;
        }
        if (!get_flag(root, "do_center_crop", 0))
                return true;
        return read_box(en_json_get(root, "crop_size"), 289,
                        &preset->crop_height, &preset->crop_width);
}

static void
read_sizes(en_told *told, const en_json *root, const en_told_place *place)
{
        if (get_flag(root, "do_pad", 0)) {
                en_warn(place->warnings,
                        "%s: its sizes are ignored: \"do_pad\" is not done",
                        told->name);
                return;
        }
        if (!read_resize(&told->preset, root) ||
            !read_crop(&told->preset, root)) {
                en_warn(place->warnings,
                        "%s: its sizes are ignored: expected \"size\" and "
                        "\"crop_size\" as height and width, or \"size\" as "
                        "shortest_edge, of 1 to %d",
                        told->name, EN_MOST_RESOLUTION);
                return;
        }
        told->parts |= EN_TOLD(EFFNET_SOURCE_RESIZE) |
                       EN_TOLD(EFFNET_SOURCE_CROP) |
                       EN_TOLD(EFFNET_SOURCE_MODE);
}

static void
read_filter(en_told *told, const en_json *root, const en_told_place *place)
{
        const en_json *value = en_json_get(root, "resample");
        int64_t number = 3;

        if (value != NULL && !en_json_integer(value, &number))
                number = -1;
        if (number < 0 || number >= (int64_t)FILTERS || filters[number] < 0) {
                en_warn(place->warnings,
                        "%s: \"resample\" is ignored: expected 0 (nearest), 2 "
                        "(bilinear) or 3 (bicubic)",
                        told->name);
                return;
        }
        told->preset.filter = filters[number];
        told->parts |= EN_TOLD(EFFNET_SOURCE_FILTER);
}

static bool
read_colour(const en_json *root, const char *key, float values[3])
{
        for (int i = 0; i < 3; i++)
                values[i] = 0.5F;
        return en_json_get(root, key) == NULL ||
               en_field_colour(root, key, true, values);
}

static void
read_values(en_told *told, const en_json *root, const en_told_place *place)
{
        en_preset *preset = &told->preset;
        bool good = read_colour(root, "image_mean", preset->mean) &&
                    read_colour(root, "image_std", preset->std);

        for (int i = 0; i < 3; i++)
                good &= fabsf(preset->std[i]) >= FLT_MIN;
        preset->arithmetic = EFFNET_ARITHMETIC_HF;
        preset->rescale = get_flag(root, "do_rescale", 1);
        preset->rescale_factor = 1.0 / 255;
        if (en_json_get(root, "rescale_factor") != NULL)
                good &= en_field_number(root, "rescale_factor",
                                        &preset->rescale_factor) &&
                        fabs(preset->rescale_factor) <= EN_MOST_FACTOR;
        preset->rescale_offset = get_flag(root, "rescale_offset", 0);
        preset->normalize = get_flag(root, "do_normalize", 1);
        preset->normalize_again = get_flag(root, "include_top", 1);
        if (good)
                told->parts |= EN_TOLD(EFFNET_SOURCE_MEAN_STD);
        else
                en_warn(place->warnings,
                        "%s: its values are ignored: expected three numbers "
                        "each as \"image_mean\" and \"image_std\", std not 0, "
                        "and a number as \"rescale_factor\"",
                        told->name);
}

/* "EfficientNetImageProcessor", its Fast and Pil kinds, or, once,
 * "EfficientNetFeatureExtractor".
 */
static bool
is_of_efficientnet(const en_json *root)
{
        const char *type = en_field_text(root, "image_processor_type");

        if (type == NULL)
                type = en_field_text(root, "feature_extractor_type");
        return type != NULL && strncmp(type, "EfficientNet", 12) == 0;
}

effnet_status
en_told_processor(en_told *told, const en_json *root,
                  const en_told_place *place)
{
        if (place->naming->ranges[0].family != EN_FAMILY_HF)
                return EFFNET_OK; /* of no model of transformers' */
        if (!is_of_efficientnet(root))
                return en_fail(EFFNET_ERROR_MISMATCH,
                               "its \"image_processor_type\" is not "
                               "EfficientNetImageProcessor");
        read_values(told, root, place);
        read_filter(told, root, place);
        read_sizes(told, root, place);
        return EFFNET_OK;
}
