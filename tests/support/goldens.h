/* goldens.h: expected outputs of models, recorded from their frameworks, and
 * the input that gives them.
 */
#ifndef TESTS_GOLDENS_H
#define TESTS_GOLDENS_H

#include "support.h"

/* What effnet promises: max |difference| relative to max |expected|. */
#define TEST_TOLERANCE 2e-5

typedef struct test_golden {
        char architecture[64];
        int32_t height, width, batch, channels, classes;
        uint64_t seed;
        int64_t start; /* in the values: logits, then embeddings */
} test_golden;

/* Reads tests/data/goldens/index.txt; returns the number of lines, at most
 * `room`.  May be called outside a test; exits if the index is unusable.
 */
int test_goldens(test_golden *goldens, int room);

/* Everything that belongs to a golden. */
typedef struct test_case {
        test_golden golden;
        effnet_config *config; /* of the architecture, with its classes */
        int64_t pixels;        /* floats of the input */
        float *input;
        int64_t embedding_size;
        float *logits; /* expected, batch x classes; none where classes is 0 */
        float *embedding;
} test_case;

/* `values` is the .npy file under tests/data that `start` points into. */
test_case test_case_load(const test_golden *golden, const char *values);
void test_case_free(test_case *c);

/* Differences of outputs from the expected ones. */
typedef struct test_difference {
        double logits;
        double embedding;
} test_difference;

/* Runs the case's input through a model. */
test_difference test_case_run(const test_case *c, effnet_model *model);

/* Fails the test, naming `what`, over the tolerance. */
void test_expect_close(const char *what, test_difference d);

#endif
