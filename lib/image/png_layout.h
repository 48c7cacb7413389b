/* png_layout.h: where the parts of a PNG file are.
 *
 * The container is walked here and not by libpng, for Pillow's strictness: a
 * chunk before the pixels must be whole and have a right CRC, a chunk behind
 * them must be whole, and what ancillary chunks say is no matter.
 */
#ifndef EN_IMAGE_PNG_LAYOUT_H
#define EN_IMAGE_PNG_LAYOUT_H

#include "effnet.h"

#include <stdbool.h>

enum {
        EN_PNG_GRAY = 0,
        EN_PNG_RGB = 2,
        EN_PNG_PALETTE = 3,
        EN_PNG_GRAY_ALPHA = 4,
        EN_PNG_RGBA = 6
};

typedef struct en_png_layout {
        const uint8_t *data; /* the file */
        size_t size;
        uint32_t width, height;
        uint8_t depth, colour;
        bool interlaced;
        const uint8_t *palette; /* RGB entries; NULL if none */
        size_t palette_size;    /* bytes */
        /* The last tRNS and eXIf chunks; NULL and 0 if there are none. */
        const uint8_t *transparency, *exif;
        size_t transparency_size, exif_size;
        /* The consecutive IDAT chunks that are whole: the range of the file
         * from the first one's length to the last one's CRC.
         */
        size_t idat_start, idat_end;
        /* The data of a further IDAT chunk that the end of the file cuts off.
         */
        bool cut;
        size_t cut_start, cut_size;
} en_png_layout;

/* Walks up to the end of the pixel data. */
effnet_status en_png_layout_read(en_png_layout *layout, const uint8_t *data,
                                 size_t size);

/* Walks what follows.  `cut_used`: the pixels were complete with what there
 * is of the chunk that is cut off, so that the rest is no loss.
 */
effnet_status en_png_layout_check_tail(en_png_layout *layout, bool cut_used);

#endif
