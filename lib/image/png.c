/* png.c: PNG pixels through libpng.  libpng is handed a clean stream made of
 * the parts that png_layout.c has found: a new header, a palette of zeros and
 * the pixel data, so that it never sees an ancillary chunk, a CRC that counts
 * or a palette that is too short.
 */
#include "config.h"

#include "base/status.h"
#include "image/codecs.h"

#ifndef HAVE_PNG

effnet_status
en_png_decode(effnet_image **image, const uint8_t *data, size_t size,
              const effnet_options *options)
{
        (void)data;
        (void)size;
        (void)options;
        *image = NULL;
        return en_fail(EFFNET_ERROR_UNSUPPORTED,
                       "a PNG picture: built without PNG support");
}

#else

#include "base/alloc.h"
#include "image/orientation.h"
#include "image/png_colours.h"
#include "image/png_layout.h"

#include <inttypes.h>
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

/* Pillow inflates blocks of this size; whether a wrong checksum behind the
 * last row is noticed depends on it.
 */
#define BLOCK_SIZE 65536

#define SIGNATURE_SIZE 8
#define CHUNK_HEAD     8 /* length and name */
#define CHUNK_CRC      4
#define IHDR_SIZE      13
#define ENTRIES        256

/* The stream for libpng, in order; parts that are not needed are empty. */
enum {
        PART_HEAD,     /* signature, IHDR, PLTE */
        PART_PIXELS,   /* the whole IDAT chunks */
        PART_CUT_HEAD, /* one that the end of the file cuts off */
        PART_CUT,
        PART_CUT_CRC,
        PART_PROBE, /* a further one of a single byte */
        PART_END,
        PARTS
};

typedef struct part {
        const uint8_t *bytes;
        size_t size;
} part;

typedef struct reader {
        en_png_layout layout;
        uint8_t head[SIGNATURE_SIZE + CHUNK_HEAD + IHDR_SIZE + CHUNK_CRC +
                     CHUNK_HEAD + ENTRIES * 3 + CHUNK_CRC];
        uint8_t cut_head[CHUNK_HEAD];
        part parts[PARTS];
        int current; /* the part last read from, and how far */
        size_t position;

        png_structp png;
        png_infop info;
        jmp_buf jump;
        char message[160];
        bool no_memory;

        uint64_t rows_due, rows_done; /* over all passes */
        bool cut_used;                /* by a row that is done */
        bool surplus;                 /* the stream ended before its chunk */
        bool ended_with_row;
        effnet_image *image;
        uint8_t *alpha; /* the pixels with alpha, if it is to be blended */
} reader;

/* Follows the pixel data.  A stream that has ended is asked for its next row
 * with this byte at hand and answers that there is none; one that has not
 * ended needs more than this.
 */
static const uint8_t probe[CHUNK_HEAD + 1 + CHUNK_CRC] = {0,   0,   0,   1,
                                                          'I', 'D', 'A', 'T'};
static const uint8_t end_chunk[CHUNK_HEAD + CHUNK_CRC] = {0,   0,   0,   0,
                                                          'I', 'E', 'N', 'D'};
static const uint8_t any_crc[CHUNK_CRC];

static uint8_t *
put_u32(uint8_t *bytes, uint32_t value)
{
        for (int shift = 24; shift >= 0; shift -= 8)
                *bytes++ = (uint8_t)(value >> shift);
        return bytes;
}

static uint8_t *
put_chunk_head(uint8_t *bytes, const char *name, size_t length)
{
        bytes = put_u32(bytes, (uint32_t)length);
        memcpy(bytes, name, 4);
        return bytes + 4;
}

/* `head` is zero-filled: so are the methods, the palette and the CRCs. */
static size_t
make_head(const en_png_layout *layout, uint8_t *head)
{
        uint8_t *at = head;
        size_t palette = (size_t)3 << layout->depth;

        memcpy(at, "\x89PNG\r\n\x1a\n", SIGNATURE_SIZE);
        at = put_chunk_head(at + SIGNATURE_SIZE, "IHDR", IHDR_SIZE);
        at = put_u32(at, layout->width);
        at = put_u32(at, layout->height);
        at[0] = layout->depth;
        at[1] = layout->colour;
        at[4] = layout->interlaced;
        at += 5 + CHUNK_CRC;
        if (layout->colour == EN_PNG_PALETTE)
                at = put_chunk_head(at, "PLTE", palette) + palette + CHUNK_CRC;
        return (size_t)(at - head);
}

