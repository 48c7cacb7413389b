/* depthwise.inc.h: template of the depthwise convolution.
 *
 * A register tile is up to V_COLUMNS output columns of one row by one vector
 * of channels.  For each row of taps it loads every input column once and
 * adds it to all outputs that see it, so that each output adds its taps in
 * order, whatever the tile; taps outside the input are left out.
 */

#define CHUNK_CHANNELS 96 /* a tile's columns of them stay in the cache */

struct columns {
        const float *input; /* under the first tap of the first row that is
                             * inside; its column may be outside */
        ptrdiff_t stride, row_stride;
        int32_t rows_left; /* before the ring's end */
        ptrdiff_t ring;    /* floats */
        int32_t width;     /* of the input */
        int32_t first;     /* input column under the first tap */
        int32_t kernel, step;
        int32_t taps_down; /* rows of taps inside */
        const float *weights;
        ptrdiff_t tap_stride;
        const float *bias;
        float *to;
        ptrdiff_t to_stride;
        const struct limits *limits; /* or NULL */
        float *sums;                 /* NULL, or the outputs are added */
        int32_t channels;            /* a multiple of V_ALIGN */
};

// clang-format off
#define EACH_COLUMN(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)
#define EACH_INPUT(X)                                                          \
        X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12)    \
        X(13) X(14) X(15) X(16) X(17) X(18)
// clang-format on

static ALWAYS_INLINE vec
chosen(int tap, vec w0, vec w1, vec w2, vec w3, vec w4)
{
        return tap == 0   ? w0
               : tap == 1 ? w1
               : tap == 2 ? w2
               : tap == 3 ? w3
                          : w4;
}

/* What of a tile's places does not change with the channel, in bytes. */
struct places {
        ptrdiff_t column, column3; /* one input column, three */
        ptrdiff_t row, ring;
        ptrdiff_t tap;
        ptrdiff_t to, to3;
};

static ALWAYS_INLINE struct places
places_of(const struct columns *t)
{
        const ptrdiff_t size = sizeof(float);

        return (struct places){
                counted(t->stride * size),       counted(3 * t->stride * size),
                counted(t->row_stride * size),   counted(t->ring * size),
                counted(t->tap_stride * size),   counted(t->to_stride * size),
                counted(3 * t->to_stride * size)};
}

static ALWAYS_INLINE void *
behind(const void *p, ptrdiff_t bytes)
{
        return (void *)((uintptr_t)p + (uintptr_t)bytes);
}

/* Only columns within half a kernel of the tile's ends may be outside.  As
 * in the pointwise tile, the sums are variables.
 */
