/* effnet.h: EfficientNet as an embeddable library.
 *
 * A checkpoint as it lies on disk and a picture go in; logits, probabilities
 * and an embedding come out, equal to PyTorch's.
 *
 *   effnet_model   *model   = NULL;
 *   effnet_session *session = NULL;
 *   effnet_image   *image   = NULL;
 *   int32_t classes[5], n = 5;
 *   float scores[5];
 *
 *   if (effnet_model_load_file(&model, "efficientnet_b0.pth", NULL) ||
 *       effnet_session_create(&session, model, NULL) ||
 *       effnet_image_read_file(&image, "dog.jpg", NULL) ||
 *       effnet_session_classify(session, image, &n, classes, scores))
 *           puts(effnet_last_error());
 *
 * Rules that hold for every function:
 *
 * Status.  A function that can fail returns an effnet_status: 0 or one of
 * the negative EFFNET_ERROR codes.  Results leave through out-pointers, which
 * are NULL or 0 after a failure.  effnet_last_error() then says, for the
 * calling thread, what was expected and what was found, and where.
 *
 * NULL.  A pointer must not be NULL unless its description allows it; a NULL
 * that is not allowed gives EFFNET_ERROR_ARGUMENT.  Options may always be
 * NULL, which means all defaults.  A getter that returns no status answers
 * 0 or NULL for a NULL handle and for an index out of range.  Every _free and
 * _release takes NULL.
 *
 * Ownership.  What _create, _load, _read, _wrap or _copy hands out belongs to
 * the caller and is given back with the function of the same object's name.
 * A const pointer handed out by a getter is borrowed from the object that was
 * asked.
 *
 * Threads.  A model is immutable and may be used by any number of threads at
 * once.  Every other object may be used by one thread at a time.  There is no
 * global mutable state.  After fork a model works in the child; a session with
 * more than one thread answers EFFNET_ERROR_STATE there.
 *
 * Statuses.  Every fallible function may give EFFNET_ERROR_ARGUMENT and
 * EFFNET_ERROR_MEMORY; what else it may give is said with it.  errno, the
 * locale, signals and the floating-point mode are left as they were.
 *
 * Nothing is promised about the last bits of a result: they may differ
 * between versions and instruction sets.  On one instruction set they do not
 * depend on the number of threads or on the batch.
 */
#ifndef EFFNET_H
#define EFFNET_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header; effnet_version() is that of the library. */
#define EFFNET_VERSION_MAJOR 0
#define EFFNET_VERSION_MINOR 1
#define EFFNET_VERSION_PATCH 0

#if defined(_WIN32)
#define EFFNET_API
#elif defined(__GNUC__)
#define EFFNET_API __attribute__((visibility("default")))
#else
#define EFFNET_API
#endif

typedef struct effnet_options effnet_options;
typedef struct effnet_config effnet_config;
typedef struct effnet_summary effnet_summary;
typedef struct effnet_model effnet_model;
typedef struct effnet_session effnet_session;
typedef struct effnet_tensor effnet_tensor;
typedef struct effnet_image effnet_image;
typedef struct effnet_preprocess effnet_preprocess;

/* Called once when wrapped memory is no longer used, with the opaque pointer
 * that came with it.  It runs on the thread that frees the wrapping object.
 */
typedef void (*effnet_release_fn)(void *opaque);

/* Reads `size` bytes at `offset` of a checkpoint into `buffer`.  Returns 0
 * when all were read, anything else on failure.  It is called on the loading
 * thread only, never beyond the size that was announced, in any order.
 */
typedef int32_t (*effnet_read_fn)(void *opaque, uint64_t offset, void *buffer,
                                  size_t size);

/* Takes the next `size` bytes of a file that is saved.  Returns 0 when all were
 * taken, anything else on failure.  It is called on the saving thread only.
 */
typedef int32_t (*effnet_write_fn)(void *opaque, const void *data, size_t size);

/* An allocator.  The first gives `size` bytes, 1 or more, at a multiple of
 * `alignment`, a power of two up to 64, or NULL if there are none; the second
 * takes them back, with the size and alignment that they were asked for.
 * Neither may fail otherwise, nor call effnet functions.
 */
typedef void *(*effnet_alloc_fn)(void *opaque, size_t size, size_t alignment);
typedef void (*effnet_free_fn)(void *opaque, void *memory, size_t size,
                               size_t alignment);

/* Hears how much of a long call is done: `fraction` is 0...1, never less than
 * before, and 1 in the last call.  Returns 0 to go on; anything else ends the
 * call with EFFNET_ERROR_CANCELLED.  It is called on the thread of that call.
 */
typedef int32_t (*effnet_progress_fn)(void *opaque, double fraction);

/* Asks whether to stop: 0 to go on; anything else ends the call with
 * EFFNET_ERROR_CANCELLED.  It is called on the thread of that call.
 */
typedef int32_t (*effnet_cancel_fn)(void *opaque);

/* ------------------------------------------------------------------------
 * Status and version
 */

typedef int32_t effnet_status;

/* A job of a run, and what runs it: see effnet_session_set_runner. */
typedef void (*effnet_job_fn)(void *job_opaque, int32_t index, int32_t thread);
typedef effnet_status (*effnet_runner_fn)(void *opaque, int32_t count,
                                          effnet_job_fn job, void *job_opaque);

enum {
        EFFNET_OK = 0,
        EFFNET_ERROR_ARGUMENT = -1,    /* the caller passed a wrong value */
        EFFNET_ERROR_MEMORY = -2,      /* memory could not be had */
        EFFNET_ERROR_IO = -3,          /* a file could not be read */
        EFFNET_ERROR_FORMAT = -4,      /* the bytes are damaged or not it */
        EFFNET_ERROR_UNSUPPORTED = -5, /* well-formed, but not handled */
        EFFNET_ERROR_LIMIT = -6,       /* over a limit of the options */
        EFFNET_ERROR_MISMATCH = -7,    /* parts that do not fit each other */
        EFFNET_ERROR_STATE = -8,       /* not now, or not on this object */
        EFFNET_ERROR_CANCELLED = -9,   /* the caller asked to stop */
        EFFNET_ERROR_INTERNAL = -10    /* a defect of the library */
};

/* The calling thread's message of its last failed call, or "".  Success and
 * every _free or _release leave it untouched.  The text is valid until the
 * thread's next failing call.  Never NULL.
 */
EFFNET_API const char *effnet_last_error(void);

/* Copies the message into `buffer` of `size` bytes, cut and NUL-terminated
 * to fit.  Returns its whole length without the NUL, as snprintf does.
 * `buffer` may be NULL if `size` is 0.
 */
EFFNET_API size_t effnet_last_error_copy(char *buffer, size_t size);

/* "ok", "argument", "memory", "io", "format", "unsupported", "limit",
 * "mismatch", "state", "cancelled" or "internal"; "unknown" for other values.
 */
EFFNET_API const char *effnet_status_name(int32_t status);

/* The library's version as major * 10000 + minor * 100 + patch. */
EFFNET_API int32_t effnet_version(void);

/* The library's version as text, "0.1.0". */
EFFNET_API const char *effnet_version_string(void);

/* ------------------------------------------------------------------------
 * Options: typed values by key, for loading, sessions and images.  A function
 * ignores the keys that are not for it.
 */

/* Instruction sets, for EFFNET_OPTION_INSTRUCTION_SET. */
enum {
        EFFNET_ISA_BEST = 0, /* the best of the processor */
        EFFNET_ISA_PORTABLE = 1,
        EFFNET_ISA_AVX2 = 2,   /* x86-64 with AVX2, FMA and F16C */
        EFFNET_ISA_SSE2 = 3,   /* every x86-64 */
        EFFNET_ISA_AVX512 = 4, /* AVX2's and AVX-512 F, BW, DQ and VL */
        EFFNET_ISA_NEON = 5    /* every AArch64 */
};

