/* strips.h: how an expansion, or the stem, and the depthwise convolution
 * after it are cut into groups of channels and strips of rows.
 */
#ifndef EN_RUN_STRIPS_H
#define EN_RUN_STRIPS_H

#include "arch/network.h"
#include "kernels/kernels.h"

typedef struct en_strips {
        int32_t groups;      /* of expanded channels */
        int32_t parts;       /* of the output rows, walked side by side */
        int32_t rows;        /* of the output in a strip */
        int32_t ring;        /* expanded rows that are kept */
        int64_t ring_floats; /* room for the widest group */
        bool streamed;       /* outputs are stored past the caches */
} en_strips;

/* Whether such a pair begins with layer `index`. */
bool en_strips_apply(const en_network *network, int32_t index);

/* Whether the projection after such a pair may follow strip by strip: where one
 * group has all channels, and the map between is nobody's residual.
 */
bool en_strips_project(const en_network *network, int32_t index);

/* Whether en_strips_choose gives the same for pairs that begin with these. */
bool en_strips_alike(const en_layer *a, const en_layer *b);

/* For a pair that begins with `layer`, where the second cache has so many
 * bytes; 0: not known.
 */
en_strips en_strips_choose(const en_layer *layer, const en_kernels *kernels,
                           int32_t threads, uint64_t near);

#endif
