/* steps.c: the steps of preprocessing, described. */
#include "steps.h"
#include "picture.h"
#include "text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

struct sizes {
        int32_t resize[2]; /* height, width */
        int32_t crop[2];
        float mean[3];
        float std[3];
};

/* The getters fail on nothing but a NULL handle. */
static struct sizes
get_sizes(const effnet_preprocess *steps)
{
        struct sizes sizes = {0};

        (void)effnet_preprocess_get_resize(steps, &sizes.resize[0],
                                           &sizes.resize[1]);
        (void)effnet_preprocess_get_crop(steps, &sizes.crop[0], &sizes.crop[1]);
        (void)effnet_preprocess_get_mean_std(steps, sizes.mean, sizes.std);
        if (effnet_preprocess_mode(steps) == EFFNET_MODE_CROP_FIRST)
                sizes.resize[0] = sizes.resize[1] = 0; /* not used */
        return sizes;
}

static js_value *
size_json(const int32_t size[2])
{
        js_value *array = js_array();

        js_add(array, js_integer(size[0]));
        js_add(array, js_integer(size[1]));
        return array;
}

static js_value *
triple_json(const float values[3])
{
        js_value *array = js_array();
        int i;

        for (i = 0; i < 3; i++)
                js_add(array, js_float(values[i]));
        return array;
}

js_value *
steps_json(const effnet_preprocess *steps)
{
        struct sizes sizes = get_sizes(steps);
        js_value *object = js_object();

        js_set(object, "mode",
               js_text(picture_modes[effnet_preprocess_mode(steps) - 1]));
        js_set(object, "resize", size_json(sizes.resize));
        js_set(object, "crop", size_json(sizes.crop));
        js_set(object, "filter",
               js_text(picture_filters[effnet_preprocess_filter(steps)]));
        js_set(object, "mean", triple_json(sizes.mean));
        js_set(object, "std", triple_json(sizes.std));
        return object;
}

/* `single`: what one number stands for has both sides alike. */
static void
print_size(const char *name, const int32_t size[2], bool single)
{
        if (size[0] == 0)
                printf("  %-14snone\n", name);
        else if (size[1] == 0 || (single && size[0] == size[1]))
                printf("  %-14s%" PRId32 "\n", name, size[0]);
        else
                printf("  %-14s%" PRId32 "x%" PRId32 "\n", name, size[1],
                       size[0]);
}

static void
print_triple(const char *name, const float values[3])
{
        char text[3][NUMBER_SIZE];

        printf("  %-14s%s,%s,%s\n", name, float_text(text[0], values[0]),
               float_text(text[1], values[1]), float_text(text[2], values[2]));
}

void
steps_print(const effnet_preprocess *steps)
{
        struct sizes sizes = get_sizes(steps);

        printf("  %-14s%s\n", "mode",
               picture_modes[effnet_preprocess_mode(steps) - 1]);
        if (effnet_preprocess_mode(steps) != EFFNET_MODE_CROP_FIRST)
                print_size("resize", sizes.resize, false);
        print_size("crop", sizes.crop, true);
        printf("  %-14s%s\n", "filter",
               picture_filters[effnet_preprocess_filter(steps)]);
        print_triple("mean", sizes.mean);
        print_triple("std", sizes.std);
}
