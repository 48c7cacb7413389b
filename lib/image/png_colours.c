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

void
en_png_to_rgb(const en_png_layout *layout, effnet_image *image)
{
        uint8_t colours[ENTRIES][3];

        if (layout->colour == EN_PNG_RGB || layout->colour == EN_PNG_RGBA)
                return;
        make_colours(layout, colours);
        for (int32_t y = 0; y < image->height; y++) {
                uint8_t *row = image->owned + y * image->stride;

                if (layout->colour == EN_PNG_GRAY && layout->depth == 16)
                        clip_16(row, image->width);
                expand(row, image->width, colours);
        }
}
