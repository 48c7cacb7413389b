/* later.c: weights that are used once for each image, such as those of
 * squeeze-and-excite and the classifier, come no faster than memory gives
 * them, while a product of many pixels needs little of that: so the steps
 * before prefetch them.
 */
#include "run/later.h"

#include "run/gate.h"

/* An input's weights in the first panel of a product, which nobody else
 * prefetches.
 */
#define PANEL_BYTES 128

static const char *
weights_begin(const en_packed *packed)
{
        return (const char *)(packed->attend_weights != NULL
                                      ? packed->attend_weights
                                      : packed->weights);
}

static const char *
weights_end(const en_packed *packed)
{
        return weights_begin(packed) + packed->bytes;
}

static size_t
least(size_t a, size_t b)
{
        return a < b ? a : b;
}

static bool
is_of_one_pixel(const en_step *step)
{
        return step->layer->op == EN_OP_SQUEEZE_EXCITE ||
               step->layer->op == EN_OP_CONTEXT ||
               step->layer->op == EN_OP_POOL || step->layer->op == EN_OP_LINEAR;
}

/* The weights of the steps of one pixel that follow, which lie in their order;
 * and behind them the next step's first panel, or all that the last one scales.
 * Where no such step follows, the taps of a step in strips.
 */
void
en_later_plan(const en_planner *planner, en_step *step)
{
        const en_step *next = step->next;
        const char *begin = weights_end(step->packed + step->layers - 1);
        const char *end = begin;
        bool scaled = false;

        for (; next != NULL && is_of_one_pixel(next); next = next->next) {
                if (next->packed->bytes > 0)
                        end = weights_end(next->packed);
                scaled = en_gate_scales_weights(next);
        }
        if (scaled) {
                end = weights_end(next->packed);
        } else if (next != NULL && end > begin) {
                end += (size_t)next->layer->in_channels * PANEL_BYTES;
        } else if (next != NULL && next->ops == &en_strips_step) {
                begin = weights_begin(next->packed + 1);
                end = weights_end(next->packed + 1);
        }
        step->later.at = begin;
        step->later.bytes = least(
                least((size_t)(end - begin), planner->kernels->later),
                planner->near > 0 ? (size_t)planner->near / 2 : SIZE_MAX);
}

en_later
en_later_part(const en_step *step, int64_t begin, int64_t end, int64_t total)
{
        int64_t bytes = (int64_t)step->later.bytes;
        int64_t from = bytes * begin / total;
        int64_t to = bytes * end / total;

        return (en_later){(const char *)step->later.at + from,
                          (size_t)(to - from)};
}
