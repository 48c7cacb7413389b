/* plan_json.c: a session's plan as JSON. */
#include "plan.h"

struct key {
        const char *name;
        int32_t key;
};

static const struct key sizes[] = {
        {"height", EFFNET_PLAN_HEIGHT},
        {"width", EFFNET_PLAN_WIDTH},
        {"batch", EFFNET_PLAN_BATCH},
        {"threads", EFFNET_PLAN_THREADS},
        {"arena_bytes", EFFNET_PLAN_ARENA_BYTES},
        {"weight_bytes", EFFNET_PLAN_WEIGHT_BYTES},
        {"output_bytes", EFFNET_PLAN_OUTPUT_BYTES},
};

static const struct key amounts[] = {
        {"macs", EFFNET_STEP_MACS},
        {"weight_bytes", EFFNET_STEP_WEIGHT_BYTES},
};

static const struct key tiles[] = {
        {"tasks", EFFNET_STEP_TASKS},   {"groups", EFFNET_STEP_GROUPS},
        {"strips", EFFNET_STEP_STRIPS}, {"rows", EFFNET_STEP_ROWS},
        {"ring", EFFNET_STEP_RING},     {"panels", EFFNET_STEP_PANELS},
};

static const struct key operands[] = {
        {"input", EFFNET_STEP_INPUT},       {"output", EFFNET_STEP_OUTPUT},
        {"residual", EFFNET_STEP_RESIDUAL}, {"sums", EFFNET_STEP_SUMS},
        {"weights", EFFNET_STEP_WEIGHTS},   {"scratch", EFFNET_STEP_SCRATCH},
};

static const struct key places[] = {
        {"offset", EFFNET_BUFFER_OFFSET},
        {"bytes", EFFNET_BUFFER_BYTES},
        {"first", EFFNET_BUFFER_FIRST},
        {"last", EFFNET_BUFFER_LAST},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Those that are `least` or more. */
static void
set_step(js_value *object, const effnet_session *session, int32_t step,
         const struct key *keys, size_t count, int64_t least)
{
        int64_t value;
        size_t i;

        for (i = 0; i < count; i++) {
                value = plan_step_int(session, step, keys[i].key);
                if (value >= least)
                        js_set(object, keys[i].name, js_integer(value));
        }
}

static js_value *
step_json(const effnet_session *session, int32_t step)
{
        js_value *object = js_object(), *layers = js_array();
        js_value *tile = js_object(), *buffers = js_object();
        const char *name;
        int32_t i;

        for (i = 0;
             (name = effnet_session_step_layer(session, step, i)) != NULL; i++)
                js_add(layers, js_text(name));
        js_set(object, "layers", layers);
        js_set(object, "kind",
               js_text(effnet_session_step_kind(session, step)));
        set_step(object, session, step, amounts, COUNT(amounts), 0);
        set_step(tile, session, step, tiles, COUNT(tiles), 1);
        js_set(object, "tiles", tile);
        set_step(buffers, session, step, operands, COUNT(operands), 0);
        js_set(object, "buffers", buffers);
        return object;
}

static js_value *
buffer_json(const effnet_session *session, int32_t buffer)
{
        js_value *object = js_object();
        size_t i;

        for (i = 0; i < COUNT(places); i++)
                js_set(object, places[i].name,
                       js_integer(plan_buffer_int(session, buffer,
                                                  places[i].key)));
        return object;
}

js_value *
plan_json(const effnet_session *session)
{
        js_value *object = js_object(), *steps = js_array();
        js_value *buffers = js_array();
        int32_t i;
        size_t k;

        for (k = 0; k < COUNT(sizes); k++)
                js_set(object, sizes[k].name,
                       js_integer(plan_int(session, sizes[k].key)));
        for (i = 0; i < plan_int(session, EFFNET_PLAN_STEPS); i++)
                js_add(steps, step_json(session, i));
        for (i = 0; i < plan_int(session, EFFNET_PLAN_BUFFERS); i++)
                js_add(buffers, buffer_json(session, i));
        js_set(object, "steps", steps);
        js_set(object, "buffers", buffers);
        return object;
}
