/* resources.h: what a run may use, and what it shall give. */
#ifndef EN_RUN_RESOURCES_H
#define EN_RUN_RESOURCES_H

#include "base/cpu.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct en_resources {
        int32_t threads;
        int64_t memory; /* bytes of activations at most; so of outputs */
        en_cpu_caches caches;
        bool fixed;   /* no shape but the prepared one */
        bool layers;  /* each layer's output is kept */
        bool profile; /* takes the time of each step */
        bool sigmoid; /* for each class, in place of softmax */
} en_resources;

#endif