/* Padding rules (k kernel, s stride, x size). */
enum {
        EFFNET_PADDING_SYMMETRIC = 0, /* (k-1)/2 on both sides: torchvision */
        EFFNET_PADDING_SAME = 1, /* TensorFlow's, from the actual size: timm */
        EFFNET_PADDING_SAME_STATIC = 2 /* from the nominal size: LM, LP */
};

enum {
        /* int, sessions: threads that work on a run, 1 (default) to 256 */
        EFFNET_OPTION_THREADS = 1,
        /* int, loading: EFFNET_ISA_*; one that the processor lacks is
         * unsupported */
        EFFNET_OPTION_INSTRUCTION_SET = 2,
        /* string, loading: the architecture's name, as for
         * effnet_config_create; decides what shapes cannot tell (padding,
         * epsilon, preprocessing).  Default: detect it */
        EFFNET_OPTION_ARCHITECTURE = 3,
        /* int, loading: EFFNET_PADDING_*; default -1, by the family */
        EFFNET_OPTION_PADDING = 4,
        /* double, loading: batch-norm epsilon; default 0, by the family */
        EFFNET_OPTION_EPSILON = 5,
        /* int, loading: 1 accepts tensors that the network does not have;
         * default 0 */
        EFFNET_OPTION_ALLOW_EXTRA_TENSORS = 6,
        /* int, loading: 1 accepts NaN, infinite and negative-variance
         * parameters; default 0 */
        EFFNET_OPTION_ALLOW_NONFINITE = 7,
        /* string, loading: a file of labels, one per class, in UTF-8: a text
         * with a label a line, or JSON: ["cat", ...], {"0": "cat", ...},
         * {"cat": 0, ...}, or one of these as id2label, label_names or labels
         * of an object; default: what metadata or a config.json say, else
         * ImageNet's for a model of 1000 classes */
        EFFNET_OPTION_LABELS_FILE = 8,
        /* int, images: pixels at most, default 178956970 (Pillow's) */
        EFFNET_OPTION_MAX_PIXELS = 9,
        /* int, loading and images: bytes of a file at most, default 2^33 */
        EFFNET_OPTION_MAX_FILE_BYTES = 10,
        /* int, loading: tensors in a checkpoint at most, default 65536 */
        EFFNET_OPTION_MAX_TENSORS = 11,
        /* int, loading: bytes of a header or pickle at most, default 2^24 */
        EFFNET_OPTION_MAX_HEADER_BYTES = 12,
        /* int, loading, sessions and images: bytes of memory at most that a
         * model's weights, a session's activations, its outputs, an inflated
         * checkpoint or a decoded picture take, each by itself, default 2^31 */
        EFFNET_OPTION_MAX_MEMORY_BYTES = 13,
        /* int, loading and creating: 1 keeps the parameters as they were
         * loaded, for saving and effnet_model_parameter; they count as the
         * weights' memory; default 0 */
        EFFNET_OPTION_KEEP_PARAMETERS = 14,
        /* int, loading: 1 prepares pictures in the size that the published
         * accuracy of timm's weights is for, 0 in the size of their training;
         * default -1: the former for V2, whose nominal size it is, else the
         * latter, as timm does */
        EFFNET_OPTION_TEST_SIZE = 15,
        /* int, effnet_model_load_file: 1 (default) reads what timm and
         * transformers put beside a checkpoint, in its folder: config.json and
         * preprocessor_config.json; one that is damaged, or of another
         * network, is ignored with a warning; 2: that is a failure; 0 reads
         * none */
        EFFNET_OPTION_SIDECARS = 16,
        /* int, loading: 1 drops the classifier's first row, which TensorFlow's
         * weights of ImageNet have for a background, so that there is a class
         * less; 0 keeps it; default -1: drops it where metadata or a
         * config.json say so (timm's label_offset) */
        EFFNET_OPTION_BACKGROUND_CLASS = 17,
        /* int, images: 1 turns a decoded picture as its EXIF orientation says
         * (JPEG's first EXIF segment, PNG's eXIf; damaged EXIF is ignored),
         * as Pillow's ImageOps.exif_transpose; default 0 */
        EFFNET_OPTION_ORIENTATION = 20,
        /* int, images: 0xRRGGBB, with which a decoded picture that has alpha
         * or transparent colours (PNG's tRNS) is blended, as Pillow's
         * Image.alpha_composite of convert("RGBA") over it; default -1, alpha
         * is dropped */
        EFFNET_OPTION_BACKGROUND = 21,
        /* int, sessions: 1 refuses to run any shape but the prepared one, in
         * place of planning anew; default 0 */
        EFFNET_OPTION_FIXED = 25,
        /* int, sessions: 1 keeps each layer's output of the last run, for
         * effnet_session_layer: every layer is run, and by itself; default 0 */
        EFFNET_OPTION_KEEP_LAYERS = 26,
        /* int, loading and creating: 1 makes each class's probability the
         * sigmoid of its logit by itself, for models that were trained so, 0
         * their softmax; default -1: what effnet_model_save_file wrote into
         * the file, else 0.  A single class has its sigmoid in any case */
        EFFNET_OPTION_MULTI_LABEL = 27,
        /* int, sessions: 1 takes the time of each step of a run, for
         * effnet_session_step_get_double; default 0 */
        EFFNET_OPTION_PROFILE = 28
};

/* An option set with all defaults. */
EFFNET_API effnet_status effnet_options_create(effnet_options **options);
EFFNET_API void effnet_options_free(effnet_options *options);

/* Set or get the value of `key`.  EFFNET_ERROR_ARGUMENT for an unknown key,
 * a key of another type, or a value out of its range.  A string is copied;
 * NULL as a string restores the default.  The text handed out by get_string
 * is NULL where none is set, else valid until the key is set again or the
 * options are freed.
 */
EFFNET_API effnet_status effnet_options_set_int(effnet_options *options,
                                                int32_t key, int64_t value);
EFFNET_API effnet_status effnet_options_get_int(const effnet_options *options,
                                                int32_t key, int64_t *value);
EFFNET_API effnet_status effnet_options_set_double(effnet_options *options,
                                                   int32_t key, double value);
EFFNET_API effnet_status effnet_options_get_double(
        const effnet_options *options, int32_t key, double *value);
EFFNET_API effnet_status effnet_options_set_string(effnet_options *options,
                                                   int32_t key,
                                                   const char *value);
EFFNET_API effnet_status effnet_options_get_string(
        const effnet_options *options, int32_t key, const char **value);

/* Memory of what is loaded or created with these options comes from here and
 * goes back there; NULL, NULL: malloc and free again.  One NULL alone is
 * EFFNET_ERROR_ARGUMENT.  A model keeps the allocator: it is that of the
 * model's sessions as well, whatever their own options say, and of all that
 * they need while they run, and of what saving it needs.  A decoded image keeps
 * its own.  Everything else comes from malloc: config, options, preprocessing,
 * summary, tensors and wrapped images, the stacks of threads, and what libjpeg
 * and jansson (a JSON header's values) need by themselves.
 *
 * The two functions may be called by any thread that uses the model, one of its
 * sessions or such an image, several at once, so they must be thread-safe; they
 * and `opaque` must stay valid until the last of those objects is freed.
 */
EFFNET_API effnet_status effnet_options_set_allocator(effnet_options *options,
                                                      effnet_alloc_fn allocate,
                                                      effnet_free_fn deallocate,
                                                      void *opaque);

/* Tells `report` how far loading, creating or saving a model is, by the values
 * that are read or written; NULL: nobody.  A cancelled load leaves no model, a
 * cancelled save no file.
 */
