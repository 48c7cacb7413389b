/* square.c: transformers' padding, as the static one of some nominal size. */
#include "arch/config.h"

#include "arch/limits.h"

/* Whether a map of the nominal size is odd before each stage with a stride as
 * `square` has it, and even before the stem.
 */
static bool
suits(const effnet_config *config, int32_t size,
      const bool square[EN_MAX_STAGES])
{
        if (size % 2 != 0)
                return false;
        size /= 2;
        for (int32_t i = 0; i < config->stage_count; i++) {
                if (config->stages[i].stride != 2)
                        continue;
                if ((size % 2 != 0) != square[i])
                        return false;
                size = size / 2 + size % 2;
        }
        return true;
}

/* From the last stage back: a map of n comes from one of 2 n, or 2 n - 1. */
static int32_t
smallest(const effnet_config *config, const bool square[EN_MAX_STAGES])
{
        int32_t size = 1;

        for (int32_t i = config->stage_count - 1; i >= 0; i--)
                if (config->stages[i].stride == 2)
                        size = 2 * size - square[i];
        return 2 * size;
}

void
en_config_pad_square(effnet_config *config, const bool square[EN_MAX_STAGES])
{
        config->padding = EFFNET_PADDING_SAME_STATIC;
        config->padding_resolution = suits(config, config->resolution, square)
                                             ? 0
                                             : smallest(config, square);
}
