/* pointwise.inc.h: template of the pointwise convolution, which is the matrix
 * product of pixels and packed weights.
 *
 * A register tile of a few pixels by one panel walks k with its sums in
 * registers; every sum starts from the bias and adds in the order of k (of
 * folded weights there are two sums, of even and of odd inputs, to which the
 * bias is added at the end), whatever the tile, so that no split of the pixels
 * changes a bit.  Around it: blocks of pixels whose inputs stay in the second
 * cache; panels; tiles.  Sums that more than limits and a residual follow lie
 * in `sums` until the last touch.  The order of loops is Goto and van de
 * Geijn's ("Anatomy of high-performance matrix multiplication", ACM TOMS 34,
 * 2008) without packing the pixels.
 */

/* About 96, and whole tiles of two vectors. */
#define BLOCK_PIXELS ((96 + V_ROWS_2 - 1) / V_ROWS_2 * V_ROWS_2)

/* Steps of k between prefetches; unrolled, for which only the large tiles of
 * the usual levels have room.  With AVX2 these also end in two halves: the
 * upper rows add their last GROUP inputs and are stored before the lower rows
 * add theirs.  A core of AMD's Zen 3 takes no more than six vector stores that
 * wait for their sums, and stops looking ahead at the seventh: with twelve in a
 * row the next tile begins 20 cycles later.
 */
#define GROUP(rows, vectors) (rows * vectors >= V_LARGE ? V_UNROLL : 1)
#define LEAST_INPUTS         4 /* for tiles higher than 1 */

/* What tiles prefetch into the second cache, a step with each input: the first
 * cache is full.
 */
struct ahead {
        uintptr_t at, step;
};

/* What they prefetch besides: equal shares of something else. */
struct spread {
        uintptr_t at, step;
        size_t share; /* a tile's bytes */
};

/* Tiles of one height, one below the other; the call goes on behind them. */
struct tile {
        int32_t count;
        const float *input;
        ptrdiff_t input_stride;
        int32_t inputs;
        const float *weights;
        const float *bias;
        float *to;
        ptrdiff_t to_stride;
        const struct limits *limits; /* or NULL */
        const float *residual;       /* or NULL; added after the limits */
        ptrdiff_t residual_stride;
        struct ahead ahead;
        struct spread later; /* by tiles of V_LARGE sums */
};

// clang-format off
#define EACH_ROW(X)                                                            \
        X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12)    \
        X(13)
#define EACH_TILE(X, vectors)                                                  \
        X(1, vectors) X(2, vectors) X(3, vectors) X(4, vectors) X(5, vectors)  \
        X(6, vectors) X(7, vectors) X(8, vectors) X(9, vectors) X(10, vectors) \
        X(11, vectors) X(12, vectors) X(13, vectors) X(14, vectors)
// clang-format on

/* The sums are variables, not an array: gcc 12 would keep that in memory.  Of
 * folded weights those of even and of odd inputs are apart till the end, when
 * the bias is added.
 */
