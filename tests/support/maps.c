/* maps.c: reads recorded feature maps and compares tensors with them. */
#include "maps.h"

#include "arch/seeded.h"
#include "goldens.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
read_line(const char *line, test_map *m)
{
        return sscanf(line,
                      "%63s %" SCNd32 " %" SCNd32 " %" SCNd32 " %" SCNd32
                      " %" SCNd32 " %" SCNu64 " %" SCNd32 " %" SCNd64
                      " %" SCNd64 " %" SCNd64 " %" SCNd64,
                      m->architecture, &m->height, &m->width, &m->batch,
                      &m->channels, &m->classes, &m->seed, &m->output,
                      &m->shape[0], &m->shape[1], &m->shape[2],
                      &m->start) == 12;
}

/* Reads up to the maps of case `index`; returns the number of lines.  Check's
 * assertions do not work outside a test.
 */
static int
read_index(int index, test_map *maps)
{
        FILE *file = fopen(test_data("maps/index.txt"), "r");
        char line[256];
        test_map m;
        int n = 0;

        if (file == NULL) {
                perror("maps/index.txt");
                exit(EXIT_FAILURE);
        }
        while (fgets(line, sizeof(line), file) != NULL) {
                if (line[0] == '#')
                        continue;
                if (!read_line(line, &m)) {
                        fprintf(stderr, "maps/index.txt: %s", line);
                        exit(EXIT_FAILURE);
                }
                if (n / TEST_MAPS == index)
                        maps[n % TEST_MAPS] = m;
                n++;
        }
        fclose(file);
        return n;
}

int
test_map_cases(void)
{
        return read_index(-1, NULL) / TEST_MAPS;
}

static effnet_tensor *
input_of(const test_map *m)
{
        const int64_t shape[4] = {m->batch, m->channels, m->height, m->width};
        effnet_tensor *input;

        ck_ok(effnet_tensor_create(&input, EFFNET_TYPE_F32, 4, shape));
        en_seeded_values(m->seed, "input", 0, 2, effnet_tensor_count(input),
                         effnet_tensor_data(input));
        return input;
}

test_map_case
test_map_case_load(int index)
{
        test_map_case c;

        memset(&c, 0, sizeof(c));
        ck_assert_int_gt(read_index(index, c.maps), TEST_MAPS * index);
        ck_ok(effnet_config_create(&c.config, c.maps[0].architecture));
        ck_ok(effnet_config_set_int(c.config, EFFNET_CONFIG_CLASSES,
                                    c.maps[0].classes));
        ck_ok(effnet_config_set_int(c.config, EFFNET_CONFIG_INPUT_CHANNELS,
                                    c.maps[0].channels));
        c.input = input_of(&c.maps[0]);
        c.values = test_npy(test_data("maps/values.npy"));
        return c;
}

void
test_map_case_free(test_map_case *c)
{
        effnet_config_free(c->config);
        effnet_tensor_free(c->input);
        test_array_free(&c->values);
}

effnet_session *
test_map_session(const test_map_case *c, effnet_model **out,
                 const effnet_options *options)
{
        effnet_session *session;
        effnet_model *model;

        ck_ok(effnet_model_create(&model, c->config, c->maps[0].seed, options));
        ck_ok(effnet_session_create(&session, model, options));
        if (out != NULL)
                *out = model;
        else
                effnet_model_release(model);
        return session;
}

void
test_map_expect(const test_map_case *c, int index, const effnet_tensor *tensor,
                const char *what)
{
        const test_map *m = &c->maps[index];
        double d;

        ck_assert_int_eq(effnet_tensor_type(tensor), EFFNET_TYPE_F32);
        ck_assert_int_eq(effnet_tensor_rank(tensor), 4);
        ck_assert_int_eq(effnet_tensor_dimension(tensor, 0), m->batch);
        for (int i = 0; i < 3; i++)
                ck_assert_int_eq(effnet_tensor_dimension(tensor, i + 1),
                                 m->shape[i]);
        ck_assert_int_le(m->start + effnet_tensor_count(tensor),
                         c->values.count);
        d = test_relative_difference(effnet_tensor_const_data(tensor),
                                     c->values.f32 + m->start,
                                     effnet_tensor_count(tensor));
        printf("%-22s %s: %.1e\n", m->architecture, what, d);
        ck_assert_msg(d <= TEST_TOLERANCE, "%s: %s off by %g", m->architecture,
                      what, d);
}
