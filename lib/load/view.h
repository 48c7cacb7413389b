/* view.h: the dictionary of a container that holds the network, and what all
 * its names begin with.
 */
#ifndef EN_LOAD_VIEW_H
#define EN_LOAD_VIEW_H

#include "load/container.h"
#include "load/names.h"

#define EN_MAX_PREFIX 512

typedef struct en_view {
        const en_container *container;
        const char *scope;
        int32_t first, end; /* in container->order: the entries of the scope */
        int32_t weights;    /* those that are no counters */
        size_t prefix_length;
        char prefix[EN_MAX_PREFIX + 1];
        const en_naming *naming;
        char head[EN_NAME_SIZE]; /* what the classifier is called here; "": as
                                  * the naming has it */
        bool headless;           /* its classifier is none that is run */
        int32_t dropped;         /* first rows of the classifier that are not
                                  * used: of a background */
} en_view;

/* Finds the dictionary and strips the wrappers of DataParallel and
 * torch.compile.
 */
effnet_status en_view_open(en_view *view, const en_container *container);

/* Recognises whose names they are, if need be behind one more prefix. */
effnet_status en_view_recognise(en_view *view);

/* Whether it is a counter of batch norm, which only training needs, or a
 * constant of Keras' preprocessing layers.
 */
bool en_is_counter(const char *name);

/* What the file would call a parameter of `layer`, behind the prefix. */
void en_view_name(const en_view *view, const en_layer *layer,
                  en_param_kind kind, char name[EN_NAME_SIZE]);

/* The entry of the name behind the prefix, or NULL. */
const en_entry *en_view_find(const en_view *view, const char *name);

#endif
