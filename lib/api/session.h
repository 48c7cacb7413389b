/* session.h: the session behind effnet_session, for the files of api/. */
#ifndef EN_API_SESSION_H
#define EN_API_SESSION_H

#include "api/model.h"
#include "run/engine.h"

struct effnet_session {
        effnet_model *model; /* retained */
        effnet_preprocess preprocess;
        en_engine *engine;
        en_network *network; /* for the layers' names; NULL: none are kept */
        float *input;        /* of classify; grows */
        size_t input_floats;
        int64_t memory; /* bytes at most of the inputs of several pictures */
        bool ready;     /* the last run succeeded; the engine does not see those
                     * that fail before it is reached */
};

/* Makes room for the inputs of `count` pictures. */
effnet_status en_session_reserve_input(effnet_session *session, int32_t count,
                                       int32_t height, int32_t width);

/* Whether the model takes the channels that the preprocessing makes; and
 * whether it classifies, and does so if run.
 */
effnet_status en_session_check_pictures(const effnet_session *session);
effnet_status en_session_check_classifies(const effnet_session *session);

/* EFFNET_ERROR_STATE unless the last run succeeded. */
effnet_status en_session_check_ready(const effnet_session *session);

#endif
