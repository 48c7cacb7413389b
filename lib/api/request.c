/* request.c: exported functions that say what a session's runs shall yield,
 * and for which shape.
 */
#include "run/request.h"
#include "api/check.h"
#include "api/session.h"
#include "base/alloc.h"

#include <inttypes.h>

static effnet_status
add_output(const effnet_session *session, int32_t output, uint32_t *rows)
{
        int32_t row = en_output_row(output);

        if (row < 0)
                return en_fail(EFFNET_ERROR_ARGUMENT, "unknown output %" PRId32,
                               output);
        *rows |= UINT32_C(1) << row;
        return en_request_check(&session->model->config, row);
}

effnet_status
effnet_session_request(effnet_session *session, const int32_t *outputs,
                       int32_t count)
{
        uint32_t rows = 0;

        if (session == NULL)
                return EN_NULL("session");
        if (count < 0)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "%s: count is %" PRId32 "; expected 0 or more",
                               __func__, count);
        if (outputs == NULL && count > 0)
                return EN_NULL("outputs");
        for (int32_t i = 0; i < count; i++) {
                effnet_status status = add_output(session, outputs[i], &rows);

                if (status != EFFNET_OK)
                        return status;
        }
        if (count == 0)
                rows = en_request_default(&session->model->config);
        en_engine_request(session->engine, rows);
        return EFFNET_OK;
}

effnet_status
effnet_session_prepare(effnet_session *session, int64_t batch, int32_t height,
                       int32_t width)
{
        const en_allocator *outer;
        effnet_status status;

        if (session == NULL)
                return EN_NULL("session");
        session->ready = false;
        outer = en_allocator_use(&session->model->allocator);
        status = en_engine_prepare(session->engine, batch, height, width);
        en_allocator_use(outer);
        return status;
}