static void
make_parts(reader *r)
{
        const en_png_layout *layout = &r->layout;
        part *parts = r->parts;

        parts[PART_HEAD] = (part){r->head, make_head(layout, r->head)};
        parts[PART_PIXELS] = (part){layout->data + layout->idat_start,
                                    layout->idat_end - layout->idat_start};
        if (layout->cut) {
                put_chunk_head(r->cut_head, "IDAT", layout->cut_size);
                parts[PART_CUT_HEAD] = (part){r->cut_head, CHUNK_HEAD};
                parts[PART_CUT] = (part){layout->data + layout->cut_start,
                                         layout->cut_size};
                parts[PART_CUT_CRC] = (part){any_crc, CHUNK_CRC};
        }
        parts[PART_PROBE] = (part){probe, sizeof(probe)};
        parts[PART_END] = (part){end_chunk, sizeof(end_chunk)};
}

static void
on_read(png_structp png, png_bytep bytes, size_t size)
{
        reader *r = png_get_io_ptr(png);

        while (size > 0) {
                const part *from = &r->parts[r->current];
                size_t left = from->size - r->position;
                size_t taken = size < left ? size : left;

                if (taken == 0) {
                        if (++r->current == PARTS)
                                png_error(png, "read past the end");
                        r->position = 0;
                        continue;
                }
                memcpy(bytes, from->bytes + r->position, taken);
                r->position += taken;
                bytes += taken;
                size -= taken;
        }
}

/* Called with every row of every pass when it has been inflated. */
static void
on_row(png_structp png, png_row_infop row, png_bytep bytes)
{
        reader *r = png_get_io_ptr(png);

        (void)row;
        (void)bytes;
        if (r->current >= PART_PROBE)
                png_error(png, "truncated");
        r->rows_done++;
        r->cut_used = r->current == PART_CUT;
        r->ended_with_row = r->surplus;
}

static PNG_NORETURN void
on_error(png_structp png, png_const_charp message)
{
        reader *r = png_get_error_ptr(png);

        snprintf(r->message, sizeof(r->message), "%s", message);
        longjmp(r->jump, 1);
}

static void
on_warning(png_structp png, png_const_charp message)
{
        reader *r = png_get_error_ptr(png);

        if (strstr(message, "Extra compressed data") != NULL)
                r->surplus = true;
}

static png_voidp
on_malloc(png_structp png, png_alloc_size_t size)
{
        reader *r = png_get_mem_ptr(png);
        void *memory = en_alloc(size);

        r->no_memory |= memory == NULL;
        return memory;
}

static void
on_free(png_structp png, png_voidp memory)
{
        (void)png;
        en_free(memory);
}

/* At most three bytes a pixel are left, so that the rows of the picture take
 * them: gray or index of 8 bits, gray of 16, or RGB.  Alpha that is blended has
 * room of its own.
 */
static void
reduce(const reader *r)
{
        const en_png_layout *layout = &r->layout;

        if (layout->depth < 8)
                png_set_packing(r->png);
        if (layout->depth == 16 && layout->colour != EN_PNG_GRAY)
                png_set_strip_16(r->png);
        if (en_png_has_alpha(layout) && r->alpha == NULL)
                png_set_strip_alpha(r->png);
        png_set_read_user_transform_fn(r->png, on_row);
}

static uint64_t
count_rows(const en_png_layout *layout)
{
        uint64_t rows = 0;

        if (!layout->interlaced)
                return layout->height;
        for (int pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; pass++) {
                if (PNG_PASS_COLS(layout->width, pass) > 0)
                        rows += PNG_PASS_ROWS(layout->height, pass);
        }
        return rows;
}

static void
start(reader *r)
{
        r->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, r, on_error,
                                          on_warning, r, on_malloc, on_free);
        if (r->png == NULL)
                return;
        r->info = png_create_info_struct(r->png);
        if (r->info == NULL)
                return;
        png_set_read_fn(r->png, r, on_read);
        png_set_benign_errors(r->png, 1);
        png_set_crc_action(r->png, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
        png_set_user_limits(r->png, EN_MAX_IMAGE_SIDE, EN_MAX_IMAGE_SIDE);
        png_set_compression_buffer_size(r->png, BLOCK_SIZE);
        png_set_option(r->png, PNG_MAXIMUM_INFLATE_WINDOW, PNG_OPTION_ON);
}