EFFNET_API effnet_status effnet_options_set_progress(effnet_options *options,
                                                     effnet_progress_fn report,
                                                     void *opaque);

/* ------------------------------------------------------------------------
 * Config: an architecture as plain values
 */

enum {
        EFFNET_ACTIVATION_SILU = 0,
        EFFNET_ACTIVATION_RELU6 = 1,
        EFFNET_ACTIVATION_RELU = 2
};

enum {
        EFFNET_CONFIG_CLASSES = 1,        /* int, 1 to 1000000 */
        EFFNET_CONFIG_INPUT_CHANNELS = 2, /* int, 1 to 1024 */
        EFFNET_CONFIG_PADDING = 3,        /* int, EFFNET_PADDING_* */
        EFFNET_CONFIG_EPSILON = 4,        /* double, above 0, at most 1 */
        EFFNET_CONFIG_ACTIVATION = 5,     /* int, EFFNET_ACTIVATION_* */
        EFFNET_CONFIG_SQUEEZE_EXCITE = 6, /* int, 0 or 1 */
        EFFNET_CONFIG_RESOLUTION = 7,     /* int, nominal side, 1 to 16384 */
        EFFNET_CONFIG_WIDTH = 8,          /* double, read only */
        EFFNET_CONFIG_DEPTH = 9           /* double, read only */
};

/* The architecture of a published name: "b0" to "b8" and "efficientnet_b0"
 * (torchvision), "efficientnet-b0" (LM), "tf_efficientnet_b0" (timm, ported
 * from TensorFlow), "lite0" to "lite4" and "efficientnet-lite0" (LP),
 * "tf_efficientnet_lite0", "efficientnet_lite0" (timm), "v2_s" and
 * "efficientnet_v2_s" (torchvision), "efficientnetv2_s",
 * "tf_efficientnetv2_b0", "tf_efficientnet_es", "efficientnetv2_rw_t" (timm);
 * all in effnet_architecture_name's list.
 * EFFNET_ERROR_ARGUMENT for an unknown name.
 */
EFFNET_API effnet_status effnet_config_create(effnet_config **config,
                                              const char *name);

/* Compound scaling (Tan & Le 2019, section 3.3) of the named base: depth
 * alpha^phi, width beta^phi, and the base's resolution times gamma^phi rounded
 * to the nearest multiple of 8, each applied on top of the base's own
 * coefficients.  All four must be finite, the first three above 0, and the
 * results within 0.01 to 100 times and 8 to 16384 pixels.  A pruned base, such
 * as efficientnet_b1_pruned, is EFFNET_ERROR_ARGUMENT: its widths are its own.
 */
EFFNET_API effnet_status effnet_config_create_scaled(effnet_config **config,
                                                     const char *base,
                                                     double alpha, double beta,
                                                     double gamma, double phi);

/* The named base with this width, depth (0.01 to 100) and resolution
 * (1 to 16384) in place of its own; no pruned one.
 */
EFFNET_API effnet_status effnet_config_create_custom(effnet_config **config,
                                                     const char *base,
                                                     double width, double depth,
                                                     int32_t resolution);

EFFNET_API effnet_status effnet_config_copy(effnet_config **config,
                                            const effnet_config *source);
EFFNET_API void effnet_config_free(effnet_config *config);

/* The name, e.g. "efficientnet_b0"; "custom" after scaling, and for a
 * pruned file of no known name.
 */
EFFNET_API const char *effnet_config_name(const effnet_config *config);

/* Whose definition it follows: "torchvision", "timm", "lm" or "lp". */
EFFNET_API const char *effnet_config_family(const effnet_config *config);

/* Set or get a value by key; EFFNET_ERROR_ARGUMENT for an unknown key, one of
 * another type, a read-only one, or a value out of its range.
 */
EFFNET_API effnet_status effnet_config_set_int(effnet_config *config,
                                               int32_t key, int64_t value);
EFFNET_API effnet_status effnet_config_get_int(const effnet_config *config,
                                               int32_t key, int64_t *value);
EFFNET_API effnet_status effnet_config_set_double(effnet_config *config,
                                                  int32_t key, double value);
EFFNET_API effnet_status effnet_config_get_double(const effnet_config *config,
                                                  int32_t key, double *value);

/* The full names that effnet_config_create knows, 0 <= index; NULL past the
 * last.  The text is static.
 */
EFFNET_API const char *effnet_architecture_name(int32_t index);

/* ------------------------------------------------------------------------
 * Summary: the layers of a config, with shapes, parameters and MACs
 */

/* Unrolls `config` for an input of height x width pixels; 0, 0 means its
 * nominal resolution.  EFFNET_ERROR_ARGUMENT if a layer would be empty.
 */
EFFNET_API effnet_status effnet_summary_create(effnet_summary **summary,
                                               const effnet_config *config,
                                               int32_t height, int32_t width);
EFFNET_API void effnet_summary_free(effnet_summary *summary);

/* Trainable parameters (batch-norm statistics are none), and multiply-adds of
 * the convolutions, squeeze-and-excite and the classifier, in all.
 */
EFFNET_API int64_t effnet_summary_parameters(const effnet_summary *summary);
EFFNET_API int64_t effnet_summary_macs(const effnet_summary *summary);

/* The layers in order of execution, 0 <= index < count.  Names are canonical:
 * "stem", "blocks.2.0.depthwise", "head", "classifier"; ops are "conv",
 * "pointwise", "depthwise", "squeeze-excite", "pool", "linear".  `output`
 * takes channels, height, width.  Names are valid as long as the summary.
 */
EFFNET_API int32_t effnet_summary_layer_count(const effnet_summary *summary);
EFFNET_API const char *effnet_summary_layer_name(const effnet_summary *summary,
                                                 int32_t index);
EFFNET_API const char *effnet_summary_layer_op(const effnet_summary *summary,
                                               int32_t index);
EFFNET_API effnet_status effnet_summary_layer_output(
        const effnet_summary *summary, int32_t index, int64_t output[3]);
EFFNET_API int64_t
effnet_summary_layer_parameters(const effnet_summary *summary, int32_t index);
EFFNET_API int64_t effnet_summary_layer_macs(const effnet_summary *summary,
                                             int32_t index);

/* ------------------------------------------------------------------------
 * Tensor: n dimensions of one element type, C order
 */

enum {
        EFFNET_TYPE_F32 = 1, /* IEEE 754 single precision */
        EFFNET_TYPE_U8 = 2,
        EFFNET_TYPE_F16 = 3, /* IEEE 754 half precision; for saving only */
        EFFNET_TYPE_BF16 = 4 /* bfloat16; for saving only */
};

/* A zero-filled tensor; rank 0 to 8, every dimension >= 0.  `shape` may be
 * NULL if rank is 0.  EFFNET_ERROR_LIMIT if its size overflows.
 */
EFFNET_API effnet_status effnet_tensor_create(effnet_tensor **tensor,
                                              int32_t type, int32_t rank,
                                              const int64_t *shape);

/* Wraps `data` of `bytes` bytes without a copy; EFFNET_ERROR_MISMATCH if the
 * shape needs more.  `data` must be aligned for its type and stay valid until
 * `release` is called (by effnet_tensor_free), or, where `release` is NULL,
 * until the tensor is freed.  After a failure `release` is not called.
 */
EFFNET_API effnet_status effnet_tensor_wrap(effnet_tensor **tensor,
                                            int32_t type, int32_t rank,
                                            const int64_t *shape, void *data,
                                            size_t bytes,
                                            effnet_release_fn release,
                                            void *opaque);
EFFNET_API void effnet_tensor_free(effnet_tensor *tensor);

