/* pixels.inc.h: templates of the sum over pixels and of scaling them. */

/* SUMS vectors of channels at once hide the additions' latency. */
#define SUMS 4

static ALWAYS_INLINE void
sum_channels(const float *input, ptrdiff_t stride, int64_t pixels,
             int32_t vectors, float *sums)
{
        vec s0 = vec_set1(0), s1 = s0, s2 = s0, s3 = s0;

        for (int64_t p = 0; p < pixels; p++) {
                s0 = vec_add(s0, vec_load(input));
                if (vectors == SUMS) {
                        s1 = vec_add(s1, vec_load(input + V_LANES));
                        s2 = vec_add(s2, vec_load(input + 2 * V_LANES));
                        s3 = vec_add(s3, vec_load(input + 3 * V_LANES));
                }
                input += stride;
        }
        vec_store(sums, s0);
        if (vectors == SUMS) {
                vec_store(sums + V_LANES, s1);
                vec_store(sums + 2 * V_LANES, s2);
                vec_store(sums + 3 * V_LANES, s3);
        }
}

static void
sum_pixels(const float *input, ptrdiff_t stride, int64_t pixels,
           int32_t channels, float *sums)
{
        const int32_t rounded = rounded_channels(channels);
        int32_t c = 0;

        for (; c + SUMS * V_LANES <= rounded; c += SUMS * V_LANES)
                sum_channels(input + c, stride, pixels, SUMS, sums + c);
        for (; c < rounded; c += V_LANES)
                sum_channels(input + c, stride, pixels, 1, sums + c);
}

static void
scale_pixels(float *values, ptrdiff_t stride, int64_t pixels, int32_t channels,
             const float *scale)
{
        for (int64_t p = 0; p < pixels; p++) {
                for (int32_t c = 0; c < rounded_channels(channels);
                     c += V_LANES)
                        vec_store(values + c, vec_mul(vec_load(values + c),
                                                      vec_load(scale + c)));
                values += stride;
        }
}
