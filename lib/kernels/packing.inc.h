/* packing.inc.h: template of the layout of packed pointwise weights.
 *
 * The outputs, rounded up, are cut into panels of V_PANEL_VECTORS vectors;
 * the last panel is what is left, up to V_WIDE_VECTORS vectors.  A panel is
 * [inputs][its outputs], and panels follow one another.
 *
 * Where V_FOLDS and the inputs are even, a last panel of two vectors with no
 * more outputs than one and a half is folded: [inputs / 2][its outputs][2],
 * which is three vectors for two inputs.  A last one of three vectors that has
 * no more than two and a half becomes one of a vector and a folded one.
 */

#define PANEL_WIDTH  (V_PANEL_VECTORS * V_LANES)
#define WIDE_WIDTH   (V_WIDE_VECTORS * V_LANES)
#define FOLDED_WIDTH (3 * V_LANES / 2)

#if !V_FOLDS
/* What folded panels need, of which there are none. */
#define vec_set_pair(p)     vec_set1(*(p))
#define vec_sum_pairs(a, b) (a)
#endif

struct panel {
        int32_t begin;   /* first output */
        int32_t outputs; /* whole vectors */
        int32_t vectors;
        int32_t fold;     /* inputs whose weights share a vector: 1 or 2 */
        int32_t width;    /* weights of an input */
        ptrdiff_t offset; /* of its weights */
};

/* The next panel's, where so many real outputs are left. */
static int32_t
panel_outputs(int32_t inputs, int32_t left)
{
        const int32_t rounded = rounded_channels(left);

        if (V_FOLDS && inputs % 2 == 0 && rounded == 3 * V_LANES &&
            left <= V_LANES + FOLDED_WIDTH)
                return V_LANES;
        return rounded <= WIDE_WIDTH ? rounded : PANEL_WIDTH;
}

/* Steps to the next panel, the first being the one after {0}; false after
 * the last.
 */
static bool
next_panel(struct panel *panel, int32_t inputs, int32_t outputs)
{
        int32_t left;

        panel->begin += panel->outputs;
        panel->offset += (ptrdiff_t)inputs * panel->width;
        left = outputs - panel->begin;
        panel->outputs = left > 0 ? panel_outputs(inputs, left) : 0;
        panel->vectors = panel->outputs / V_LANES;
        panel->fold = 1;
        panel->width = panel->outputs;
        if (V_FOLDS && panel->vectors == 2 && inputs % 2 == 0 &&
            left <= FOLDED_WIDTH) {
                panel->fold = 2;
                panel->width = FOLDED_WIDTH;
        }
        return left > 0;
}

/* In closed form: planning asks thousands of times.  No call is cut before a
 * folded panel that another precedes for its sake: a depthwise convolution of a
 * part of the channels must not begin within a pair of vectors.
 */
static int32_t
panel_begin(int32_t outputs, int32_t output)
{
        const int32_t all = rounded_channels(outputs);
        const int32_t whole = all > WIDE_WIDTH
                                      ? pieces(all - WIDE_WIDTH, PANEL_WIDTH)
                                      : 0;
        const int32_t panel = output / PANEL_WIDTH;

        if (output >= all)
                return all;
        return (panel < whole ? panel : whole) * PANEL_WIDTH;
}

static size_t
packed_size(int32_t inputs, int32_t outputs)
{
        struct panel panel = {0};

        while (next_panel(&panel, inputs, outputs))
                continue;
        return (size_t)panel.offset;
}

static void
pack_panel(const float *weights, int32_t inputs, int32_t outputs,
           const struct panel *panel, float *packed)
{
        for (int32_t k = 0; k < inputs; k += panel->fold)
                for (int32_t n = 0; n < panel->width; n++)
                        for (int32_t i = k; i < k + panel->fold; i++)
                                *packed++ = n < outputs
                                                    ? weights[(ptrdiff_t)n *
                                                                      inputs +
                                                              i]
                                                    : 0.0f;
}

static void
pack_pointwise(const float *weights, int32_t inputs, int32_t outputs,
               float *packed)
{
        struct panel panel = {0};

        while (next_panel(&panel, inputs, outputs))
                pack_panel(weights + (ptrdiff_t)panel.begin * inputs, inputs,
                           outputs - panel.begin, &panel,
                           packed + panel.offset);
}

static void
unpack_output(const float *packed, int32_t inputs, int32_t outputs,
              int32_t output, float *weights)
{
        struct panel panel = {0};

        while (next_panel(&panel, inputs, outputs))
                if (output < panel.begin + panel.outputs)
                        break;
        packed += panel.offset + (ptrdiff_t)(output - panel.begin) * panel.fold;
        for (int32_t k = 0; k < inputs; k += panel.fold) {
                for (int32_t i = 0; i < panel.fold; i++)
                        weights[k + i] = packed[i];
                packed += panel.width * panel.fold;
        }
}

static void
scale_panel(const float *packed, const float *scale, int32_t inputs,
            const struct panel *panel, float *scaled)
{
        for (int32_t k = 0; k < inputs; k += panel->fold) {
                const vec factor = panel->fold > 1 ? vec_set_pair(scale + k)
                                                   : vec_set1(scale[k]);

                for (int32_t n = 0; n < panel->width * panel->fold;
                     n += V_LANES) {
                        vec_store(scaled, vec_mul(vec_load(packed), factor));
                        packed += V_LANES;
                        scaled += V_LANES;
                }
        }
}

static void
scale_packed(const float *packed, const float *scale, int32_t inputs,
             int32_t outputs, int32_t begin, int32_t end, float *scaled)
{
        struct panel panel = {0};

        while (next_panel(&panel, inputs, outputs))
                if (panel.begin >= begin && panel.begin < end)
                        scale_panel(packed + panel.offset, scale, inputs,
                                    &panel, scaled + panel.offset);
}
