/* goldens.c: reads recorded outputs and compares a model with them. */
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
        int64_t output[3] = {0, 0, 0};

        ck_ok(effnet_summary_create(&summary, config, 0, 0));
        for (int32_t i = 0; i < effnet_summary_layer_count(summary); i++)
                if (strcmp(effnet_summary_layer_op(summary, i), "pool") == 0)
                        ck_ok(effnet_summary_layer_output(summary, i, output));
        effnet_summary_free(summary);
        return output[0];
}

static effnet_config *
config_of(const test_golden *golden)
{
        effnet_config *config;

        ck_ok(effnet_config_create(&config, golden->architecture));
        if (golden->classes > 0)
                ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_CLASSES,
                                            golden->classes));
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_INPUT_CHANNELS,
                                    golden->channels));
        return config;
}

test_case
test_case_load(const test_golden *golden, const char *values)
{
        test_array array = test_npy(test_data(values));
        test_case c = {.golden = *golden};
        int64_t logits = (int64_t)golden->batch * golden->classes, embeddings;

        c.config = config_of(golden);
        c.embedding_size = embedding_size(c.config);
        embeddings = golden->batch * c.embedding_size;
        ck_assert_int_le(golden->start + logits + embeddings, array.count);
        c.logits = copy(array.f32 + golden->start, logits);
        c.embedding = copy(array.f32 + golden->start + logits, embeddings);
        c.pixels = (int64_t)golden->batch * golden->channels * golden->height *
                   golden->width;
        c.input = malloc((size_t)c.pixels * sizeof(float));
        ck_assert_ptr_nonnull(c.input);
        en_seeded_values(golden->seed, "input", 0, 2, c.pixels, c.input);
        test_array_free(&array);
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

static void
run_session(effnet_session *session, const test_case *c)
{
        const test_golden *g = &c->golden;
        int64_t shape[4] = {g->batch, g->channels, g->height, g->width};
        effnet_tensor *input;

        ck_ok(effnet_tensor_wrap(&input, EFFNET_TYPE_F32, 4, shape, c->input,
                                 (size_t)c->pixels * sizeof(float), NULL,
                                 NULL));
        ck_ok(effnet_session_run(session, input));
        effnet_tensor_free(input);
}

static double
compare(effnet_session *session, int32_t output, const float *expected,
        int64_t count)
{
        const effnet_tensor *tensor;

        ck_ok(effnet_session_output(session, output, &tensor));
        ck_assert_int_eq(effnet_tensor_count(tensor), count);
        return test_relative_difference(effnet_tensor_const_data(tensor),
                                        expected, count);
}

test_difference
test_case_run(const test_case *c, effnet_model *model)
{
        const test_golden *g = &c->golden;
        effnet_session *session;
        test_difference d = {0, 0};

        ck_ok(effnet_session_create(&session, model, NULL));
        run_session(session, c);
        if (g->classes > 0)
                d.logits = compare(session, EFFNET_OUTPUT_LOGITS, c->logits,
                                   (int64_t)g->batch * g->classes);
        d.embedding = compare(session, EFFNET_OUTPUT_EMBEDDING, c->embedding,
                              g->batch * c->embedding_size);
        effnet_session_free(session);
        return d;
}

void
test_expect_close(const char *what, test_difference d)
{
        ck_assert_msg(d.logits <= TEST_TOLERANCE &&
                              d.embedding <= TEST_TOLERANCE,
                      "%s: logits off by %g, embedding by %g", what, d.logits,
                      d.embedding);
}
