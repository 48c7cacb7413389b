/* layers.c: exported functions for each layer's output. */
#include "api/check.h"
#include "api/session.h"

#include <inttypes.h>

int32_t
effnet_session_layer_count(const effnet_session *session)
{
        if (session == NULL || session->network == NULL)
                return 0;
        return session->network->layer_count;
}

const char *
effnet_session_layer_name(const effnet_session *session, int32_t index)
{
        if (index < 0 || index >= effnet_session_layer_count(session))
                return NULL;
        return session->network->layers[index].name;
}

effnet_status
effnet_session_layer(effnet_session *session, int32_t index,
                     const effnet_tensor **tensor)
{
        effnet_status status;

        if (tensor == NULL)
                return EN_NULL("tensor");
        *tensor = NULL;
        if (session == NULL)
                return EN_NULL("session");
        if (session->network == NULL)
                return en_fail(EFFNET_ERROR_STATE,
                               "the session keeps no layers: it was made "
                               "without EFFNET_OPTION_KEEP_LAYERS");
        if (index < 0 || index >= session->network->layer_count)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "layer %" PRId32 "; the model has %" PRId32,
                               index, session->network->layer_count);
        status = en_session_check_ready(session);
        if (status != EFFNET_OK)
                return status;
        return en_engine_layer(session->engine, index, tensor);
}
