/* orientation.h: how a camera was held, by EXIF. */
#ifndef EN_IMAGE_ORIENTATION_H
#define EN_IMAGE_ORIENTATION_H

#include "image/image.h"

/* The orientation, 1 to 8, in a block of EXIF (a TIFF file without pictures);
 * 1 where there is none, and where the block is damaged.
 */
int en_exif_orientation(const uint8_t *data, size_t size);

/* The same of a JPEG file: of its first APP1 segment that is EXIF. */
int en_jpeg_orientation(const uint8_t *data, size_t size);

/* Replaces an image of its own pixels by one turned upright; as
 * exif_transpose of Pillow.  On failure it is freed, and NULL.
 */
effnet_status en_image_turn(effnet_image **image, int orientation,
                            const effnet_options *options);

#endif
