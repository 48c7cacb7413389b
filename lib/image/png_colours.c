/* png_colours.c: gray values and indices become RGB, as in Pillow's convert.
 */
#include "image/png_colours.h"

#include <string.h>

#define ENTRIES 256

/* What a gray value or an index stands for; an index without an entry is
 * black.
 */
static void
make_colours(const en_png_layout *layout, uint8_t colours[ENTRIES][3])
{
        size_t entries = layout->palette_size / 3;
        int scale = layout->depth < 8 ? 255 / ((1 << layout->depth) - 1) : 1;

        memset(colours, 0, ENTRIES * sizeof(colours[0]));
        if (layout->colour == EN_PNG_PALETTE) {
                if (entries > 0)
                        memcpy(colours, layout->palette, entries * 3);
                return;
        }
        for (int i = 0; i < ENTRIES; i++)
                memset(colours[i], i * scale & 255, 3);
}

/* Gray of 16 bits is clipped, not scaled: Pillow's I;16 to RGB. */
static void
clip_16(uint8_t *row, int32_t width)
{
        for (int32_t x = 0; x < width; x++)
                row[x] = row[2 * x] != 0 ? 255 : row[2 * x + 1];
}

/* In place: the last pixel first. */
static void
expand(uint8_t *row, int32_t width, uint8_t colours[ENTRIES][3])
{
        for (int32_t x = width - 1; x >= 0; x--)
                memcpy(row + 3 * x, colours[row[x]], 3);
}

/* The alpha of a palette's first entries; the others are opaque. */
static void
blend_colours(const en_png_layout *layout, int64_t background,
              uint8_t colours[ENTRIES][3])
{
        uint8_t under[3];

        en_colour_bytes(background, under);
        for (size_t i = 0; i < ENTRIES && i < layout->transparency_size; i++)
                en_blend(colours[i], layout->transparency[i], under);
}

/* The colour that tRNS names, as Pillow compares it with pixels of 8 bits: its
 * low bytes, whatever the depth; of one bit 0 or 255.
 */
static bool
find_key(const en_png_layout *layout, uint8_t key[3])
{
        bool colour = layout->colour == EN_PNG_RGB;
        const uint8_t *bytes = layout->transparency;

        if (layout->colour != EN_PNG_RGB && layout->colour != EN_PNG_GRAY)
                return false;
        if (layout->transparency_size < (colour ? 6U : 2U))
                return false;
        for (int i = 0; i < 3; i++)
                key[i] = bytes[colour ? 2 * i + 1 : 1];
        if (layout->depth == 1)
                memset(key, bytes[0] != 0 || bytes[1] != 0 ? 255 : 0, 3);
        return true;
}

static void
replace_key(const en_png_layout *layout, int64_t background,
            effnet_image *image)
{
        uint8_t key[3], under[3];

        if (!find_key(layout, key))
                return;
        en_colour_bytes(background, under);
        for (int32_t y = 0; y < image->height; y++) {
                uint8_t *pixel = image->owned + y * image->stride;

                for (int32_t x = 0; x < image->width; x++, pixel += 3)
                        if (memcmp(pixel, key, 3) == 0)
                                memcpy(pixel, under, 3);
        }
}

bool
en_png_has_alpha(const en_png_layout *layout)
{
        return layout->colour == EN_PNG_GRAY_ALPHA ||
               layout->colour == EN_PNG_RGBA;
}

void
en_png_blend(const en_png_layout *layout, const uint8_t *pixels,
             effnet_image *image, int64_t background)
{
        bool colour = layout->colour == EN_PNG_RGBA;
        uint8_t under[3];

        en_colour_bytes(background, under);
        for (int32_t y = 0; y < image->height; y++) {
                uint8_t *rgb = image->owned + y * image->stride;

                for (int32_t x = 0; x < image->width; x++, rgb += 3) {
                        if (colour)
                                memcpy(rgb, pixels, 3);
                        else
                                memset(rgb, pixels[0], 3);
                        en_blend(rgb, pixels[colour ? 3 : 1], under);
                        pixels += colour ? 4 : 2;
                }
        }
}

static void
expand_all(const en_png_layout *layout, effnet_image *image,
           uint8_t colours[ENTRIES][3])
{
        for (int32_t y = 0; y < image->height; y++) {
                uint8_t *row = image->owned + y * image->stride;

                if (layout->colour == EN_PNG_GRAY && layout->depth == 16)
                        clip_16(row, image->width);
                expand(row, image->width, colours);
        }
}

void
en_png_to_rgb(const en_png_layout *layout, effnet_image *image,
              int64_t background)
{
        uint8_t colours[ENTRIES][3];

        if (layout->colour != EN_PNG_RGB && layout->colour != EN_PNG_RGBA) {
                make_colours(layout, colours);
                if (background >= 0 && layout->colour == EN_PNG_PALETTE)
                        blend_colours(layout, background, colours);
                expand_all(layout, image, colours);
        }
        if (background >= 0)
                replace_key(layout, background, image);
}
