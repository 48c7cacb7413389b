/* goldens.c: reads the index and the values of tests/data/goldens. */
#include "goldens.h"

#include "arch/seeded.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Check's assertions do not work outside a test, and this runs in main. */
static void
require(bool condition, const char *what)
{
        if (condition)
                return;
        fprintf(stderr, "goldens/index.txt: %s\n", what);
        exit(EXIT_FAILURE);
}

int
test_goldens(test_golden *goldens, int room)
{
        FILE *file = fopen(test_data("goldens/index.txt"), "r");
        char line[256];
        int n = 0;

        require(file != NULL, "cannot be opened");
        while (fgets(line, sizeof(line), file) != NULL) {
                test_golden *g = &goldens[n];

                if (line[0] == '#')
                        continue;
                require(n < room, "too many lines");
                require(sscanf(line,
                               "%63s %" SCNd32 " %" SCNd32 " %" SCNd32
                               " %" SCNd32 " %" SCNd32 " %" SCNu64 " %" SCNd64,
                               g->architecture, &g->height, &g->width,
                               &g->batch, &g->channels, &g->classes, &g->seed,
                               &g->start) == 8,
                        "a line of another form");
                n++;
        }
        fclose(file);
        return n;
}

static float *
copy(const float *values, int64_t count)
{
        float *copied = malloc((size_t)count * sizeof(float));

        ck_assert_ptr_nonnull(copied);
        memcpy(copied, values, (size_t)count * sizeof(float));
        return copied;
}

static int64_t
embedding_size(const effnet_config *config)
{
        effnet_summary *summary;
        int64_t output[3];
        int32_t last;

        ck_ok(effnet_summary_create(&summary, config, 0, 0));
        last = effnet_summary_layer_count(summary) - 1;
        ck_assert_str_eq(effnet_summary_layer_name(summary, last),
                         "classifier");
        ck_ok(effnet_summary_layer_output(summary, last - 1, output));
        effnet_summary_free(summary);
        return output[0];
}

test_case
test_case_load(const test_golden *golden)
{
        test_array values = test_npy(test_data("goldens/values.npy"));
        test_case c = {.golden = *golden};
        int64_t logits = (int64_t)golden->batch * golden->classes, embeddings;

        ck_ok(effnet_config_create(&c.config, golden->architecture));
        ck_ok(effnet_config_set_int(c.config, EFFNET_CONFIG_CLASSES,
                                    golden->classes));
        ck_ok(effnet_config_set_int(c.config, EFFNET_CONFIG_INPUT_CHANNELS,
                                    golden->channels));
        c.embedding_size = embedding_size(c.config);
        embeddings = golden->batch * c.embedding_size;
        ck_assert_int_le(golden->start + logits + embeddings, values.count);
        c.logits = copy(values.f32 + golden->start, logits);
        c.embedding = copy(values.f32 + golden->start + logits, embeddings);
        c.pixels = (int64_t)golden->batch * golden->channels * golden->height *
                   golden->width;
        c.input = malloc((size_t)c.pixels * sizeof(float));
        ck_assert_ptr_nonnull(c.input);
        en_seeded_values(golden->seed, "input", 0, 2, c.pixels, c.input);
        test_array_free(&values);
        return c;
}

void
test_case_free(test_case *c)
{
        effnet_config_free(c->config);
        free(c->input);
        free(c->logits);
        free(c->embedding);
}
