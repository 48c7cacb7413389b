/* yuv.c: NV12, I420 and YUYV to RGB, by the matrices of ITU-R BT.601 and
 * BT.709 in 16 bits of fixed point.  effnet.h has the formula.
 */
#include "image/yuv.h"

#define BITS     16
#define ROUNDING (INT32_C(1) << (BITS - 1))

/* What a step of luma, of Cr in red and green, and of Cb in green and blue
 * adds.  With Kr, Kb and the ranges y = 219 or 255, c = 224 or 255: 255 / y,
 * 255 / c times 2 (1 - Kr), -2 Kr (1 - Kr) / Kg, -2 Kb (1 - Kb) / Kg and
 * 2 (1 - Kb), each times 2^16 and rounded.
 */
typedef struct matrix {
        int32_t luma, red_cr, green_cb, green_cr, blue_cb;
} matrix;

static const matrix matrices[2][2] = {
        [EFFNET_MATRIX_BT601] =
                {
                        [EFFNET_RANGE_LIMITED] = {76309, 104597, -25675, -53279,
                                                  132201},
                        [EFFNET_RANGE_FULL] = {65536, 91881, -22553, -46802,
                                               116130},
                },
        [EFFNET_MATRIX_BT709] =
                {
                        [EFFNET_RANGE_LIMITED] = {76309, 117489, -13975, -34925,
                                                  138438},
                        [EFFNET_RANGE_FULL] = {65536, 103206, -12276, -30679,
                                               121609},
                },
};

/* Where a row's samples are, and from pixel to pixel or pair to pair. */
typedef struct samples {
        const uint8_t *luma, *cb, *cr;
        int luma_step, chroma_step;
} samples;

static samples
samples_of(const effnet_image *image, int32_t y)
{
        const uint8_t *luma = image->planes[0] + y * image->strides[0];
        const uint8_t *first = image->planes[1], *second = image->planes[2];

        if (image->format == EFFNET_PIXEL_YUYV)
                return (samples){luma, luma + 1, luma + 3, 2, 4};
        first += y / 2 * image->strides[1];
        if (image->format == EFFNET_PIXEL_NV12)
                return (samples){luma, first, first + 1, 1, 2};
        second += y / 2 * image->strides[2];
        return (samples){luma, first, second, 1, 1};
}

static uint8_t
clip(int32_t sum)
{
        /* An arithmetic shift, as gcc and clang define it. */
        int32_t value = (sum + ROUNDING) >> BITS;

        return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

void
en_yuv_row(const effnet_image *image, int32_t y, int32_t x, int32_t count,
           uint8_t *rgb)
{
        const matrix *m = &matrices[image->matrix][image->range];
        const samples row = samples_of(image, image->top + y);
        int32_t black = image->range == EFFNET_RANGE_LIMITED ? 16 : 0;

        x += image->left;
        for (int32_t end = x + count; x < end; x++, rgb += 3) {
                ptrdiff_t pair = (ptrdiff_t)(x / 2) * row.chroma_step;
                int32_t luma = m->luma *
                               (row.luma[(ptrdiff_t)x * row.luma_step] - black);
                int32_t cb = row.cb[pair] - 128, cr = row.cr[pair] - 128;

                rgb[0] = clip(luma + m->red_cr * cr);
                rgb[1] = clip(luma + m->green_cb * cb + m->green_cr * cr);
                rgb[2] = clip(luma + m->blue_cb * cb);
        }
}
