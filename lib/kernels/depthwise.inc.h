/* depthwise.inc.h: template of the depthwise convolution.
 *
 * A register tile is up to V_COLUMNS output columns of one row, or with
 * V_PAIRS of two rows, by one vector of channels.  For each row of taps it
 * loads every input column once and adds it to all outputs that see it, so that
 * each output adds its taps in order, whatever the tile; taps outside the input
 * are left out.  Most tiles of wide maps have none: 3 x 3 has tiles that do not
 * ask.
 */

#define CHUNK_CHANNELS 96 /* a tile's columns of them stay in the cache */

/* Windows are no narrower, or a column: 9 columns are 5 and 4, and so on. */
#define LEAST_COLUMNS 4
_Static_assert(V_COLUMNS == 7 || V_COLUMNS == 8, "windows of 4 and more");

/* Floats from a channel's tap to its next one: a constant, so that taps need
 * neither registers for their places nor lines far apart.
 */
#define TAP       V_ALIGN
#define TAP_BYTES ((ptrdiff_t)(TAP * sizeof(float)))

struct columns {
        const float *input; /* under the first tap of the first row that is
                             * inside; its column may be outside */
        ptrdiff_t stride, row_stride;
        int32_t rows_left; /* before the ring's end */
        ptrdiff_t ring;    /* floats */
        int32_t width;     /* of the input */
        int32_t first;     /* input column under the first tap */
        int32_t kernel, step;
        int32_t taps_down;    /* rows of taps inside */
        int32_t columns;      /* of the output */
        const float *weights; /* of the first channel and row of taps */
        const float *bias;
        float *to;
        ptrdiff_t to_stride, to_row; /* from column to column, row to row */
        const struct limits *limits; /* or NULL */
        float *sums;                 /* NULL, or the outputs are added */
        ptrdiff_t sums_row;          /* from row to row */
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

/* Constants of a tile. */
struct tile_shape {
        int columns, kernel, step;
        bool both;   /* two rows of outputs */
        bool inside; /* all taps, and no row lies behind the ring's end */
};

/* What of a tile's places does not change with the channel, in bytes. */
struct places {
        ptrdiff_t column, column3; /* one input column, three */
        ptrdiff_t row, ring;
        ptrdiff_t to, to3;
};

static ALWAYS_INLINE struct places
places_of(const struct columns *t)
{
        const ptrdiff_t size = sizeof(float);

        return (struct places){counted(t->stride * size),
                               counted(3 * t->stride * size),
                               counted(t->row_stride * size),
                               counted(t->ring * size),
                               counted(t->to_stride * size),
                               counted(3 * t->to_stride * size)};
}

static ALWAYS_INLINE void *
behind(const void *p, ptrdiff_t bytes)
{
        return (void *)((uintptr_t)p + (uintptr_t)bytes);
}

/* A row's sums.  As in the pointwise tile they are variables, not an array. */
struct row_of_sums {
        vec s0, s1, s2, s3, s4, s5, s6, s7;
};

/* What a tile walks down: a row of its input, and the taps over it. */
struct place {
        const float *row;
        const float *w;    /* the taps of the upper row of outputs */
        int32_t rows_left; /* before the ring's end */
};

/* The next row of inputs times a row of taps for the upper row of outputs, the
 * lower one, or both.  Only columns within half a kernel of the tile's ends
 * may be outside.
 */
static ALWAYS_INLINE void
add_row(const struct columns *t, const struct places *at, struct place *place,
        struct tile_shape shape, struct row_of_sums *upper,
        struct row_of_sums *lower)
{
        const int columns = shape.columns, kernel = shape.kernel;
        const int step = shape.step;
        const int inputs = (columns - 1) * step + kernel;
        const int32_t first = t->first, width = t->width;
        const float *input = opaque(place->row);

#define WEIGHTS(name, from)                                                    \
        const float *name = from;                                              \
        const vec name##0 = vec_load(name);                                    \
        const vec name##1 = vec_load(name + TAP);                              \
        const vec name##2 = vec_load(name + 2 * TAP);                          \
        const vec name##3 = kernel > 3 ? vec_load(name + 3 * TAP) : name##2;   \
        const vec name##4 = kernel > 3 ? vec_load(name + 4 * TAP) : name##2;
        const float *above = behind(place->w, -step * kernel * TAP_BYTES);
        WEIGHTS(w, upper != NULL ? place->w : above)
        WEIGHTS(v, lower != NULL ? above : place->w)
#undef WEIGHTS
#define SEEN(o)                                                                \
        if (o < columns && j >= o * step && j - o * step < kernel) {           \
                if (upper != NULL)                                             \
                        upper->s##o = vec_accumulate(                          \
                                upper->s##o, x,                                \
                                chosen(j - o * step, w0, w1, w2, w3, w4));     \
                if (lower != NULL)                                             \
                        lower->s##o = vec_accumulate(                          \
                                lower->s##o, x,                                \
                                chosen(j - o * step, v0, v1, v2, v3, v4));     \
        }
