/* trial.c: a network that is run over and over. */
#include "trial.h"
#include "measure.h"
#include "seeded.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define LEAST_RUNS 3

static bool
failed(void)
{
        complain("%s", effnet_last_error());
        return false;
}

/* The model of a file; that of a name has its weights written to one first. */
static effnet_model *
open_model(const struct model_choice *choice, double *seconds)
{
        struct model_choice file = *choice;
        effnet_model *model;
        char *made = NULL;
        double begin;

        if (!model_is_file(choice)) {
                file.path = made = seeded_file(choice->path);
                if (made == NULL)
                        return NULL;
        }
        begin = measure_now();
        model = model_load(&file);
        *seconds = measure_now() - begin;
        seeded_remove(made);
        return model;
}

static bool
find_macs(struct trial *trial)
{
        effnet_summary *summary = NULL;

        if (effnet_summary_create(
                    &summary, effnet_model_config(trial->model),
                    (int32_t)effnet_tensor_dimension(trial->input, 2),
                    (int32_t)effnet_tensor_dimension(trial->input, 3)) !=
            EFFNET_OK)
                return failed();
        trial->macs = (double)effnet_summary_macs(summary);
        effnet_summary_free(summary);
        return true;
}

static bool
make_input(struct trial *trial, const struct plan_wish *wish)
{
        uint32_t state = 1;
        float *values;
        int64_t i;

        trial->input = plan_input(trial->model, wish);
        if (trial->input == NULL)
                return false;
        values = effnet_tensor_data(trial->input);
        for (i = 0; i < effnet_tensor_count(trial->input); i++) {
                state = state * 1664525 + 1013904223; /* Numerical Recipes */
                values[i] = (float)(state >> 8) * 0x1p-23f - 1;
        }
        return find_macs(trial);
}

bool
trial_open(struct trial *trial, const struct model_choice *choice,
           const struct plan_wish *wish, bool with_steps)
{
        double begin;

        trial->model = open_model(choice, &trial->start);
        if (trial->model == NULL || !make_input(trial, wish))
                return false;
        begin = measure_now();
        trial->session = plan_session(trial->model, wish, with_steps);
        if (trial->session == NULL)
                return false;
        if (effnet_session_run(trial->session, trial->input) != EFFNET_OK)
                return failed();
        trial->start += measure_now() - begin;
        trial->step_count = (int32_t)plan_int(trial->session,
                                              EFFNET_PLAN_STEPS);
        if (with_steps)
                trial->steps = must(calloc((size_t)trial->step_count,
                                           sizeof(*trial->steps)));
        return true;
}

static void
keep_steps(struct trial *trial)
{
        double seconds;
        int32_t i;

        for (i = 0; i < trial->step_count && trial->steps != NULL; i++)
                if (effnet_session_step_get_double(trial->session, i,
                                                   EFFNET_STEP_SECONDS,
                                                   &seconds) == EFFNET_OK &&
                    (trial->runs == 0 || seconds < trial->steps[i]))
                        trial->steps[i] = seconds;
}

static bool
run_once(struct trial *trial, size_t *room)
{
        double begin;

        if (trial->runs == *room) {
                *room = 2 * *room + 64;
                trial->seconds = must(realloc(trial->seconds,
                                              *room * sizeof(*trial->seconds)));
        }
        begin = measure_now();
        if (effnet_session_run(trial->session, trial->input) != EFFNET_OK)
                return failed();
        trial->seconds[trial->runs] = measure_now() - begin;
        keep_steps(trial);
        trial->runs++;
        return true;
}

bool
trial_run(struct trial *trial, size_t runs, double seconds)
{
        double begin = measure_now();
        size_t room = 0;

        trial->runs = 0;
        while (runs > 0 ? trial->runs < runs
                        : trial->runs < LEAST_RUNS ||
                                  measure_now() - begin < seconds)
                if (!run_once(trial, &room))
                        return false;
        return true;
}

void
trial_close(struct trial *trial)
{
        effnet_session_free(trial->session);
        effnet_tensor_free(trial->input);
        effnet_model_release(trial->model);
        free(trial->seconds);
        free(trial->steps);
}
