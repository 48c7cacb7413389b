/* reference.h: a network evaluated naively in double precision, batch norm
 * not folded, and parameters for it.
 */
#ifndef TESTS_REFERENCE_H
#define TESTS_REFERENCE_H

#include "arch/seeded.h"

/* Seeded parameters, but for what the other fields say. */
typedef struct test_params {
        en_seeded seeded;
        const char *failing;  /* name of a parameter that cannot be read */
        const char *poisoned; /* name of one with an odd value ... */
        int64_t element;      /* ... here, ... */
        float value;          /* ... this one */
} test_params;

en_params test_params_of(test_params *params);

/* `count` values between -1 and 1. */
void test_random(float *values, int64_t count, uint64_t seed);

/* One NCHW image through the network: what each layer takes, and at the end
 * what the last gives; layer_count + 1 maps, CHW.
 */
double **test_reference_maps(const en_network *network, const en_params *params,
                             const float *image);
void test_reference_free(const en_network *network, double **maps);

/* The embedding and the logits of the same; `logits` is not touched where there is
 * no classifier.
 */
void test_reference(const en_network *network, const en_params *params,
                    const float *image, double *embedding, double *logits);

#endif
