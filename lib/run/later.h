/* later.h: what a step prefetches for the next ones while it computes. */
#ifndef EN_RUN_LATER_H
#define EN_RUN_LATER_H

#include "run/planner.h"

/* Chooses the step's `later`, once it is known what the steps do. */
void en_later_plan(const en_planner *planner, en_step *step);

/* The part [begin, end) of `total` of it. */
en_later en_later_part(const en_step *step, int64_t begin, int64_t end,
                       int64_t total);

#endif
