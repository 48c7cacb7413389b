/* model.h: the model handle's insides. */
#ifndef EN_API_MODEL_H
#define EN_API_MODEL_H

#include "api/provenance.h"
#include "base/alloc.h"
#include "image/preprocess.h"
#include "load/labels.h"
#include "run/kept.h"
#include "run/weights.h"

#include <stdatomic.h>

/* Immutable once handed out, but for the count. */
struct effnet_model {
        atomic_int references;
        en_allocator allocator; /* its own and its sessions' */
        const char *container;  /* static text */
        effnet_config config;
        en_weights *weights;
        en_kept *kept; /* NULL: not asked for */
        int32_t embedding_size;
        bool multi_label;
        effnet_preprocess preprocess;
        en_labels *labels; /* NULL: none of its own */
        en_provenance provenance;
};

#endif
