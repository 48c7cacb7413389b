/* kernels.h: the table of kernels of an instruction set, and what each may
 * assume.
 *
 * Activations are channels-last: a pixel is `stride` floats, of which the
 * first `channels` are real and the rest, up to a multiple of the level's
 * `align`, are written (with finite values) but never enter a sum.  Pointers to
 * activations, weights and biases are aligned to 32 bytes and strides are
 * multiples of `align`, unless a field says otherwise.  Kernels read and
 * write nothing outside the rectangles that their arguments describe,
 * padding lanes included.  They keep no state; the split of work over calls
 * never changes a bit of the result, but for `activate`.
 *
 * Of EFFNET_ACTIVATION_SILU they are given the argument times the level's
 * `silu_scale`: whoever packs weights and biases for a SiLU multiplies them.
 * Where that is not 1, a kernel may see by the processor's flags of overflow
 * and of invalid operations, which it clears, that it must begin again: so
 * these do not trap, and what it writes may overlap nothing that it reads but
 * a residual.  Of a NaN, SiLU of another channel may be NaN too.
 */
#ifndef EN_KERNELS_KERNELS_H
#define EN_KERNELS_KERNELS_H

#include "base/activation.h"
#include "base/cpu.h"
#include "effnet.h"

#include <stdbool.h>
#include <stddef.h>

/* A multiple of every level's `align`: what maps and vectors of channels are
 * padded to.
 */
#define EN_CHANNEL_ALIGN 16

/* What is read soon after a call, and so prefetched into the second cache
 * while it computes.
 */
typedef struct en_later {
        const void *at;
        size_t bytes; /* may be 0 */
} en_later;

/* output[p][n] = act(bias[n] + sum_k input[p][k] * weights[k][n])
 *                + residual[p][n]
 * for pixels p; k runs over the real inputs.  Also the linear layer, the
 * squeeze-and-excite layers (one pixel), and the full convolution (over
 * gathered patches).
 */
typedef struct en_pointwise {
        const float *input;
        ptrdiff_t input_stride; /* floats from pixel to pixel; here any */
        int64_t pixels;
        int64_t ahead;  /* where the input lies far: pixels, from `input` on,
                        * that this call and the next read, to be prefetched
                        * before their turn; 0: not */
        int32_t inputs; /* K, real */
        const float *weights; /* as pack_pointwise left them */
        const float *bias;    /* outputs rounded up to `align` */
        int32_t outputs;      /* N, real; N rounded up is written */
        int32_t begin, end;   /* only the outputs of these panels (see
                             * panel_begin); end 0: up to the last */
        float *output;        /* where that of `begin` goes; so `residual` */
        ptrdiff_t output_stride;
        const float *residual; /* NULL: none; may be `output` */
        ptrdiff_t residual_stride;
        int32_t activation; /* EFFNET_ACTIVATION_*, or EN_ACTIVATION_NONE or
                             * _SIGMOID */
        en_later later;
} en_pointwise;

/* A depthwise convolution's output rows [row_begin, row_end), of some or all
 * channels of a map: the pointers are to the first of them.  The input may be
 * a ring of rows, where row y lies in the place of row y % ring: the rows
 * that the output rows need must be there.
 */
typedef struct en_depthwise {
        const float *input; /* ring x in_width x input_stride */
        ptrdiff_t input_stride;
        int32_t ring; /* in_height: the whole map */
        int32_t in_height, in_width;
        int32_t channels;     /* real; rounded up are computed; of a part of
                               * them, which begins at a multiple of twice
                               * `align`, the bits are the whole's */
        const float *weights; /* [channels / align, rounded up]
                               * [kernel * kernel][align]: those of a part
                               * begin as many taps behind the map's as its
                               * channels do */
        const float *bias;
        ptrdiff_t vector_stride; /* of the sums: the map's channels, rounded
                                  * up */
        float *output;           /* out_height x out_width x output_stride */
        ptrdiff_t output_stride;
        bool streamed; /* the outputs are stored past the caches, if the level
                        * `streams`; they are aligned to its vectors then */
        int32_t out_height, out_width;
        int32_t kernel, step; /* 3 or 5 (any odd works); step 1 or 2 */
        int32_t pad_top, pad_left;
        int32_t row_begin, row_end;
        int32_t activation;
        float *row_sums; /* NULL, or [out_height][vector_stride]: sums over
                          * each output row after activation */
} en_depthwise;

/* A weight of resampling is fixed point, 1.0 being 1 << EN_WEIGHT_BITS.  Its
 * lowest EN_WEIGHT_LOW bits and those above are used apart.
 */
#define EN_WEIGHT_BITS 22
#define EN_WEIGHT_LOW  11

