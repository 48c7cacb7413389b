/* winograd.inc.h: template of the full 3 x 3 convolution of stride 1 by
 * Winograd's minimal filtering, F(4 x 4, 3 x 3) (Lavin and Gray, "Fast
 * algorithms for convolutional neural networks", 2015).
 *
 * A tile of 4 x 4 outputs comes from a patch of 6 x 6 inputs.  Both ways a
 * line of the patch becomes the values of a polynomial at 0, +-P, +-Q and
 * infinity; so do the filters, while they are packed.  The sum over the input
 * channels is then a matrix product per position of the patch, 36 products
 * instead of 144 for each tile, and the tile's outputs are interpolated from
 * them.  The points' powers are floats without rounding, and their products
 * are 1 nearly: errors are below twice a direct convolution's, a quarter of
 * those of the customary 0, +-1, +-2 (tests/oracle/winograd_points.py, after
 * Barabasz et al., "Error analysis and improving the accuracy of Winograd
 * convolution", 2018).
 */

#define P  0.6875f
#define Q  1.5f
#define P2 (P * P)
#define Q2 (Q * Q)

#define LINE      6
#define TILE      EN_WINOGRAD_TILE
#define POSITIONS (LINE * LINE)

/* Tiles that are interpolated together, and activated while they lie in the
 * first cache.
 */
#define TILES_TOGETHER 8

/* The transformed patches of a call: [tile][position][inputs]. */
struct patches {
        float *values;
        ptrdiff_t tile, position; /* distances */
        int32_t tiles;
};

/* Tiles are an odd number of cache lines apart, or many would share a few sets
 * of the first cache.
 */
static ptrdiff_t
patch_stride(int32_t inputs)
{
        const ptrdiff_t lines =
                (POSITIONS * (ptrdiff_t)rounded_channels(inputs) + 15) / 16;

        return (lines | 1) * 16;
}

static size_t
winograd_scratch(int32_t inputs, int32_t count)
{
        return (size_t)count *
               ((size_t)patch_stride(inputs) + POSITIONS * WIDE_WIDTH);
}

static size_t
winograd_size(int32_t inputs, int32_t outputs)
{
        return (size_t)POSITIONS * (size_t)inputs *
               (size_t)rounded_channels(outputs);
}

/* A value for each output of a panel. */
typedef double wide[WIDE_WIDTH];

/* The values at the points of the polynomial with three coefficients, divided
 * by what interpolation would have to divide by.
 */
static void
filter_line(const wide a, const wide b, const wide c, wide *to,
            ptrdiff_t distance)
{
        static const double points[LINE - 1] = {0, P, -P, Q, -Q};
        static const double factors[LINE - 1] = {
                1.0 / (P2 * Q2), 0.5 / (P2 * (P2 - Q2)), 0.5 / (P2 * (P2 - Q2)),
                0.5 / (Q2 * (Q2 - P2)), 0.5 / (Q2 * (Q2 - P2))};

        for (int i = 0; i < LINE - 1; i++, to += distance) {
                const double x = points[i], factor = factors[i];

                for (int n = 0; n < WIDE_WIDTH; n++)
                        (*to)[n] = (a[n] + x * (b[n] + x * c[n])) * factor;
        }
        memcpy(*to, c, sizeof(wide));
}

/* The filters of one input for `outputs` of a panel: position by position, at
 * a distance.  As elsewhere, what would be subnormal is 0.
 */
static void
pack_filters(const float *weights, int32_t inputs, int32_t outputs,
             int32_t width, float *packed, ptrdiff_t distance)
{
        wide filters[9] = {{0}}, lines[3 * LINE], values[LINE];

        for (int32_t n = 0; n < outputs; n++, weights += (ptrdiff_t)inputs * 9)
                for (int i = 0; i < 9; i++)
                        filters[i][n] = weights[i];
        for (int i = 0; i < 3; i++)
                filter_line(filters[i], filters[3 + i], filters[6 + i],
                            lines + i, 3);
        for (int y = 0; y < LINE; y++) {
                const wide *line = (const wide *)lines + 3 * y;

                filter_line(line[0], line[1], line[2], values, 1);
                for (int x = 0; x < LINE; x++, packed += distance)
                        for (int32_t n = 0; n < width; n++) {
                                const float value = (float)values[x][n];

                                packed[n] = fabsf(value) < FLT_MIN ? 0 : value;
                        }
        }
}

