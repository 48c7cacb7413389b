/* preset.h: the preprocessing published with each architecture, as one table.
 */
#ifndef EN_ARCH_PRESET_H
#define EN_ARCH_PRESET_H

#include "arch/config.h"

/* Plain values of an effnet_preprocess; see there for their meaning. */
typedef struct en_preset {
        int32_t mode;
        int32_t resize_height, resize_width;
        int32_t crop_height, crop_width;
        int32_t filter;
        float mean[3];
        float std[3];
        int32_t arithmetic; /* EFFNET_ARITHMETIC_* */
        int32_t rescale;    /* of EFFNET_ARITHMETIC_HF: 0 or 1 each */
        double rescale_factor;
        int32_t rescale_offset;
        int32_t normalize;
        int32_t normalize_again;
        int32_t gray; /* one channel and not three */
} en_preset;

/* For a config whose resolution was changed: the row's, with the sizes scaled
 * alike.
 */
en_preset en_preset_for(const effnet_config *config);

#endif
