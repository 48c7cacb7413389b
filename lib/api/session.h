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
        bool ready; /* the last run succeeded; the engine does not see those
                     * that fail before it is reached */
};

/* EFFNET_ERROR_STATE unless the last run succeeded. */
effnet_status en_session_check_ready(const effnet_session *session);

#endif
