/* limits.h: what a config may hold.  They bound the size of a network: with
 * the greatest of all, no count of layers, channels or parameters overflows.
 */
#ifndef EN_ARCH_LIMITS_H
#define EN_ARCH_LIMITS_H

#define EN_LEAST_SCALE         0.01
#define EN_MOST_SCALE          100.0
#define EN_MOST_RESOLUTION     16384
#define EN_MOST_CLASSES        1000000
#define EN_MOST_CHANNELS       200000 /* of a pruned layer */
#define EN_MOST_INPUT_CHANNELS 1024
/* Of pixels of 255: the product is to be a float. */
#define EN_MOST_FACTOR 1e30

#endif
