/* jpeg.c: JPEG pixels through libjpeg, with Pillow's settings: the defaults,
 * which are the slow integer transform and smooth upsampling.
 */
#include "config.h"

#include "base/status.h"
#include "image/codecs.h"

#ifndef HAVE_JPEG

effnet_status
en_jpeg_decode(effnet_image **image, const uint8_t *data, size_t size,
               const effnet_options *options)
{
        (void)data;
        (void)size;
        (void)options;
        *image = NULL;
        return en_fail(EFFNET_ERROR_UNSUPPORTED,
                       "a JPEG picture: built without JPEG support");
}

#else

#include "base/alloc.h"
#include "image/orientation.h"

#include <limits.h>
#include <setjmp.h>
#include <stdio.h> /* which jpeglib.h needs */

#include <jerror.h>
#include <jpeglib.h>

/* A progressive file can make a decoder pass over all its pixels with every
 * few bytes.  Small pictures may have as many such scans as libjpeg-turbo's
 * fuzzers allow, larger ones as many as have SCAN_PIXELS in all, but always
 * LEAST_SCANS: real files have about ten, whatever their size.
 */
#define MOST_SCANS   500
#define LEAST_SCANS  16
#define SCAN_PIXELS  (INT64_C(1) << 30)

/* What libjpeg may take beside the pixels' coefficients. */
#define WORK_BYTES   (INT64_C(1) << 24)
/* A side is padded to whole blocks under the largest subsampling. */
#define MOST_PADDING 32

typedef struct reader {
        struct jpeg_decompress_struct info;
        struct jpeg_error_mgr errors;
        struct jpeg_source_mgr source;
        struct jpeg_progress_mgr progress;
        jmp_buf jump;
        const effnet_options *options;
        size_t size;          /* of the file */
        effnet_status status; /* set with a message, or 0: libjpeg's */
        effnet_image *image;
        uint8_t *row; /* four-component pixels */
} reader;

static void
stop(reader *r, effnet_status status)
{
        r->status = status;
        longjmp(r->jump, 1);
}

/* Bad values are errors of the file; these are what this libjpeg lacks. */
static effnet_status
status_of(int code)
{
        switch (code) {
        case JERR_OUT_OF_MEMORY: return EFFNET_ERROR_MEMORY;
        case JERR_BAD_PRECISION:
        case JERR_SOF_UNSUPPORTED:
        case JERR_CONVERSION_NOTIMPL:
        case JERR_CCIR601_NOTIMPL:
        case JERR_FRACT_SAMPLE_NOTIMPL:
        case JERR_NOT_COMPILED:
        case JERR_ARITH_NOTIMPL: return EFFNET_ERROR_UNSUPPORTED;
        case JERR_IMAGE_TOO_BIG:
        case JERR_WIDTH_OVERFLOW: return EFFNET_ERROR_LIMIT;
        default: return EFFNET_ERROR_FORMAT;
        }
}

static void
on_error(j_common_ptr info)
{
        reader *r = info->client_data;
        char message[JMSG_LENGTH_MAX];

        /* It would write to a temporary file what limit_memory rules out. */
        if (info->err->msg_code == JERR_NO_BACKING_STORE)
                stop(r, en_fail(EFFNET_ERROR_LIMIT,
                                "JPEG: %u x %u pixels in several scans take "
                                "over %ld bytes beside the picture's",
                                (unsigned)r->info.image_width,
                                (unsigned)r->info.image_height,
                                info->mem->max_memory_to_use));
        info->err->format_message(info, message);
        stop(r, en_fail(status_of(info->err->msg_code),
                        "JPEG: near offset %zu: %s",
                        r->size - r->source.bytes_in_buffer, message));
}

/* Warnings are tolerated, as by Pillow. */
static void
on_message(j_common_ptr info)
{
        (void)info;
}

static void
on_source(j_decompress_ptr info)
{
        (void)info;
}

/* No more than the memory holds: libjpeg then returns "suspended". */
static boolean
on_fill(j_decompress_ptr info)
{
        (void)info;
        return FALSE;
}

static void
on_skip(j_decompress_ptr info, long count)
{
        struct jpeg_source_mgr *source = info->src;
        size_t skipped = count > 0 ? (size_t)count : 0;

        if (skipped > source->bytes_in_buffer)
                skipped = source->bytes_in_buffer;
        source->next_input_byte += skipped;
        source->bytes_in_buffer -= skipped;
}

static int
most_scans(const reader *r)
{
        int64_t pixels = (int64_t)r->info.image_width * r->info.image_height;
        int64_t scans = SCAN_PIXELS / (pixels > 0 ? pixels : 1);

        return scans > MOST_SCANS    ? MOST_SCANS
               : scans < LEAST_SCANS ? LEAST_SCANS
                                     : (int)scans;
}

static void
on_progress(j_common_ptr info)
{
        reader *r = info->client_data;
        int most = most_scans(r);

        if (r->info.input_scan_number > most)
                stop(r,
                     en_fail(EFFNET_ERROR_LIMIT, "JPEG: over %d scans", most));
}

