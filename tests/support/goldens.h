/* goldens.h: the index of tests/data/goldens, and a config for each line. */
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

/* Reads the index; returns the number of lines, at most `room`.  May be called
 * outside a test; exits if the index is unusable.
 */
int test_goldens(test_golden *goldens, int room);

/* Everything that belongs to a golden. */
typedef struct test_case {
        test_golden golden;
        effnet_config *config;
        int64_t pixels; /* floats of the input */
        float *input;
        int64_t embedding_size;
        float *logits; /* expected, batch x classes */
        float *embedding;
} test_case;

test_case test_case_load(const test_golden *golden);
void test_case_free(test_case *c);

#endif
