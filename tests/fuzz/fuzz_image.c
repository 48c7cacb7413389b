/* fuzz_image.c: decodes any bytes as a picture and preprocesses it; and takes
 * the bytes for pixels.  The last bytes choose the steps.
 */
#include "effnet.h"

#include <stdlib.h>

#define MOST_PIXELS 20000
#define CHOICES     9
#define MOST_SIDE   48

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must never be. */
static void
require(int condition)
{
        if (!condition)
                abort();
}

static effnet_preprocess *
choose_steps(const uint8_t *choice)
{
        effnet_preprocess *steps;

        require(effnet_preprocess_create(&steps) == EFFNET_OK);
        effnet_preprocess_set_mode(steps, choice[0] % 6);
        effnet_preprocess_set_filter(steps, choice[1] % 4);
        effnet_preprocess_set_resize(steps, choice[2] % MOST_SIDE,
                                     choice[3] % MOST_SIDE);
        effnet_preprocess_set_crop(steps, choice[4] % MOST_SIDE,
                                   choice[5] % MOST_SIDE);
        effnet_preprocess_set_int(steps, EFFNET_PREPROCESS_ARITHMETIC,
                                  choice[0] >> 7);
        effnet_preprocess_set_int(steps, EFFNET_PREPROCESS_CHANNELS,
                                  choice[1] < 64 ? 1 : 3);
        return steps;
}

static void
use(const effnet_image *image, const uint8_t *choice)
{
        effnet_preprocess *steps = choose_steps(choice);
        effnet_tensor *tensor;
        effnet_image *resized;
        effnet_status status;

        status = effnet_preprocess_apply(steps, image, &tensor);
        require((status == EFFNET_OK) == (tensor != NULL));
        effnet_tensor_free(tensor);
        status = effnet_image_resize(&resized, image, choice[2] % MOST_SIDE,
                                     choice[4] % MOST_SIDE, choice[1] % 4);
        require((status == EFFNET_OK) == (resized != NULL));
        effnet_image_free(resized);
        effnet_preprocess_free(steps);
}

static void
use_file(const uint8_t *data, size_t size, const uint8_t *choice)
{
        effnet_options *options;
        effnet_image *image;
        effnet_status status;

        require(effnet_options_create(&options) == EFFNET_OK);
        effnet_options_set_int(options, EFFNET_OPTION_MAX_PIXELS, MOST_PIXELS);
        effnet_options_set_int(options, EFFNET_OPTION_ORIENTATION,
                               choice[6] & 1);
        effnet_options_set_int(options, EFFNET_OPTION_BACKGROUND,
                               (choice[6] & 2) != 0 ? 0x80ff00 : -1);
        status = effnet_image_read_memory(&image, data, size, options);
        require((status == EFFNET_OK) == (image != NULL));
        require(status == EFFNET_OK || effnet_last_error()[0] != '\0');
        require(status != EFFNET_ERROR_INTERNAL);
        if (image != NULL)
                use(image, choice);
        effnet_image_free(image);
        effnet_options_free(options);
}

static void
use_pixels(const uint8_t *data, size_t size, const uint8_t *choice)
{
        static const int pixel_sizes[] = {0, 3, 3, 4, 4, 1};
        int32_t format = 1 + choice[6] % 5;
        int32_t width = 1 + choice[7] % MOST_SIDE;
        int64_t row = (int64_t)pixel_sizes[format] * width;
        int64_t stride = row + choice[8] % 4;
        int64_t height = ((int64_t)size + stride - row) / stride;
        const uint8_t *top = data;
        effnet_image *image;

        if (height < 1)
                return;
        height = height < MOST_SIDE ? height : MOST_SIDE;
        if (choice[8] >= 128) {
                top += (height - 1) * stride;
                stride = -stride;
        }
        require(effnet_image_wrap(&image, format, width, (int32_t)height, top,
                                  stride, NULL, NULL) == EFFNET_OK);
        use(image, choice);
        effnet_image_free(image);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const uint8_t *choice = data + size - CHOICES;

        if (size < CHOICES)
                return 0;
        use_file(data, size, choice);
        use_pixels(data, size, choice);
        return 0;
}
