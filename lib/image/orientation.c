/* orientation.c: finds the tag Orientation and turns pictures by it.  Exif 2.3
 * section 4.5, TIFF 6.0 section 2; what is taken for damaged never fails.
 */
#include "image/orientation.h"

#include "base/status.h"

#include <inttypes.h>
#include <string.h>

#define TAG_ORIENTATION 0x0112
#define ENTRY_SIZE      12

/* TIFF's integers of two and of four bytes: SHORT, LONG, SSHORT, SLONG. */
enum { SHORT = 3, LONG = 4, SSHORT = 8, SLONG = 9 };

typedef struct block {
        const uint8_t *data;
        size_t size;
        bool little; /* the byte order */
} block;

/* `count` bytes at `at`; 0 past the end. */
static uint32_t
number(const block *b, size_t at, size_t count)
{
        uint32_t value = 0;

        if (at > b->size || b->size - at < count)
                return 0;
        for (size_t i = 0; i < count; i++)
                value = value << 8 |
                        b->data[at + (b->little ? count - 1 - i : i)];
        return value;
}

/* The first integer of an entry; 0 if it has none, or is not whole. */
static uint32_t
entry_value(const block *b, size_t at)
{
        uint32_t type = number(b, at + 2, 2);
        uint64_t count = number(b, at + 4, 4);
        uint64_t unit = type == SHORT || type == SSHORT ? 2
                        : type == LONG || type == SLONG ? 4
                                                        : 0;

        at += 8;
        if (unit * count > 4)
                at = number(b, at, 4);
        if (count == 0 || unit == 0 || at > b->size ||
            b->size - at < unit * count)
                return 0;
        return number(b, at, (size_t)unit);
}

/* Of several entries the first that has a value counts. */
static uint32_t
search(const block *b)
{
        size_t at = number(b, 4, 4);
        uint32_t entries = number(b, at, 2), found = 0;

        at += 2;
        for (uint32_t i = 0; i < entries && found == 0 && at < b->size; i++) {
                if (b->size - at < ENTRY_SIZE)
                        break;
                if (number(b, at, 2) == TAG_ORIENTATION)
                        found = entry_value(b, at);
                at += ENTRY_SIZE;
        }
        return found;
}

int
en_exif_orientation(const uint8_t *data, size_t size)
{
        block b = {data, size, false};
        uint32_t found;

        if (size >= 6 && memcmp(data, "Exif\0", 6) == 0) {
                b.data += 6;
                b.size -= 6;
        }
        if (b.size < 8)
                return 1;
        b.little = memcmp(b.data, "II*", 4) == 0;
        if (!b.little && memcmp(b.data, "MM\0*", 4) != 0)
                return 1;
        found = search(&b);
        return found >= 2 && found <= 8 ? (int)found : 1;
}

/* Markers that no length follows: TEM, RST0 to RST7, SOI, EOI. */
static bool
stands_alone(int marker)
{
        return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd9);
}

int
en_jpeg_orientation(const uint8_t *data, size_t size)
{
        const int start_of_scan = 0xda, app1 = 0xe1;
        block file = {data, size, false};
        size_t at = 2;

        while (at < size && size - at >= 4) {
                int marker = data[at + 1];
                size_t length = number(&file, at + 2, 2);

                if (data[at] != 0xff || marker == 0xff || marker == 0) {
                        at++; /* padding, or bytes that do not belong here */
                        continue;
                }
                if (stands_alone(marker)) {
                        at += 2;
                        continue;
                }
                if (marker == start_of_scan || length < 2 ||
                    size - at - 2 < length)
                        return 1;
                if (marker == app1 && length >= 8 &&
                    memcmp(data + at + 4, "Exif\0", 6) == 0)
                        return en_exif_orientation(data + at + 10, length - 8);
                at += 2 + length;
        }
        return 1;
}

/* Row y of the upright picture. */
static void
turn_row(const effnet_image *image, int orientation, int32_t y, int32_t width,
         uint8_t *to)
{
        bool mirrored = orientation == 2 || orientation == 3 ||
                        orientation >= 7;
        bool upside_down = orientation == 3 || orientation == 4 ||
                           orientation == 6 || orientation == 7;
        int32_t x = 0, *along = &x, *across = &y;

        if (orientation >= 5) {
                along = &y;
                across = &x;
        }
        for (; x < width; x++, to += 3) {
                int32_t column = mirrored ? image->width - 1 - *along : *along;
                int32_t row = upside_down ? image->height - 1 - *across
                                          : *across;

                memcpy(to,
                       image->owned + row * image->stride +
                               (ptrdiff_t)3 * column,
                       3);
        }
}

effnet_status
en_image_turn(effnet_image **image, int orientation,
              const effnet_options *options)
{
        effnet_image *old = *image, *made = NULL;
        bool swapped = orientation >= 5;
        effnet_status status;

        if (orientation == 1)
                return EFFNET_OK;
        if (old->stride * old->height > options->max_memory_bytes / 2)
                status = en_fail(EFFNET_ERROR_LIMIT,
                                 "%" PRId32 " x %" PRId32
                                 " pixels of 3 bytes, twice to turn them by "
                                 "EXIF; the limit of memory is %" PRId64,
                                 old->width, old->height,
                                 options->max_memory_bytes);
        else
                status = en_image_create(&made,
                                         swapped ? old->height : old->width,
                                         swapped ? old->width : old->height);
        for (int32_t y = 0; status == EFFNET_OK && y < made->height; y++)
                turn_row(old, orientation, y, made->width,
                         made->owned + y * made->stride);
        en_image_free(old);
        *image = made;
        return status;
}
