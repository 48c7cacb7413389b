/* single.inc.h: template of the pointwise convolution of a single pixel, as
 * of squeeze-and-excite and the classifier.
 *
 * A single pixel meets each weight once and waits for memory.  A core of AMD's
 * Zen 3 reads 24 MB at 20 GB/s if they come one after the other, and at 40 to
 * 50 from four places at once; so up to STREAMS whole panels are multiplied
 * side by side.  Every sum still starts from its bias and adds in the order of
 * k, as in a tile.
 */

#define STREAMS      4
#define FLOATS_AHEAD 256 /* of a stream */

#if V_PANEL_VECTORS != 2
#error "a stream adds two vectors"
#endif

// clang-format off
#define EACH_STREAM(X) X(0) X(1) X(2) X(3)
// clang-format on

/* `count` panels from `weights` on.  Streams without a panel repeat the first;
 * their sums are nobody's.
 */
static NEVER_INLINE void
add_streams(const en_pointwise *call, const float *weights, const float *bias,
            int32_t count, float *sums)
{
        const ptrdiff_t panel = (ptrdiff_t)call->inputs * PANEL_WIDTH;
        const ptrdiff_t line = 64 / sizeof(float);
        const float *input = call->input;
        const float *w = weights;

#define BEGIN(s)                                                               \
        const ptrdiff_t at##s = s < count ? s * panel : 0;                     \
        const float *bias##s = bias + (s < count ? s * PANEL_WIDTH : 0);       \
        vec a##s = vec_load(bias##s), b##s = vec_load(bias##s + V_LANES);
        EACH_STREAM(BEGIN)
#undef BEGIN
        for (ptrdiff_t k = 0; k < call->inputs; k++) {
                const vec x = vec_set1(input[k]);
                /* Where a stream's panel ends, its next one is behind the
                 * other streams' panels.
                 */
                const ptrdiff_t skip = k * PANEL_WIDTH + FLOATS_AHEAD < panel
                                               ? 0
                                               : (count - 1) * panel;
                const uintptr_t ahead = (uintptr_t)w +
                                        (uintptr_t)(skip + FLOATS_AHEAD) *
                                                sizeof(float);

#define ADD(s)                                                                 \
        for (ptrdiff_t i = 0; i < PANEL_WIDTH; i += line)                      \
                __builtin_prefetch(                                            \
                        (const void *)(ahead + (uintptr_t)(at##s + i) *        \
                                                       sizeof(float)),         \
                        0, 2);                                                 \
        a##s = vec_accumulate(a##s, x, vec_load(w + at##s));                   \
        b##s = vec_accumulate(b##s, x, vec_load(w + at##s + V_LANES));
                EACH_STREAM(ADD)
#undef ADD
                w += PANEL_WIDTH;
        }
#define END(s)                                                                 \
        vec_store(sums + s * PANEL_WIDTH, a##s);                               \
        vec_store(sums + s * PANEL_WIDTH + V_LANES, b##s);
        EACH_STREAM(END)
#undef END
}
#undef EACH_STREAM

/* Takes whole panels from `panel` on, which becomes the last of them; returns
 * how many.
 */
static int32_t
take_panels(const en_pointwise *call, int32_t end, struct panel *panel)
{
        struct panel next = *panel;
        int32_t count = 0;

        while (count < STREAMS && next.begin < end &&
               next.width == PANEL_WIDTH) {
                *panel = next;
                count++;
                if (!next_panel(&next, call->inputs, call->outputs))
                        break;
        }
        return count;
}

static void
panels_of_pixel(const en_pointwise *call, const struct panel *first,
                int32_t count)
{
        _Alignas(64) float sums[STREAMS * PANEL_WIDTH];
        const struct panel all = {.begin = first->begin,
                                  .outputs = count * PANEL_WIDTH,
                                  .vectors = count * V_PANEL_VECTORS};
        const struct block pixel = {.pixels = 1};

        add_streams(call, call->weights + first->offset,
                    call->bias + first->begin, count, sums);
        finish_panel(call, &all, &pixel, sums);
}

static void
pointwise_pixel(const en_pointwise *call)
{
        const int32_t end = call->end > 0 ? call->end : INT32_MAX;
        const struct block pixel = {.pixels = 1};
        struct cut cut;
        struct panel panel = {0};

        while (next_panel(&panel, call->inputs, call->outputs) &&
               panel.begin < end) {
                const struct panel first = panel;
                int32_t count;

                if (panel.begin < call->begin)
                        continue;
                count = take_panels(call, end, &panel);
                if (count > 1) {
                        panels_of_pixel(call, &first, count);
                        continue;
                }
                cut = cut_of(1, call->inputs, kind_of(&first));
                panel_of_block(call, &first, &pixel, &cut);
        }
}

static void
pointwise(const en_pointwise *call)
{
        if (call->pixels == 1)
                pointwise_pixel(call);
        else
                pointwise_pixels(call);
}
