/* plan.c: exported functions about a session's plan, each by a table of keys.
 */
#include "run/plan.h"

#include "api/session.h"
#include "base/status.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

static const en_plan *
plan_of(const effnet_session *session)
{
        return session != NULL ? en_engine_plan(session->engine) : NULL;
}

/* NULL where there is none of that index. */
static const en_step *
step_at(const effnet_session *session, int32_t step)
{
        const en_plan *plan = plan_of(session);

        if (plan == NULL || step < 0 || step >= plan->step_count)
                return NULL;
        return &plan->steps[step];
}

static effnet_status
unknown_key(const char *of, int32_t key)
{
        return en_fail(EFFNET_ERROR_ARGUMENT, "%s: there is no key %" PRId32,
                       of, key);
}

/* What every getter begins with: `value`, of `size` bytes, is 0, and there is a
 * plan.
 */
static effnet_status
check_plan(const char *function, const effnet_session *session, void *value,
           size_t size)
{
        if (value != NULL)
                memset(value, 0, size);
        if (value == NULL || session == NULL)
                return en_fail(EFFNET_ERROR_ARGUMENT, "%s: %s is NULL",
                               function, value == NULL ? "value" : "session");
        if (plan_of(session) == NULL)
                return en_fail(EFFNET_ERROR_STATE,
                               "plan: the session has none before its first "
                               "run or preparation, and after another request");
        return EFFNET_OK;
}

static effnet_status
check_index(const char *what, int32_t index, int32_t count)
{
        if (index < 0 || index >= count)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "%s %" PRId32 "; expected 0 to %" PRId32, what,
                               index, count - 1);
        return EFFNET_OK;
}

/* The same of a getter about a step. */
static effnet_status
check_step(const char *function, const effnet_session *session, int32_t step,
           void *value, size_t size)
{
        effnet_status status = check_plan(function, session, value, size);

        if (status != EFFNET_OK)
                return status;
        return check_index("step", step, plan_of(session)->step_count);
}

effnet_status
effnet_session_plan_get_int(const effnet_session *session, int32_t key,
                            int64_t *value)
{
        const en_plan *plan = plan_of(session);
        effnet_status status = check_plan(__func__, session, value,
                                          sizeof(*value));

        if (status != EFFNET_OK)
                return status;
        switch (key) {
        case EFFNET_PLAN_HEIGHT: *value = plan->height; break;
        case EFFNET_PLAN_WIDTH: *value = plan->width; break;
        case EFFNET_PLAN_BATCH:
                *value = en_engine_batch(session->engine);
                break;
        case EFFNET_PLAN_THREADS:
                *value = en_engine_exec(session->engine).threads;
                break;
        case EFFNET_PLAN_STEPS: *value = plan->step_count; break;
        case EFFNET_PLAN_BUFFERS: *value = plan->buffer_count; break;
        case EFFNET_PLAN_ARENA_BYTES: *value = (int64_t)plan->bytes; break;
        case EFFNET_PLAN_WEIGHT_BYTES:
                *value = (int64_t)session->model->weights->bytes;
                break;
        case EFFNET_PLAN_OUTPUT_BYTES:
                *value = (int64_t)en_engine_output_bytes(session->engine);
                break;
        default: return unknown_key("plan", key);
        }
        return EFFNET_OK;
}

const char *
effnet_session_step_kind(const effnet_session *session, int32_t step)
{
        const en_step *found = step_at(session, step);

        if (found == NULL)
                return NULL;
        return found->ops->kind != NULL ? found->ops->kind
                                        : en_op_name(found->layer->op);
}

const char *
effnet_session_step_layer(const effnet_session *session, int32_t step,
                          int32_t layer)
{
        const en_step *found = step_at(session, step);

        if (found == NULL || layer < 0 || layer >= found->layers)
                return NULL;
        return found->layer[layer].name;
}

static const struct {
        int32_t key;
        size_t offset; /* in en_tiles */
} tile_keys[] = {
        {EFFNET_STEP_TASKS, offsetof(en_tiles, tasks)},
        {EFFNET_STEP_GROUPS, offsetof(en_tiles, groups)},
        {EFFNET_STEP_STRIPS, offsetof(en_tiles, strips)},
        {EFFNET_STEP_ROWS, offsetof(en_tiles, rows)},
        {EFFNET_STEP_RING, offsetof(en_tiles, ring)},
        {EFFNET_STEP_PANELS, offsetof(en_tiles, panels)},
};

