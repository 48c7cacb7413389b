/* options.h: the option table.  An option is one line of EN_OPTIONS_*:
 * key, field, least, most, default.
 */
#ifndef EN_BASE_OPTIONS_H
#define EN_BASE_OPTIONS_H

#include "base/alloc.h"
#include "base/progress.h"
#include "effnet.h"

/* Pillow's limit for an error: twice its MAX_IMAGE_PIXELS. */
#define EN_PILLOW_MAX_PIXELS 178956970
/* The safetensors reader's own limit (huggingface/safetensors). */
#define EN_MOST_HEADER_BYTES 100000000

#define EN_OPTIONS_INT(X)                                                      \
        X(EFFNET_OPTION_THREADS, threads, 1, 256, 1)                           \
        X(EFFNET_OPTION_INSTRUCTION_SET, instruction_set, EFFNET_ISA_BEST,     \
          EFFNET_ISA_NEON, EFFNET_ISA_BEST)                                    \
        X(EFFNET_OPTION_PADDING, padding, -1, EFFNET_PADDING_SAME_STATIC, -1)  \
        X(EFFNET_OPTION_ALLOW_EXTRA_TENSORS, allow_extra_tensors, 0, 1, 0)     \
        X(EFFNET_OPTION_ALLOW_NONFINITE, allow_nonfinite, 0, 1, 0)             \
        X(EFFNET_OPTION_KEEP_PARAMETERS, keep_parameters, 0, 1, 0)             \
        X(EFFNET_OPTION_MAX_PIXELS, max_pixels, 1, INT64_C(1) << 40,           \
          EN_PILLOW_MAX_PIXELS)                                                \
        X(EFFNET_OPTION_MAX_FILE_BYTES, max_file_bytes, 1, INT64_C(1) << 48,   \
          INT64_C(1) << 33)                                                    \
        X(EFFNET_OPTION_MAX_TENSORS, max_tensors, 1, INT64_C(1) << 24,         \
          INT64_C(1) << 16)                                                    \
        X(EFFNET_OPTION_MAX_HEADER_BYTES, max_header_bytes, 1,                 \
          EN_MOST_HEADER_BYTES, INT64_C(1) << 24)                              \
        X(EFFNET_OPTION_MAX_MEMORY_BYTES, max_memory_bytes, 1,                 \
          INT64_C(1) << 48, INT64_C(1) << 31)                                  \
        X(EFFNET_OPTION_TEST_SIZE, test_size, -1, 1, -1)                       \
        X(EFFNET_OPTION_SIDECARS, sidecars, 0, 2, 1)                           \
        X(EFFNET_OPTION_BACKGROUND_CLASS, background_class, -1, 1, -1)         \
        X(EFFNET_OPTION_ORIENTATION, orientation, 0, 1, 0)                     \
        X(EFFNET_OPTION_BACKGROUND, background, -1, 0xffffff, -1)              \
        X(EFFNET_OPTION_FIXED, fixed, 0, 1, 0)                                 \
        X(EFFNET_OPTION_KEEP_LAYERS, keep_layers, 0, 1, 0)                     \
        X(EFFNET_OPTION_PROFILE, profile, 0, 1, 0)                             \
        X(EFFNET_OPTION_MULTI_LABEL, multi_label, -1, 1, -1)

#define EN_OPTIONS_DOUBLE(X) X(EFFNET_OPTION_EPSILON, epsilon, 0, 1, 0)

#define EN_OPTIONS_STRING(X)                                                   \
        X(EFFNET_OPTION_ARCHITECTURE, architecture)                            \
        X(EFFNET_OPTION_LABELS_FILE, labels_file)

struct effnet_options {
#define X(key, field, least, most, initial) int64_t field;
        EN_OPTIONS_INT(X)
#undef X
#define X(key, field, least, most, initial) double field;
        EN_OPTIONS_DOUBLE(X)
#undef X
#define X(key, field) char *field;
        EN_OPTIONS_STRING(X)
#undef X
        en_allocator allocator;
        en_progress progress;
};

/* `options`, or the defaults where it is NULL. */
const effnet_options *en_options_or_default(const effnet_options *options);

#endif
