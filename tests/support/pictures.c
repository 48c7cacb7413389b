/* pictures.c: see pictures.h. */
#include "pictures.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

/* Steele, Lea and Flood (2014). */
static uint64_t
splitmix64(uint64_t n)
{
        uint64_t z = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);

        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        return z ^ z >> 31;
}

uint8_t *
test_picture(int32_t width, int32_t height, uint64_t seed, int kind)
{
        size_t size = (size_t)width * (size_t)height * 3;
        uint8_t *pixels = malloc(size);

        ck_assert_ptr_nonnull(pixels);
        for (size_t i = 0; i < size; i++) {
                uint8_t byte = (uint8_t)(splitmix64(seed + i) >> 56);

                pixels[i] = kind == 0 ? byte : byte >= 128 ? 255 : 0;
        }
        return pixels;
}

void
test_image_hash(const effnet_image *image, char hex[HASH_SIZE])
{
        int64_t row = 3 * (int64_t)effnet_image_width(image);

        ck_assert_int_eq(effnet_image_format(image), EFFNET_PIXEL_RGB);
        ck_assert_int_eq(effnet_image_stride(image), row);
        test_hash(effnet_image_pixels(image),
                  (size_t)(row * effnet_image_height(image)), hex);
}

bool
test_verdict_next(FILE *table, test_verdict *verdict)
{
        char text[16];

        memset(verdict, 0, sizeof(*verdict));
        if (fscanf(table, "%159s %15s", verdict->name, text) != 2)
                return false;
        verdict->good = strcmp(text, "ok") == 0;
        if (verdict->good)
                ck_assert_int_eq(fscanf(table, "%d %d %64s", &verdict->width,
                                        &verdict->height, verdict->hash),
                                 3);
        return true;
}

FILE *
test_table(const char *name)
{
        FILE *table = fopen(test_data(name), "r");

        ck_assert_msg(table != NULL, "cannot open %s", test_data(name));
        return table;
}

bool
test_format_built(const char *path)
{
        bool jpeg = strstr(path, ".jp") != NULL || strstr(path, ".JP") != NULL;
        const char *probe = jpeg ? "image/gray.jpg" : "image/c0-08.png";
        effnet_image *image;
        effnet_status status = effnet_image_read_file(&image, test_data(probe),
                                                      NULL);

        effnet_image_free(image);
        return status != EFFNET_ERROR_UNSUPPORTED ||
               strstr(effnet_last_error(), "built without") == NULL;
}