EFFNET_API int32_t effnet_tensor_type(const effnet_tensor *tensor);
EFFNET_API int32_t effnet_tensor_rank(const effnet_tensor *tensor);
EFFNET_API int64_t effnet_tensor_dimension(const effnet_tensor *tensor,
                                           int32_t index);
/* Number of elements: the product of the dimensions, 1 for rank 0. */
EFFNET_API int64_t effnet_tensor_count(const effnet_tensor *tensor);
/* The elements; of a tensor borrowed from a session only for reading. */
EFFNET_API void *effnet_tensor_data(effnet_tensor *tensor);
EFFNET_API const void *effnet_tensor_const_data(const effnet_tensor *tensor);

/* ------------------------------------------------------------------------
 * Image: pixels, decoded or the caller's
 */

enum {
        EFFNET_PIXEL_RGB = 1,
        EFFNET_PIXEL_BGR = 2,
        /* alpha is dropped, as by Pillow's convert, unless there is a
         * background */
        EFFNET_PIXEL_RGBA = 3,
        EFFNET_PIXEL_BGRA = 4,
        EFFNET_PIXEL_GRAY = 5,
        /* luma; and half as wide and high, rounded up, pairs of Cb and Cr */
        EFFNET_PIXEL_NV12 = 6,
        /* luma, Cb, Cr: the latter half as wide and high, rounded up */
        EFFNET_PIXEL_I420 = 7,
        /* one plane of Y, Cb, Y, Cr for each two pixels; the last Y of a row
         * of odd width is not used, but there */
        EFFNET_PIXEL_YUYV = 8,
        /* 16 bits or a float a channel, in the machine's byte order, at any
         * address (no alignment is needed) */
        EFFNET_PIXEL_GRAY16 = 9,
        EFFNET_PIXEL_RGB16 = 10,
        EFFNET_PIXEL_GRAYF32 = 11,
        EFFNET_PIXEL_RGBF32 = 12
};

enum { EFFNET_MATRIX_BT601 = 0, EFFNET_MATRIX_BT709 = 1 };

enum {
        EFFNET_RANGE_LIMITED = 0, /* luma 16 to 235, chroma 16 to 240 */
        EFFNET_RANGE_FULL = 1     /* 0 to 255 */
};

enum {
        EFFNET_FILTER_NEAREST = 0,
        EFFNET_FILTER_BILINEAR = 1,
        EFFNET_FILTER_BICUBIC = 2
};

/* Decodes a PNG or JPEG, told by its content, to RGB: the same pixels as
 * Pillow's Image.open(f).convert("RGB").  Colour profiles are ignored, and,
 * unless options say otherwise, orientation and transparency.  The memory of
 * _read_memory is not kept.  A file that does not begin as a PNG or JPEG is not
 * read further; one that does may have as many bytes as the least of
 * EFFNET_OPTION_MAX_FILE_BYTES, EFFNET_OPTION_MAX_MEMORY_BYTES and
 * 2^30.  EFFNET_ERROR_FORMAT for damaged or other files,
 * EFFNET_ERROR_UNSUPPORTED for kinds that are not handled or were configured
 * out, EFFNET_ERROR_LIMIT over the options' limits.
 */
EFFNET_API effnet_status effnet_image_read_file(effnet_image **image,
                                                const char *path,
                                                const effnet_options *options);
EFFNET_API effnet_status
effnet_image_read_memory(effnet_image **image, const void *data, size_t size,
                         const effnet_options *options);

/* Wraps pixels of one plane, all formats but EFFNET_PIXEL_NV12, _I420 and
 * _YUYV, without a copy.  `stride` is the distance in bytes from a row
 * to the one below it; it may be negative (`pixels` is the top row all the
 * same), and its size must be at least that of a row.  width and height are
 * 1 to 1000000.  `release` as in effnet_tensor_wrap; it may be NULL.
 */
EFFNET_API effnet_status effnet_image_wrap(effnet_image **image, int32_t format,
                                           int32_t width, int32_t height,
                                           const void *pixels, int64_t stride,
                                           effnet_release_fn release,
                                           void *opaque);

/* Wraps a frame of EFFNET_PIXEL_NV12 (2 planes), _I420 (3) or _YUYV (1)
 * without a copy: a pointer to the top row and a stride for each plane, as for
 * effnet_image_wrap; further ones are not read.  Chroma has half as many rows
 * (NV12, I420) and columns, rounded up, so that odd sizes work.
 */
EFFNET_API effnet_status effnet_image_wrap_planes(
        effnet_image **image, int32_t format, int32_t width, int32_t height,
        const void *const planes[3], const int64_t strides[3],
        effnet_release_fn release, void *opaque);
EFFNET_API void effnet_image_free(effnet_image *image);

/* How a frame becomes RGB; EFFNET_MATRIX_BT601 and EFFNET_RANGE_LIMITED unless
 * set.  Kr, Kb are 0.299, 0.114 (BT.601) or 0.2126, 0.0722 (BT.709), Kg what
 * is left of 1; y = (Y - 16) / 219, b = (Cb - 128) / 224, r = (Cr - 128) / 224,
 * of full range Y / 255 and (Cb - 128) / 255, (Cr - 128) / 255; then
 *   R = 255 (y + 2 (1 - Kr) r)
 *   G = 255 (y - 2 (1 - Kb) Kb / Kg b - 2 (1 - Kr) Kr / Kg r)
 *   B = 255 (y + 2 (1 - Kb) b)
 * clipped to 0...255 and rounded, in fixed point: within 1 of these.  A pixel
 * has the chroma of its block of 2x2 or pair, not interpolated.
 * EFFNET_ERROR_STATE for other formats.
 */
EFFNET_API effnet_status effnet_image_set_colour(effnet_image *image,
                                                 int32_t matrix, int32_t range);

/* Blends RGBA or BGRA with this colour, 0xRRGGBB, where the alpha is below
 * 255, as Pillow's Image.alpha_composite does over an opaque background; -1
 * drops alpha again.  EFFNET_ERROR_STATE for formats without alpha, a decoded
 * file's among them: see EFFNET_OPTION_BACKGROUND.
 */
EFFNET_API effnet_status effnet_image_set_background(effnet_image *image,
                                                     int32_t colour);

/* What a value of 16 bits or a float stands for: value * scale + offset in
 * units of 0...1, where mean and std are.  1/65535 and 0 unless set, for
 * floats 1 and 0.  These pictures are resized as Pillow's mode "F", channel by
 * channel, and padded with the value 0, or by EFFNET_MODE_BORDER with the
 * mean; then scaled, in double, and rounded to float.  That takes the place of
 * dividing by 255 or of rescaling; normalising follows.  NaN and infinities
 * pass through; a subnormal value counts as 0.  Gray stands for all channels;
 * colour becomes gray as EFFNET_PREPROCESS_CHANNELS says, not rounded to whole
 * numbers.  EFFNET_ERROR_STATE for 8-bit formats.
 */
EFFNET_API effnet_status effnet_image_set_scaling(effnet_image *image,
                                                  double scale, double offset);

/* Shows only this part of the whole picture from now on, without a copy; x and
 * y are the offsets of its left column and top row.  A second call begins
 * anew from the whole picture.
 */
EFFNET_API effnet_status effnet_image_set_region(effnet_image *image, int32_t x,
                                                 int32_t y, int32_t width,
                                                 int32_t height);

/* Format, and size of the region that is shown. */
EFFNET_API int32_t effnet_image_format(const effnet_image *image);
EFFNET_API int32_t effnet_image_width(const effnet_image *image);
EFFNET_API int32_t effnet_image_height(const effnet_image *image);
/* Of the first plane: the stride, and where the region's first pixel is. */
EFFNET_API int64_t effnet_image_stride(const effnet_image *image);
EFFNET_API const void *effnet_image_pixels(const effnet_image *image);

