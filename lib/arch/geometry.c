/* geometry.c: the padding rules of the families.
 *
 * Symmetric: torchvision's Conv2dNormActivation.  SAME: TensorFlow's rule, as
 * timm computes it from the actual size.  Static SAME: LM's
 * Conv2dStaticSamePadding computes the same from the nominal size once, and
 * its sizes between layers are nominal sizes divided by the strides.
 */
#include "arch/geometry.h"

#include "effnet.h"

static int32_t
divide_up(int32_t size, int32_t stride)
{
        return size / stride + (size % stride != 0);
}

/* TensorFlow's padding in all, so that ceil(size / stride) outputs fit. */
static int32_t
same_padding(int32_t size, int32_t kernel, int32_t stride)
{
        int64_t covered = (int64_t)(divide_up(size, stride) - 1) * stride +
                          kernel;

        return covered > size ? (int32_t)(covered - size) : 0;
}

static int32_t
total_padding(en_axis in, int32_t kernel, int32_t stride, int32_t padding)
{
        switch (padding) {
        case EFFNET_PADDING_SAME: return same_padding(in.size, kernel, stride);
        case EFFNET_PADDING_SAME_STATIC:
                return same_padding(in.nominal, kernel, stride);
        default: return (kernel - 1) / 2 * 2;
        }
}

en_span
en_convolve_axis(en_axis in, int32_t kernel, int32_t stride, int32_t padding)
{
        int32_t total = total_padding(in, kernel, stride, padding);
        int64_t room = (int64_t)in.size + total - kernel;
        en_span span = {
                .before = total / 2,
                .after = total - total / 2,
                .out =
                        {
                                .size = room < 0 ? 0
                                                 : (int32_t)(room / stride + 1),
                                .nominal = divide_up(in.nominal, stride),
                        },
        };

        return span;
}
