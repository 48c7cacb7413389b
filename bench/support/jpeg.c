/* jpeg.c: a picture to decode. */
#include "jpeg.h"

#include "config.h"

#include <stddef.h>

#ifdef HAVE_JPEG
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#define QUALITY 90

/* Waves, a grid of edges and noise: about two bits a pixel. */
static void
paint_row(unsigned char *row, int width, int y)
{
        static uint32_t state = 1;

        for (int x = 0; x < 3 * width; x++) {
                const double wave = sin(x * 0.004 + y * 0.011) * 60 +
                                    cos(y * 0.017 - x * 0.002) * 40;
                const int edge = ((x / 96) ^ (y / 40)) & 1 ? 30 : 0;

                state = state * 1664525 + 1013904223; /* Numerical Recipes */
                row[x] = (unsigned char)(110 + wave + edge +
                                         (int)(state >> 28) - 8);
        }
}

unsigned char *
bench_jpeg(int width, int height, size_t *size)
{
        struct jpeg_compress_struct encoder;
        struct jpeg_error_mgr errors;
        unsigned char *bytes = NULL;
        unsigned long count = 0;
        JSAMPROW row = malloc(3 * (size_t)width);

        encoder.err = jpeg_std_error(&errors); /* leaves the program */
        jpeg_create_compress(&encoder);
        jpeg_mem_dest(&encoder, &bytes, &count);
        encoder.image_width = (JDIMENSION)width;
        encoder.image_height = (JDIMENSION)height;
        encoder.input_components = 3;
        encoder.in_color_space = JCS_RGB;
        jpeg_set_defaults(&encoder);
        jpeg_set_quality(&encoder, QUALITY, TRUE);
        jpeg_start_compress(&encoder, TRUE);
        for (int y = 0; y < height && row != NULL; y++) {
                paint_row(row, width, y);
                (void)jpeg_write_scanlines(&encoder, &row, 1);
        }
        jpeg_finish_compress(&encoder);
        jpeg_destroy_compress(&encoder);
        free(row);
        *size = (size_t)count;
        return bytes;
}
#else
unsigned char *
bench_jpeg(int width, int height, size_t *size)
{
        (void)width;
        (void)height;
        *size = 0;
        return NULL;
}
#endif
