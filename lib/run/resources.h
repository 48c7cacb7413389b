/* resources.h: what a run may use. */
#ifndef EN_RUN_RESOURCES_H
#define EN_RUN_RESOURCES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct en_resources {
        int32_t threads;
        int64_t memory; /* bytes of activations at most */
        bool profile;   /* takes the time of each step */
} en_resources;

#endif