/* A resized copy as RGB: the same pixels as Pillow's Image.resize((width,
 * height), filter) on the RGB image, antialiasing included.  width and height
 * are 1 to 65536.  EFFNET_ERROR_ARGUMENT for 16-bit and float pictures.
 */
EFFNET_API effnet_status effnet_image_resize(effnet_image **resized,
                                             const effnet_image *image,
                                             int32_t width, int32_t height,
                                             int32_t filter);

/* ------------------------------------------------------------------------
 * Preprocessing: from pixels to the input tensor
 */

enum {
        /* resize, then crop the centre (torchvision, timm, LM) */
        EFFNET_MODE_CENTRE = 1,
        /* crop the centre square of floor(min(h, w) * c / (c + 32)), c the
         * crop's height, then resize it to the crop (Lite; TensorFlow) */
        EFFNET_MODE_CROP_FIRST = 2,
        /* resize both sides, whatever the aspect, then crop the centre */
        EFFNET_MODE_SQUASH = 3,
        /* resize until the longer side fits, then crop the centre or fill up
         * with round(255 * mean) (timm's "border") */
        EFFNET_MODE_BORDER = 4
};

/* How a pixel's value becomes the input. */
enum {
        /* (pixel / 255 - mean) / std, each step rounded to float */
        EFFNET_ARITHMETIC_TORCHVISION = 0,
        /* as the image processors of transformers in their PIL backend: the
         * product pixel * rescale factor in double, rounded to float; less 1
         * with the offset; (x - mean) / std; and for EfficientNet's
         * "include_top" divided by std again.  Odd differences at the crop
         * round as theirs.  Equal to transformers 5.23 in every bit; its
         * torchvision backend, which resizes and fuses otherwise, is not */
        EFFNET_ARITHMETIC_HF = 1
};

/* Keys of the further steps, for _set_int and _set_double. */
enum {
        /* int, EFFNET_ARITHMETIC_* */
        EFFNET_PREPROCESS_ARITHMETIC = 1,
        /* of EFFNET_ARITHMETIC_HF alone: */
        EFFNET_PREPROCESS_RESCALE = 2,         /* int 0, 1; do_rescale */
        EFFNET_PREPROCESS_RESCALE_FACTOR = 3,  /* double, size up to 1e30 */
        EFFNET_PREPROCESS_RESCALE_OFFSET = 4,  /* int 0, 1 */
        EFFNET_PREPROCESS_NORMALIZE_AGAIN = 6, /* int 0, 1; include_top */
        /* int 0, 1, default 1: subtract mean and divide by std; do_normalize */
        EFFNET_PREPROCESS_NORMALIZE = 5,
        /* int, 1 or 3 (default): channels of the result.  For 1 a colour
         * picture becomes gray before it is resized, as by Pillow's
         * convert("L"): (19595 R + 38470 G + 7471 B + 32768) >> 16; and the
         * first of the three means and standard deviations count */
        EFFNET_PREPROCESS_CHANNELS = 7
};

/* The steps of torchvision's B0: EFFNET_MODE_CENTRE, shorter side to 256,
 * crop 224x224, bicubic, ImageNet's mean and standard deviation.
 */
EFFNET_API effnet_status
effnet_preprocess_create(effnet_preprocess **preprocess);

/* The steps published with an architecture. */
EFFNET_API effnet_status effnet_preprocess_create_for(
        effnet_preprocess **preprocess, const effnet_config *config);
EFFNET_API effnet_status effnet_preprocess_copy(
        effnet_preprocess **preprocess, const effnet_preprocess *source);
EFFNET_API void effnet_preprocess_free(effnet_preprocess *preprocess);

EFFNET_API effnet_status
effnet_preprocess_set_mode(effnet_preprocess *preprocess, int32_t mode);
/* The size to resize to: height and width, 1 to 16384; width 0: `height` is
 * the length of the shorter side and the other keeps the aspect; both 0: not
 * resized.  For EFFNET_MODE_SQUASH width 0 means both sides alike.  For
 * EFFNET_MODE_BORDER it is the box into which the picture is fitted, width 0
 * a square one, both 0 the crop's.  Not used by EFFNET_MODE_CROP_FIRST.
 * EFFNET_MODE_CENTRE with two lengths does the same as EFFNET_MODE_SQUASH.
 */
EFFNET_API effnet_status effnet_preprocess_set_resize(
        effnet_preprocess *preprocess, int32_t height, int32_t width);
/* The size of the result, 1 to 16384.  A smaller picture is padded with
 * black, as torchvision's CenterCrop does, or by EFFNET_MODE_BORDER with the
 * mean.  Both 0 (EFFNET_MODE_CENTRE and _SQUASH only): not cropped.
 */
EFFNET_API effnet_status effnet_preprocess_set_crop(
        effnet_preprocess *preprocess, int32_t height, int32_t width);
EFFNET_API effnet_status
effnet_preprocess_set_filter(effnet_preprocess *preprocess, int32_t filter);
/* Three values each for R, G, B in units of 0...1, finite, std not 0. */
EFFNET_API effnet_status
effnet_preprocess_set_mean(effnet_preprocess *preprocess, const float mean[3]);
EFFNET_API effnet_status
effnet_preprocess_set_std(effnet_preprocess *preprocess, const float std[3]);

EFFNET_API int32_t effnet_preprocess_mode(const effnet_preprocess *preprocess);
EFFNET_API int32_t
effnet_preprocess_filter(const effnet_preprocess *preprocess);
/* Any out-pointer below may be NULL. */
EFFNET_API effnet_status effnet_preprocess_get_resize(
        const effnet_preprocess *preprocess, int32_t *height, int32_t *width);
EFFNET_API effnet_status effnet_preprocess_get_crop(
        const effnet_preprocess *preprocess, int32_t *height, int32_t *width);
EFFNET_API effnet_status effnet_preprocess_get_mean_std(
        const effnet_preprocess *preprocess, float mean[3], float std[3]);

/* Set or get a further step by key; EFFNET_ERROR_ARGUMENT for an unknown key,
 * one of another type, or a value out of its range.
 */
EFFNET_API effnet_status effnet_preprocess_set_int(
        effnet_preprocess *preprocess, int32_t key, int64_t value);
EFFNET_API effnet_status effnet_preprocess_get_int(
        const effnet_preprocess *preprocess, int32_t key, int64_t *value);
EFFNET_API effnet_status effnet_preprocess_set_double(
        effnet_preprocess *preprocess, int32_t key, double value);
EFFNET_API effnet_status effnet_preprocess_get_double(
        const effnet_preprocess *preprocess, int32_t key, double *value);

/* A new float tensor 1 x channels x height x width of the image, equal in
 * every bit to Pillow and torchvision, or transformers.
 */
EFFNET_API effnet_status
effnet_preprocess_apply(const effnet_preprocess *preprocess,
                        const effnet_image *image, effnet_tensor **tensor);

/* The same into picture `index` of an existing float tensor
 * N x channels x height x width; EFFNET_ERROR_MISMATCH if its size is another.
 */
EFFNET_API effnet_status effnet_preprocess_apply_into(
        const effnet_preprocess *preprocess, const effnet_image *image,
        effnet_tensor *tensor, int64_t index);

/* ------------------------------------------------------------------------
 * Model: weights, config, preprocessing and labels
 */

