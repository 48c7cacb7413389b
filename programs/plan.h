/* plan.h: a session's plan, described. */
#ifndef PROGRAMS_PLAN_H
#define PROGRAMS_PLAN_H

#include "args.h"
#include "json.h"
#include "model.h"

#include "effnet.h"

#define STEP_NAME_SIZE 128

/* How a session comes to a plan. */
struct plan_wish {
        int64_t size;    /* of the input, both sides; 0: the nominal one */
        int64_t batch;   /* 1 or more */
        int64_t threads; /* 1 or more */
};

#define PLAN_WISH                                                              \
        {                                                                      \
                .batch = 1, .threads = 1                                       \
        }

/* Lines of a subcommand's option table. */
#define PLAN_OPTIONS(wish)                                                     \
        {.name = "size",                                                       \
         .value = "N",                                                         \
         .help = "an input of N x N; default the nominal size",                \
         .parse = parse_integer,                                               \
         .target = &(wish).size,                                               \
         .least = 1,                                                           \
         .most = 16384},                                                       \
                {.name = "batch",                                              \
                 .value = "N",                                                 \
                 .help = "images in a run; default 1",                         \
                 .parse = parse_integer,                                       \
                 .target = &(wish).batch,                                      \
                 .least = 1,                                                   \
                 .most = 65536},                                               \
                THREADS_OPTION((wish).threads)

/* A session of `model`, an input of zeros for it, and a session that has the
 * plan for such.  NULL after a complaint.
 */
effnet_session *plan_session(effnet_model *model, const struct plan_wish *wish,
                             bool profile);
effnet_tensor *plan_input(const effnet_model *model,
                          const struct plan_wish *wish);
effnet_session *plan_make(effnet_model *model, const struct plan_wish *wish);

/* The names of a step's layers, "blocks.1.0.expand+depthwise": of those after
 * the first only what differs.
 */
const char *plan_step_name(const effnet_session *session, int32_t step,
                           char text[STEP_NAME_SIZE]);

/* By key and index, which must exist. */
int64_t plan_int(const effnet_session *session, int32_t key);
int64_t plan_step_int(const effnet_session *session, int32_t step, int32_t key);
int64_t plan_buffer_int(const effnet_session *session, int32_t buffer,
                        int32_t key);

/* `height`, `width`, `batch`, `threads`, `arena_bytes`, `weight_bytes`,
 * `output_bytes`, `steps` and `buffers`.
 */
js_value *plan_json(const effnet_session *session);
void plan_print(const effnet_session *session);

#endif
