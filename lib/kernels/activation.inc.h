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

/* A constant `activation` leaves one case.  The operands' order keeps NaN. */
static ALWAYS_INLINE vec
activated(vec x, int32_t activation)
{
        switch (activation) {
        case EFFNET_ACTIVATION_SILU: return vec_div(x, one_plus_exp_minus(x));
        case EN_ACTIVATION_SIGMOID:
                return vec_div(vec_set1(1.0f), one_plus_exp_minus(x));
        case EFFNET_ACTIVATION_RELU6:
                return vec_min(vec_set1(6.0f), vec_max(vec_set1(0.0f), x));
        case EFFNET_ACTIVATION_RELU: return vec_max(vec_set1(0.0f), x);
        default: return x;
        }
}

/* Activations that are cheap enough for registers: all but those with an
 * exponential.
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
        int32_t channels;
};

enum touch_kind { TOUCH_ONLY, TOUCH_RESIDUAL, TOUCH_SUMS };

static ALWAYS_INLINE void
touch_vector(const struct touch *t, int32_t c, int32_t lanes,
             int32_t activation, enum touch_kind kind)
{
        const ptrdiff_t from_stride = t->from_stride;
        const ptrdiff_t to_stride = t->to_stride;
        const ptrdiff_t residual_stride = t->residual_stride;
        const ptrdiff_t rows = t->rows;
        const float *from = t->from + c;
        const float *residual = kind == TOUCH_RESIDUAL ? t->residual + c : NULL;
        float *to = t->to + c;
        vec sum = kind == TOUCH_SUMS ? load_lanes(t->sums + c, lanes)
                                     : vec_set1(0);

        for (ptrdiff_t i = 0; i < rows; i++) {
                vec x = activated(load_lanes(from, lanes), activation);

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
touch_kind(const struct touch *t, int32_t activation, enum touch_kind kind)
{
        int32_t c = 0;

        for (; c + V_LANES <= t->channels; c += V_LANES)
                touch_vector(t, c, V_LANES, activation, kind);
        if (c < t->channels)
                touch_vector(t, c, t->channels - c, activation, kind);
}

static ALWAYS_INLINE void
touch_as(const struct touch *t, int32_t activation)
{
        if (t->sums != NULL)
                touch_kind(t, activation, TOUCH_SUMS);
        else if (t->residual != NULL)
                touch_kind(t, activation, TOUCH_RESIDUAL);
        else
                touch_kind(t, activation, TOUCH_ONLY);
}

/* One loop per activation and kind, without a choice inside. */
static void
touch(const struct touch *t, int32_t activation)
{
        switch (activation) {
        case EFFNET_ACTIVATION_SILU:
                touch_as(t, EFFNET_ACTIVATION_SILU);
                return;
        case EFFNET_ACTIVATION_RELU6:
                touch_as(t, EFFNET_ACTIVATION_RELU6);
                return;
        case EFFNET_ACTIVATION_RELU:
                touch_as(t, EFFNET_ACTIVATION_RELU);
                return;
        case EN_ACTIVATION_SIGMOID: touch_as(t, EN_ACTIVATION_SIGMOID); return;
        default: touch_as(t, EN_ACTIVATION_NONE);
        }
}

/* The values as rows of one vector, and a rest. */
static void
activate(float *values, int64_t count, int32_t activation)
{
        struct touch t = {.from = values,
                          .from_stride = V_LANES,
                          .to = values,
                          .to_stride = V_LANES,
                          .rows = (ptrdiff_t)(count / V_LANES),
                          .channels = V_LANES};

        touch(&t, activation);
        t.from = t.to = values + t.rows * V_LANES;
        t.channels = (int32_t)(count % V_LANES);
        t.rows = 1;
        touch(&t, activation);
}
