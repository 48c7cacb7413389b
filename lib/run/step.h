/* step.h: the steps of a plan: what each needs, and how it runs. */
#ifndef EN_RUN_STEP_H
#define EN_RUN_STEP_H

#include "base/progress.h"
#include "base/threads.h"
#include "run/strips.h"
#include "run/weights.h"

/* What a step works on, besides its weights. */
typedef enum en_operand {
        EN_OPERAND_INPUT, /* none: the image */
        EN_OPERAND_OUTPUT,
        EN_OPERAND_RESIDUAL, /* added to the output */
        EN_OPERAND_SUMS,     /* of a depthwise step's rows */
        EN_OPERAND_WEIGHTS,  /* none: the packed ones; else a scaled copy */
        EN_OPERAND_SCRATCH,
        EN_OPERANDS
} en_operand;

struct en_step_ops;

typedef struct en_step {
        const struct en_step_ops *ops;
        const en_layer *layer; /* the first of its layers */
        int32_t layers;
        bool kept; /* its output is handed out: it must be whole, with nothing
                    * left for the next step to do */
        const en_packed *packed;
        const struct en_step *next;   /* NULL after the last */
        int32_t buffers[EN_OPERANDS]; /* -1: none */
        float *at[EN_OPERANDS];       /* where they lie; NULL: none */
        en_strips strips;             /* of a step in strips */
        en_later later;               /* what it prefetches for the next */
} en_step;

/* What stays the same during a run of one image. */
typedef struct en_exec {
        const en_kernels *kernels;
        en_pool *pool;
        int32_t threads;
        const float *image; /* NCHW, one */
        en_cancel cancel;
} en_exec;

struct en_planner;

/* How a step's work is cut; 0: it is not cut so, or does not say. */
typedef struct en_tiles {
        int32_t tasks;  /* that threads share */
        int32_t groups; /* of channels */
        int32_t strips; /* of output rows, a group's */
        int32_t rows;   /* of the output in a strip */
        int32_t ring;   /* rows of the map between, kept at once */
        int32_t panels; /* of outputs, in which the weights are packed */
} en_tiles;

/* A step's sides.  `plan` sets the step's buffers; `run` executes it;
 * `describe`, which may be NULL, says how it would with `exec`, of which the
 * image and the pool are not looked at.  `kind` is a word for what it does;
 * NULL: the operation of its layer.
 */
typedef struct en_step_ops {
        void (*plan)(struct en_planner *planner, en_step *step);
        effnet_status (*run)(const en_step *step, const en_exec *exec);
        void (*describe)(const en_step *step, const en_exec *exec,
                         en_tiles *tiles);
        const char *kind;
} en_step_ops;

extern const en_step_ops en_conv_step;
extern const en_step_ops en_winograd_step;
extern const en_step_ops en_pointwise_step;
extern const en_step_ops en_depthwise_step;
extern const en_step_ops en_strips_step;
extern const en_step_ops en_squeeze_step;
extern const en_step_ops en_context_step;
extern const en_step_ops en_pool_step;
extern const en_step_ops en_linear_step;

/* Floats of a pixel. */
ptrdiff_t en_pixel_stride(int32_t channels);
int64_t en_out_pixels(const en_layer *layer);

/* Of a layer's input, as en_pointwise wants it: the pixels [begin, end) of a
 * map that does not stay in the second cache; 0 for a smaller one.
 */
int64_t en_pixels_ahead(const en_layer *layer, int64_t begin, int64_t end);

/* Whether the input of layer `index` is a later layer's residual. */
bool en_is_residual(const en_network *network, int32_t index);

/* A range of outputs cut into tasks of `chunk`. */
typedef struct en_split {
        int64_t total;
        int64_t chunk;
        int32_t tasks;
} en_split;

/* One task for one thread; else two a thread, or fewer of at least `least`. */
en_split en_split_make(int64_t total, int32_t least, int32_t threads);
/* Into at most `parts` tasks. */
en_split en_split_into(int64_t total, int32_t parts);
int64_t en_split_begin(const en_split *split, int32_t task);
int64_t en_split_end(const en_split *split, int32_t task);

/* Panels of a pointwise layer's weights. */
int32_t en_panel_count(const en_kernels *kernels, int32_t outputs);

/* Where part `index` of about equal `parts` of a pointwise layer's outputs
 * begins: a whole panel, or the outputs' end.  Parts may be empty.
 */
int32_t en_outputs_begin(const en_kernels *kernels, int32_t outputs,
                         int32_t parts, int32_t index);

#endif
