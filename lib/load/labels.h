/* labels.h: names of classes. */
#ifndef EN_LOAD_LABELS_H
#define EN_LOAD_LABELS_H

#include "effnet.h"

typedef struct en_labels en_labels;

/* A text file with a label a line, `classes` in all, else
 * EFFNET_ERROR_MISMATCH.  Lines may end in CR LF; the last may lack its end.
 */
effnet_status en_labels_load(en_labels **labels, const char *path,
                             int32_t classes);
/* Copies of `count` texts. */
effnet_status en_labels_copy(en_labels **labels, const char *const *texts,
                             int32_t count);
void en_labels_free(en_labels *labels);

/* NULL out of range. */
const char *en_labels_get(const en_labels *labels, int32_t index);

#define EN_IMAGENET_CLASSES 1000

/* ImageNet's thousand, in the order of their WordNet ids; NULL out of range.
 */
const char *en_imagenet_label(int32_t index);

#endif