/* A panel is [position][inputs][width]; panels follow one another. */
static void
pack_winograd(const float *weights, int32_t inputs, int32_t outputs,
              float *packed)
{
        struct panel panel = {0};

        while (next_panel(&panel, inputs, outputs)) {
                const int32_t width = panel.vectors * V_LANES;
                const int32_t left = outputs - panel.begin;
                const float *from = weights +
                                    (ptrdiff_t)panel.begin * inputs * 9;
                float *to = packed + POSITIONS * panel.offset;

                for (int32_t k = 0; k < inputs; k++)
                        pack_filters(from + (ptrdiff_t)k * 9, inputs,
                                     left < width ? left : width, width,
                                     to + (ptrdiff_t)k * width,
                                     (ptrdiff_t)inputs * width);
        }
}

/* A patch of the input, of which some rows and columns may lie outside. */
struct patch {
        const float *input; /* the map */
        ptrdiff_t first;    /* the patch's, which may be outside */
        ptrdiff_t row, pixel;
        int32_t top, bottom, left, right; /* what is inside */
};

static ALWAYS_INLINE void
input_line(vec d0, vec d1, vec d2, vec d3, vec d4, vec d5, float *to,
           ptrdiff_t distance)
{
        const vec minus_p2 = vec_set1(-P2), minus_q2 = vec_set1(-Q2);
        const vec minus_sum = vec_set1(-(P2 + Q2)), product = vec_set1(P2 * Q2);
        const vec even_p = vec_fma(d2, minus_q2, d4);
        const vec odd_p = vec_fma(d1, minus_q2, d3);
        const vec even_q = vec_fma(d2, minus_p2, d4);
        const vec odd_q = vec_fma(d1, minus_p2, d3);

        vec_store(to, vec_fma(d0, product, vec_fma(d2, minus_sum, d4)));
        to += distance;
        vec_store(to, vec_fma(odd_p, vec_set1(P), even_p));
        to += distance;
        vec_store(to, vec_fma(odd_p, vec_set1(-P), even_p));
        to += distance;
        vec_store(to, vec_fma(odd_q, vec_set1(Q), even_q));
        to += distance;
        vec_store(to, vec_fma(odd_q, vec_set1(-Q), even_q));
        to += distance;
        vec_store(to, vec_fma(d1, product, vec_fma(d3, minus_sum, d5)));
}

/* One vector of channels.  What is outside is 0. */
static ALWAYS_INLINE void
input_vector(const struct patch *patch, int32_t c, bool whole, float *to,
             ptrdiff_t position)
{
        _Alignas(64) float lines[POSITIONS * V_LANES];
        const float *input = patch->input + c;
        const ptrdiff_t row = patch->row;

        for (int32_t x = 0; x < LINE; x++) {
                const ptrdiff_t at = patch->first + x * patch->pixel;
                const bool inside = x >= patch->left && x < patch->right;

#define LOAD(y)                                                                \
        whole || (inside && y >= patch->top && y < patch->bottom)              \
                ? vec_load(input + at + y * row)                               \
                : vec_set1(0)
                input_line(LOAD(0), LOAD(1), LOAD(2), LOAD(3), LOAD(4), LOAD(5),
                           lines + x * V_LANES, LINE * V_LANES);
#undef LOAD
        }
        for (int32_t y = 0; y < LINE; y++) {
                const float *line = lines + y * LINE * V_LANES;

                input_line(vec_load(line), vec_load(line + V_LANES),
                           vec_load(line + 2 * V_LANES),
                           vec_load(line + 3 * V_LANES),
                           vec_load(line + 4 * V_LANES),
                           vec_load(line + 5 * V_LANES),
                           to + y * LINE * position, position);
        }
}

