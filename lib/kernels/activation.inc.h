/* activation.inc.h: template of the activations, alone and as the last touch
 * of other kernels.
 */

/* The logistic function is over / under: 0 from x = -88.4 down, 1 from x = 17
 * up, NaN for NaN.  exp(-x) = 2^n exp(-s), n being -x / ln 2 rounded to whole
 * numbers or to 32nds, and s = x + n ln 2.
 *
 * ln 2 is split in two.  Where multiply-adds are fused, its high part is its
 * nearest float; elsewhere n times the high part is exact, as in fdlibm's
 * e_expf.c.
 */
#define LN2_HIGH                                                               \
        (V_FUSED ? 0x1.62e43p-1f : V_POWERS ? 0x1.62p-1f : 0x1.62e4p-1f)
#define LN2_LOW                                                                \
        (V_FUSED    ? -0x1.05c61p-29f                                          \
         : V_POWERS ? 0x1.c85fep-10f                                           \
                    : 0x1.7f7d1cp-20f)

struct reduced {
        vec near, s;   /* s but for the low part of ln 2; s */
        vec biased, n; /* the sum that rounded n; n */
};

struct fraction {
        vec over, under;
};

/* Adding 1.5 * 2^23 * step rounds n to multiples of `step`, and leaves their
 * number in the low bits, to which `more` is added.  The limits keep 2^n
 * between 0 and infinity, both of which it may be.
 */
static ALWAYS_INLINE struct reduced
reduced_by(vec x, float step, float more)
{
        const vec bias = vec_set1(0x1.8p23f * step + more);
        vec biased, n, near;

        x = vec_min(vec_set1(87.0f), vec_max(vec_set1(-89.0f), x));
        biased = vec_fma(x, vec_set1(-0x1.715476p0f), bias);
        n = vec_sub(biased, bias);
        near = vec_fma(n, vec_set1(LN2_HIGH), x);
        return (struct reduced){near, vec_fma(n, vec_set1(LN2_LOW), near),
                                biased, n};
}

#if V_POWERS

/* Of 32nds, of which there is a table of powers: on |s| < ln 2 / 64 exp(-s) is
 * its Taylor polynomial of degree 3 to 6e-10.  Then Intel's cores wait for
 * nothing but the division.
 */
static ALWAYS_INLINE struct reduced
reduced(vec x)
{
        return reduced_by(x, 0x1p-5f, 0);
}

static ALWAYS_INLINE struct fraction
logistic(struct reduced x)
{
        const vec one = vec_set1(1);
        vec p = vec_fma(x.s, vec_set1(-0x1.555556p-3f), vec_set1(0.5f));

        p = vec_fma(p, x.s, vec_set1(-1));
        p = vec_fma(p, x.s, one);
        return (struct fraction){one,
                                 vec_fma(vec_power(x.biased, x.n), p, one)};
}

#else

/* Of whole numbers: 127 more are the exponent of 2^n, in 1..255, of which 255
 * is infinity.  With r = s coth(s / 2), exp(-s) = (r - s) / (r + s), so that
 * 1 / (1 + exp(-x)) = (r + s) / (r + s + 2^n (r - s)).  r = 2 + s^2 q(s^2)
 * with q linear, fitted for the least relative error of exp(-s) on
 * |s| < 0.3475, which is 6.7e-10 (tests/oracle/exp_fraction.py).  Where
 * multiply-adds are fused, r does without the low part of ln 2, which so comes
 * from beside the chain.
 */
static ALWAYS_INLINE struct reduced
reduced(vec x)
{
        return reduced_by(x, 1, 127);
}

static ALWAYS_INLINE struct fraction
logistic(struct reduced x)
{
        const vec near = V_FUSED ? x.near : x.s;
        const vec s2 = vec_mul(near, near);
        const vec q = vec_fma(s2, vec_set1(-0x1.6a89p-9f),
                              vec_set1(0x1.555512p-3f));
        const vec r = vec_fma(q, s2, vec_set1(2.0f));
        const vec over = vec_add(r, x.s);

        return (struct fraction){
                over, vec_fma(vec_sub(r, x.s), vec_exponent(x.biased), over)};
}

#endif

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
        int32_t channels;     /* in whole vectors */
        struct limits limits; /* this and the next are set by touch() */
        bool silu;
};

enum touch_kind { TOUCH_ONLY, TOUCH_RESIDUAL, TOUCH_SUMS };

enum touch_curve { TOUCH_LIMITS, TOUCH_SILU, TOUCH_SMOOTH };

/* A column of vectors, from the row that ends next. */
struct column {
        const float *from;
        ptrdiff_t from_stride;
        float *to;
        ptrdiff_t to_stride;
        const float *residual;
        ptrdiff_t residual_stride;
        ptrdiff_t rows;
        vec sum;
        enum touch_kind kind; /* constants leave one case of it and the curve */
};

