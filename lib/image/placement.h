/* placement.h: which part of a picture becomes which part of the input. */
#ifndef EN_IMAGE_PLACEMENT_H
#define EN_IMAGE_PLACEMENT_H

#include "arch/preset.h"
#include "image/resample.h"

/* What is read, what it becomes, and where the result has it. */
typedef struct en_placement {
        en_rect from;          /* of the image */
        int32_t width, height; /* that becomes */
        en_rect keep;          /* of which this part */
        int32_t left, top;     /* begins here in the result */
        int32_t result_width, result_height;
} en_placement;

/* For an image of that size.  The steps have been checked each by itself;
 * EFFNET_ERROR_MISMATCH where they do not fit each other.
 */
effnet_status en_place(en_placement *plan, const en_preset *steps,
                       int32_t height, int32_t width);

#endif