static ALWAYS_INLINE void
input_channels(const struct patch *patch, int32_t channels, bool whole,
               float *to, ptrdiff_t position)
{
        for (int32_t c = 0; c < channels; c += V_LANES)
                input_vector(patch, c, whole, to + c, position);
}

static inline int32_t
tiles_across(const en_winograd *call)
{
        return (call->out_width + TILE - 1) / TILE;
}

static void
transform_patch(const en_winograd *call, int32_t row, int32_t column,
                const struct patches *patches, float *to)
{
        const int32_t channels = rounded_channels(call->inputs);
        const int32_t y = row * TILE - call->pad_top;
        const int32_t x = column * TILE - call->pad_left;
        const struct patch patch = {
                .input = call->input,
                .first = ((ptrdiff_t)y * call->in_width + x) *
                         call->input_stride,
                .row = call->in_width * call->input_stride,
                .pixel = call->input_stride,
                .top = y < 0 ? -y : 0,
                .bottom = call->in_height - y,
                .left = x < 0 ? -x : 0,
                .right = call->in_width - x};

        if (y >= 0 && x >= 0 && patch.bottom >= LINE && patch.right >= LINE)
                input_channels(&patch, channels, true, to, patches->position);
        else
                input_channels(&patch, channels, false, to, patches->position);
}

static void
transform_input(const en_winograd *call, const struct patches *patches)
{
        const int32_t across = tiles_across(call);
        float *to = patches->values;

        for (int32_t i = call->begin; i < call->end; i++) {
                transform_patch(call, i / across, i % across, patches, to);
                to += patches->tile;
        }
}

/* The panel's sums over the inputs, [tile][position][width]. */
static void
multiply(const en_winograd *call, const struct panel *panel,
         const struct patches *patches, float *sums)
{
        static const float zeros[WIDE_WIDTH];
        const int32_t width = panel->vectors * V_LANES;
        struct tile t = {.input = patches->values,
                         .input_stride = patches->tile,
                         .inputs = call->inputs,
                         .weights = call->weights + POSITIONS * panel->offset,
                         .bias = zeros,
                         .to = sums,
                         .to_stride = POSITIONS * width};

        const struct cut cut = cut_of(patches->tiles, call->inputs,
                                      panel->vectors - 1);

        for (int32_t i = 0; i < POSITIONS; i++) {
                struct tile each = t;

                each.ahead = weights_ahead(&each, &cut);
                each.later.at = each.ahead.at;
                all_tiles(&each, &cut);
                t.input += patches->position;
                t.weights += (ptrdiff_t)call->inputs * width;
                t.to += width;
        }
}

/* The four outputs of a line. */
static ALWAYS_INLINE void
output_line(const float *from, ptrdiff_t distance, vec bias, float *to,
            ptrdiff_t to_distance)
{
        const vec m0 = vec_load(from), m1 = vec_load(from + distance);
        const vec m2 = vec_load(from + 2 * distance);
        const vec m3 = vec_load(from + 3 * distance);
        const vec m4 = vec_load(from + 4 * distance);
        const vec m5 = vec_load(from + 5 * distance);
        const vec even_p = vec_add(m1, m2), odd_p = vec_sub(m1, m2);
        const vec even_q = vec_add(m3, m4), odd_q = vec_sub(m3, m4);

        vec_store(to, vec_add(vec_add(vec_add(bias, m0), even_p), even_q));
        vec_store(to + to_distance, vec_fma(odd_q, vec_set1(Q),
                                            vec_fma(odd_p, vec_set1(P), bias)));
        vec_store(to + 2 * to_distance,
                  vec_fma(even_q, vec_set1(Q2),
                          vec_fma(even_p, vec_set1(P2), bias)));
        vec_store(to + 3 * to_distance,
                  vec_fma(odd_q, vec_set1(Q2 * Q),
                          vec_fma(odd_p, vec_set1(P2 * P), vec_add(m5, bias))));
}

