/* labels.h: names of classes. */
#ifndef EN_LOAD_LABELS_H
#define EN_LOAD_LABELS_H

#include "effnet.h"

#include <stdbool.h>

typedef struct en_labels en_labels;

/* Bytes of a label at most: a few words are usual. */
#define EN_MOST_LABEL 4096

/* A file of `classes` labels, else EFFNET_ERROR_MISMATCH: a text with a label a
 * line, or JSON as label_json.h describes.  Lines may end in CR LF; the last
 * may lack its end; a byte-order mark is skipped.  Bytes that are no UTF-8 are
 * EFFNET_ERROR_FORMAT, labels that are too long EFFNET_ERROR_LIMIT.
 */
effnet_status en_labels_load(en_labels **labels, const char *path,
                             int32_t classes);
/* Copies of `count` texts, which are UTF-8. */
effnet_status en_labels_copy(en_labels **labels, const char *const *texts,
                             int32_t count);
void en_labels_free(en_labels *labels);

int32_t en_labels_count(const en_labels *labels);
/* Whether they are such as transformers makes up: LABEL_0, LABEL_1, ... */
bool en_labels_made_up(const en_labels *labels);
/* Without the first one, of which there are two at least. */
void en_labels_drop_first(en_labels *labels);

/* NULL out of range. */
const char *en_labels_get(const en_labels *labels, int32_t index);

#define EN_IMAGENET_CLASSES 1000

/* ImageNet's thousand, in the order of their WordNet ids; NULL out of range.
 */
const char *en_imagenet_label(int32_t index);

#endif
