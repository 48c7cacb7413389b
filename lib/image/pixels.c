/* pixels.c: rows of any pixel format as RGB or as real values. */
#include "image/image.h"
#include "image/yuv.h"

#include <string.h>

/* Where a pixel's bytes are; gray has all three in one place. */
typedef struct layout {
        int32_t size;
        int32_t red, green, blue;
} layout;

static const layout layouts[] = {
        [EFFNET_PIXEL_RGB] = {3, 0, 1, 2},  [EFFNET_PIXEL_BGR] = {3, 2, 1, 0},
        [EFFNET_PIXEL_RGBA] = {4, 0, 1, 2}, [EFFNET_PIXEL_BGRA] = {4, 2, 1, 0},
        [EFFNET_PIXEL_GRAY] = {1, 0, 0, 0},
};

#define ALPHA 3 /* in a pixel of four bytes */

bool
en_image_is_rgb(const effnet_image *image)
{
        return image->format == EFFNET_PIXEL_RGB && !image->gray;
}

/* Pillow's convert("L"); gray stays as it is. */
static void
make_gray(uint8_t *rgb, int32_t count)
{
        for (; count > 0; count--, rgb += 3) {
                int gray = (19595 * rgb[0] + 38470 * rgb[1] + 7471 * rgb[2] +
                            0x8000) >>
                           16;

                rgb[0] = rgb[1] = rgb[2] = (uint8_t)gray;
        }
}

void
en_colour_bytes(int64_t colour, uint8_t rgb[3])
{
        for (int i = 0; i < 3; i++)
                rgb[i] = (uint8_t)(colour >> (16 - 8 * i) & 255);
}

/* ImagingAlphaComposite of Pillow 13.0.0, where the lower alpha is 255: the
 * quotient by 255 is rounded with seven more bits.
 */
void
en_blend(uint8_t *rgb, int alpha, const uint8_t under[3])
{
        for (int i = 0; i < 3; i++) {
                int sum = 128 * (rgb[i] * alpha + under[i] * (255 - alpha)) +
                          0x4000;

                rgb[i] = (uint8_t)(((sum >> 8) + sum) >> 15);
        }
}

static void
pick_bytes(const effnet_image *image, int32_t y, int32_t x, int32_t count,
           uint8_t *rgb)
{
        const layout at = layouts[image->format];
        const uint8_t *pixel = image->pixels + y * image->stride +
                               (ptrdiff_t)x * at.size;
        bool blended = image->blended && at.size == 4;

        if (image->format == EFFNET_PIXEL_RGB) {
                memcpy(rgb, pixel, (size_t)count * 3);
                return;
        }
        for (int32_t i = 0; i < count; i++) {
                rgb[0] = pixel[at.red];
                rgb[1] = pixel[at.green];
                rgb[2] = pixel[at.blue];
                if (blended)
                        en_blend(rgb, pixel[ALPHA], image->background);
                rgb += 3;
                pixel += at.size;
        }
}

void
en_image_row_rgb(const effnet_image *image, int32_t y, int32_t x, int32_t count,
                 uint8_t *rgb)
{
        if (en_pixel_kind(image->format) == EN_KIND_YUV)
                en_yuv_row(image, y, x, count, rgb);
        else
                pick_bytes(image, y, x, count, rgb);
        if (image->gray)
                make_gray(rgb, count);
}

/* A sample at any address. */
static float
sample(const uint8_t *bytes, bool wide)
{
        uint16_t number;
        float real;

        if (wide) {
                memcpy(&real, bytes, sizeof(real));
                return real;
        }
        memcpy(&number, bytes, sizeof(number));
        return (float)number;
}

/* The weights of Pillow's convert("L"), unrounded. */
static float
gray_of(const uint8_t *pixel, bool wide)
{
        ptrdiff_t size = wide ? 4 : 2;

        return (float)((19595.0 * (double)sample(pixel, wide) +
                        38470.0 * (double)sample(pixel + size, wide) +
                        7471.0 * (double)sample(pixel + 2 * size, wide)) /
                       65536.0);
}

void
en_image_row_real(const effnet_image *image, int channel, int32_t y, int32_t x,
                  int32_t count, float *values)
{
        bool wide = image->format == EFFNET_PIXEL_GRAYF32 ||
                    image->format == EFFNET_PIXEL_RGBF32;
        bool colour = image->format == EFFNET_PIXEL_RGB16 ||
                      image->format == EFFNET_PIXEL_RGBF32;
        ptrdiff_t sample_size = wide ? 4 : 2;
        ptrdiff_t size = colour ? 3 * sample_size : sample_size;
        const uint8_t *pixel = image->pixels + y * image->stride + x * size;

        for (int32_t i = 0; i < count; i++, pixel += size)
                values[i] =
                        image->gray && colour
                                ? gray_of(pixel, wide)
                                : sample(pixel + (colour ? channel * sample_size
                                                         : 0),
                                         wide);
}
