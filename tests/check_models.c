/* check_models.c: the table of models in docs/models.md against the library.
 */
#include "support.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct row {
        char name[64], padding[32], epsilon[16];
        int64_t parameters;
        double gmacs;
        int32_t side;
} row;

/* A number without its thousands' commas. */
static int64_t
number(const char *text)
{
        int64_t n = 0;

        for (; *text != '\0'; text++)
                if (*text != ',')
                        n = 10 * n + (*text - '0');
        return n;
}

/* False for a line that is no row of a model. */
static bool
read_row(const char *line, row *r)
{
        char parameters[32];

        if (sscanf(line,
                   "| `%63[^`]` | %31[0-9,] | %lf | %" SCNd32
                   " | %31[a-z-] | %15[0-9e-] |",
                   r->name, parameters, &r->gmacs, &r->side, r->padding,
                   r->epsilon) != 6)
                return false;
        r->parameters = number(parameters);
        return true;
}

static const char *
padding_of(const effnet_config *config)
{
        static const char *const names[] = {
                [EFFNET_PADDING_SYMMETRIC] = "symmetric",
                [EFFNET_PADDING_SAME] = "same",
                [EFFNET_PADDING_SAME_STATIC] = "same-static",
        };
        int64_t padding;

        ck_ok(effnet_config_get_int(config, EFFNET_CONFIG_PADDING, &padding));
        return names[padding];
}

static void
check_row(const row *r)
{
        effnet_config *config;
        effnet_summary *summary;
        int64_t side;
        double epsilon;

        ck_ok(effnet_config_create(&config, r->name));
        ck_ok(effnet_summary_create(&summary, config, 0, 0));
        ck_ok(effnet_config_get_int(config, EFFNET_CONFIG_RESOLUTION, &side));
        ck_ok(effnet_config_get_double(config, EFFNET_CONFIG_EPSILON,
                                       &epsilon));
        ck_assert_msg(effnet_summary_parameters(summary) == r->parameters,
                      "%s has %" PRId64 " parameters", r->name,
                      effnet_summary_parameters(summary));
        ck_assert_msg(llround((double)effnet_summary_macs(summary) / 1e6) ==
                              llround(r->gmacs * 1e3),
                      "%s has %" PRId64 " multiply-adds", r->name,
                      effnet_summary_macs(summary));
        ck_assert_int_eq(side, r->side);
        ck_assert_str_eq(padding_of(config), r->padding);
        ck_assert_str_eq(epsilon == 1e-5   ? "1e-5"
                         : epsilon == 1e-3 ? "1e-3"
                                           : "",
                         r->epsilon);
        effnet_summary_free(summary);
        effnet_config_free(config);
}

/* Every architecture, once. */
START_TEST(page_equals_library)
{
        FILE *file = fopen(test_data("../../docs/models.md"), "r");
        char line[256], seen[150][64];
        int rows = 0, names = 0;
        row r;

        ck_assert_ptr_nonnull(file);
        while (fgets(line, sizeof(line), file) != NULL) {
                if (!read_row(line, &r))
                        continue;
                for (int i = 0; i < rows; i++)
                        ck_assert_str_ne(seen[i], r.name);
                ck_assert_int_lt(rows, 150);
                memcpy(seen[rows++], r.name, sizeof(r.name));
                check_row(&r);
        }
        while (effnet_architecture_name(names) != NULL)
                names++;
        ck_assert_int_eq(rows, names);
        fclose(file);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("models");
        TCase *tc = tcase_create("models");

        tcase_add_test(tc, page_equals_library);
        suite_add_tcase(suite, tc);
        return test_main(suite);
}
