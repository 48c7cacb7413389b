/* picks.c: the inputs that nearest-neighbour resampling picks.  Pillow adds
 * the scale up output by output, and its rounding errors decide some pixels;
 * the sums before the first output wanted are skipped, exactly.
 */
#include "image/picks.h"

#include "base/alloc.h"

#include <math.h>

/* How many additions of `step` to `at` stay below the next power of two, less
 * one against the rounding of the quotient; at most `most`.
 */
static int32_t
steps_below(double at, double step, int exponent, int32_t most)
{
        double steps = (ldexp(1, exponent) - at) / step - 1;

        return steps >= most ? most : steps > 0 ? (int32_t)steps : 0;
}

/* `at` after `count` additions of `scale`, each rounded.  Between two powers
 * of two all sums have the same unit in the last place, so that every
 * addition rounds to the same multiple of it.  Only a scale halfway between
 * two multiples goes to the even sum; once a sum there is even, that too is
 * always the same step.  So after one addition within such a range, the
 * further ones are one exact product.
 */
static double
add_up(double at, double scale, int32_t count)
{
        while (count > 0) {
                int before, after;
                double step;
                int32_t steps;

                frexp(at, &before);
                at += scale;
                count--;
                frexp(at, &after);
                if (before != after)
                        continue;
                step = at + scale - at;
                steps = steps_below(at, step, after, count);
                at += steps * step;
                count -= steps;
        }
        return at;
}

int32_t *
en_picks_make(int32_t inputs, int32_t outputs, int32_t first, int32_t count)
{
        int32_t *found = en_alloc_array((size_t)count, sizeof(*found));
        double scale = (double)inputs / (double)outputs;
        double at;

        if (found == NULL)
                return NULL;
        at = add_up(0.5 * scale, scale, first);
        for (int32_t i = 0; i < count; i++) {
                int32_t input = (int32_t)at;

                found[i] = input < inputs ? input : inputs - 1;
                at += scale;
        }
        return found;
}