static void
prepare(reader *r, const uint8_t *data, size_t size)
{
        r->info.err = jpeg_std_error(&r->errors);
        r->errors.error_exit = on_error;
        r->errors.output_message = on_message;
        r->source.init_source = on_source;
        r->source.fill_input_buffer = on_fill;
        r->source.skip_input_data = on_skip;
        r->source.resync_to_restart = jpeg_resync_to_restart;
        r->source.term_source = on_source;
        r->source.next_input_byte = data;
        r->source.bytes_in_buffer = size;
        r->progress.progress_monitor = on_progress;
        r->info.client_data = r;
}

static void
stop_truncated(reader *r)
{
        stop(r, en_fail(EFFNET_ERROR_FORMAT,
                        "JPEG: truncated: the file ends after row %u of %u",
                        (unsigned)r->info.output_scanline,
                        (unsigned)r->info.image_height));
}

/* Tables may come in a stream of their own before the picture's. */
static void
read_header(reader *r)
{
        int found;

        do
                found = jpeg_read_header(&r->info, FALSE);
        while (found == JPEG_HEADER_TABLES_ONLY);
        if (found != JPEG_HEADER_OK)
                stop(r, en_fail(EFFNET_ERROR_FORMAT,
                                "JPEG: truncated before the picture data"));
}

static void
choose_output(reader *r)
{
        int components = r->info.num_components;

        if (components != 1 && components != 3 && components != 4)
                stop(r, en_fail(EFFNET_ERROR_UNSUPPORTED,
                                "JPEG: %d components, expected 1, 3 or 4",
                                components));
        r->info.out_color_space = components == 4 ? JCS_CMYK : JCS_RGB;
}

/* libjpeg has its own heap.  Coefficients of four components, two bytes each,
 * are the most that it keeps of a whole picture; with the picture they are to
 * stay within the limit of memory.
 */
static void
limit_memory(reader *r)
{
        int64_t width = (int64_t)r->info.image_width + MOST_PADDING;
        int64_t height = (int64_t)r->info.image_height + MOST_PADDING;
        int64_t bytes = 8 * width * height + WORK_BYTES;
        int64_t left = r->options->max_memory_bytes -
                       r->image->height * r->image->stride;

        if (bytes > left)
                bytes = left > 0 ? left : 1; /* 0 would be no limit */
        r->info.mem->max_memory_to_use = bytes < LONG_MAX ? (long)bytes
                                                          : LONG_MAX;
}

static void
make_image(reader *r)
{
        effnet_status status = en_decoded_create(
                &r->image, "JPEG", r->info.image_width, r->info.image_height,
                r->options);

        if (status != EFFNET_OK)
                stop(r, status);
        if (r->info.num_components != 4)
                return;
        r->row = en_alloc_array(r->info.image_width, 4);
        if (r->row == NULL)
                stop(r, EFFNET_ERROR_MEMORY);
}

/* a * b / 255, rounded as Pillow's MULDIV255. */
static int
multiply_255(int a, int b)
{
        int t = a * b + 128;

        return ((t >> 8) + t) >> 8;
}

/* The inverted values, whatever the marker says, to RGB: Pillow's "CMYK;I"
 * and cmyk2rgb.  With libjpeg's value k of black, 255 - k is Pillow's, and
 * what it leaves of white is k again.
 */
static void
cmyk_to_rgb(const uint8_t *cmyk, int32_t width, uint8_t *rgb)
{
        for (int32_t x = 0; x < width; x++) {
                int k = cmyk[3];

                for (int band = 0; band < 3; band++) {
                        int v = k - multiply_255(255 - cmyk[band], k);

                        *rgb++ = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
                }
                cmyk += 4;
        }
}

static void
read_rows(reader *r)
{
        effnet_image *image = r->image;
        uint8_t *rgb = image->owned;

        for (int32_t y = 0; y < image->height; y++) {
                JSAMPROW row = r->row != NULL ? r->row : rgb;

                if (jpeg_read_scanlines(&r->info, &row, 1) != 1)
                        stop_truncated(r);
                if (r->row != NULL)
                        cmyk_to_rgb(r->row, image->width, rgb);
                rgb += image->stride;
        }
}

static void
read_picture(reader *r)
{
        jpeg_create_decompress(&r->info);
        r->info.src = &r->source;
        r->info.progress = &r->progress;
        read_header(r);
        choose_output(r);
        make_image(r);
        limit_memory(r);
        if (!jpeg_start_decompress(&r->info))
                stop_truncated(r);
        read_rows(r);
        /* Suspended, if the end marker is missing: all rows are there. */
        jpeg_finish_decompress(&r->info);
}

/* The only place that an error jumps to.  No local variable lives across the
 * jump.
 */
static void
read_guarded(reader *r)
{
        if (setjmp(r->jump) == 0)
                read_picture(r);
}

effnet_status
en_jpeg_decode(effnet_image **image, const uint8_t *data, size_t size,
               const effnet_options *options)
{
        reader r = {.options = options, .size = size};

        *image = NULL;
        prepare(&r, data, size);
        read_guarded(&r);
        jpeg_destroy_decompress(&r.info);
        en_free(r.row);
        if (r.status != EFFNET_OK) {
                en_image_free(r.image);
                return r.status;
        }
        *image = r.image;
        if (options->orientation == 0)
                return EFFNET_OK;
        return en_image_turn(image, en_jpeg_orientation(data, size), options);
}

#endif
