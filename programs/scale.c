/* scale.c: effnet scale: compound scaling (Tan & Le 2019, section 3.3). */
#include "scale.h"
#include "args.h"
#include "command.h"
#include "text.h"

#include "effnet.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define MOST_PHIS 64

struct request {
        struct coefficient {
                bool given;
                double value;
        } alpha, beta, gamma;
        struct phis {
                double values[MOST_PHIS];
                size_t count;
        } phis;
        bool search;
        int format; /* index of formats */
};

/* Which phi the published models stand for; their own multipliers are rounded
 * by hand, and no powers.
 */
static const struct model {
        const char *name;
        double phi;
} models[] = {
        {"b0", 0}, {"b1", 0.5}, {"b2", 1}, {"b3", 2},
        {"b4", 3}, {"b5", 4},   {"b6", 5}, {"b7", 6},
};

#define MODELS (sizeof(models) / sizeof(models[0]))

static const char *const formats[] = {"text", "json", NULL};

static bool
parse_phi(const struct option *option, const char *text,
          char expected[EXPECTED_SIZE])
{
        struct phis *phis = option->target;
        struct option one = *option;

        if (phis->count == MOST_PHIS) {
                snprintf(expected, EXPECTED_SIZE, "at most %d values",
                         MOST_PHIS);
                return false;
        }
        one.target = &phis->values[phis->count];
        if (!parse_real(&one, text, expected))
                return false;
        phis->count++;
        return true;
}

static bool
parse_coefficient(const struct option *option, const char *text,
                  char expected[EXPECTED_SIZE])
{
        struct coefficient coefficient = {.given = true};
        struct option one = *option;

        one.target = &coefficient.value;
        if (!parse_real(&one, text, expected) || !(coefficient.value > 0)) {
                snprintf(expected, EXPECTED_SIZE, "a number above 0");
                return false;
        }
        *(struct coefficient *)option->target = coefficient;
        return true;
}

/* Also where the values given are the published ones. */
static bool
is_own(const struct request *request)
{
        return request->alpha.given || request->beta.given ||
               request->gamma.given;
}

static int
check(const struct request *request)
{
        if (request->search && (is_own(request) || request->phis.count > 0)) {
                complain("--search tries alpha, beta and gamma itself, at phi "
                         "1: leave out --alpha, --beta, --gamma and --phi");
                return EXIT_USAGE;
        }
        return EXIT_NONE;
}

static int
parse(struct request *request, int argc, char **argv)
{
        const struct option options[] = {
                {.name = "alpha",
                 .value = "A",
                 .help = "depth is multiplied by A^phi; default 1.2",
                 .parse = parse_coefficient,
                 .target = &request->alpha},
                {.name = "beta",
                 .value = "B",
                 .help = "width by B^phi; default 1.1",
                 .parse = parse_coefficient,
                 .target = &request->beta},
                {.name = "gamma",
                 .value = "G",
                 .help = "resolution by G^phi; default 1.15",
                 .parse = parse_coefficient,
                 .target = &request->gamma},
                {.name = "phi",
                 .value = "P",
                 .help = "how far to scale; may be repeated",
                 .parse = parse_phi,
                 .target = &request->phis},
                {.name = "search",
                 .help = "list the (alpha, beta, gamma) from 1.0 to 1.4 in\n"
                         "steps of 0.05 whose alpha * beta^2 * gamma^2 is\n"
                         "2 +- 0.1, the nearest to 2 first",
                 .parse = parse_flag,
                 .target = &request->search},
                FORMAT_OPTION(request->format, formats,
                              "text or json (an object a line); default text"),
        };
        const struct syntax syntax = {
                .command = "scale",
                .purpose = "Scales EfficientNet-B0 in depth, width and "
                           "resolution at once, and shows what\ncomes out.  "
                           "The MAC ratio is to B0, and ought to be near "
                           "2^phi.",
                .example = "effnet scale --phi 1 --phi 2.5",
                .operands = "",
                .notes = "Without --phi it shows the published B0 to B7; with "
                         "coefficients of your own,\nthese at the phi of B0 "
                         "to B7.  The resolution is rounded to the nearest "
                         "multiple\nof 8, channels and repeats as "
                         "EfficientNet does.",
                .options = options,
                .count = sizeof(options) / sizeof(options[0]),
        };
        int operands, code = args_parse(&syntax, argc, argv, &operands);

        return code != EXIT_NONE ? code : check(request);
}

/* Prints one of the rows; false after a complaint. */
static bool
show_scaled(const struct request *request, double phi)
{
        const struct coefficients by = {request->alpha.value,
                                        request->beta.value,
                                        request->gamma.value};
        struct scaled scaled = {.phi = phi, .coefficients = &by};

        if (!scaled_compute(&scaled, &by, phi)) {
                complain("phi %g: %s", phi, effnet_last_error());
                return false;
        }
        scaled_print(&scaled, request->format != 0);
        return true;
}

static bool
show_published(const struct request *request, const struct model *model)
{
        struct scaled scaled = {.name = model->name, .phi = model->phi};

        if (!scaled_compute_named(&scaled, model->name)) {
                complain("%s: %s", model->name, effnet_last_error());
                return false;
        }
        scaled_print(&scaled, request->format != 0);
        return true;
}

static int
show_all(const struct request *request)
{
        size_t i, done = 0;
        size_t count = request->phis.count > 0 ? request->phis.count : MODELS;

        if (request->format == 0)
                scaled_print_head();
        for (i = 0; i < count; i++) {
                if (request->phis.count > 0)
                        done += show_scaled(request, request->phis.values[i]);
                else if (is_own(request))
                        done += show_scaled(request, models[i].phi);
                else
                        done += show_published(request, &models[i]);
        }
        if (!output_flush() || done == 0)
                return EXIT_NOTHING;
        return done < count ? EXIT_PARTLY : EXIT_DONE;
}

int
command_scale(int argc, char **argv)
{
        /* Found by Tan & Le on B0. */
        struct request request = {
                .alpha.value = 1.2, .beta.value = 1.1, .gamma.value = 1.15};
        int code = parse(&request, argc, argv);

        if (code != EXIT_NONE)
                return code;
        return request.search ? scale_search(request.format != 0)
                              : show_all(&request);
}
