/* maps.h: feature maps recorded from the models' frameworks, and what is
 * needed to run the same model on the same input.
 */
#ifndef TESTS_MAPS_H
#define TESTS_MAPS_H

#include "support.h"

/* A line of tests/data/maps/index.txt. */
typedef struct test_map {
        char architecture[64];
        int32_t height, width, batch, channels, classes;
        uint64_t seed;
        int32_t output;   /* EFFNET_OUTPUT_*; 0: the class maps */
        int64_t shape[3]; /* of an image's: channels, height, width */
        int64_t start;    /* in the values */
} test_map;

/* Maps of each case, which follow one another: those at reductions 2 to 32,
 * the final one, and the class maps.
 */
#define TEST_MAPS 7

/* A case: its maps, its model's config, its input, and all values. */
typedef struct test_map_case {
        test_map maps[TEST_MAPS];
        effnet_config *config;
        effnet_tensor *input;
        test_array values;
} test_map_case;

/* How many there are; may be called outside a test. */
int test_map_cases(void);

test_map_case test_map_case_load(int index);
void test_map_case_free(test_map_case *c);

/* A session of the case's model; `model` may be NULL, else takes it, with a
 * reference of its own.
 */
effnet_session *test_map_session(const test_map_case *c, effnet_model **model,
                                 const effnet_options *options);

/* Expects the tensor to have the map's shape, for all images, and values. */
void test_map_expect(const test_map_case *c, int index,
                     const effnet_tensor *tensor, const char *what);

#endif