/* A tile's outputs of a vector of channels, rows `row` apart. */
static ALWAYS_INLINE void
output_vector(const float *sums, int32_t width, vec bias, float *to,
              ptrdiff_t row)
{
        _Alignas(64) float lines[TILE * LINE * V_LANES];

        for (int32_t x = 0; x < LINE; x++)
                output_line(sums + x * width, LINE * width, vec_set1(0),
                            lines + x * V_LANES, LINE * V_LANES);
        for (int32_t y = 0; y < TILE; y++)
                output_line(lines + y * LINE * V_LANES, V_LANES, bias,
                            to + y * row, width);
}

/* Tiles side by side. */
struct run {
        int32_t first, tiles;
};

/* Activation and residual of the run's rows, as far as they are inside. */
static void
touch_run(const en_winograd *call, const struct panel *panel,
          const struct run *run, float *outputs)
{
        const int32_t across = tiles_across(call);
        const int32_t y = run->first / across * TILE;
        const int32_t x = run->first % across * TILE;
        const int32_t width = panel->vectors * V_LANES;
        const int32_t rows = call->out_height - y;
        const int32_t pixels = call->out_width - x;
        const ptrdiff_t pixel = (ptrdiff_t)y * call->out_width + x;
        struct touch t = {
                .from = outputs,
                .from_stride = width,
                .to = call->output + panel->begin,
                .to_stride = call->output_stride,
                .residual_stride = call->output_stride,
                .rows = pixels < run->tiles * TILE ? pixels : run->tiles * TILE,
                .channels = panel->outputs};
        ptrdiff_t row = call->out_width * call->output_stride;

        if (call->strip) {
                row = (call->end - call->begin) * TILE * call->output_stride;
                t.to += (run->first - call->begin) * TILE * call->output_stride;
        } else {
                t.to += pixel * call->output_stride;
        }
        if (call->residual != NULL)
                t.residual = call->residual + pixel * call->output_stride +
                             panel->begin;
        for (int32_t i = 0; i < TILE && i < rows; i++) {
                touch(&t, call->activation);
                t.from += run->tiles * TILE * width;
                t.to += row;
                if (t.residual != NULL)
                        t.residual += row;
        }
}

static void
finish_run(const en_winograd *call, const struct panel *panel,
           const struct run *run, const float *sums)
{
        _Alignas(64) float outputs[TILES_TOGETHER * TILE * TILE * WIDE_WIDTH];
        const float *bias = call->bias + panel->begin;
        const int32_t width = panel->vectors * V_LANES;
        const ptrdiff_t row = run->tiles * TILE * width;

        for (int32_t i = 0; i < run->tiles; i++)
                for (int32_t c = 0; c < width; c += V_LANES)
                        output_vector(sums + i * POSITIONS * width + c, width,
                                      vec_load(bias + c),
                                      outputs + i * TILE * width + c, row);
        touch_run(call, panel, run, outputs);
}

/* A run ends where a row of tiles does. */
static void
transform_output(const en_winograd *call, const struct panel *panel,
                 const float *sums)
{
        const int32_t across = tiles_across(call);
        struct run run;

        for (run.first = call->begin; run.first < call->end;
             run.first += run.tiles) {
                const int32_t row = across - run.first % across;
                const int32_t left = call->end - run.first;

                run.tiles = left < row ? left : row;
                if (run.tiles > TILES_TOGETHER)
                        run.tiles = TILES_TOGETHER;
                finish_run(call, panel, &run, sums);
                sums += run.tiles * POSITIONS * panel->vectors * V_LANES;
        }
}

static void
winograd(const en_winograd *call)
{
        const int32_t count = call->end - call->begin;
        const struct patches patches = {
                .values = call->scratch,
                .tile = patch_stride(call->inputs),
                .position = rounded_channels(call->inputs),
                .tiles = count};
        float *sums = call->scratch + count * patches.tile;
        struct panel panel = {0};

        transform_input(call, &patches);
        while (next_panel(&panel, call->inputs, call->outputs)) {
                multiply(call, &panel, &patches, sums);
                transform_output(call, &panel, sums);
        }
}
#undef P
#undef Q
#undef P2
#undef Q2
#undef LINE
#undef TILE