static ALWAYS_INLINE void
columns_vector(const struct columns *t, const struct places *at, int32_t c,
               int columns, int kernel, int step)
{
        const int inputs = (columns - 1) * step + kernel;
        const int32_t rows_left = t->rows_left;
        const int32_t first = t->first, width = t->width;
        const int32_t taps_down = t->taps_down;
        const float *row = t->input + c;
        const float *w = t->weights + c;
        float *to = t->to + c;

#define BEGIN(o) vec s##o = vec_load(t->bias + c);
        EACH_COLUMN(BEGIN)
#undef BEGIN
        for (int32_t y = 0; y < taps_down; y++) {
                const vec w0 = vec_load(w);
                const vec w1 = vec_load(behind(w, at->tap));
                const vec w2 = vec_load(behind(w, 2 * at->tap));
                const float *w_rest = behind(w, 3 * at->tap);
                const vec w3 = kernel > 3 ? vec_load(w_rest) : w2;
                const vec w4 = kernel > 3 ? vec_load(behind(w_rest, at->tap))
                                          : w2;
                const float *input = opaque(row);

#define TAP(o)                                                                 \
        if (o < columns && j >= o * step && j - o * step < kernel)             \
                s##o = vec_accumulate(                                         \
                        s##o, x, chosen(j - o * step, w0, w1, w2, w3, w4));
#define INPUT(column_)                                                         \
        if (column_ < inputs) {                                                \
                const int j = column_;                                         \
                                                                               \
                if ((j >= kernel / 2 || first + j >= 0) &&                     \
                    (j < inputs - kernel / 2 || first + j < width)) {          \
                        const vec x = vec_load(behind(                         \
                                input, j % 4 == 3 ? at->column3                \
                                                  : j % 4 * at->column));      \
                                                                               \
                        EACH_COLUMN(TAP)                                       \
                }                                                              \
                if (j % 4 == 3)                                                \
                        input = opaque(behind(input, 4 * at->column));         \
        }
                EACH_INPUT(INPUT)
#undef INPUT
#undef TAP
                row = behind(row, at->row);
                if (y + 1 == rows_left)
                        row = behind(row, -at->ring);
                w = kernel > 3 ? behind(w_rest, 2 * at->tap) : w_rest;
        }
        if (t->limits != NULL) {
                const vec low = vec_set1(t->limits->low);
                const vec high = vec_set1(t->limits->high);

#define LIMIT(o) s##o = vec_min(high, vec_max(low, s##o));
                EACH_COLUMN(LIMIT)
#undef LIMIT
        }
        if (t->sums != NULL) {
                vec sum = vec_load(t->sums + c);

#define SUM(o)                                                                 \
        if (o < columns)                                                       \
                sum = vec_add(sum, s##o);
                EACH_COLUMN(SUM)
#undef SUM
                vec_store(t->sums + c, sum);
        }
#define END(o)                                                                 \
        if (o < columns)                                                       \
                vec_store(behind(to, o % 4 == 3 ? at->to3 : o % 4 * at->to),   \
                          s##o);                                               \
        if (o == 3)                                                            \
                to = opaque(behind(to, 4 * at->to));
        EACH_COLUMN(END)
#undef END
}

/* For any kernel and step. */
static void
any_vector(const struct columns *t, int32_t column, int32_t c)
{
        vec sum = vec_load(t->bias + c);
        const float *row = t->input + c;

        for (int32_t y = 0; y < t->taps_down; y++) {
                for (int32_t x = 0; x < t->kernel; x++) {
                        const int32_t from = column * t->step + x;
                        const ptrdiff_t tap = y * t->kernel + x;

                        if (t->first + from < 0 || t->first + from >= t->width)
                                continue;
                        sum = vec_accumulate(
                                sum, vec_load(row + from * t->stride),
                                vec_load(t->weights + tap * t->tap_stride + c));
                }
                row += t->row_stride;
                if (y + 1 == t->rows_left)
                        row -= t->ring;
        }
        if (t->limits != NULL)
                sum = vec_min(vec_set1(t->limits->high),
                              vec_max(vec_set1(t->limits->low), sum));
        if (t->sums != NULL)
                vec_store(t->sums + c, vec_add(vec_load(t->sums + c), sum));
        vec_store(t->to + column * t->to_stride + c, sum);
}

static ALWAYS_INLINE void
columns_tile(const struct columns *t, int columns, int kernel, int step)
{
        const struct places at = places_of(t);

        for (int32_t c = 0; c < t->channels; c += V_LANES)
                columns_vector(t, &at, c, columns, kernel, step);
}

static void
any_tile(const struct columns *t, int32_t columns)
{
        for (int32_t o = 0; o < columns; o++)
                for (int32_t c = 0; c < t->channels; c += V_LANES)
                        any_vector(t, o, c);
}

// clang-format off
#define EACH_TILE(X, kernel, step)                                             \
        X(1, kernel, step) X(2, kernel, step) X(3, kernel, step)               \
        X(4, kernel, step) X(5, kernel, step) X(6, kernel, step)               \
        X(7, kernel, step) X(8, kernel, step)
// clang-format on

#define TILE(n, kernel, step)                                                  \
        static NEVER_INLINE void columns_##n##_kernel##kernel##_step##step(    \
                const struct columns *t)                                       \
        {                                                                      \
                columns_tile(t, n, kernel, step);                              \
        }
EACH_TILE(TILE, 3, 1)
EACH_TILE(TILE, 3, 2)
EACH_TILE(TILE, 5, 1)
EACH_TILE(TILE, 5, 2)

#define NAME(n, kernel, step) columns_##n##_kernel##kernel##_step##step,
static void (*const column_tiles[2][2][8])(const struct columns *) = {
        {{EACH_TILE(NAME, 3, 1)}, {EACH_TILE(NAME, 3, 2)}},
        {{EACH_TILE(NAME, 5, 1)}, {EACH_TILE(NAME, 5, 2)}}};
#undef EACH_TILE
#undef TILE
#undef NAME

static void
columns_sums(const struct columns *t, int32_t columns)
{
        const int32_t half = t->kernel / 2;
        const int32_t last = t->first + (columns - 1) * t->step + half;

        if ((t->kernel != 3 && t->kernel != 5) || t->step > 2 ||
            t->first + half < 0 || last >= t->width)
                any_tile(t, columns);
        else
                column_tiles[t->kernel == 5][t->step - 1][columns - 1](t);
}

/* The output columns [column, column + columns) of a chunk of channels. */
struct window {
        int32_t c, channels;
        int32_t column, columns;
};

static float *
sums_of_row(const en_depthwise *call, const struct window *window, int32_t row)
{
        float *sums;

        if (call->row_sums == NULL)
                return NULL;
        sums = call->row_sums + row * call->vector_stride + window->c;
        if (window->column == 0)
                for (int32_t c = 0; c < window->channels; c += V_ALIGN)
                        memset(sums + c, 0, V_ALIGN * sizeof(*sums));
        return sums;
}

/* SiLU and sums of a row, as of all: field by field, as in pointwise.inc.h. */
static void
touch_row(const en_depthwise *call, const struct columns *row,
          const struct window *window, float *sums)
{
        struct touch t;

        t.from = t.to = row->to;
        t.from_stride = t.to_stride = row->to_stride;
        t.residual = NULL;
        t.residual_stride = 0;
        t.sums = sums;
        t.rows = window->columns;
        t.channels = window->channels;
        touch(&t, call->activation);
}

/* Down the rows, so that the input rows that two outputs share are still in
 * the first cache.
 */
static void
window_rows(const en_depthwise *call, const struct window *window)
{
        const ptrdiff_t row_stride = call->in_width * call->input_stride;
        const bool cheap = is_cheap(call->activation);
        struct columns t = {.stride = call->input_stride,
                            .row_stride = row_stride,
                            .ring = call->ring * row_stride,
                            .width = call->in_width,
                            .first = window->column * call->step -
                                     call->pad_left,
                            .kernel = call->kernel,
                            .step = call->step,
                            .tap_stride = call->vector_stride,
                            .bias = call->bias + window->c,
                            .limits = limits_of(call->activation),
                            .to_stride = call->output_stride,
                            .channels = window->channels};

        for (int32_t row = call->row_begin; row < call->row_end; row++) {
                const int32_t top = row * call->step - call->pad_top;
                const int32_t begin = top < 0 ? -top : 0;
                const int32_t below = call->in_height - top;
                const int32_t end = below < t.kernel ? below : t.kernel;
                const int32_t from = end > begin ? begin : 0;
                float *sums;

                t.taps_down = end > begin ? end - begin : 0;
                t.input = call->input + t.first * t.stride + window->c;
                if (t.taps_down > 0) {
                        const int32_t place = (top + from) % call->ring;

                        t.input += place * row_stride;
                        t.rows_left = call->ring - place;
                }
                t.weights = call->weights +
                            from * t.kernel * call->vector_stride + window->c;
                t.to = call->output + window->c +
                       ((ptrdiff_t)row * call->out_width + window->column) *
                               t.to_stride;
                sums = sums_of_row(call, window, row);
                t.sums = cheap ? sums : NULL;
                columns_sums(&t, window->columns);
                if (!cheap)
                        touch_row(call, &t, window, sums);
        }
}

static void
depthwise(const en_depthwise *call)
{
        const int32_t channels = rounded_channels(call->channels);
        const int32_t count = pieces(call->out_width, V_COLUMNS);
        struct window window;

        for (int32_t c = 0; c < channels; c += CHUNK_CHANNELS) {
                window.c = c;
                window.channels = channels - c < CHUNK_CHANNELS
                                          ? channels - c
                                          : CHUNK_CHANNELS;
                window.column = 0;
                for (int32_t i = 0; i < count; i++) {
                        window.columns = call->out_width / count +
                                         (i < call->out_width % count);
                        if (window.columns > 0)
                                window_rows(call, &window);
                        window.column += window.columns;
                }
        }
}
