/* topk.c: softmax and sigmoid in double precision, and a heap of the best. */
#include "run/topk.h"

#include "base/fpu.h"

#include <math.h>
#include <stdbool.h>

/* Below it, exp would be 0 in float, and in double set errno at last. */
#define LEAST_EXPONENT (-200.0)

static double
exponential(double x)
{
        /* NaN goes to exp. */
        return x < LEAST_EXPONENT ? 0 : exp(x);
}

static float
largest_of(const float *values, int64_t n)
{
        float largest = -INFINITY;

        for (int64_t i = 0; i < n; i++)
                if (values[i] > largest)
                        largest = values[i];
        return largest;
}

void
en_softmax(const float *logits, int64_t n, float *probabilities)
{
        uint64_t mode = en_fpu_enter();
        float largest = largest_of(logits, n);
        double sum = 0;

        for (int64_t i = 0; i < n; i++) {
                double e = exponential((double)logits[i] - largest);

                sum += e;
                probabilities[i] = (float)e;
        }
        for (int64_t i = 0; i < n; i++)
                probabilities[i] = (float)(probabilities[i] / sum);
        en_fpu_leave(mode);
}

/* The exponential is at most 1. */
static double
sigmoid(double x)
{
        double e = exponential(x < 0 ? x : -x);

        return (x < 0 ? e : 1) / (1 + e);
}

void
en_sigmoid(const float *logits, int64_t n, float *probabilities)
{
        uint64_t mode = en_fpu_enter();

        for (int64_t i = 0; i < n; i++)
                probabilities[i] = (float)sigmoid((double)logits[i]);
        en_fpu_leave(mode);
}

/* Whether value `a` of index `i` comes before value `b` of index `j`. */
static bool
before(float a, int64_t i, float b, int64_t j)
{
        if (isnan(a) || isnan(b))
                return isnan(a) && isnan(b) ? i < j : isnan(b);
        return a != b ? a > b : i < j;
}

static bool
entry_before(const int32_t *classes, const float *scores, int32_t i, int32_t j)
{
        return before(scores[i], classes[i], scores[j], classes[j]);
}

static void
swap(int32_t *classes, float *scores, int32_t i, int32_t j)
{
        int32_t class_index = classes[i];
        float score = scores[i];

        classes[i] = classes[j];
        scores[i] = scores[j];
        classes[j] = class_index;
        scores[j] = score;
}

/* Restores the heap of `count` entries, the worst on top, below entry `i`. */
static void
sift_down(int32_t *classes, float *scores, int32_t count, int32_t i)
{
        for (;;) {
                int32_t worst = i;

                for (int64_t child = 2 * (int64_t)i + 1;
                     child <= 2 * (int64_t)i + 2 && child < count; child++)
                        if (entry_before(classes, scores, worst,
                                         (int32_t)child))
                                worst = (int32_t)child;
                if (worst == i)
                        return;
                swap(classes, scores, i, worst);
                i = worst;
        }
}

void
en_top_k(const float *values, int64_t n, int32_t count, int32_t *classes,
         float *scores)
{
        for (int32_t i = 0; i < count; i++) {
                classes[i] = i;
                scores[i] = values[i];
        }
        for (int32_t i = count / 2 - 1; i >= 0; i--)
                sift_down(classes, scores, count, i);
        for (int64_t i = count; i < n; i++) {
                if (!before(values[i], i, scores[0], classes[0]))
                        continue;
                classes[0] = (int32_t)i;
                scores[0] = values[i];
                sift_down(classes, scores, count, 0);
        }
        /* The worst goes last, and so on. */
        for (int32_t last = count - 1; last > 0; last--) {
                swap(classes, scores, 0, last);
                sift_down(classes, scores, last, 0);
        }
}