#define INPUT(column_)                                                         \
        if (column_ < inputs) {                                                \
                const int j = column_;                                         \
                                                                               \
                if (shape.inside ||                                            \
                    ((j >= kernel / 2 || first + j >= 0) &&                    \
                     (j < inputs - kernel / 2 || first + j < width))) {        \
                        const vec x = vec_load(behind(                         \
                                input, j % 4 == 3 ? at->column3                \
                                                  : j % 4 * at->column));      \
                                                                               \
                        EACH_COLUMN(SEEN)                                      \
                }                                                              \
                if (j % 4 == 3)                                                \
                        input = opaque(behind(input, 4 * at->column));         \
        }
        EACH_INPUT(INPUT)
#undef INPUT
#undef SEEN
        place->row = behind(place->row, at->row);
        if (!shape.inside && --place->rows_left == 0)
                place->row = behind(place->row, -at->ring);
        place->w = behind(place->w, kernel * TAP_BYTES);
}

/* Limits, the sum of the row, and where it goes. */
static ALWAYS_INLINE void
end_row_of_sums(const struct columns *t, const struct places *at, int columns,
                struct row_of_sums s, float *sums, float *to)
{
        if (t->limits != NULL) {
                const vec low = vec_set1(t->limits->low);
                const vec high = vec_set1(t->limits->high);

#define LIMIT(o) s.s##o = vec_min(high, vec_max(low, s.s##o));
                EACH_COLUMN(LIMIT)
#undef LIMIT
        }
        if (t->sums != NULL) {
                vec sum = vec_load(sums);

#define SUM(o)                                                                 \
        if (o < columns)                                                       \
                sum = vec_add(sum, s.s##o);
                EACH_COLUMN(SUM)
#undef SUM
                vec_store(sums, sum);
        }
#define END(o)                                                                 \
        if (o < columns)                                                       \
                vec_store(behind(to, o % 4 == 3 ? at->to3 : o % 4 * at->to),   \
                          s.s##o);                                             \
        if (o == 3)                                                            \
                to = opaque(behind(to, 4 * at->to));
        EACH_COLUMN(END)
#undef END
}

/* The first tap of channel c. */
static ALWAYS_INLINE const float *
tap_of(const struct columns *t, ptrdiff_t c, int kernel)
{
        return t->weights + c / TAP * TAP * kernel * kernel + c % TAP;
}

/* All rows, of which `alone` are the upper outputs' only. */
static ALWAYS_INLINE void
add_rows(const struct columns *t, const struct places *at, struct place *place,
         struct tile_shape shape, struct row_of_sums *upper,
         struct row_of_sums *lower)
{
        const int32_t alone = shape.both ? shape.step : t->taps_down;

        for (int32_t y = 0; y < alone; y++)
                add_row(t, at, place, shape, upper, NULL);
        if (!shape.both)
                return;
        for (int32_t y = shape.step; y < shape.kernel; y++)
                add_row(t, at, place, shape, upper, lower);
        for (int32_t y = 0; y < shape.step; y++)
                add_row(t, at, place, shape, NULL, lower);
}

/* The same of 3 x 3, without loops. */
static ALWAYS_INLINE void
add_rows_inside(const struct columns *t, const struct places *at,
                struct place *place, struct tile_shape shape,
                struct row_of_sums *upper, struct row_of_sums *lower)
{
        const int rows = shape.kernel + (shape.both ? shape.step : 0);

#define ROW(y)                                                                 \
        if (y < rows)                                                          \
                add_row(t, at, place, shape, y < shape.kernel ? upper : NULL,  \
                        shape.both && y >= shape.step ? lower : NULL);
        ROW(0) ROW(1) ROW(2) ROW(3)
#undef ROW
}

static ALWAYS_INLINE void
columns_vector(const struct columns *t, const struct places *at, int32_t c,
               struct tile_shape shape)
{
        const vec bias = vec_load(t->bias + c);
        struct place place = {t->input + c, tap_of(t, c, shape.kernel),
                              t->rows_left};
        struct row_of_sums upper = {bias, bias, bias, bias,
                                    bias, bias, bias, bias};
        struct row_of_sums lower = upper;
        float *sums = t->sums == NULL ? NULL : t->sums + c;

        if (shape.inside)
                add_rows_inside(t, at, &place, shape, &upper, &lower);
        else
                add_rows(t, at, &place, shape, &upper, &lower);
        end_row_of_sums(t, at, shape.columns, upper, sums, t->to + c);
        if (shape.both)
                end_row_of_sums(t, at, shape.columns, lower,
                                sums == NULL ? NULL : sums + t->sums_row,
                                t->to + t->to_row + c);
}

/* For any kernel and step. */
static void
any_vector(const struct columns *t, int32_t column, int32_t c)
{
        vec sum = vec_load(t->bias + c);
        const float *row = t->input + c;
        const float *w = tap_of(t, c, t->kernel);

        for (int32_t y = 0; y < t->taps_down; y++) {
                for (int32_t x = 0; x < t->kernel; x++) {
                        const int32_t from = column * t->step + x;
                        const ptrdiff_t tap = y * t->kernel + x;

                        if (t->first + from < 0 || t->first + from >= t->width)
                                continue;
                        sum = vec_accumulate(sum,
                                             vec_load(row + from * t->stride),
                                             vec_load(w + tap * TAP));
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
columns_tile(const struct columns *t, struct tile_shape shape)
{
        const struct places at = places_of(t);

        for (int32_t c = 0; c < t->channels; c += V_LANES)
                columns_vector(t, &at, c, shape);
}

static void
any_tile(const struct columns *t)
{
        for (int32_t o = 0; o < t->columns; o++)
                for (int32_t c = 0; c < t->channels; c += V_LANES)
                        any_vector(t, o, c);
}

typedef void column_tile(const struct columns *t);

/* Two and three columns are a whole map's, and taken one by one. */
// clang-format off
#define EACH_TILE(X, kernel, step)                                             \
        X(1, kernel, step) X(4, kernel, step) X(5, kernel, step)               \
        X(6, kernel, step) X(7, kernel, step) X(8, kernel, step)
// clang-format on

#define TILE(n, kernel, step)                                                  \
        static NEVER_INLINE void columns_##n##_kernel##kernel##_step##step(    \
                const struct columns *t)                                       \
        {                                                                      \
                columns_tile(t, (struct tile_shape){n, kernel, step, false,    \
                                                    false});                   \
        }
EACH_TILE(TILE, 3, 1)
EACH_TILE(TILE, 3, 2)
EACH_TILE(TILE, 5, 1)
EACH_TILE(TILE, 5, 2)

#define NAME(n, kernel, step) columns_##n##_kernel##kernel##_step##step
#define ALL(kernel, step)                                                      \
        {                                                                      \
                NAME(1, kernel, step), NULL, NULL, NAME(4, kernel, step),      \
                        NAME(5, kernel, step), NAME(6, kernel, step),          \
                        NAME(7, kernel, step), NAME(8, kernel, step)           \
        }
static column_tile *const column_tiles[2][2][8] = {{ALL(3, 1), ALL(3, 2)},
                                                   {ALL(5, 1), ALL(5, 2)}};
#undef ALL
#undef EACH_TILE
#undef TILE
#undef NAME

#define INSIDE(name, step, both)                                               \
        _Static_assert(!both || step == 1, "four rows at most");               \
        static NEVER_INLINE void inside_##name(const struct columns *t)        \
        {                                                                      \
                columns_tile(t, (struct tile_shape){V_COLUMNS, 3, step, both,  \
                                                    true});                    \
        }
INSIDE(step1, 1, false)
INSIDE(step2, 2, false)

/* Two rows of outputs read their six rows of inputs once, instead of ten, and
 * wait less for their own sums: 5 x 5 takes 0.8 of the time on an Intel core
 * with AVX-512, and 3 x 3 inside the map 0.9; steps of 2 little less than
 * before.
 */
#if V_PAIRS

INSIDE(pair, 1, true)

#define PAIR_LEAST 6

#define PAIR(n)                                                                \
        static NEVER_INLINE void pair_##n(const struct columns *t)             \
        {                                                                      \
                columns_tile(t, (struct tile_shape){n, 5, 1, true, false});    \
        }
PAIR(6)
PAIR(7)
PAIR(8)
#undef PAIR

static column_tile *
pair_tile(const struct columns *t)
{
        static column_tile *const tiles[] = {pair_6, pair_7, pair_8};

        return t->kernel == 5 && t->step == 1 && t->columns >= PAIR_LEAST
                       ? tiles[t->columns - PAIR_LEAST]
                       : NULL;
}

#define INSIDE_PAIR inside_pair

#else

#define INSIDE_PAIR NULL

static column_tile *
pair_tile(const struct columns *t)
{
        (void)t;
        return NULL;
}

#endif
#undef INSIDE

/* Of one row, and of two, which have all their taps, or NULL; and those for a
 * window and rows that are inside.
 */
struct window_tiles {
        column_tile *any[2];
        column_tile *inside[2];
};

static struct window_tiles
tiles_of(const struct columns *t)
{
        const int32_t half = t->kernel / 2;
        const int32_t last = t->first + (t->columns - 1) * t->step + half;
        struct window_tiles tiles = {{any_tile, NULL}, {NULL, NULL}};

        if ((t->kernel != 3 && t->kernel != 5) || t->step > 2 ||
            t->first + half < 0 || last >= t->width)
                return tiles;
        tiles.any[0] =
                column_tiles[t->kernel == 5][t->step - 1][t->columns - 1];
        tiles.any[1] = pair_tile(t);
        if (t->kernel != 3 || t->columns != V_COLUMNS || t->first < 0 ||
            last + half >= t->width)
                return tiles;
        tiles.inside[0] = inside_step2;
        if (t->step == 1) {
                tiles.inside[0] = inside_step1;
                tiles.inside[1] = INSIDE_PAIR;
        }
        return tiles;
}

/* The output columns [column, column + columns) of a chunk of channels. */
struct window {
        int32_t c, channels;
        int32_t column, columns;
};

/* The sums of the window in `rows` rows, which its first column clears. */
static float *
sums_of_rows(const en_depthwise *call, const struct window *window, int32_t row,
             int32_t rows)
{
        const ptrdiff_t stride = call->vector_stride;
        float *sums;

        if (call->row_sums == NULL)
                return NULL;
        sums = call->row_sums + row * stride + window->c;
        for (int32_t i = 0; i < rows && window->column == 0; i++)
                for (int32_t c = 0; c < window->channels; c += V_ALIGN)
                        memset(sums + i * stride + c, 0,
                               V_ALIGN * sizeof(*sums));
        return sums;
}

/* SiLU and sums of a row, as of all: field by field, as in pointwise.inc.h. */
static void
touch_row(const en_depthwise *call, const struct columns *row, int32_t number,
          float *sums)
{
        struct touch t;

        t.from = t.to = row->to + number * row->to_row;
        t.from_stride = t.to_stride = row->to_stride;
        t.residual = NULL;
        t.residual_stride = 0;
        t.sums = sums == NULL ? NULL : sums + number * call->vector_stride;
        t.rows = row->columns;
        t.channels = row->channels;
        touch(&t, call->activation);
}

/* A window's finished row, from a place in the first cache. */
static void
stream_row(const en_depthwise *call, const struct window *window, int32_t row,
           const float *from)
{
        const ptrdiff_t pixel = (ptrdiff_t)row * call->out_width +
                                window->column;
        float *to = call->output + pixel * call->output_stride + window->c;

        for (int32_t i = 0; i < window->columns; i++) {
                for (int32_t c = 0; c < window->channels; c += V_LANES)
                        vec_stream(to + c, vec_load(from + c));
                from += window->channels;
                to += call->output_stride;
        }
}

/* Where row `row` begins, and the rows of taps that it has inside. */
static void
begin_row(const en_depthwise *call, const struct window *window, int32_t row,
          struct columns *t)
{
        const int32_t top = row * call->step - call->pad_top;
        const int32_t begin = top < 0 ? -top : 0;
        const int32_t below = call->in_height - top;
        const int32_t end = below < t->kernel ? below : t->kernel;
        const int32_t from = end > begin ? begin : 0;

        t->taps_down = end > begin ? end - begin : 0;
        t->input = call->input + t->first * t->stride + window->c;
        if (t->taps_down > 0) {
                const int32_t place = (top + from) % call->ring;

                t->input += place * t->row_stride;
                t->rows_left = call->ring - place;
        }
        t->weights = call->weights +
                     (ptrdiff_t)window->c * t->kernel * t->kernel +
                     from * t->kernel * TAP;
        t->to = call->output + window->c + row * t->to_row +
                window->column * t->to_stride;
}

/* The tile for `rows` rows from `row` on that have all their taps, or NULL. */
static column_tile *
tile_of_rows(const en_depthwise *call, const struct window_tiles *tiles,
             int32_t row, int32_t rows)
{
        const int32_t top = row * call->step - call->pad_top;
        const int32_t taps = (rows - 1) * call->step + call->kernel;
        column_tile *inside = tiles->inside[rows - 1];

        if (top < 0 || top + taps > call->in_height)
                return NULL;
        return inside != NULL && top % call->ring + taps <= call->ring
                       ? inside
                       : tiles->any[rows - 1];
}

/* The tile from `row` on, and the rows that it takes. */
static column_tile *
tile_from(const en_depthwise *call, const struct window_tiles *tiles,
          int32_t row, int32_t *rows)
{
        column_tile *tile = NULL;

        *rows = 2;
        if (row + 1 < call->row_end)
                tile = tile_of_rows(call, tiles, row, 2);
        if (tile != NULL)
                return tile;
        *rows = 1;
        tile = tile_of_rows(call, tiles, row, 1);
        return tile != NULL ? tile : tiles->any[0];
}

/* Down the rows, so that the input rows that two outputs share are still in
 * the first cache.
 */
static void
window_rows(const en_depthwise *call, const struct window *window)
{
        const ptrdiff_t row_stride = call->in_width * call->input_stride;
        const bool cheap = is_cheap(call->activation);
        _Alignas(64) float near[2 * V_COLUMNS * CHUNK_CHANNELS];
        struct columns t = {.stride = call->input_stride,
                            .row_stride = row_stride,
                            .ring = call->ring * row_stride,
                            .width = call->in_width,
                            .first = window->column * call->step -
                                     call->pad_left,
                            .kernel = call->kernel,
                            .step = call->step,
                            .columns = window->columns,
                            .sums_row = call->vector_stride,
                            .bias = call->bias + window->c,
                            .limits = limits_of(call->activation),
                            .to_stride = call->output_stride,
                            .to_row = call->out_width * call->output_stride,
                            .channels = window->channels};
        const struct window_tiles tiles = tiles_of(&t);
        int32_t rows;

        if (call->streamed) {
                t.to_stride = window->channels;
                t.to_row = window->columns * t.to_stride;
        }
        for (int32_t row = call->row_begin; row < call->row_end; row += rows) {
                column_tile *tile = tile_from(call, &tiles, row, &rows);
                float *sums;

                sums = sums_of_rows(call, window, row, rows);
                t.sums = cheap ? sums : NULL;
                begin_row(call, window, row, &t);
                if (call->streamed)
                        t.to = near;
                tile(&t);
                for (int32_t i = 0; i < rows && !cheap; i++)
                        touch_row(call, &t, i, sums);
                for (int32_t i = 0; i < rows && call->streamed; i++)
                        stream_row(call, window, row + i, near + i * t.to_row);
        }
}

static void
depthwise(const en_depthwise *call)
{
        const int32_t channels = rounded_channels(call->channels);
        const int32_t count = call->out_width < LEAST_COLUMNS
                                      ? call->out_width
                                      : pieces(call->out_width, V_COLUMNS);
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
                        window_rows(call, &window);
                        window.column += window.columns;
                }
        }
        if (call->streamed)
                vec_stream_end();
}
