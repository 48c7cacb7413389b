/* steps.h: the steps of preprocessing, described. */
#ifndef PROGRAMS_STEPS_H
#define PROGRAMS_STEPS_H

#include "json.h"

#include "effnet.h"

/* `mode`, `resize`, `crop`, `filter`, `mean`, `std`; sizes as [h, w], where
 * w 0 means that h is the shorter side, and [0, 0] that there is no such step.
 */
js_value *steps_json(const effnet_preprocess *steps);

/* The same as lines of text, spelled as the options that set them. */
void steps_print(const effnet_preprocess *steps);

#endif