/* Loads a checkpoint (torch zip, torch legacy, safetensors or Keras' HDF5;
 * torchvision, timm, LM, LP, transformers, Keras or qubvel names; float32,
 * float16, bfloat16 or float64), told by its content.  Nothing in the file is
 * executed.  A file without a classifier gives a model of 0 classes, which has
 * an embedding only; one without a head as well (timm's features_only) ends
 * behind its last block, and the embedding is the pooled map there.  The widths
 * of a pruned model are taken from its tensors; what effnet_model_save_file
 * wrote beside them decides what they leave open.  The memory of _load_memory
 * is not kept.  EFFNET_ERROR_IO where a read fails; EFFNET_ERROR_FORMAT for
 * damaged files and for values that are not finite; EFFNET_ERROR_UNSUPPORTED
 * for sound files of another kind or architecture, and for an instruction set
 * that is not there; EFFNET_ERROR_LIMIT over the options' limits;
 * EFFNET_ERROR_MISMATCH for missing, surplus and mis-shaped tensors, which are
 * named, and for labels of another number.
 */
EFFNET_API effnet_status effnet_model_load_file(effnet_model **model,
                                                const char *path,
                                                const effnet_options *options);
EFFNET_API effnet_status
effnet_model_load_memory(effnet_model **model, const void *data, size_t size,
                         const effnet_options *options);
EFFNET_API effnet_status effnet_model_load_callback(
        effnet_model **model, effnet_read_fn read, void *opaque, uint64_t size,
        const effnet_options *options);

/* A model of `config` with weights made from `seed` by the generator that
 * docs/seeded.md describes: for tests and measurements.
 */
EFFNET_API effnet_status effnet_model_create(effnet_model **model,
                                             const effnet_config *config,
                                             uint64_t seed,
                                             const effnet_options *options);

/* Models are counted: each _retain needs a _release of its own, and sessions
 * hold theirs.  Both may be called from any thread.
 */
EFFNET_API effnet_model *effnet_model_retain(effnet_model *model);
EFFNET_API void effnet_model_release(effnet_model *model);

/* Borrowed, valid as long as the model. */
EFFNET_API const effnet_config *effnet_model_config(const effnet_model *model);
EFFNET_API const effnet_preprocess *
effnet_model_preprocess(const effnet_model *model);
/* "torch-zip", "torch-legacy", "safetensors", "hdf5", or "none" if created.
 */
EFFNET_API const char *effnet_model_container(const effnet_model *model);
/* "portable", "sse2", "avx2", "avx512" or "neon": what the weights were packed
 * for.
 */
EFFNET_API const char *effnet_model_instruction_set(const effnet_model *model);
EFFNET_API int32_t effnet_model_classes(const effnet_model *model);
/* 1 where a probability is the sigmoid of its class's logit by itself (see
 * EFFNET_OPTION_MULTI_LABEL), 0 where they are a softmax.
 */
EFFNET_API int32_t effnet_model_multi_label(const effnet_model *model);
/* Length of the pooled embedding. */
EFFNET_API int32_t effnet_model_embedding_size(const effnet_model *model);
/* The name of a class; NULL where the model has no labels. */
EFFNET_API const char *effnet_model_label(const effnet_model *model,
                                          int32_t class_index);

enum {
        EFFNET_SOURCE_ARCHITECTURE = 1,
        EFFNET_SOURCE_PADDING = 2,
        EFFNET_SOURCE_EPSILON = 3,
        EFFNET_SOURCE_MEAN_STD = 4,
        EFFNET_SOURCE_RESIZE = 5,
        EFFNET_SOURCE_CROP = 6,
        EFFNET_SOURCE_FILTER = 7,
        EFFNET_SOURCE_MODE = 8,
        EFFNET_SOURCE_LABELS = 9,
        EFFNET_SOURCE_CLASSES = 10,
        EFFNET_SOURCE_MULTI_LABEL = 11
};

/* Where a value of the model came from, the strongest first: "option";
 * "metadata" (in the file: what effnet_model_save_file wrote, or texts of other
 * projects such as timm's "arch"); "preprocessor_config.json" or "config.json"
 * (beside the file: EFFNET_OPTION_SIDECARS); "file name"; "shapes"; "default of
 * FAMILY".  Also "config" (of effnet_model_create), "ImageNet" and "none".
 * What follows from the architecture came from where that did.  Borrowed, valid
 * as long as the model; NULL for an unknown EFFNET_SOURCE_*.
 */
EFFNET_API const char *effnet_model_source(const effnet_model *model,
                                           int32_t key);

/* Guesses that matter, made when the model was loaded, such as that of padding
 * and epsilon where a file's names and shapes are those of two architectures.
 * One that begins with "note: " needs no action.  Borrowed, valid as long as
 * the model; NULL out of range.
 */
EFFNET_API int32_t effnet_model_warning_count(const effnet_model *model);
EFFNET_API const char *effnet_model_warning(const effnet_model *model,
                                            int32_t index);

/* The parameters of a model that was loaded or created with
 * EFFNET_OPTION_KEEP_PARAMETERS, 0 <= index < count, in order of their layers:
 * weights and biases, and the batch norms' running means and variances.  Names
 * are canonical: "blocks.2.0.depthwise.bn.weight".  Tensors are float32 in
 * PyTorch's layout; convolutions are out x in x height x width.  Narrower
 * element types of a file are widened, float64 is narrowed.  Names and tensors
 * are borrowed, valid as long as the model.  Without the option the count is 0,
 * and _parameter gives EFFNET_ERROR_STATE.
 */
EFFNET_API int32_t effnet_model_parameter_count(const effnet_model *model);
EFFNET_API const char *effnet_model_parameter_name(const effnet_model *model,
                                                   int32_t index);
EFFNET_API effnet_status effnet_model_parameter(const effnet_model *model,
                                                int32_t index,
                                                const effnet_tensor **tensor);

/* Whose names a saved file has, that is, whose model loads it. */
enum {
        EFFNET_NAMES_OWN = 0, /* the model's family's; timm's for Keras */
        EFFNET_NAMES_TORCHVISION = 1,
        EFFNET_NAMES_TIMM = 2,
        EFFNET_NAMES_LM = 3, /* EfficientNet-PyTorch; Lite: EfficientNet-Lite-
                              * PyTorch */
        EFFNET_NAMES_HF = 4  /* transformers; without classes the bare model's
                              */
};

/* Saves the model as safetensors: all parameters by the names EFFNET_NAMES_*,
 * as EFFNET_TYPE_F32, _F16 or _BF16 (to the nearest, ties to even), and
 * num_batches_tracked, 0, of each batch norm, so that a strict load passes.
 * The metadata hold "format": "pt" and, as JSON under "effnet", the config, the
 * preprocessing, whether it is multi-label, and the model's own labels.  Of
 * `options` only the progress
 * counts.
 *
 * _save_file writes a temporary beside `path` and renames it: what was there is
 * replaced only by a whole file, and a failure leaves nothing behind.  A pipe
 * or a device is written to as it is.
 *
 * EFFNET_ERROR_STATE without EFFNET_OPTION_KEEP_PARAMETERS;
 * EFFNET_ERROR_UNSUPPORTED, with the reason, where that project's model could
 * not give the same outputs: another architecture, padding, activation or
 * squeeze-and-excite (its epsilon can be set; TensorFlow's padding, fixed for
 * the nominal size or not, counts as the same), and for a finite value that the
 * element type cannot hold; EFFNET_ERROR_IO where writing fails.
 */
EFFNET_API effnet_status effnet_model_save_file(const effnet_model *model,
                                                const char *path, int32_t names,
                                                int32_t dtype,
                                                const effnet_options *options);
EFFNET_API effnet_status effnet_model_save_callback(
        const effnet_model *model, effnet_write_fn write, void *opaque,
        int32_t names, int32_t dtype, const effnet_options *options);

/* ------------------------------------------------------------------------
 * Session: one caller's way to run a model
 */

