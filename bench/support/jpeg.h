/* jpeg.h: a picture to decode. */
#ifndef BENCH_JPEG_H
#define BENCH_JPEG_H

#include <stddef.h>

/* A JPEG of quality 90 with 4:2:0 of smooth colours, edges and noise.  For
 * free(); NULL where effnet was built without JPEG.
 */
unsigned char *bench_jpeg(int width, int height, size_t *size);

#endif
