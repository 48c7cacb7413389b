/* png_layout.c: walks the chunks of a PNG file.  Names of chunks and fields:
 * Portable Network Graphics Specification, W3C, sections 5 and 11.  Which
 * violations are errors: Pillow 13.0.0, PngImagePlugin.
 */
#include "image/png_layout.h"

#include "base/status.h"

#include <string.h>

#define SIGNATURE_SIZE   8
#define IHDR_SIZE        13
#define MOST_ENTRIES     256
#define BYTES_OF_ENTRY   3
#define CHUNK_OVERHEAD   12 /* length, name, CRC */
#define BYTES_AROUND_CRC 4

typedef struct chunk {
        size_t start; /* of the length */
        char name[5];
        const uint8_t *data;
        uint32_t length; /* as it is written */
        size_t present;  /* how much of that the file has */
} chunk;

static uint32_t
read_u32(const uint8_t *bytes)
{
        return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
               (uint32_t)bytes[2] << 8 | bytes[3];
}

/* The CRC of section 5.5, four bits at a time. */
static uint32_t
crc32_of(const uint8_t *bytes, size_t size)
{
        static const uint32_t table[16] = {
                0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
        };
        uint32_t crc = 0xffffffff;

        for (size_t i = 0; i < size; i++) {
                crc ^= bytes[i];
                crc = crc >> 4 ^ table[crc & 15];
                crc = crc >> 4 ^ table[crc & 15];
        }
        return ~crc;
}

static bool
name_is_sane(const uint8_t *name)
{
        for (int i = 0; i < 4; i++) {
                uint8_t c = name[i];

                if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      (c >= '0' && c <= '9') || c == '_'))
                        return false;
        }
        return true;
}

/* False where no chunk begins at `at`. */
static bool
read_chunk(const en_png_layout *layout, size_t at, chunk *found)
{
        const uint8_t *bytes = layout->data + at;
        size_t left = layout->size - at;

        if (left < 8 || !name_is_sane(bytes + 4))
                return false;
        left -= 8;
        found->start = at;
        memcpy(found->name, bytes + 4, 4);
        found->name[4] = '\0';
        found->data = bytes + 8;
        found->length = read_u32(bytes);
        found->present = found->length < left ? found->length : left;
        return true;
}

static bool
is(const chunk *found, const char *name)
{
        return memcmp(found->name, name, 4) == 0;
}

/* Where the next chunk begins, at most the end of the file. */
static size_t
after(const en_png_layout *layout, const chunk *found)
{
        size_t end = found->start + 8 + found->present;
        size_t left = layout->size - end;

        return end + (left < BYTES_AROUND_CRC ? left : BYTES_AROUND_CRC);
}

static effnet_status
check_whole(const chunk *found)
{
        if (found->present == found->length)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_FORMAT,
                       "PNG: truncated: the %s chunk at offset %zu has %zu of "
                       "its %lu bytes",
                       found->name, found->start, found->present,
                       (unsigned long)found->length);
}

static effnet_status
check_crc(const en_png_layout *layout, const chunk *found)
{
        const uint8_t *end = found->data + found->length;
        uint32_t expected, computed;

        if ((size_t)(layout->data + layout->size - end) < BYTES_AROUND_CRC)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "PNG: truncated in the CRC of the %s chunk at "
                               "offset %zu",
                               found->name, found->start);
        expected = read_u32(end);
        computed = crc32_of(found->data - 4, (size_t)found->length + 4);
        if (computed == expected)
                return EFFNET_OK;
        return en_fail(
                EFFNET_ERROR_FORMAT,
                "PNG: damaged: the %s chunk at offset %zu has CRC %08lx, "
                "its bytes give %08lx",
                found->name, found->start, (unsigned long)expected,
                (unsigned long)computed);
}

/* Chunks that Pillow refuses when they are shorter.  tRNS depends on the
 * colour type.
 */
static uint32_t
least_length(const en_png_layout *layout, const chunk *found)
{
        static const struct {
                char name[5];
                uint32_t length;
        } least[] = {
                {"IHDR", IHDR_SIZE}, {"gAMA", 4}, {"cHRM", 32}, {"sRGB", 1},
                {"pHYs", 9},         {"acTL", 8}, {"fcTL", 26},
        };

        for (size_t i = 0; i < sizeof(least) / sizeof(least[0]); i++) {
                if (is(found, least[i].name))
                        return least[i].length;
        }
        if (!is(found, "tRNS") || layout->depth == 0)
                return 0;
        return layout->colour == EN_PNG_GRAY  ? 2
               : layout->colour == EN_PNG_RGB ? 6
                                              : 0;
}

/* A compressed profile or text: a name, a zero byte, and method 0.  A text
 * may also end before its method.
 */
static effnet_status
check_method(const chunk *found)
{
        const uint8_t *zero = memchr(found->data, 0, found->length);
        size_t name = zero != NULL ? (size_t)(zero - found->data) : 0;

        if (is(found, "zTXt") && (zero == NULL || name + 1 == found->length))
                return EFFNET_OK;
        if (zero != NULL && name + 1 < found->length && zero[1] == 0)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_FORMAT,
                       "PNG: the %s chunk at offset %zu has no known "
                       "compression method",
                       found->name, found->start);
}