/* What a run can yield.  N is the number of images. */
enum {
        EFFNET_OUTPUT_LOGITS = 1, /* N x classes */
        /* N x classes, softmax or sigmoid: effnet_model_multi_label */
        EFFNET_OUTPUT_PROBABILITIES = 2,
        EFFNET_OUTPUT_EMBEDDING = 3, /* N x embedding size, pooled */
        /* N x channels x height x width: the map of the head's convolution
         * after its activation, whose mean over the pixels is the embedding */
        EFFNET_OUTPUT_FINAL_MAP = 4,
        /* Likewise the map behind the last block before the next stride, at
         * 1/2 to 1/32 of the input's size: those of timm's features_only */
        EFFNET_OUTPUT_REDUCTION_2 = 102,
        EFFNET_OUTPUT_REDUCTION_4 = 104,
        EFFNET_OUTPUT_REDUCTION_8 = 108,
        EFFNET_OUTPUT_REDUCTION_16 = 116,
        EFFNET_OUTPUT_REDUCTION_32 = 132
};

/* A session of `model`, which it retains.  It starts with a copy of the
 * model's preprocessing and, by the options, its own worker threads.
 */
EFFNET_API effnet_status effnet_session_create(effnet_session **session,
                                               effnet_model *model,
                                               const effnet_options *options);
EFFNET_API void effnet_session_free(effnet_session *session);

/* Uses a copy of `preprocess` from now on; NULL: the model's own again. */
EFFNET_API effnet_status effnet_session_set_preprocess(
        effnet_session *session, const effnet_preprocess *preprocess);
/* The one in use, borrowed until the next _set_preprocess. */
EFFNET_API const effnet_preprocess *
effnet_session_preprocess(const effnet_session *session);

/* What runs yield from now on: `count` of EFFNET_OUTPUT_*, in any order; one
 * run yields them all.  Nothing else is computed or stored: layers behind the
 * last that is needed are not run.  With `count` 0, when `outputs` may be
 * NULL, and before the first request they are the logits, the probabilities
 * and the embedding, as far as the model has them.  Another request than the
 * one before ends the outputs of the last run and what _prepare has done; so
 * the next run plans anew.  EFFNET_ERROR_ARGUMENT for an unknown output and a
 * negative count; EFFNET_ERROR_STATE for logits and probabilities of a model
 * of 0 classes, and for the final map of one that has no head.  After a
 * failure the request is what it was.
 */
EFFNET_API effnet_status effnet_session_request(effnet_session *session,
                                                const int32_t *outputs,
                                                int32_t count);

/* Plans and allocates for `batch` images of height x width, so that the next
 * run of this shape allocates nothing.  It ends the outputs of the last run.
 * Statuses as of _run with an input of that shape; after a failure nothing is
 * prepared.
 */
EFFNET_API effnet_status effnet_session_prepare(effnet_session *session,
                                                int64_t batch, int32_t height,
                                                int32_t width);

/* Preprocess, run, softmax or sigmoid, and top-k in one.  `count` is how many
 * results fit into `classes` and `scores` going in (1 or more), and how many
 * there are coming out, 0 on failure.  Scores are probabilities, best first;
 * equal ones by the lower class; NaN last.  EFFNET_ERROR_MISMATCH where the
 * model does not take the channels that the preprocessing makes (3, or 1 for
 * gray), EFFNET_ERROR_STATE where it has no classes or the session was
 * requested not to yield probabilities, EFFNET_ERROR_LIMIT as _run.
 */
EFFNET_API effnet_status effnet_session_classify(effnet_session *session,
                                                 const effnet_image *image,
                                                 int32_t *count,
                                                 int32_t *classes,
                                                 float *scores);

/* Runs a float tensor N x channels x height x width, N >= 1, of any size that
 * the network accepts, sides up to 2^20.  A run with another shape than the
 * last one plans anew, which allocates; one with the same shape allocates
 * nothing.  EFFNET_ERROR_MISMATCH for another type, rank or number of
 * channels, EFFNET_ERROR_LIMIT where the activations or the outputs would be
 * over the session's limit of memory.  With EFFNET_OPTION_FIXED,
 * EFFNET_ERROR_STATE before _prepare and EFFNET_ERROR_MISMATCH for another
 * shape than its.
 */
EFFNET_API effnet_status effnet_session_run(effnet_session *session,
                                            const effnet_tensor *input);

/* Prepares `count` pictures, 1 or more, of any sizes and formats, and runs them
 * as a batch: the outputs are there as after _run, a row for each picture.  As
 * many are prepared at once as the session has threads, so that no more inputs
 * than that are in memory (fewer where they would be over the session's limit
 * of it).
 *
 * A picture that fails, fails alone: NULL (EFFNET_ERROR_ARGUMENT), one that the
 * steps do not fit, and one whose input has another size than that of the first
 * that has one (EFFNET_ERROR_MISMATCH; only where the steps do not crop).  Its
 * rows are NaN.  `statuses`, which may be NULL, takes each picture's status.
 *
 * EFFNET_OK means that all pictures ran.  Else the status is that of the first
 * picture that failed, which the message names, and the others' rows can be
 * had; or what ended the call: EFFNET_ERROR_CANCELLED, a runner's failure, and
 * what _run may give.  Then it is also the status of each picture that had not
 * run yet.
 */
EFFNET_API effnet_status effnet_session_run_images(
        effnet_session *session, const effnet_image *const *images,
        int32_t count, effnet_status *statuses);

/* effnet_session_classify of each of `count` pictures, which are prepared, fail
 * and have statuses as those of effnet_session_run_images.  `classes` and
 * `scores` take a row of `k`, 1 or more, for each; where there are fewer
 * classes than that, and in the whole row of a picture that failed, the rest
 * are -1 and NaN.  `counts`, which may be NULL, takes how many there are.
 * Pictures are run one by one, so that memory does not grow with `count`; no
 * outputs of theirs stay.
 */
EFFNET_API effnet_status effnet_session_classify_many(
        effnet_session *session, const effnet_image *const *images,
        int32_t count, int32_t k, int32_t *counts, int32_t *classes,
        float *scores, effnet_status *statuses);

/* Runs on the caller's threads from now on; NULL: on the session's own again,
 * which are ended meanwhile.  For each part of a run that can be shared,
 * `runner` is called on the thread of the call, with `opaque`, and must
 *   - call job(job_opaque, index, thread) once for each index 0 to count - 1,
 *     in any order, on any threads;
 *   - give each job that runs at the same time as others another `thread`,
 *     0 <= thread < EFFNET_OPTION_THREADS of the session;
 *   - return when all jobs are done, such that it sees what they wrote, and
 *     they what was written before (as with pthread_join and pthread_create);
 *   - return EFFNET_OK, or without having run all jobs another status, which
 *     becomes that of the run.
 * A job that is missing, called again (it is not run again) or has numbers out
 * of range gives EFFNET_ERROR_ARGUMENT.  Results have the same bits as without
 * a runner.  Jobs whose indexes are neighbours work on neighbouring data, in
 * one call as in the next: fastest are runners of which each thread has an
 * equal range of them, always the same one, and then helps others with theirs.
 * Jobs leave the floating-point mode of the thread as it was.  A session of
 * one thread does not call it.  Runs in a child after fork work.
 */
EFFNET_API effnet_status effnet_session_set_runner(effnet_session *session,
                                                   effnet_runner_fn runner,
                                                   void *opaque);

/* Asks `cancel` from now on between the steps of a run, many times a picture,
 * and between pictures, whether to go on; NULL: nobody.  A run that is
 * cancelled gives EFFNET_ERROR_CANCELLED; the session can be used after it.
 */
EFFNET_API effnet_status effnet_session_set_cancel(effnet_session *session,
                                                   effnet_cancel_fn cancel,
                                                   void *opaque);

/* An output of the last successful run, borrowed: valid until the session's
 * next run, request of other outputs, preparation, or its end.
 * EFFNET_ERROR_STATE before the first run and after a failed one, and for an
 * output that was not requested or that the model has not.
 */
