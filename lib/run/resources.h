/* resources.h: what a run may use. */
#ifndef EN_RUN_RESOURCES_H
#define EN_RUN_RESOURCES_H

#include <stdint.h>

typedef struct en_resources {
        int32_t threads;
        int64_t memory; /* bytes of activations at most */
} en_resources;

#endif
