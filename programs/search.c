/* search.c: effnet scale --search: the coefficients of a grid that about
 * double the work, as Tan & Le ask of alpha * beta^2 * gamma^2 (section 3.3).
 */
#include "command.h"
#include "json.h"
#include "scale.h"
#include "text.h"

#include "effnet.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* The grid in twentieths, so that products compare exactly. */
#define UNIT      20
#define LEAST     20 /* 1.0 */
#define MOST      28 /* 1.4 */
#define SIDE      (MOST - LEAST + 1)
#define CUBE      (SIDE * SIDE * SIDE)
#define ONE       ((int64_t)UNIT * UNIT * UNIT * UNIT * UNIT)
#define TOLERANCE (ONE / 10)

struct point {
        int alpha, beta, gamma; /* in twentieths */
        int64_t product;        /* alpha * beta^2 * gamma^2, 2 is 2 * ONE */
};

static int64_t
off_two(const struct point *point)
{
        return llabs(point->product - 2 * ONE);
}

/* Nearest to 2 first; equally near ones by alpha, beta, gamma. */
static int
compare_points(const void *a, const void *b)
{
        const struct point *p = a, *q = b;

        if (off_two(p) != off_two(q))
                return off_two(p) < off_two(q) ? -1 : 1;
        if (p->alpha != q->alpha)
                return p->alpha - q->alpha;
        return p->beta != q->beta ? p->beta - q->beta : p->gamma - q->gamma;
}

static size_t
find_points(struct point points[CUBE])
{
        size_t count = 0;
        struct point p;

        for (p.alpha = LEAST; p.alpha <= MOST; p.alpha++)
                for (p.beta = LEAST; p.beta <= MOST; p.beta++)
                        for (p.gamma = LEAST; p.gamma <= MOST; p.gamma++) {
                                p.product = (int64_t)p.alpha * p.beta * p.beta *
                                            p.gamma * p.gamma;
                                if (off_two(&p) <= TOLERANCE)
                                        points[count++] = p;
                        }
        qsort(points, count, sizeof(points[0]), compare_points);
        return count;
}

static void
print_json(const struct scaled *scaled, double product)
{
        js_value *line = js_object(), *resolution = js_array();

        js_add(resolution, js_integer(scaled->resolution));
        js_add(resolution, js_integer(scaled->resolution));
        js_set(line, "alpha", js_real(scaled->coefficients->alpha));
        js_set(line, "beta", js_real(scaled->coefficients->beta));
        js_set(line, "gamma", js_real(scaled->coefficients->gamma));
        js_set(line, "product", js_real(product));
        js_set(line, "resolution", resolution);
        js_set(line, "parameters", js_integer(scaled->parameters));
        js_set(line, "macs", js_integer(scaled->macs));
        js_set(line, "mac_ratio", js_real(scaled->ratio));
        js_print(line);
}

static void
print_text(const struct scaled *scaled, double product)
{
        char parameters[NUMBER_SIZE], macs[NUMBER_SIZE];

        printf("%5.2f%6.2f%7.2f%14.4f%8.3f%12" PRId64 "%12s%15s\n",
               scaled->coefficients->alpha, scaled->coefficients->beta,
               scaled->coefficients->gamma, product, scaled->ratio,
               scaled->resolution, count_text(parameters, scaled->parameters),
               count_text(macs, scaled->macs));
}

static bool
show_point(const struct point *point, bool as_json)
{
        struct coefficients coefficients = {point->alpha / (double)UNIT,
                                            point->beta / (double)UNIT,
                                            point->gamma / (double)UNIT};
        struct scaled scaled = {.phi = 1, .coefficients = &coefficients};
        double product = (double)point->product / (double)ONE;

        if (!scaled_compute(&scaled, &coefficients, 1)) {
                complain("%s", effnet_last_error());
                return false;
        }
        if (as_json)
                print_json(&scaled, product);
        else
                print_text(&scaled, product);
        return true;
}

int
scale_search(bool as_json)
{
        static struct point points[CUBE];
        size_t i, count = find_points(points);

        if (!as_json)
                printf("%5s%6s%7s%14s%8s%12s%12s%15s\n", "alpha", "beta",
                       "gamma", "a * b^2 * g^2", "ratio", "resolution",
                       "parameters", "MACs");
        for (i = 0; i < count; i++)
                if (!show_point(&points[i], as_json))
                        return i > 0 ? EXIT_PARTLY : EXIT_NOTHING;
        return output_flush() ? EXIT_DONE : EXIT_NOTHING;
}
