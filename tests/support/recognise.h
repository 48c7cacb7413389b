/* recognise.h: tables of tensors opened as checkpoints. */
#ifndef TESTS_RECOGNISE_H
#define TESTS_RECOGNISE_H

#include "load/checkpoint.h"
#include "tensors.h"

effnet_status test_tensors_open(en_checkpoint **checkpoint,
                                test_tensors *tensors,
                                const effnet_options *options);

/* Opens them for the config alone, and frees them. */
effnet_config test_recognise(test_tensors *tensors,
                             const effnet_options *options);

/* They are refused with that status, and that in the message. */
void test_refused(test_tensors *tensors, const effnet_options *options,
                  effnet_status status, const char *message);

/* B0 by LM's names. */
test_tensors *test_lm_b0(int32_t classes, int32_t channels);

#endif
