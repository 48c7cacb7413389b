/* small.h: what tests of the exported functions run: a quarter of B0's width, of
 * seeded weights, and something to give it.
 */
#ifndef TESTS_SMALL_H
#define TESTS_SMALL_H

#include "effnet.h"

#define TEST_SMALL_SIDE 40 /* its resolution */

effnet_model *test_small_model(int32_t classes, int32_t channels,
                               const effnet_options *options);

/* RGB, 60 x 50 pixels. */
effnet_image *test_small_image(void);

/* Random values, always the same, of four dimensions. */
effnet_tensor *test_small_input(const int64_t shape[4]);

#endif
