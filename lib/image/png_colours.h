/* png_colours.h: what the values of a PNG's pixels stand for. */
#ifndef EN_IMAGE_PNG_COLOURS_H
#define EN_IMAGE_PNG_COLOURS_H

#include "image/image.h"
#include "image/png_layout.h"

/* Turns rows of gray or of indices, one byte a pixel (two for gray of 16
 * bits), into RGB in place; RGB stays.  With a background, 0xRRGGBB, what tRNS
 * makes transparent is blended with it; -1: nothing is.
 */
void en_png_to_rgb(const en_png_layout *layout, effnet_image *image,
                   int64_t background);

/* Whether the pixels have alpha themselves. */
bool en_png_has_alpha(const en_png_layout *layout);

/* Blends such pixels, two or four bytes each without gaps, into RGB. */
void en_png_blend(const en_png_layout *layout, const uint8_t *pixels,
                  effnet_image *image, int64_t background);

#endif
