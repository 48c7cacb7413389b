/* label_json.h: names of classes as JSON, in the forms that people have them:
 *   ["cat", "dog"]                            a list in order of the classes
 *   {"0": "cat", "1": "dog"}                  by class (transformers' id2label)
 *   {"0": ["n02123045", "tabby"], ...}        Keras' imagenet_class_index.json
 *   {"cat": 0, "dog": 1}                      the class by name (label2id)
 *   {"id2label": ..., ...}                    any of these in an object's
 *                                             id2label, label_names or labels
 * timm's label_names may stand beside label_descriptions, {"n02123045":
 * "tabby"}: then the description is the label.
 */
#ifndef EN_LOAD_LABEL_JSON_H
#define EN_LOAD_LABEL_JSON_H

#include "load/json.h"
#include "load/labels.h"

/* The labels of a value; `descriptions` may be NULL.  Every class from 0 up to
 * the last must have exactly one, and there may be as many as `most`: else
 * EFFNET_ERROR_FORMAT, or _LIMIT.
 */
effnet_status en_label_json(en_labels **labels, const en_json *value,
                            const en_json *descriptions, int32_t most);

/* The member of an object that has its labels; NULL: none. */
const en_json *en_label_json_find(const en_json *object,
                                  const en_json **descriptions);

/* A whole text, for a model of so many classes; the labels may be some more or
 * fewer.  EFFNET_ERROR_FORMAT where it is no such JSON.
 */
effnet_status en_label_json_parse(en_labels **labels, const char *text,
                                  size_t size, int32_t classes);

#endif
