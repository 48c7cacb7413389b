/* kernel_convolution.h: what the tests of convolutions that sum over all inputs
 * of a pixel share: their memory, and that nothing beside the outputs changes.
 */
#ifndef TESTS_KERNEL_CONVOLUTION_H
#define TESTS_KERNEL_CONVOLUTION_H

#include "kernel_levels.h"

/* Between guard pages.  Strides leave a gap after the rounded channels,
 * which must stay as it is; what follows the real inputs is NaN, which must not
 * reach a sum.
 */
struct memory {
        ptrdiff_t input_stride, output_stride;
        int32_t rounded; /* outputs */
        guarded input, weights, packed, bias, output, residuals;
};

#define GAP EN_CHANNEL_ALIGN

/* How many of each there are. */
struct extent {
        const en_kernels *kernels;
        int64_t in_pixels, out_pixels;
        int32_t inputs, outputs, taps; /* taps: of a filter */
        size_t packed;
        bool at_start;
};

/* Floats from a row of pixels' first one to its last one's last channel. */
static inline int64_t
span(int64_t pixels, ptrdiff_t stride, int32_t width)
{
        return pixels > 0 ? (pixels - 1) * stride + width : 0;
}

static inline struct memory
memory_make(const struct extent *e, uint32_t seed)
{
        const int32_t width = rounded_for(e->kernels, e->inputs);
        const int32_t rounded = rounded_for(e->kernels, e->outputs);
        struct memory m = {.input_stride = width + GAP,
                           .output_stride = rounded + GAP,
                           .rounded = rounded};
        const int64_t floats = span(e->out_pixels, m.output_stride, rounded);

        m.input = random_floats(span(e->in_pixels, m.input_stride, width),
                                e->at_start, &seed);
        for (int64_t i = 0; i < (int64_t)m.input.count; i++)
                if (i % m.input_stride >= e->inputs)
                        m.input.f[i] = NAN;
        m.weights = random_floats((int64_t)e->inputs * e->outputs * e->taps,
                                  e->at_start, &seed);
        m.packed = guarded_floats((int64_t)e->packed, e->at_start);
        m.bias = random_floats(rounded, e->at_start, &seed);
        m.output = canaries(floats, e->at_start);
        m.residuals = random_floats(floats, e->at_start, &seed);
        return m;
}

static inline void
memory_free(const struct memory *m)
{
        guarded_free(m->input);
        guarded_free(m->weights);
        guarded_free(m->packed);
        guarded_free(m->bias);
        guarded_free(m->output);
        guarded_free(m->residuals);
}

/* Whether float `i` of the output is one of `outputs`; of the rest, what is
 * rounded up to is finite, and the gaps are as they were.
 */
static inline bool
is_output(const struct memory *m, int64_t i, int32_t outputs)
{
        const int32_t n = (int32_t)(i % m->output_stride);

        if (n < outputs)
                return true;
        if (n < m->rounded)
                ck_assert(isfinite(m->output.f[i]));
        else
                ck_assert(m->output.f[i] == CANARY);
        return false;
}

static inline void
expect_same_output(const struct memory *found, const struct memory *expected)
{
        ck_assert(memcmp(found->output.f, expected->output.f,
                         expected->output.count * sizeof(float)) == 0);
}

#endif
