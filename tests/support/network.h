/* network.h: a network of seeded parameters, ready to run. */
#ifndef TESTS_NETWORK_H
#define TESTS_NETWORK_H

#include "reference.h"
#include "run/engine.h"

typedef struct test_network {
        effnet_config config;
        en_network *network; /* of the image's size */
        test_params params;
        en_params provider;
        en_weights *weights;
        en_engine *engine;
        float *image;
        int64_t floats; /* of an image */
} test_network;

/* Levels that only the tests have, see lanes.h. */
#define TEST_LEVEL_LANES8  (-8)
#define TEST_LEVEL_LANES16 (-16)

/* NULL where the processor lacks it. */
const en_kernels *test_kernels_of(int32_t level);

/* From `config` on: network, parameters and image; weights; engine. */
void test_set_network(test_network *f, int32_t height, int32_t width);
effnet_status test_pack(test_network *f, int32_t level, bool allow_nonfinite);
void test_set_engine(test_network *f, int32_t level, int32_t threads);

/* All of it, for TEST_SMALL_HEIGHT x _WIDTH pixels and TEST_SMALL_CLASSES: a
 * quarter of B0's width, quick, and with squeezed layers of any number.
 */
#define TEST_SMALL_HEIGHT  33
#define TEST_SMALL_WIDTH   47
#define TEST_SMALL_CLASSES 10

void test_set_small(test_network *f, int32_t threads);
void test_clear(test_network *f);

/* The values of an output, which must be images x size. */
const float *test_output_of(const en_engine *engine, int32_t output,
                            int64_t images, int64_t size);

/* The parameter of that name, which must exist. */
const en_param *test_find_param(const en_network *network, const char *name);

#endif
