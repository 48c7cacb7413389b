/* geometry.h: padding and output size of a convolution along one axis. */
#ifndef EN_ARCH_GEOMETRY_H
#define EN_ARCH_GEOMETRY_H

#include <stdint.h>

/* One axis of a map on its way through the network. */
typedef struct en_axis {
        int32_t size;    /* actual */
        int32_t nominal; /* at the config's resolution: EFFNET_PADDING_SAME_
                          * STATIC pads for this one */
} en_axis;

typedef struct en_span {
        int32_t before, after; /* padding */
        en_axis out;           /* out.size < 1: no output fits */
} en_span;

en_span en_convolve_axis(en_axis in, int32_t kernel, int32_t stride,
                         int32_t padding);

#endif
