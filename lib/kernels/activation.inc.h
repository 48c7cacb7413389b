/* activation.inc.h: template of the activations, alone and as the last touch
 * of other kernels.
 */

/* 1 + exp(-x): infinite from x = -88.4 down, 1 from x = 17 up, NaN for NaN.
 *
 * exp(-x) = 2^n exp(-s), n = round(-x / ln 2), s = x + n ln 2.  Adding
 * 1.5 * 2^23 + 127 leaves n + 127 in the low bits, which is the biased
 * exponent of 2^n; the limits keep it in 1..255, and 255 is infinity.  ln 2
 * is split as in fdlibm's e_expf.c: n times the high part is exact.
 * exp(-s) is 1 - s + s^2 q(s), q fitted for the least relative error on
 * |s| < 0.3475, which is 1.1e-7 (tests/oracle/exp_polynomial.py), and
 * evaluated by Estrin's scheme: Horner's waits longer.
 */
static inline vec
one_plus_exp_minus(vec x)
{
        const vec bias = vec_set1(0x1.8p23f + 127.0f);
        vec biased, n, s, s2, p, r;

        x = vec_min(vec_set1(87.0f), vec_max(vec_set1(-89.0f), x));
        biased = vec_fma(x, vec_set1(-0x1.715476p0f), bias);
        n = vec_sub(biased, bias);
        s = vec_fma(n, vec_set1(0x1.62e4p-1f), x);
        s = vec_fma(n, vec_set1(0x1.7f7d1cp-20f), s);
        s2 = vec_mul(s, s);
        p = vec_fma(s, vec_set1(-0x1.106174p-7f), vec_set1(0x1.572c62p-5f));
        r = vec_fma(s, vec_set1(-0x1.5557b6p-3f), vec_set1(0x1.fffdf8p-2f));
        p = vec_fma(p, s2, r);
        p = vec_fma(p, s2, vec_sub(vec_set1(1.0f), s));
        return vec_fma(p, vec_exponent(biased), vec_set1(1.0f));
}

/* Activations that are cheap enough for registers: all but those with an
 * exponential.  The operands' order in vec_min and vec_max keeps NaN.
 */
struct limits {
        float low, high;
};

static const struct limits *
limits_of(int32_t activation)
{
        static const struct limits relu = {0, INFINITY}, relu6 = {0, 6};

        return activation == EFFNET_ACTIVATION_RELU6  ? &relu6
               : activation == EFFNET_ACTIVATION_RELU ? &relu
                                                      : NULL;
}

static bool
is_cheap(int32_t activation)
{
        return activation == EN_ACTIVATION_NONE ||
               limits_of(activation) != NULL;
}

/* A rectangle of sums on which activation and residual, or activation and
 * the sum over rows, are still to be done: in a pass of its own, while it
 * lies in the first cache.
 */
struct touch {
        const float *from;
        ptrdiff_t from_stride;
        float *to; /* may be `from` */
        ptrdiff_t to_stride;
        const float *residual; /* or NULL; may be `to` */
        ptrdiff_t residual_stride;
        float *sums; /* or NULL; the sum over rows is added */
        ptrdiff_t rows;
        int32_t channels;     /* in whole vectors, or EN_CHANNEL_ALIGN */
        struct limits limits; /* set by touch() */
};

enum touch_kind { TOUCH_ONLY, TOUCH_RESIDUAL, TOUCH_SUMS };

enum touch_curve { TOUCH_LIMITS, TOUCH_SILU, TOUCH_SIGMOID };

/* A constant `curve` leaves one case. */
static ALWAYS_INLINE vec
touched(vec x, enum touch_curve curve, vec low, vec high)
{
        switch (curve) {
        case TOUCH_SILU: return vec_div(x, one_plus_exp_minus(x));
        case TOUCH_SIGMOID:
                return vec_div(vec_set1(1.0f), one_plus_exp_minus(x));
        default: return vec_min(high, vec_max(low, x));
        }
}

static ALWAYS_INLINE void
touch_vector(const struct touch *t, int32_t c, int32_t lanes,
             enum touch_curve curve, enum touch_kind kind)
{
        const ptrdiff_t from_stride = t->from_stride;
        const ptrdiff_t to_stride = t->to_stride;
        const ptrdiff_t residual_stride = t->residual_stride;
        const ptrdiff_t rows = t->rows;
        const float *from = t->from + c;
        const float *residual = kind == TOUCH_RESIDUAL ? t->residual + c : NULL;
        float *to = t->to + c;
        const vec low = vec_set1(t->limits.low);
        const vec high = vec_set1(t->limits.high);
        vec sum = kind == TOUCH_SUMS ? load_lanes(t->sums + c, lanes)
                                     : vec_set1(0);

        for (ptrdiff_t i = 0; i < rows; i++) {
                vec x = touched(load_lanes(from, lanes), curve, low, high);

                if (kind == TOUCH_RESIDUAL) {
                        x = vec_add(x, load_lanes(residual, lanes));
                        residual += residual_stride;
                }
                if (kind == TOUCH_SUMS)
                        sum = vec_add(sum, x);
                store_lanes(to, x, lanes);
                from += from_stride;
                to += to_stride;
        }
        if (kind == TOUCH_SUMS)
                store_lanes(t->sums + c, sum, lanes);
}

static ALWAYS_INLINE void
touch_kind(const struct touch *t, enum touch_curve curve, enum touch_kind kind)
{
        int32_t c = 0;

        for (; c + V_LANES <= t->channels; c += V_LANES)
                touch_vector(t, c, V_LANES, curve, kind);
        if (V_LANES > EN_CHANNEL_ALIGN && c < t->channels)
                touch_vector(t, c, EN_CHANNEL_ALIGN, curve, kind);
}

static ALWAYS_INLINE void
touch_as(const struct touch *t, enum touch_curve curve)
{
        if (t->sums != NULL)
                touch_kind(t, curve, TOUCH_SUMS);
        else if (t->residual != NULL)
                touch_kind(t, curve, TOUCH_RESIDUAL);
        else
                touch_kind(t, curve, TOUCH_ONLY);
}

/* One loop per curve and kind, without a choice inside. */
static void
touch(struct touch *t, int32_t activation)
{
        static const struct limits none = {-INFINITY, INFINITY};
        const struct limits *limits = limits_of(activation);

        t->limits = limits != NULL ? *limits : none;
        if (activation == EFFNET_ACTIVATION_SILU)
                touch_as(t, TOUCH_SILU);
        else if (activation == EN_ACTIVATION_SIGMOID)
                touch_as(t, TOUCH_SIGMOID);
        else
                touch_as(t, TOUCH_LIMITS);
}

/* The values as rows of one vector, and a rest. */
static void
activate(float *values, int64_t count, int32_t activation)
{
        const size_t rest = (size_t)(count % V_LANES) * sizeof(*values);
        float last[V_LANES] = {0};
        struct touch t = {.from = values,
                          .from_stride = V_LANES,
                          .to = values,
                          .to_stride = V_LANES,
                          .rows = (ptrdiff_t)(count / V_LANES),
                          .channels = V_LANES};

        touch(&t, activation);
        values += t.rows * V_LANES;
        memcpy(last, values, rest);
        t.from = t.to = last;
        t.rows = 1;
        touch(&t, activation);
        memcpy(values, last, rest);
}
