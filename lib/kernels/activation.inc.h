/* activation.inc.h: template of the activations, alone and as the last touch
 * of other kernels.
 */

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
        float *from; /* written where SiLU's arguments are limited */
        ptrdiff_t from_stride;
        float *to; /* may be `from` */
        ptrdiff_t to_stride;
        const float *residual; /* or NULL; may be `to` */
        ptrdiff_t residual_stride;
        float *sums; /* or NULL; the sum over rows is added */
        ptrdiff_t rows;
        int32_t channels;     /* in whole vectors */
        struct limits limits; /* set by touch() */
};

enum touch_kind { TOUCH_ONLY, TOUCH_RESIDUAL, TOUCH_SUMS };

enum touch_curve { TOUCH_LIMITS, TOUCH_SILU, TOUCH_LOGISTIC };

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

static ALWAYS_INLINE struct column
column_of(const struct touch *t, int32_t c, enum touch_kind kind)
{
        return (struct column){
                .from = t->from + c,
                .from_stride = t->from_stride,
                .to = t->to + c,
                .to_stride = t->to_stride,
                .residual = kind == TOUCH_RESIDUAL ? t->residual + c : NULL,
                .residual_stride = t->residual_stride,
                .rows = t->rows,
                .sum = kind == TOUCH_SUMS ? vec_load(t->sums + c) : vec_set1(0),
                .kind = kind};
}

static ALWAYS_INLINE void
end_column(const struct touch *t, int32_t c, const struct column *column)
{
        if (column->kind == TOUCH_SUMS)
                vec_store(t->sums + c, column->sum);
}

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

/* For what is rare, and not worth more code. */
static ALWAYS_INLINE void
logistic_rows(struct column *column)
{
        for (ptrdiff_t left = column->rows; left > 0; left--) {
                const struct fraction f = logistic(reduced(row_of(column, 0)));

                end_row(column, vec_div(f.over, f.under));
        }
}

#if V_POWERS

static ALWAYS_INLINE void
silu_rows(struct column *column)
{
        for (ptrdiff_t left = column->rows; left > 0; left--)
                end_row(column, silu_alone(row_of(column, 0)));
}

/* Pairs of columns from the first on, and where the next after them is. */
static ALWAYS_INLINE int32_t
silu_pairs(const struct touch *t, enum touch_kind kind)
{
        int32_t c = 0;

        for (; c + 2 * V_LANES <= t->channels; c += 2 * V_LANES) {
                struct column left = column_of(t, c, kind);
                struct column right = column_of(t, c + V_LANES, kind);

                for (ptrdiff_t rows = t->rows; rows > 0; rows--) {
                        vec y[2] = {row_of(&left, 0), row_of(&right, 0)};

                        silu_pair(y);
                        end_row(&left, y[0]);
                        end_row(&right, y[1]);
                }
                end_column(t, c, &left);
                end_column(t, c + V_LANES, &right);
        }
        return c;
}

#else

static ALWAYS_INLINE void
end_silu(struct column *column, struct fraction f)
{
        end_row(column, vec_mul(row_of(column, 0), vec_div(f.over, f.under)));
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
                end_silu(column, f);
                f = logistic(x);
                x = reduced(row_of(column, 1));
        }
        end_silu(column, f);
        if (more)
                end_silu(column, logistic(x));
}

static ALWAYS_INLINE int32_t
silu_pairs(const struct touch *t, enum touch_kind kind)
{
        (void)t;
        (void)kind;
        return 0;
}

#endif

static ALWAYS_INLINE void
touch_kind(const struct touch *t, enum touch_curve curve, enum touch_kind kind)
{
        int32_t c = curve == TOUCH_SILU ? silu_pairs(t, kind) : 0;

        for (; c < t->channels; c += V_LANES) {
                struct column column = column_of(t, c, kind);

                if (curve == TOUCH_LIMITS)
                        limit_rows(&column, t->limits);
                else if (curve == TOUCH_SILU)
                        silu_rows(&column);
                else
                        logistic_rows(&column);
                end_column(t, c, &column);
        }
}

/* One loop per curve and kind, without a choice inside, where it matters. */
static ALWAYS_INLINE void
touch_by_curve(const struct touch *t, enum touch_curve curve,
               enum touch_kind kind)
{
        if (kind == TOUCH_SUMS)
                touch_kind(t, curve, TOUCH_SUMS);
        else if (kind == TOUCH_RESIDUAL)
                touch_kind(t, curve, TOUCH_RESIDUAL);
        else
                touch_kind(t, curve, TOUCH_ONLY);
}

/* Before a SiLU that nothing looks after (see limited.inc.h), or that could not
 * be done again, as a residual may lie where the result goes.
 */
static void
limit_arguments(const struct touch *t, int32_t activation)
{
#if V_POWERS
        if (activation != EN_ACTIVATION_SILU_LIMITED && t->residual == NULL)
                return;
        for (ptrdiff_t i = 0; i < t->rows; i++) {
                float *row = t->from + i * t->from_stride;

                for (int32_t c = 0; c < t->channels; c += V_LANES)
                        vec_store(row + c, vec_min(vec_set1(SILU_LIMIT),
                                                   vec_load(row + c)));
        }
#else
        (void)t;
        (void)activation;
#endif
}

static void
touch(struct touch *t, int32_t activation)
{
        static const struct limits none = {-INFINITY, INFINITY};
        const struct limits *limits = limits_of(activation);
        const enum touch_kind kind = t->sums != NULL       ? TOUCH_SUMS
                                     : t->residual != NULL ? TOUCH_RESIDUAL
                                                           : TOUCH_ONLY;

        t->limits = limits != NULL ? *limits : none;
        if (t->rows == 0)
                return;
        if (is_cheap(activation)) {
                touch_by_curve(t, TOUCH_LIMITS, kind);
        } else if (activation == EN_ACTIVATION_SIGMOID) {
                touch_kind(t, TOUCH_LOGISTIC, kind);
        } else {
                limit_arguments(t, activation);
                touch_by_curve(t, TOUCH_SILU, kind);
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

        if (activation == EFFNET_ACTIVATION_SILU)
                activation = EN_ACTIVATION_SILU_LIMITED; /* being in place */
        touch(&t, activation);
        values += t.rows * V_LANES;
        memcpy(last, values, rest);
        t.from = t.to = last;
        t.rows = 1;
        touch(&t, activation);
        memcpy(values, last, rest);
}
