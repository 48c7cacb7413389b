/* png_colours.h: what the values of a PNG's pixels stand for. */
#ifndef EN_IMAGE_PNG_COLOURS_H
#define EN_IMAGE_PNG_COLOURS_H

#include "image/image.h"
#include "image/png_layout.h"

/* Turns rows of gray or of indices, one byte a pixel (two for gray of 16
 * bits), into RGB in place; RGB stays.
 */
void en_png_to_rgb(const en_png_layout *layout, effnet_image *image);

#endif
