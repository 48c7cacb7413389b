/* codecs.h: the decoders behind en_image_decode, one file each. */
#ifndef EN_IMAGE_CODECS_H
#define EN_IMAGE_CODECS_H

#include "image/image.h"

effnet_status en_png_decode(effnet_image **image, const uint8_t *data,
                            size_t size, const effnet_options *options);
effnet_status en_jpeg_decode(effnet_image **image, const uint8_t *data,
                             size_t size, const effnet_options *options);

/* Compares a file's size in pixels, which may be any number, with the limits,
 * and makes the image.  `kind` is for the message.
 */
effnet_status en_decoded_create(effnet_image **image, const char *kind,
                                uint64_t width, uint64_t height,
                                const effnet_options *options);

#endif
