/* small.c: a small model and its inputs. */
#include "small.h"

#include "arch/config.h"
#include "reference.h"
#include "support.h"

#define WIDTH  60
#define HEIGHT 50

effnet_model *
test_small_model(int32_t classes, int32_t channels,
                 const effnet_options *options)
{
        effnet_config *config;
        effnet_model *model;

        ck_ok(effnet_config_create_custom(&config, "b0", 0.25, 1.0,
                                          TEST_SMALL_SIDE));
        config->classes = classes; /* may be 0 */
        config->input_channels = channels;
        ck_ok(effnet_model_create(&model, config, 5, options));
        effnet_config_free(config);
        return model;
}

effnet_image *
test_small_image(void)
{
        static uint8_t pixels[WIDTH * HEIGHT * 3];
        effnet_image *image;

        for (size_t i = 0; i < sizeof(pixels); i++)
                pixels[i] = (uint8_t)(i * i >> 5);
        ck_ok(effnet_image_wrap(&image, EFFNET_PIXEL_RGB, WIDTH, HEIGHT, pixels,
                                WIDTH * 3, NULL, NULL));
        return image;
}

effnet_tensor *
test_small_input(const int64_t shape[4])
{
        effnet_tensor *tensor;

        ck_ok(effnet_tensor_create(&tensor, EFFNET_TYPE_F32, 4, shape));
        test_random(effnet_tensor_data(tensor), effnet_tensor_count(tensor), 9);
        return tensor;
}