#define TILE_KEYS (sizeof(tile_keys) / sizeof(tile_keys[0]))

/* By key; EN_OPERANDS where it is none of them. */
static en_operand
operand_of(int32_t key)
{
        static const int32_t keys[EN_OPERANDS] = {
                [EN_OPERAND_INPUT] = EFFNET_STEP_INPUT,
                [EN_OPERAND_OUTPUT] = EFFNET_STEP_OUTPUT,
                [EN_OPERAND_RESIDUAL] = EFFNET_STEP_RESIDUAL,
                [EN_OPERAND_SUMS] = EFFNET_STEP_SUMS,
                [EN_OPERAND_WEIGHTS] = EFFNET_STEP_WEIGHTS,
                [EN_OPERAND_SCRATCH] = EFFNET_STEP_SCRATCH,
        };
        int32_t i = 0;

        while (i < EN_OPERANDS && keys[i] != key)
                i++;
        return (en_operand)i;
}

/* Whether `key` is of a tile; then with its value. */
static bool
get_tile(const effnet_session *session, const en_step *step, int32_t key,
         int64_t *value)
{
        en_exec exec = en_engine_exec(session->engine);
        en_tiles tiles = {0};

        for (size_t i = 0; i < TILE_KEYS; i++) {
                if (tile_keys[i].key != key)
                        continue;
                if (step->ops->describe != NULL)
                        step->ops->describe(step, &exec, &tiles);
                *value = *(const int32_t *)(const void *)((const char *)&tiles +
                                                          tile_keys[i].offset);
                return true;
        }
        return false;
}

static int64_t
sum_of(const en_step *step, int32_t key)
{
        int64_t sum = 0;

        for (int32_t i = 0; i < step->layers; i++)
                sum += key == EFFNET_STEP_MACS ? step->layer[i].macs
                                               : (int64_t)step->packed[i].bytes;
        return sum;
}

effnet_status
effnet_session_step_get_int(const effnet_session *session, int32_t step,
                            int32_t key, int64_t *value)
{
        const en_step *found = step_at(session, step);
        en_operand operand = operand_of(key);
        effnet_status status = check_step(__func__, session, step, value,
                                          sizeof(*value));

        if (status != EFFNET_OK)
                return status;
        if (operand != EN_OPERANDS)
                *value = found->buffers[operand];
        else if (key == EFFNET_STEP_LAYERS)
                *value = found->layers;
        else if (key == EFFNET_STEP_MACS || key == EFFNET_STEP_WEIGHT_BYTES)
                *value = sum_of(found, key);
        else if (!get_tile(session, found, key, value))
                return unknown_key("step", key);
        return EFFNET_OK;
}

effnet_status
effnet_session_step_get_double(const effnet_session *session, int32_t step,
                               int32_t key, double *value)
{
        effnet_status status = check_step(__func__, session, step, value,
                                          sizeof(*value));

        if (status != EFFNET_OK)
                return status;
        if (key != EFFNET_STEP_SECONDS)
                return unknown_key("step", key);
        if (plan_of(session)->seconds == NULL)
                return en_fail(EFFNET_ERROR_STATE,
                               "step %" PRId32 ": no times are taken without "
                               "EFFNET_OPTION_PROFILE",
                               step);
        if (!session->ready)
                return en_fail(EFFNET_ERROR_STATE,
                               "step %" PRId32 ": no time: the last run "
                               "failed, or there was none",
                               step);
        *value = plan_of(session)->seconds[step];
        return EFFNET_OK;
}

effnet_status
effnet_session_buffer_get_int(const effnet_session *session, int32_t buffer,
                              int32_t key, int64_t *value)
{
        const en_plan *plan = plan_of(session);
        const en_buffer *found;
        effnet_status status = check_plan(__func__, session, value,
                                          sizeof(*value));

        if (status == EFFNET_OK)
                status = check_index("buffer", buffer, plan->buffer_count);
        if (status != EFFNET_OK)
                return status;
        found = &plan->buffers[buffer];
        switch (key) {
        case EFFNET_BUFFER_OFFSET:
                *value = (int64_t)(found->offset * sizeof(float));
                break;
        case EFFNET_BUFFER_BYTES:
                *value = (int64_t)(found->floats * sizeof(float));
                break;
        case EFFNET_BUFFER_FIRST: *value = found->first; break;
        case EFFNET_BUFFER_LAST: *value = found->last; break;
        default: return unknown_key("buffer", key);
        }
        return EFFNET_OK;
}
