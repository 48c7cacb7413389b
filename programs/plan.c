/* plan.c: a session's plan, described. */
#include "plan.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

/* The getters fail on nothing but keys and indices out of range. */
int64_t
plan_int(const effnet_session *session, int32_t key)
{
        int64_t value;

        (void)effnet_session_plan_get_int(session, key, &value);
        return value;
}

int64_t
plan_step_int(const effnet_session *session, int32_t step, int32_t key)
{
        int64_t value;

        (void)effnet_session_step_get_int(session, step, key, &value);
        return value;
}

int64_t
plan_buffer_int(const effnet_session *session, int32_t buffer, int32_t key)
{
        int64_t value;

        (void)effnet_session_buffer_get_int(session, buffer, key, &value);
        return value;
}

/* The part of `name` after the last point that `first` has as well. */
static const char *
what_differs(const char *name, const char *first)
{
        const char *point = strrchr(name, '.');
        size_t length = point != NULL ? (size_t)(point + 1 - name) : 0;

        return strncmp(name, first, length) == 0 ? name + length : name;
}

const char *
plan_step_name(const effnet_session *session, int32_t step,
               char text[STEP_NAME_SIZE])
{
        const char *first = effnet_session_step_layer(session, step, 0), *name;
        size_t used;
        int32_t i;

        used = (size_t)snprintf(text, STEP_NAME_SIZE, "%s", first);
        for (i = 1; used < STEP_NAME_SIZE; i++) {
                name = effnet_session_step_layer(session, step, i);
                if (name == NULL)
                        break;
                used += (size_t)snprintf(text + used, STEP_NAME_SIZE - used,
                                         "+%s", what_differs(name, first));
        }
        return text;
}

effnet_session *
plan_session(effnet_model *model, const struct plan_wish *wish, bool profile)
{
        effnet_options *options = NULL;
        effnet_session *session = NULL;
        effnet_status status = effnet_options_create(&options);

        if (status == EFFNET_OK)
                status = effnet_options_set_int(options, EFFNET_OPTION_THREADS,
                                                wish->threads);
        if (status == EFFNET_OK)
                status = effnet_options_set_int(options, EFFNET_OPTION_PROFILE,
                                                profile);
        if (status == EFFNET_OK)
                status = effnet_session_create(&session, model, options);
        if (status != EFFNET_OK)
                complain("%s", effnet_last_error());
        effnet_options_free(options);
        return session;
}

/* Images, channels, height and width. */
static effnet_status
find_shape(const effnet_model *model, const struct plan_wish *wish,
           int64_t shape[4])
{
        const effnet_config *config = effnet_model_config(model);
        effnet_status status;

        shape[0] = wish->batch;
        shape[2] = wish->size;
        status = effnet_config_get_int(config, EFFNET_CONFIG_INPUT_CHANNELS,
                                       &shape[1]);
        if (status == EFFNET_OK && wish->size == 0)
                status = effnet_config_get_int(config, EFFNET_CONFIG_RESOLUTION,
                                               &shape[2]);
        shape[3] = shape[2];
        return status;
}

effnet_tensor *
plan_input(const effnet_model *model, const struct plan_wish *wish)
{
        effnet_tensor *input = NULL;
        int64_t shape[4];
        effnet_status status = find_shape(model, wish, shape);

        if (status == EFFNET_OK)
                status = effnet_tensor_create(&input, EFFNET_TYPE_F32, 4,
                                              shape);
        if (status != EFFNET_OK)
                complain("%s", effnet_last_error());
        return input;
}

effnet_session *
plan_make(effnet_model *model, const struct plan_wish *wish)
{
        effnet_session *session = plan_session(model, wish, false);
        int64_t shape[4];
        effnet_status status;

        if (session == NULL)
                return NULL;
        status = find_shape(model, wish, shape);
        if (status == EFFNET_OK)
                status = effnet_session_prepare(session, shape[0],
                                                (int32_t)shape[2],
                                                (int32_t)shape[3]);
        if (status == EFFNET_OK)
                return session;
        complain("%s", effnet_last_error());
        effnet_session_free(session);
        return NULL;
}
