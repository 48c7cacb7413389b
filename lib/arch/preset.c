/* preset.c: the preprocessing that each family publishes with its models, one
 * row per architecture: that of the weights its framework loads by default.
 *
 * torchvision: EfficientNet_B*_Weights (the first of each).  timm: the default
 * tag of each name in 1.0, its training size.  LM: examples/imagenet/main.py.
 * LP: the steps that its weights were trained with by Google, (x - 127) / 128,
 * which measure far better than the package's example.
 */
#include "arch/preset.h"

#include "arch/models.h"

#include <string.h>

/* Mean and standard deviation. */
typedef enum norm { IMAGENET, HALF, LITE, NORMS } norm;

static const struct {
        float mean[3];
        float std[3];
} norms[NORMS] = {
        [IMAGENET] = {{0.485F, 0.456F, 0.406F}, {0.229F, 0.224F, 0.225F}},
        [HALF] = {{0.5F, 0.5F, 0.5F}, {0.5F, 0.5F, 0.5F}},
        [LITE] = {{127.0F / 255, 127.0F / 255, 127.0F / 255},
                  {128.0F / 255, 128.0F / 255, 128.0F / 255}},
};

typedef struct row {
        const char *name;
        int32_t resize; /* of the shorter side; of both where `squash` */
        int32_t crop;
        int32_t filter;
        norm norm;
        int32_t mode;
        bool squash;
} row;