static ALWAYS_INLINE void
one_tile(const struct tile *t, int rows, int vectors, bool folded)
{
        const int outs = folded ? 2 : vectors; /* vectors of outputs */
        const int group = GROUP(rows, vectors);
        const int half = V_HALVES && group > 1 ? (rows + 1) / 2 : rows;
        /* A single pixel reads all weights once: each line must come. */
        const uintptr_t lines = rows > 1 ? 1 : (vectors * V_LANES + 15) / 16;
        const uintptr_t ahead_step = (uintptr_t)group * t->ahead.step;
        const ptrdiff_t input_stride = t->input_stride;
        const ptrdiff_t to_stride = t->to_stride;
        const ptrdiff_t steps = folded ? t->inputs / 2 : t->inputs;
        const ptrdiff_t last = half < rows ? steps - group : steps;
        const bool fetches = V_LATER > 0 && rows * vectors >= V_LARGE;
        const uintptr_t later_step = (uintptr_t)group * t->later.step;
        uintptr_t ahead = t->ahead.at, later = t->later.at;
        const float *w = t->weights;
        float *to = t->to;
        ptrdiff_t k = 0;

        const vec bias_a = folded ? vec_set1(0) : vec_load(t->bias);
        const vec bias_b = folded        ? bias_a
                           : vectors > 1 ? vec_load(t->bias + V_LANES)
                                         : bias_a;
        const vec bias_c = vectors > 2 && !folded
                                   ? vec_load(t->bias + 2 * V_LANES)
                                   : bias_a;
#define BEGIN(r)                                                               \
        const float *x##r = t->input + (rows > r ? r : 0) * input_stride;      \
        vec a##r = bias_a, b##r = bias_b, c##r = bias_c;
        EACH_ROW(BEGIN)
#undef BEGIN

#define STEP(r)                                                                \
        if (r >= first && r < end) {                                           \
                const vec x = folded ? vec_set_pair(x##r + 2 * (k + i))        \
                                     : vec_set1(x##r[k + i]);                  \
                                                                               \
                a##r = vec_accumulate(a##r, x, wa);                            \
                if (vectors > 1)                                               \
                        b##r = vec_accumulate(b##r, x, wb);                    \
                if (vectors > 2)                                               \
                        c##r = vec_accumulate(c##r, x, wc);                    \
        }
#define INPUT(n)                                                               \
        {                                                                      \
                const ptrdiff_t i = n;                                         \
                const float *wi = w + i * vectors * V_LANES;                   \
                const vec wa = vec_load(wi);                                   \
                const vec wb = vectors > 1 ? vec_load(wi + V_LANES) : wa;      \
                const vec wc = vectors > 2 ? vec_load(wi + 2 * V_LANES) : wa;  \
                                                                               \
                EACH_ROW(STEP)                                                 \
        }
#define INPUTS                                                                 \
        {                                                                      \
                INPUT(0)                                                       \
                if (group > 1)                                                 \
                        INPUT(1)                                               \
                if (group > 2) {                                               \
                        INPUT(2)                                               \
                        INPUT(3)                                               \
                }                                                              \
        }
#define FETCH                                                                  \
        for (uintptr_t line = 0; line < lines; line++)                         \
                __builtin_prefetch((const void *)(ahead + 64 * line), 0, 2);   \
        ahead += ahead_step;                                                   \
        if (fetches) {                                                         \
                __builtin_prefetch((const void *)later, 0, 2);                 \
                later += later_step;                                           \
        }

        {
                const int first = 0, end = rows;

                for (; k + group <= last; k += group) {
                        FETCH
                        if (folded) { /* twice as many inputs */
                                FETCH
                        }
                        INPUTS
                        w += group * vectors * V_LANES;
                }
                for (; group > 1 && k < last; k++) {
                        INPUT(0)
                        w += vectors * V_LANES;
                }
                if (half < rows) {
                        FETCH
                }
        }

#define UNFOLD(r)                                                              \
        if (r >= first && r < end) {                                           \
                a##r = vec_add(vec_sum_pairs(a##r, b##r), vec_load(t->bias));  \
                b##r = vec_add(vec_sum_pairs(c##r, vec_set1(0)),               \
                               vec_load(t->bias + V_LANES));                   \
        }
#define LIMIT(r)                                                               \
        if (r >= first && r < end) {                                           \
                a##r = vec_min(high, vec_max(low, a##r));                      \
                if (vectors > 1)                                               \
                        b##r = vec_min(high, vec_max(low, b##r));              \
                if (vectors > 2)                                               \
                        c##r = vec_min(high, vec_max(low, c##r));              \
        }
#define ADD(r)                                                                 \
        if (r >= first && r < end) {                                           \
                const float *more = t->residual + r * t->residual_stride;      \
                                                                               \
                a##r = vec_add(a##r, vec_load(more));                          \
                if (outs > 1)                                                  \
                        b##r = vec_add(b##r, vec_load(more + V_LANES));        \
                if (outs > 2)                                                  \
                        c##r = vec_add(c##r, vec_load(more + 2 * V_LANES));    \
        }
#define END(r)                                                                 \
        if (r >= first && r < end) {                                           \
                vec_store(to + r * to_stride, a##r);                           \
                if (outs > 1)                                                  \
                        vec_store(to + r * to_stride + V_LANES, b##r);         \
                if (outs > 2)                                                  \
                        vec_store(to + r * to_stride + 2 * V_LANES, c##r);     \
        }
#define PART(from_row, to_row)                                                 \
        {                                                                      \
                const int first = from_row, end = to_row;                      \
                                                                               \
                if (half < rows)                                               \
                        INPUTS                                                 \
                if (folded) {                                                  \
                        EACH_ROW(UNFOLD)                                       \
                }                                                              \
                if (!folded && t->limits != NULL) {                            \
                        const vec low = vec_set1(t->limits->low);              \
                        const vec high = vec_set1(t->limits->high);            \
                                                                               \
                        EACH_ROW(LIMIT)                                        \
                }                                                              \
                if (t->residual != NULL) {                                     \
                        EACH_ROW(ADD)                                          \
                }                                                              \
                EACH_ROW(END)                                                  \
        }
        PART(0, half)
        if (half < rows)
                PART(half, rows)
#undef PART
#undef UNFOLD
#undef END
#undef ADD
#undef LIMIT
#undef FETCH
#undef INPUTS
#undef INPUT
#undef STEP
}

static ALWAYS_INLINE void
tile(struct tile *t, int rows, int vectors, bool folded)
{
        for (int32_t left = t->count; left > 0; left--) {
                one_tile(t, rows, vectors, folded);
                t->input += rows * t->input_stride;
                t->to += rows * t->to_stride;
                if (t->residual != NULL)
                        t->residual += rows * t->residual_stride;
                t->ahead.at += (uintptr_t)t->inputs * t->ahead.step;
                t->later.at += t->later.share;
        }
}

/* Empty where the vocabulary has too few registers. */
#define TILE(rows, vectors)                                                    \
        static NEVER_INLINE void tile_##rows##x##vectors(struct tile *t)       \
        {                                                                      \
                if (rows <= V_ROWS_##vectors)                                  \
                        tile(t, rows, vectors, false);                         \
        }
EACH_TILE(TILE, 1)
EACH_TILE(TILE, 2)
EACH_TILE(TILE, 3)
#undef TILE
#if V_FOLDS
/* No more of these, for want of room. */
#define FOLDED(rows)                                                           \
        static NEVER_INLINE void folded_##rows(struct tile *t)                 \
        {                                                                      \
                tile(t, rows, 3, true);                                        \
        }
FOLDED(1)
FOLDED(8)
FOLDED(9)
#undef FOLDED
#if V_ROWS_3 != 9 || V_WIDE_VECTORS != 3 || V_HALVES
#error "what cut_of, panel_begin and one_tile rely on"
#endif
#endif

#define NAME(rows, vectors) tile_##rows##x##vectors,
static void (*const tiles[3 + V_FOLDS][14])(struct tile *) = {
        {EACH_TILE(NAME, 1)},
        {EACH_TILE(NAME, 2)},
        {EACH_TILE(NAME, 3)},
#if V_FOLDS
        {[0] = folded_1, [7] = folded_8, [8] = folded_9},
#endif
};
#undef EACH_ROW
#undef EACH_TILE
#undef NAME
static const int32_t tile_rows[] = {V_ROWS_1, V_ROWS_2, V_ROWS_3, V_ROWS_3};

/* Kinds of tiles: 0 to 2 of one to three vectors, and these. */
#define FOLDED_KIND 3

/* How pixels are cut into tiles for panels of a kind; found once for many
 * panels, as divisions are slow.
 */
struct cut {
        int32_t kind;           /* of tiles */
        int32_t width;          /* as a panel's */
        int32_t high, low;      /* rows */
        int32_t count, higher;  /* tiles, and those of `high` rows */
        uintptr_t weights_step; /* a tile's share of an input's weights */
};

static int32_t
kind_of(const struct panel *panel)
{
        return panel->fold > 1 ? FOLDED_KIND : panel->vectors - 1;
}

/* Of nearly equal height; or, where there are no such, the highest and rows. */
static struct cut
cut_of(int32_t pixels, int32_t inputs, int32_t kind)
{
        const int32_t width = kind == FOLDED_KIND ? FOLDED_WIDTH
                                                  : (kind + 1) * V_LANES;
        const uintptr_t bytes = (uintptr_t)width * sizeof(float);
        const int32_t most = inputs < LEAST_INPUTS ? 1 : tile_rows[kind];
        const int32_t count = pieces(pixels, most);
        struct cut cut = {.kind = kind,
                          .width = width,
                          .high = pixels / count + 1,
                          .low = pixels / count,
                          .count = count,
                          .higher = pixels % count};

        if (kind == FOLDED_KIND && cut.low < most - 1) {
                cut.high = most;
                cut.low = 1;
                cut.higher = pixels / most;
                cut.count = cut.higher + pixels % most;
        }
        cut.weights_step = (bytes + (uintptr_t)cut.count - 1) /
                           (uintptr_t)cut.count;
        return cut;
}

static void
all_tiles(struct tile *t, const struct cut *cut)
{
        t->count = cut->higher;
        if (cut->higher > 0)
                tiles[cut->kind][cut->high - 1](t);
        t->count = cut->count - cut->higher;
        tiles[cut->kind][cut->low - 1](t);
}

/* The weights behind these, for the next panel. */
static struct ahead
weights_ahead(const struct tile *t, const struct cut *cut)
{
        const ptrdiff_t count = (ptrdiff_t)t->inputs * cut->width;

        return (struct ahead){(uintptr_t)(t->weights + count),
                              cut->weights_step};
}

struct block {
        int64_t first; /* pixel */
        int32_t pixels;
        int32_t panels; /* that are still to come */
        size_t next;    /* bytes of the next block's inputs, if they lie far */
        struct spread later;
};

/* The last panels fetch the next block's inputs, as many panels as it takes at
 * a line with every group of inputs, or at two where nothing is fetched for
 * later; the others fetch weights.
 */
static void
look_ahead(struct tile *t, const struct cut *cut, const struct block *block)
{
        const uintptr_t step = 64 / (V_UNROLL > 1 ? V_UNROLL : 4);
        const size_t of_tile = step * (size_t)t->inputs;
        const size_t once = of_tile * (size_t)cut->count;
        const bool twice = V_LATER > 0 && block->later.share == 0;
        const size_t share = twice ? 2 * once : once;
        const size_t rest = share * (size_t)block->panels;
        const float *next = t->input + block->pixels * t->input_stride;
        const uintptr_t at = (uintptr_t)next + block->next - rest - share;

        t->ahead = weights_ahead(t, cut);
        t->later = block->later;
        if (block->next <= rest)
                return;
        t->ahead = (struct ahead){at, step};
        if (twice)
                t->later = (struct spread){at + once, step, of_tile};
}

static void
finish_panel(const en_pointwise *call, const struct panel *panel,
             const struct block *block, float *sums)
{
        const int32_t c = panel->begin - call->begin;
        const ptrdiff_t first = block->first * call->residual_stride + c;
        struct touch t;

        t.from = sums;
        t.from_stride = panel->outputs;
        t.to = call->output + block->first * call->output_stride + c;
        t.to_stride = call->output_stride;
        t.residual = call->residual == NULL ? NULL : call->residual + first;
        t.residual_stride = call->residual_stride;
        t.sums = NULL;
        t.rows = block->pixels;
        t.channels = panel->outputs;
        touch(&t, call->activation);
}

/* The sums go to the output at once. */
static void
to_output(struct tile *t, const en_pointwise *call, const struct panel *panel,
          const struct block *block)
{
        const int32_t c = panel->begin - call->begin;

        t->to = call->output + block->first * call->output_stride + c;
        t->to_stride = call->output_stride;
        t->limits = limits_of(call->activation);
        t->residual_stride = call->residual_stride;
        if (call->residual != NULL)
                t->residual = call->residual +
                              block->first * call->residual_stride + c;
}

/* Whether the tiles do all that follows a sum.  Folded ones have no limits,
 * which saves room: few layers want them.
 */
static bool
tiles_suffice(const en_pointwise *call, const struct panel *panel)
{
        return is_cheap(call->activation) &&
               (panel->fold == 1 || limits_of(call->activation) == NULL);
}

/* A call has thousands of these, so that structures are set field by field:
 * compilers may clear a whole one first, and slowly.
 */
static void
panel_of_block(const en_pointwise *call, const struct panel *panel,
               const struct block *block, const struct cut *cut)
{
        _Alignas(64) float sums[BLOCK_PIXELS * WIDE_WIDTH];
        const bool cheap = tiles_suffice(call, panel);
        struct tile t;

        t.input = call->input + block->first * call->input_stride;
        t.input_stride = call->input_stride;
        t.inputs = call->inputs;
        t.weights = call->weights + panel->offset;
        t.bias = call->bias + panel->begin;
        t.to = sums;
        t.to_stride = panel->outputs;
        t.limits = NULL;
        t.residual = NULL;
        look_ahead(&t, cut, block);
        if (cheap)
                to_output(&t, call, panel, block);
        all_tiles(&t, cut);
        if (!cheap)
                finish_panel(call, panel, block, sums);
}

/* Panels of the call. */
static int32_t
panel_count(const en_pointwise *call)
{
        const int32_t end = call->end > 0 ? call->end : INT32_MAX;
        struct panel panel = {0};
        int32_t count = 0;

        while (next_panel(&panel, call->inputs, call->outputs) &&
               panel.begin < end)
                count += panel.begin >= call->begin;
        return count;
}

static void
panels_of_block(const en_pointwise *call, struct block *block)
{
        const int32_t end = call->end > 0 ? call->end : INT32_MAX;
        struct panel panel = {0};
        struct cut cut = {.kind = -1};

        while (next_panel(&panel, call->inputs, call->outputs) &&
               panel.begin < end) {
                if (panel.begin < call->begin)
                        continue;
                if (cut.kind != kind_of(&panel))
                        cut = cut_of(block->pixels, call->inputs,
                                     kind_of(&panel));
                block->panels--;
                panel_of_block(call, &panel, block, &cut);
                block->later.at += block->later.share * (size_t)cut.count;
        }
}

/* Of the block behind this one: what lies ahead of it, up to as many pixels. */
static size_t
next_bytes(const en_pointwise *call, const struct block *block)
{
        const int64_t behind = block->first + block->pixels;
        const int64_t left = call->ahead > behind ? call->ahead - behind : 0;
        const int64_t pixels = left < block->pixels ? left : block->pixels;

        return (size_t)(pixels * call->input_stride) * sizeof(float);
}

/* `count` tiles share the call's later bytes; an address is needed anyway. */
static struct spread
spread_of(const en_pointwise *call, size_t count)
{
        const size_t inputs = (size_t)call->inputs;
        const size_t share = count > 0 ? call->later.bytes / count : 0;

        return (struct spread){
                (uintptr_t)(share > 0 ? call->later.at : call->weights),
                (share + inputs - 1) / inputs, share};
}

static void
pointwise_pixels(const en_pointwise *call)
{
        const int64_t count = pieces(call->pixels, BLOCK_PIXELS);
        const int32_t panels = panel_count(call);
        struct block block = {0};

        block.later = spread_of(call, (size_t)pieces(call->pixels, V_ROWS_2) *
                                              (size_t)panels);
        for (int64_t i = 0; i < count && call->pixels > 0; i++) {
                block.pixels = (int32_t)(call->pixels / count +
                                         (i < call->pixels % count));
                block.panels = panels;
                block.next = next_bytes(call, &block);
                panels_of_block(call, &block);
                block.first += block.pixels;
        }
}