EFFNET_API effnet_status effnet_session_output(effnet_session *session,
                                               int32_t output,
                                               const effnet_tensor **tensor);

/* Copies an output into `buffer` of `capacity` floats; EFFNET_ERROR_ARGUMENT
 * where it does not fit.  `written` takes the number of floats; it may be
 * NULL.
 */
EFFNET_API effnet_status effnet_session_copy_output(effnet_session *session,
                                                    int32_t output,
                                                    float *buffer,
                                                    size_t capacity,
                                                    size_t *written);

/* The layers that EFFNET_OPTION_KEEP_LAYERS keeps, in order of execution:
 * those of effnet_summary_create, under the same canonical names.  Without
 * the option the count is 0.  A name is NULL where there is no such index, and
 * else valid until the session's end.
 */
EFFNET_API int32_t effnet_session_layer_count(const effnet_session *session);
EFFNET_API const char *effnet_session_layer_name(const effnet_session *session,
                                                 int32_t index);

/* What layer `index` gave in the last successful run, for all its images:
 * N x channels x height x width, and from the pool on N x channels.  A
 * convolution's is the map after batch norm and activation, and at the end of
 * a residual block after the addition; a squeeze-and-excite's the scaled map.
 * Borrowed as of _output.  Every layer is run by itself then, which changes
 * the last bits of results, costs time, and takes the memory of all maps.
 * EFFNET_ERROR_STATE as of _output and without the option,
 * EFFNET_ERROR_ARGUMENT where there is no such index.
 */
EFFNET_API effnet_status effnet_session_layer(effnet_session *session,
                                              int32_t index,
                                              const effnet_tensor **tensor);

/* Where the last run saw class `class_index`, 0 <= class_index < classes: for
 * each pixel of the final map the sum over its channels times the class's
 * weights (Zhou et al. 2016, "class activation map"); their mean, and the
 * class's bias, make up its logit.  A new tensor N x 1 x height x width, the
 * caller's to free.  EFFNET_ERROR_STATE as of _output for
 * EFFNET_OUTPUT_FINAL_MAP, which must have been requested, and for a model of
 * 0 classes; EFFNET_ERROR_ARGUMENT for another class.
 */
EFFNET_API effnet_status effnet_session_class_map(effnet_session *session,
                                                  int32_t class_index,
                                                  effnet_tensor **map);

/* ------------------------------------------------------------------------
 * Plan: how a session runs the shape of its last run, or the one that it was
 * prepared for, for those who measure.
 * A step works on one layer or on some that follow each other, between buffers
 * of one arena.  None of it is a promise: other versions plan otherwise.
 *
 * All are about the plan that the session has: EFFNET_ERROR_STATE, 0 or NULL
 * before the first.  What is handed out is valid until the session's next run
 * or its end.
 */

enum {
        EFFNET_PLAN_HEIGHT = 1, /* of the input */
        EFFNET_PLAN_WIDTH = 2,
        EFFNET_PLAN_BATCH = 3, /* its images run one by one */
        EFFNET_PLAN_THREADS = 4,
        EFFNET_PLAN_STEPS = 5,
        EFFNET_PLAN_BUFFERS = 6,
        EFFNET_PLAN_ARENA_BYTES = 7,  /* in which all buffers lie */
        EFFNET_PLAN_WEIGHT_BYTES = 8, /* packed; the model's sessions share
                                       * them */
        EFFNET_PLAN_OUTPUT_BYTES = 9  /* of the outputs, for the batch */
};

/* EFFNET_ERROR_ARGUMENT for an unknown key. */
EFFNET_API effnet_status effnet_session_plan_get_int(
        const effnet_session *session, int32_t key, int64_t *value);

/* What step 0 <= step < EFFNET_PLAN_STEPS does, such as "strips", "pointwise"
 * or "squeeze-excite", and the canonical name of its layer 0 <= layer <
 * EFFNET_STEP_LAYERS, as effnet_summary_layer_name gives it.  NULL out of
 * range.
 */
EFFNET_API const char *effnet_session_step_kind(const effnet_session *session,
                                                int32_t step);
EFFNET_API const char *effnet_session_step_layer(const effnet_session *session,
                                                 int32_t step, int32_t layer);

enum {
        EFFNET_STEP_LAYERS = 1,
        EFFNET_STEP_MACS = 2,         /* multiply-adds of an image */
        EFFNET_STEP_WEIGHT_BYTES = 3, /* of its packed weights */
        /* How its work is cut; 0 where it is not cut so. */
        EFFNET_STEP_TASKS = 4,  /* that threads share */
        EFFNET_STEP_GROUPS = 5, /* of channels */
        EFFNET_STEP_STRIPS = 6, /* of output rows, in each group */
        EFFNET_STEP_ROWS = 7,   /* of the output in a strip */
        EFFNET_STEP_RING = 8,   /* rows of the map between its two layers that
                                 * are kept at a time */
        EFFNET_STEP_PANELS = 9, /* of outputs, in which weights are packed */
        /* The buffers that it works on; -1: none. */
        EFFNET_STEP_INPUT = 16,    /* -1: the input itself */
        EFFNET_STEP_OUTPUT = 17,   /* may be the input's or the residual's */
        EFFNET_STEP_RESIDUAL = 18, /* what is added */
        EFFNET_STEP_SUMS = 19,     /* row sums for squeeze-and-excite */
        EFFNET_STEP_WEIGHTS = 20,  /* weights times a squeeze-and-excite */
        EFFNET_STEP_SCRATCH = 21   /* for all threads */
};

/* EFFNET_ERROR_ARGUMENT for an unknown key or a step out of range. */
EFFNET_API effnet_status
effnet_session_step_get_int(const effnet_session *session, int32_t step,
                            int32_t key, int64_t *value);

enum {
        /* What it took in the last run, over all images, in seconds of the
         * clock. */
        EFFNET_STEP_SECONDS = 1
};

/* EFFNET_ERROR_ARGUMENT as above; EFFNET_ERROR_STATE without
 * EFFNET_OPTION_PROFILE, before the first run and after a failed one.
 */
EFFNET_API effnet_status
effnet_session_step_get_double(const effnet_session *session, int32_t step,
                               int32_t key, double *value);

enum {
        EFFNET_BUFFER_OFFSET = 1, /* in the arena, in bytes */
        EFFNET_BUFFER_BYTES = 2,
        EFFNET_BUFFER_FIRST = 3, /* step that it must live in; buffers that
                                  * live at once do not overlap */
        EFFNET_BUFFER_LAST = 4   /* likewise */
};

/* Of buffer 0 <= buffer < EFFNET_PLAN_BUFFERS.  EFFNET_ERROR_ARGUMENT as
 * above.
 */
EFFNET_API effnet_status
effnet_session_buffer_get_int(const effnet_session *session, int32_t buffer,
                              int32_t key, int64_t *value);

/* ------------------------------------------------------------------------
 * Results
 */

/* Softmax of `n` logits, n >= 1; `probabilities` may be `logits`. */
EFFNET_API effnet_status effnet_softmax(const float *logits, int64_t n,
                                        float *probabilities);

/* The sigmoid 1 / (1 + exp(-x)) of each of `n` logits, n >= 1;
 * `probabilities` may be `logits`.
 */
EFFNET_API effnet_status effnet_sigmoid(const float *logits, int64_t n,
                                        float *probabilities);

/* The best of `n` values, n >= 1, in the order of effnet_session_classify;
 * `count` as there.
 */
EFFNET_API effnet_status effnet_top_k(const float *values, int64_t n,
                                      int32_t *count, int32_t *classes,
                                      float *scores);

#ifdef __cplusplus
}
#endif

#endif /* EFFNET_H */
