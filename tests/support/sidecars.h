/* sidecars.h: checkpoints of zeros with texts beside them, as projects put them
 * into the folder of a checkpoint.
 */
#ifndef TESTS_SIDECARS_H
#define TESTS_SIDECARS_H

#include "effnet.h"
#include "folder.h"
#include "load/names.h"

#include <stdint.h>

/* What the config.json of transformers' B0 begins with, and a whole one. */
#define TEST_HF_B0                                                             \
        "{\"model_type\": \"efficientnet\", \"width_coefficient\": 1, "        \
        "\"depth_coefficient\": 1, "
#define TEST_HF_B0_LABELS                                                      \
        TEST_HF_B0 "\"id2label\": {\"0\": \"a\", \"1\": \"b\", "               \
                   "\"2\": \"c\", \"3\": \"d\", \"4\": \"e\"}}"

/* timm's of its B0 from TensorFlow. */
#define TEST_TF_B0                                                             \
        "{\"architecture\": \"tf_efficientnet_b0\", \"num_classes\": 5, "      \
        "\"pretrained_cfg\": {\"mean\": [0.5, 0.5, 0.5], \"crop_pct\": 1.0}}"

/* The checkpoint of a folder is its file "m". */
effnet_model *test_load_in(const test_folder *folder,
                           const effnet_options *options);

/* Options with that key alone. */
effnet_options *test_with_int(int32_t key, int64_t value);

/* A sparse checkpoint by the names of "timm" or "transformers". */
void test_write_zeros(const test_folder *folder, const char *naming,
                      en_family family, int32_t variant, int32_t classes,
                      int32_t channels);

/* Loads such a B0 of five classes, with `text` beside it as `sidecar`. */
effnet_status test_load_beside(effnet_model **model, const char *naming,
                               en_family family, const char *sidecar,
                               const char *text, const effnet_options *options);

/* The same with a config.json. */
effnet_status test_beside_timm(effnet_model **model, const char *text,
                               const effnet_options *options);
effnet_status test_beside_hf(effnet_model **model, const char *text,
                             const effnet_options *options);

#endif
