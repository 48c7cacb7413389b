/* normalise.c: ToTensor and Normalize of torchvision; rescale and normalize of
 * transformers' image processors (image_transforms.py of 5.23, the NumPy one).
 * Every operation is rounded to float but for rescaling, which is a product in
 * double.
 */
#include "image/normalise.h"

#include <stdbool.h>

float
en_normalise_unit(const en_preset *steps, int channel, float value)
{
        bool again = steps->arithmetic == EFFNET_ARITHMETIC_HF &&
                     steps->normalize_again != 0;

        if (steps->normalize != 0) {
                value = value - steps->mean[channel];
                value = value / steps->std[channel];
        }
        return again ? value / steps->std[channel] : value;
}

/* transformers subtracts 1 after the product, whatever the factor is. */
static float
rescale(const en_preset *steps, int value)
{
        float x;

        if (steps->arithmetic != EFFNET_ARITHMETIC_HF)
                return (float)value / 255.0F;
        if (steps->rescale == 0)
                return (float)value;
        x = (float)(value * steps->rescale_factor);
        return steps->rescale_offset != 0 ? x - 1.0F : x;
}

void
en_normalise_table(const en_preset *steps, int channel, float table[256])
{
        for (int value = 0; value < 256; value++)
                table[value] = en_normalise_unit(steps, channel,
                                                 rescale(steps, value));
}