static effnet_status
check_content(const en_png_layout *layout, const chunk *found)
{
        uint32_t least = least_length(layout, found);

        if (found->length < least)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "PNG: the %s chunk at offset %zu has %lu "
                               "bytes, expected at least %lu",
                               found->name, found->start,
                               (unsigned long)found->length,
                               (unsigned long)least);
        if (is(found, "iCCP") || is(found, "zTXt"))
                return check_method(found);
        return EFFNET_OK;
}

static effnet_status
take_header(en_png_layout *layout, const chunk *found)
{
        const uint8_t *fields = found->data;

        layout->width = read_u32(fields);
        layout->height = read_u32(fields + 4);
        layout->depth = fields[8];
        layout->colour = fields[9];
        layout->interlaced = fields[12] != 0;
        if (fields[11] != 0)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "PNG: the IHDR chunk at offset %zu has filter "
                               "method %d, expected 0",
                               found->start, fields[11]);
        return EFFNET_OK;
}

/* Chunks that may also follow the pixels. */
static void
note(en_png_layout *layout, const chunk *found)
{
        if (is(found, "tRNS")) {
                layout->transparency = found->data;
                layout->transparency_size = found->length;
        } else if (is(found, "eXIf")) {
                layout->exif = found->data;
                layout->exif_size = found->length;
        }
}

static effnet_status
take(en_png_layout *layout, const chunk *found)
{
        effnet_status status = check_whole(found);

        if (status == EFFNET_OK)
                status = check_content(layout, found);
        if (status == EFFNET_OK)
                status = check_crc(layout, found);
        if (status != EFFNET_OK)
                return status;
        note(layout, found);
        if (is(found, "IHDR"))
                return take_header(layout, found);
        if (is(found, "PLTE") && layout->colour == EN_PNG_PALETTE) {
                layout->palette = found->data;
                layout->palette_size = found->length;
        }
        return EFFNET_OK;
}

static effnet_status
walk_head(en_png_layout *layout, chunk *found)
{
        effnet_status status;
        size_t at = SIGNATURE_SIZE;

        for (;;) {
                if (!read_chunk(layout, at, found))
                        return en_fail(EFFNET_ERROR_FORMAT,
                                       "PNG: %s: expected a chunk at offset "
                                       "%zu",
                                       layout->size - at < 8 ? "truncated"
                                                             : "damaged",
                                       at);
                if (is(found, "IDAT"))
                        return EFFNET_OK;
                if (is(found, "IEND"))
                        return en_fail(EFFNET_ERROR_FORMAT,
                                       "PNG: no IDAT chunk before IEND at "
                                       "offset %zu",
                                       at);
                status = take(layout, found);
                if (status != EFFNET_OK)
                        return status;
                at = after(layout, found);
        }
}

static bool
depth_fits(int colour, int depth)
{
        switch (colour) {
        case EN_PNG_GRAY:
                return depth == 1 || depth == 2 || depth == 4 || depth == 8 ||
                       depth == 16;
        case EN_PNG_PALETTE:
                return depth == 1 || depth == 2 || depth == 4 || depth == 8;
        case EN_PNG_RGB:
        case EN_PNG_GRAY_ALPHA:
        case EN_PNG_RGBA: return depth == 8 || depth == 16;
        default: return false;
        }
}

static effnet_status
check_header(const en_png_layout *layout)
{
        size_t entries = layout->palette_size / BYTES_OF_ENTRY;

        if (layout->depth == 0)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "PNG: no IHDR chunk before IDAT at offset %zu",
                               layout->idat_start);
        if (!depth_fits(layout->colour, layout->depth))
                return en_fail(EFFNET_ERROR_FORMAT,
                               "PNG: colour type %d has no bit depth %d",
                               layout->colour, layout->depth);
        if (layout->colour == EN_PNG_PALETTE && entries > MOST_ENTRIES)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "PNG: a palette of %zu entries, expected at "
                               "most %d",
                               entries, MOST_ENTRIES);
        return EFFNET_OK;
}

/* `found` is the first IDAT chunk. */
static void
walk_pixels(en_png_layout *layout, const chunk *first)
{
        chunk found = *first;
        bool more = true;

        layout->idat_start = found.start;
        layout->idat_end = found.start;
        while (more && is(&found, "IDAT")) {
                size_t end = after(layout, &found);

                if (found.present != found.length ||
                    end - found.start != found.present + CHUNK_OVERHEAD) {
                        layout->cut = true;
                        layout->cut_start = found.start + 8;
                        layout->cut_size = found.present;
                        return;
                }
                layout->idat_end = end;
                more = read_chunk(layout, end, &found);
        }
}

effnet_status
en_png_layout_read(en_png_layout *layout, const uint8_t *data, size_t size)
{
        effnet_status status;
        chunk found;

        memset(layout, 0, sizeof(*layout));
        layout->data = data;
        layout->size = size;
        status = walk_head(layout, &found);
        if (status != EFFNET_OK)
                return status;
        walk_pixels(layout, &found);
        return check_header(layout);
}

effnet_status
en_png_layout_check_tail(en_png_layout *layout, bool cut_used)
{
        size_t at = layout->idat_end;
        effnet_status status;
        chunk found;

        if (cut_used)
                return EFFNET_OK;
        while (read_chunk(layout, at, &found) && !is(&found, "IEND") &&
               !is(&found, "fcTL")) {
                status = check_whole(&found);
                if (status == EFFNET_OK)
                        status = check_content(layout, &found);
                if (status != EFFNET_OK)
                        return status;
                note(layout, &found);
                at = after(layout, &found);
        }
        return EFFNET_OK;
}
