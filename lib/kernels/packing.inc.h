/* packing.inc.h: template of the layout of packed pointwise weights.
 *
 * The outputs, rounded up, are cut into panels of V_PANEL_VECTORS vectors;
 * the last panel is what is left, up to V_WIDE_VECTORS vectors.  A panel is
 * [inputs][its outputs], and panels follow one another.
 */

#define PANEL_WIDTH (V_PANEL_VECTORS * V_LANES)
#define WIDE_WIDTH  (V_WIDE_VECTORS * V_LANES)

struct panel {
        int32_t begin;   /* first output */
        int32_t outputs; /* whole vectors */
        int32_t vectors;
        ptrdiff_t offset; /* of its weights */
};

/* Steps to the next panel, the first being the one after {0}; false after
 * the last.
 */
static bool
next_panel(struct panel *panel, int32_t inputs, int32_t outputs)
{
        int32_t left;

        panel->begin += panel->outputs;
        panel->offset += (ptrdiff_t)inputs * panel->vectors * V_LANES;
        left = rounded_channels(outputs) - panel->begin;
        panel->outputs = left <= WIDE_WIDTH ? left : PANEL_WIDTH;
        panel->vectors = panel->outputs / V_LANES;
        return left > 0;
}

/* In closed form, since planning asks for it thousands of times. */
static int32_t
panel_begin(int32_t outputs, int32_t output)
{
        const int32_t all = rounded_channels(outputs);
        const int32_t before = all > WIDE_WIDTH
                                       ? pieces(all - WIDE_WIDTH, PANEL_WIDTH)
                                       : 0;
        const int32_t panel = output / PANEL_WIDTH;

        if (output >= all)
                return all;
        return (panel < before ? panel : before) * PANEL_WIDTH;
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
pack_panel(const float *weights, int32_t inputs, int32_t outputs, int32_t width,
           float *packed)
{
        for (int32_t k = 0; k < inputs; k++)
                for (int32_t n = 0; n < width; n++)
                        *packed++ = n < outputs
                                            ? weights[(ptrdiff_t)n * inputs + k]
                                            : 0.0f;
}

static void
pack_pointwise(const float *weights, int32_t inputs, int32_t outputs,
               float *packed)
{
        struct panel panel = {0};

        while (next_panel(&panel, inputs, outputs))
                pack_panel(weights + (ptrdiff_t)panel.begin * inputs, inputs,
                           outputs - panel.begin, panel.vectors * V_LANES,
                           packed + panel.offset);
}

static void
unpack_output(const float *packed, int32_t inputs, int32_t outputs,
              int32_t output, float *weights)
{
        struct panel panel = {0};
        ptrdiff_t width;

        while (next_panel(&panel, inputs, outputs))
                if (output < panel.begin + panel.outputs)
                        break;
        width = (ptrdiff_t)panel.vectors * V_LANES;
        for (int32_t k = 0; k < inputs; k++)
                weights[k] =
                        packed[panel.offset + k * width + output - panel.begin];
}

static void
scale_panel(const float *packed, const float *scale, int32_t inputs,
            int32_t vectors, float *scaled)
{
        for (int32_t k = 0; k < inputs; k++) {
                const vec factor = vec_set1(scale[k]);

                for (int32_t v = 0; v < vectors; v++) {
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
                                    panel.vectors, scaled + panel.offset);
}