static ALWAYS_INLINE vec
row_of(const struct column *column, ptrdiff_t row)
{
        return vec_load(column->from + row * column->from_stride);
}

static ALWAYS_INLINE void
end_row(struct column *column, vec x)
{
        if (column->kind == TOUCH_RESIDUAL) {
                x = vec_add(x, vec_load(column->residual));
                column->residual += column->residual_stride;
        }
        if (column->kind == TOUCH_SUMS)
                column->sum = vec_add(column->sum, x);
        vec_store(column->to, x);
        column->from += column->from_stride;
        column->to += column->to_stride;
}

static ALWAYS_INLINE void
limit_rows(struct column *column, struct limits limits)
{
        const vec low = vec_set1(limits.low), high = vec_set1(limits.high);

        for (ptrdiff_t left = column->rows; left > 0; left--)
                end_row(column, vec_min(high, vec_max(low, row_of(column, 0))));
}

static ALWAYS_INLINE void
end_smooth(struct column *column, struct fraction f, bool silu)
{
        const vec x = silu ? row_of(column, 0) : vec_set1(1);

        end_row(column, V_POWERS ? vec_div(x, f.under)
                        : silu   ? vec_mul(x, vec_div(f.over, f.under))
                                 : vec_div(f.over, f.under));
}

/* Whatever the kind: for what is rare, and not worth more code. */
static ALWAYS_INLINE void
smooth_rows(struct column *column, bool silu)
{
        for (ptrdiff_t left = column->rows; left > 0; left--)
                end_smooth(column, logistic(reduced(row_of(column, 0))), silu);
}

/* Three rows are under way at a time, a stage each: the operations of one
 * wait for each other longer than a core looks ahead.
 */
static ALWAYS_INLINE void
silu_rows(struct column *column)
{
        const bool more = column->rows > 1;
        struct fraction f = logistic(reduced(row_of(column, 0)));
        struct reduced x = reduced(row_of(column, more));

        for (ptrdiff_t left = column->rows; left > 2; left--) {
                end_smooth(column, f, true);
                f = logistic(x);
                x = reduced(row_of(column, 1));
        }
        end_smooth(column, f, true);
        if (more)
                end_smooth(column, logistic(x), true);
}

static ALWAYS_INLINE void
touch_column(const struct touch *t, int32_t c, enum touch_curve curve,
             enum touch_kind kind)
{
        struct column column = {
                .from = t->from + c,
                .from_stride = t->from_stride,
                .to = t->to + c,
                .to_stride = t->to_stride,
                .residual = kind == TOUCH_RESIDUAL ? t->residual + c : NULL,
                .residual_stride = t->residual_stride,
                .rows = t->rows,
                .sum = kind == TOUCH_SUMS ? vec_load(t->sums + c) : vec_set1(0),
                .kind = kind};

        if (curve == TOUCH_LIMITS)
                limit_rows(&column, t->limits);
        else if (curve == TOUCH_SILU)
                silu_rows(&column);
        else
                smooth_rows(&column, t->silu);
        if (kind == TOUCH_SUMS)
                vec_store(t->sums + c, column.sum);
}

static ALWAYS_INLINE void
touch_kind(const struct touch *t, enum touch_curve curve, enum touch_kind kind)
{
        for (int32_t c = 0; c < t->channels; c += V_LANES)
                touch_column(t, c, curve, kind);
}

/* One loop per curve and kind, without a choice inside, where it matters. */
static void
touch(struct touch *t, int32_t activation)
{
        static const struct limits none = {-INFINITY, INFINITY};
        const struct limits *limits = limits_of(activation);
        const enum touch_kind kind = t->sums != NULL       ? TOUCH_SUMS
                                     : t->residual != NULL ? TOUCH_RESIDUAL
                                                           : TOUCH_ONLY;

        t->limits = limits != NULL ? *limits : none;
        t->silu = activation == EFFNET_ACTIVATION_SILU;
        if (t->rows == 0)
                return;
        if (is_cheap(activation)) {
                if (kind == TOUCH_SUMS)
                        touch_kind(t, TOUCH_LIMITS, TOUCH_SUMS);
                else if (kind == TOUCH_RESIDUAL)
                        touch_kind(t, TOUCH_LIMITS, TOUCH_RESIDUAL);
                else
                        touch_kind(t, TOUCH_LIMITS, TOUCH_ONLY);
        } else if (t->silu && kind == TOUCH_SUMS) {
                touch_kind(t, TOUCH_SILU, TOUCH_SUMS);
        } else if (t->silu && kind == TOUCH_ONLY) {
                touch_kind(t, TOUCH_SILU, TOUCH_ONLY);
        } else {
                touch_kind(t, TOUCH_SMOOTH, kind);
        }
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