/* Where a row is inflated to. */
static uint8_t *
row_of(const reader *r, int32_t y)
{
        size_t size = r->layout.colour == EN_PNG_RGBA ? 4 : 2;

        if (r->alpha == NULL)
                return r->image->owned + y * r->image->stride;
        return r->alpha + (size_t)y * (size_t)r->image->width * size;
}

static void
read_rows(const reader *r)
{
        int passes;

        png_read_info(r->png, r->info);
        reduce(r);
        passes = png_set_interlace_handling(r->png);
        png_read_update_info(r->png, r->info);
        for (int pass = 0; pass < passes; pass++) {
                for (int32_t y = 0; y < r->image->height; y++)
                        png_read_row(r->png, row_of(r, y), NULL);
        }
}

/* The only place that an error jumps to.  No local variable lives across the
 * jump.
 */
static bool
read_guarded(reader *r)
{
        if (setjmp(r->jump) != 0)
                return false;
        start(r);
        if (r->png == NULL || r->info == NULL)
                return false;
        read_rows(r);
        return true;
}

/* A stream that is sound but ends early, after a whole row: the rows that it
 * lacks stay 0.  Only where a further IDAT chunk follows it, which Pillow does
 * not mind, is it taken for damaged.
 */
static bool
ended_early(const reader *r)
{
        return strcmp(r->message, "Not enough image data") == 0 &&
               r->current < PART_END &&
               (r->current == PART_PROBE || r->ended_with_row);
}

static effnet_status
judge(reader *r)
{
        if (r->rows_done == r->rows_due || ended_early(r))
                return en_png_layout_check_tail(&r->layout, r->cut_used);
        if (r->no_memory)
                return EFFNET_ERROR_MEMORY;
        if (r->png == NULL || r->info == NULL)
                return en_fail(EFFNET_ERROR_INTERNAL,
                               "PNG: libpng cannot be started");
        if (r->current >= PART_PROBE)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "PNG: truncated: the pixel data end after row "
                               "%" PRIu64 " of %" PRIu64,
                               r->rows_done, r->rows_due);
        return en_fail(EFFNET_ERROR_FORMAT,
                       "PNG: damaged pixel data after row %" PRIu64
                       " of %" PRIu64 ": %s",
                       r->rows_done, r->rows_due, r->message);
}

/* Room for the pixels with alpha beside the picture's. */
static effnet_status
make_alpha(reader *r, const effnet_options *options)
{
        uint64_t pixels = (uint64_t)r->layout.width * r->layout.height;

        if (options->background < 0 || !en_png_has_alpha(&r->layout))
                return EFFNET_OK;
        if (pixels > (uint64_t)options->max_memory_bytes / 7)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "PNG: %" PRId32 " x %" PRId32
                               " pixels of 7 bytes to blend alpha, the limit "
                               "of memory is %" PRId64,
                               r->image->width, r->image->height,
                               options->max_memory_bytes);
        /* Rows that the file lacks stay 0. */
        r->alpha = en_alloc_zero((size_t)pixels, 4);
        return r->alpha != NULL ? EFFNET_OK : EFFNET_ERROR_MEMORY;
}

static effnet_status
decode(reader *r, const effnet_options *options)
{
        effnet_status status = make_alpha(r, options);

        if (status != EFFNET_OK)
                return status;
        make_parts(r);
        r->rows_due = count_rows(&r->layout);
        read_guarded(r);
        status = judge(r);
        png_destroy_read_struct(&r->png, &r->info, NULL);
        if (status != EFFNET_OK)
                return status;
        if (r->alpha != NULL)
                en_png_blend(&r->layout, r->alpha, r->image,
                             options->background);
        else
                en_png_to_rgb(&r->layout, r->image, options->background);
        en_free(r->alpha);
        r->alpha = NULL;
        if (options->orientation == 0)
                return EFFNET_OK;
        return en_image_turn(
                &r->image,
                en_exif_orientation(r->layout.exif, r->layout.exif_size),
                options);
}

effnet_status
en_png_decode(effnet_image **image, const uint8_t *data, size_t size,
              const effnet_options *options)
{
        effnet_status status;
        reader r = {.current = PART_HEAD};

        *image = NULL;
        status = en_png_layout_read(&r.layout, data, size);
        if (status != EFFNET_OK)
                return status;
        status = en_decoded_create(&r.image, "PNG", r.layout.width,
                                   r.layout.height, options);
        if (status != EFFNET_OK)
                return status;
        status = decode(&r, options);
        en_free(r.alpha);
        if (status != EFFNET_OK) {
                en_image_free(r.image);
                return status;
        }
        *image = r.image;
        return EFFNET_OK;
}

#endif