/* to[i] = the sum over rows of weight * rows[row * stride + i], rounded to an
 * integer, halves upwards, and limited to 0...255.  The rows have
 * `bytes` bytes each, and any alignment.  Of every two weights, v and w,
 * `weights` has two numbers: v's lower part | w's lower part << 16, and so the
 * upper parts; the last w of an odd count is 0.
 */
typedef struct en_weighing {
        const uint8_t *rows;
        ptrdiff_t stride; /* bytes; may be negative */
        int32_t count;    /* of rows */
        const int32_t *weights;
        size_t bytes;
        uint8_t *to; /* apart from the rows */
} en_weighing;

/* Side of a tile of outputs of the Winograd convolution. */
#define EN_WINOGRAD_TILE 4

/* A full 3 x 3 convolution of stride 1: the outputs of the tiles [begin, end),
 * row by row from the corner of the output map, as far as they are inside it.
 * The padding is what lies outside the input map, and 0.  Which tiles a call
 * has changes no bit.
 */
typedef struct en_winograd {
        const float *input; /* the map: in_height x in_width x input_stride */
        ptrdiff_t input_stride;
        int32_t in_height, in_width;
        int32_t inputs;       /* real */
        const float *weights; /* as pack_winograd left them */
        const float *bias;    /* outputs rounded up to `align` */
        int32_t outputs;      /* real; rounded up are written */
        int32_t out_height, out_width;
        int32_t pad_top, pad_left;
        int32_t begin, end;
        bool strip;    /* the output is [EN_WINOGRAD_TILE][tiles *
                        * EN_WINOGRAD_TILE] pixels, else a map */
        float *output; /* at its beginning */
        ptrdiff_t output_stride;
        const float *residual; /* NULL, or a map of the same stride: added */
        int32_t activation;
        float *scratch; /* winograd_scratch floats */
} en_winograd;

typedef struct en_kernels {
        const char *name;  /* as effnet_model_instruction_set gives it */
        int32_t id;        /* EFFNET_ISA_* */
        int32_t align;     /* channels are computed in multiples of this */
        size_t later;      /* bytes that calls may prefetch for later steps */
        bool streams;      /* it has stores that go past the caches */
        double silu_scale; /* 1, or what saves operations: may be negative */

        /* Floats of packed weights for K inputs and N outputs. */
        size_t (*packed_size)(int32_t inputs, int32_t outputs);
        /* The weights are packed in panels of outputs, between which calls may
         * be cut.  The first output of the panel that has `output`, or all
         * outputs, rounded up, where none has.
         */
        int32_t (*panel_begin)(int32_t outputs, int32_t output);
        /* `weights` is row-major [outputs][inputs]; padding becomes 0. */
        void (*pack_pointwise)(const float *weights, int32_t inputs,
                               int32_t outputs, float *packed);
        /* The weights of one output, as pack_pointwise took them. */
        void (*unpack_output)(const float *packed, int32_t inputs,
                              int32_t outputs, int32_t output, float *weights);
        /* Multiplies packed weights by a factor per input, those of the panels
         * [begin, end): `scaled` (of the same size) = packed * scale[k].
         */
        void (*scale_packed)(const float *packed, const float *scale,
                             int32_t inputs, int32_t outputs, int32_t begin,
                             int32_t end, float *scaled);
        void (*pointwise)(const en_pointwise *call);
        void (*depthwise)(const en_depthwise *call);
        /* The same three for 3 x 3 filters, [outputs][inputs][3][3], and the
         * floats of scratch for a call of so many tiles.
         */
        size_t (*winograd_size)(int32_t inputs, int32_t outputs);
        void (*pack_winograd)(const float *weights, int32_t inputs,
                              int32_t outputs, float *packed);
        void (*winograd)(const en_winograd *call);
        size_t (*winograd_scratch)(int32_t inputs, int32_t tiles);
        /* sums[c] = sum over pixels of input[p][c], in pixel order; channels
         * rounded up.
         */
        void (*sum_pixels)(const float *input, ptrdiff_t stride, int64_t pixels,
                           int32_t channels, float *sums);
        /* values[i] = act(values[i]), of a scaled argument too; any alignment.
         * The last bits of a scaled SiLU may depend on the values beside it.
         * Nearly all activations are applied inside the kernels above.
         */
        void (*activate)(float *values, int64_t count, int32_t activation);
        /* values[p][c] *= scale[c]; channels rounded up.  What to do instead
         * of scale_packed where a layer has fewer pixels than outputs.
         */
        void (*scale_pixels)(float *values, ptrdiff_t stride, int64_t pixels,
                             int32_t channels, const float *scale);
        /* The same bits on every level. */
        void (*weigh)(const en_weighing *call);
} en_kernels;

/* The table for EFFNET_ISA_*: the best one that `cpuid` allows for
 * EFFNET_ISA_BEST; NULL where it is unknown, not built, or not allowed.
 */
const en_kernels *en_kernels_for(int32_t isa, const en_cpuid *cpuid);

#endif
