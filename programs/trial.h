/* trial.h: a network that is run over and over. */
#ifndef PROGRAMS_TRIAL_H
#define PROGRAMS_TRIAL_H

#include "model.h"
#include "plan.h"

#include "effnet.h"

#include <stdbool.h>
#include <stddef.h>

struct trial {
        effnet_model *model;
        effnet_session *session;
        effnet_tensor *input; /* random, from -1 to 1 */
        double macs;          /* of an image */
        double start;         /* seconds, from opening the file to the first
                               * result */
        size_t runs;
        double *seconds; /* of each run */
        int32_t step_count;
        double *steps; /* the least of each step; NULL: not asked for */
};

/* Opens the model, which may be the name of an architecture, and runs it once.
 * False after a complaint.
 */
bool trial_open(struct trial *trial, const struct model_choice *choice,
                const struct plan_wish *wish, bool with_steps);

/* Runs it so many times, or, for 0, for so many seconds but 3 times or more.
 * False after a complaint.
 */
bool trial_run(struct trial *trial, size_t runs, double seconds);

void trial_close(struct trial *trial);

#endif
