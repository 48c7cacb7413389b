/* decode.c: tells the format by content and hands the bytes to a decoder. */
#include "base/options.h"
#include "base/size.h"
#include "base/status.h"
#include "image/codecs.h"

#include <inttypes.h>
#include <string.h>

typedef effnet_status (*decoder)(effnet_image **, const uint8_t *, size_t,
                                 const effnet_options *);

typedef struct signature {
        size_t offset;
        size_t length;
        const char *bytes;
        const char *name; /* with its article */
        effnet_status status;
        decoder decode;
} signature;

/* One row: where, which bytes, and what they mean. */
#define ROW(offset, bytes, name, status, decode)                               \
        {                                                                      \
                offset, sizeof(bytes) - 1, bytes, name, status, decode         \
        }
#define HANDLED(bytes, name, decode) ROW(0, bytes, name, EFFNET_OK, decode)
#define PICTURE(offset, bytes, name)                                           \
        ROW(offset, bytes, name, EFFNET_ERROR_UNSUPPORTED, NULL)
#define OTHER(bytes, name) ROW(0, bytes, name, EFFNET_ERROR_FORMAT, NULL)

/* The first row that fits counts. */
static const signature signatures[] = {
        HANDLED("\x89PNG\r\n\x1a\n", "a PNG picture", en_png_decode),
        HANDLED("\xff\xd8\xff", "a JPEG picture", en_jpeg_decode),
        PICTURE(0, "GIF8", "a GIF picture"),
        PICTURE(8, "WEBP", "a WebP picture"),
        PICTURE(0, "BM", "a BMP picture"),
        PICTURE(0, "II*\0", "a TIFF picture"),
        PICTURE(0, "MM\0*", "a TIFF picture"),
        PICTURE(4, "ftypavi", "an AVIF picture"),
        PICTURE(4, "ftyphei", "a HEIC picture"),
        PICTURE(4, "ftyphev", "a HEIC picture"),
        PICTURE(4, "ftypm", "a HEIF picture or MP4 film"),
        PICTURE(4, "jP  \r\n\x87\n", "a JPEG 2000 picture"),
        PICTURE(0, "\xff\x4f\xff\x51", "a JPEG 2000 picture"),
        PICTURE(4, "JXL \r\n\x87\n", "a JPEG XL picture"),
        PICTURE(0, "\xff\x0a", "a JPEG XL picture"),
        PICTURE(0, "8BPS", "a Photoshop picture"),
        PICTURE(0, "\0\0\1\0", "an icon (ICO)"),
        PICTURE(0, "P1\n", "a PBM picture"),
        PICTURE(0, "P2\n", "a PGM picture"),
        PICTURE(0, "P3\n", "a PPM picture"),
        PICTURE(0, "P4\n", "a PBM picture"),
        PICTURE(0, "P5\n", "a PGM picture"),
        PICTURE(0, "P6\n", "a PPM picture"),
        PICTURE(0, "qoif", "a QOI picture"),
        PICTURE(0, "\x8aMNG\r\n\x1a\n", "an MNG film"),
        PICTURE(0, "\x8bJNG\r\n\x1a\n", "a JNG picture"),
        PICTURE(0, "<svg", "an SVG drawing"),
        OTHER("%PDF-", "a PDF document"),
        OTHER("version https://git-lfs",
              "a Git LFS pointer (fetch the file itself with git lfs pull)"),
        OTHER("<!DOCTYPE", "an HTML page"),
        OTHER("<html", "an HTML page"),
        OTHER("<?xml", "an XML file"),
        OTHER("PK\3\4", "a ZIP archive"),
        OTHER("\x1f\x8b", "a gzip archive"),
};

#define SIGNATURES (sizeof(signatures) / sizeof(signatures[0]))

static const signature *
recognise(const uint8_t *data, size_t size)
{
        for (size_t i = 0; i < SIGNATURES; i++) {
                const signature *row = &signatures[i];

                if (size >= row->offset + row->length &&
                    memcmp(data + row->offset, row->bytes, row->length) == 0)
                        return row;
        }
        return NULL;
}

/* So short that it may be the beginning of a signature. */
static effnet_status
fail_unknown(const uint8_t *data, size_t size)
{
        for (size_t i = 0; i < SIGNATURES; i++) {
                const signature *row = &signatures[i];

                if (row->decode != NULL && size < row->length &&
                    memcmp(data, row->bytes, size) == 0)
                        return en_fail(EFFNET_ERROR_FORMAT,
                                       "truncated: %zu bytes, the beginning "
                                       "of %s",
                                       size, row->name);
        }
        return en_fail(EFFNET_ERROR_FORMAT,
                       "expected a PNG or JPEG picture, found neither at "
                       "offset 0");
}

/* The decoder for what begins so. */
static effnet_status
find_decoder(const uint8_t *data, size_t size, decoder *found)
{
        const signature *row;

        if (size == 0)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "empty: expected a PNG or JPEG picture");
        row = recognise(data, size);
        if (row == NULL)
                return fail_unknown(data, size);
        if (row->decode == NULL)
                return en_fail(row->status,
                               "expected a PNG or JPEG picture, found %s",
                               row->name);
        *found = row->decode;
        return EFFNET_OK;
}

effnet_status
en_image_check_head(const uint8_t *head, size_t size)
{
        decoder any;

        return find_decoder(head, size, &any);
}

effnet_status
en_image_decode(effnet_image **image, const uint8_t *data, size_t size,
                const effnet_options *options)
{
        const effnet_options *chosen = en_options_or_default(options);
        effnet_status status;
        decoder decode;

        *image = NULL;
        if (size > (uint64_t)chosen->max_file_bytes)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "%zu bytes, the limit is %" PRId64, size,
                               chosen->max_file_bytes);
        status = find_decoder(data, size, &decode);
        if (status != EFFNET_OK)
                return status;
        return decode(image, data, size, chosen);
}

effnet_status
en_decoded_create(effnet_image **image, const char *kind, uint64_t width,
                  uint64_t height, const effnet_options *options)
{
        uint64_t pixels;

        if (width == 0 || height == 0)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "%s: empty picture of %" PRIu64 " x %" PRIu64
                               " pixels",
                               kind, width, height);
        if (!en_mul_u64(width, height, &pixels) ||
            pixels > (uint64_t)options->max_pixels)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "%s: %" PRIu64 " x %" PRIu64
                               " pixels, the limit is %" PRId64 " in all",
                               kind, width, height, options->max_pixels);
        if (width > EN_MAX_IMAGE_SIDE || height > EN_MAX_IMAGE_SIDE)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "%s: %" PRIu64 " x %" PRIu64
                               " pixels, the limit is %d a side",
                               kind, width, height, EN_MAX_IMAGE_SIDE);
        if (pixels > (uint64_t)options->max_memory_bytes / 3)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "%s: %" PRIu64 " x %" PRIu64
                               " pixels of 3 bytes, the limit of memory is "
                               "%" PRId64,
                               kind, width, height, options->max_memory_bytes);
        return en_image_create(image, (int32_t)width, (int32_t)height);
}
