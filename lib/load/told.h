/* told.h: what is said of a model beside its tensors: in the file's metadata,
 * or in the files that timm and transformers put beside it.  Its parts are
 * those of EFFNET_SOURCE_*.
 */
#ifndef EN_LOAD_TOLD_H
#define EN_LOAD_TOLD_H

#include "arch/preset.h"
#include "base/options.h"
#include "base/warnings.h"
#include "load/json.h"
#include "load/labels.h"
#include "load/names.h"

/* What told a value; the later beat the earlier. */
typedef enum en_origin {
        EN_ORIGIN_NONE,
        EN_ORIGIN_DEFAULT, /* of the family */
        EN_ORIGIN_SHAPES,
        EN_ORIGIN_FILE_NAME,
        EN_ORIGIN_CONFIG_JSON,
        EN_ORIGIN_PROCESSOR_JSON, /* preprocessor_config.json */
        EN_ORIGIN_METADATA,
        EN_ORIGIN_OPTION,
        EN_ORIGINS
} en_origin;

/* A part, as a bit. */
#define EN_TOLD(key) (UINT32_C(1) << (key))
#define EN_TOLD_ARCHITECTURE                                                   \
        (EN_TOLD(EFFNET_SOURCE_ARCHITECTURE) |                                 \
         EN_TOLD(EFFNET_SOURCE_PADDING) | EN_TOLD(EFFNET_SOURCE_EPSILON))
#define EN_TOLD_STEPS                                                          \
        (EN_TOLD(EFFNET_SOURCE_MEAN_STD) | EN_TOLD(EFFNET_SOURCE_RESIZE) |     \
         EN_TOLD(EFFNET_SOURCE_CROP) | EN_TOLD(EFFNET_SOURCE_FILTER) |         \
         EN_TOLD(EFFNET_SOURCE_MODE))

#define EN_REFUSED_SIZE 160

typedef struct en_told {
        en_origin origin;
        const char *name;     /* of what tells it, for messages; static text */
        uint32_t parts;       /* EN_TOLD(...) of what is told */
        effnet_config config; /* ARCHITECTURE; without classes and input
                               * channels */
        en_preset preset;     /* the steps; mean and std with the arithmetic */
        int32_t multi_label;  /* MULTI_LABEL: 0 or 1 */
        en_labels *labels;    /* LABELS; perhaps of another number */
        int32_t classes;      /* CLASSES, without a background */
        bool background;      /* the classifier's first row is one */
        char refused[EN_REFUSED_SIZE]; /* what of it is not run: then such a
                                        * model cannot be; else "" */
} en_told;

/* What the readers need to know of the tensors and of the caller's wishes. */
typedef struct en_told_place {
        const en_naming *naming;
        int32_t classes; /* rows of the classifier */
        const effnet_options *options;
        en_warnings *warnings;
} en_told_place;

/* The text that describe.h wrote.  A failure leaves nothing; its message is the
 * reason.  A name that several families have means the one of the naming.
 */
effnet_status en_told_read(en_told *told, const char *text,
                           const en_told_place *place);

/* config.json of timm: `root`, whose pretrained_cfg may be an object in it or,
 * in older files, itself.  Values that are not understood are warned of and
 * left out.
 */
effnet_status en_told_timm(en_told *told, const en_json *root,
                           const en_told_place *place);

/* config.json of transformers' EfficientNet. */
effnet_status en_told_transformers(en_told *told, const en_json *root,
                                   const en_told_place *place);

/* preprocessor_config.json of transformers. */
effnet_status en_told_processor(en_told *told, const en_json *root,
                                const en_told_place *place);

/* Any config.json: which of the two it is, by content.  Nothing is told by one
 * of another kind.
 */
effnet_status en_told_config(en_told *told, const en_json *root,
                             const en_told_place *place);

/* The labels of an object, if it has some, or of a value (label_json.h).  A
 * failure other than of memory is a warning.
 */
effnet_status en_told_labels(en_told *told, const en_json *object,
                             const en_told_place *place);
effnet_status en_told_labels_of(en_told *told, const en_json *value,
                                const en_json *descriptions,
                                const en_told_place *place);

/* Parses a text that is not too costly; for en_json_free. */
effnet_status en_told_parse(en_json **json, const char *text, size_t size,
                            const en_told_place *place);

void en_told_clear(en_told *told);

#endif
