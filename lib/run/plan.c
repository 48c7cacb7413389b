/* plan.c: planning, and walking the plan. */
#include "run/plan.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/size.h"
#include "base/status.h"
#include "run/project.h"
#include "run/strips.h"
#include "run/winograd.h"

#include <string.h>

/* A step makes at most its output, sums, scaled weights and scratch. */
#define BUFFERS_PER_STEP 4

static const en_step_ops *const operations[] = {
        [EN_OP_CONV] = &en_conv_step,
        [EN_OP_POINTWISE] = &en_pointwise_step,
        [EN_OP_DEPTHWISE] = &en_depthwise_step,
        [EN_OP_SQUEEZE_EXCITE] = &en_squeeze_step,
        [EN_OP_CONTEXT] = &en_context_step,
        [EN_OP_POOL] = &en_pool_step,
        [EN_OP_LINEAR] = &en_linear_step,
};

int32_t
en_planner_buffer(en_planner *planner, uint64_t rows, uint64_t columns)
{
        en_buffer *buffer = &planner->buffers[planner->buffer_count];
        uint64_t floats;

        if (!en_mul_u64(rows, columns, &floats) || floats > SIZE_MAX) {
                planner->overflow = true;
                floats = 0;
        }
        buffer->floats = (size_t)floats;
        buffer->first = INT32_MAX;
        buffer->last = -1;
        return planner->buffer_count++;
}

void
en_planner_advance(en_planner *planner, en_step *step, int64_t pixels,
                   int32_t channels)
{
        step->buffers[EN_OPERAND_INPUT] = planner->value;
        planner->value = en_planner_buffer(planner, (uint64_t)pixels,
                                           (uint64_t)en_pixel_stride(channels));
        step->buffers[EN_OPERAND_OUTPUT] = planner->value;
}

void
en_planner_sums(en_planner *planner, en_step *step, const en_layer *depthwise)
{
        planner->sums = -1;
        if (step->next != NULL && step->next->layer->op == EN_OP_SQUEEZE_EXCITE)
                planner->sums = en_planner_buffer(
                        planner, (uint64_t)depthwise->out_height,
                        (uint64_t)en_pixel_stride(depthwise->out_channels));
        step->buffers[EN_OPERAND_SUMS] = planner->sums;
}

const en_step *
en_planner_step(const en_planner *planner, int32_t layer)
{
        const en_step *step = planner->steps;

        while (step->layer != &planner->network->layers[layer])
                step = step->next;
        return step;
}

/* What computes layer `index`, and whether the next ones as well: not where the
 * map between them is an output.
 */
static void
choose(const en_network *network, const en_outputs *outputs, int32_t index,
       en_step *step)
{
        step->ops = operations[step->layer->op];
        step->layers = 1;
        if (en_winograd_applies(step->layer))
                step->ops = &en_winograd_step;
        if (step->kept)
                return;
        if (en_strips_apply(network, index))
                step->ops = &en_strips_step;
        if (en_strips_apply(network, index) ||
            en_project_applies(network, index))
                step->layers = 2;
        if (en_strips_project(network, index) &&
            !en_outputs_have(outputs, index + 1))
                step->layers = 3;
}

/* Cuts the layers into steps, up to the last that gives an output. */
static void
make_steps(en_plan *plan, const en_weights *weights)
{
        const en_outputs *outputs = &plan->outputs;
        int32_t count = outputs->items[outputs->count - 1].layer + 1;
        en_step *step;

        for (int32_t i = 0; i < count; i += step->layers) {
                step = &plan->steps[plan->step_count++];
                step->layer = &plan->network->layers[i];
                step->packed = &weights->layers[i];
                step->kept = en_outputs_have(outputs, i);
                choose(plan->network, outputs, i, step);
                step->next = i + step->layers < count ? step + 1 : NULL;
                for (int32_t j = 0; j < EN_OPERANDS; j++)
                        step->buffers[j] = -1;
        }
}

static void
plan_steps(en_plan *plan, const en_weights *weights, en_planner *planner)
{
        make_steps(plan, weights);
        for (int32_t i = 0; i < plan->step_count; i++)
                plan->steps[i].ops->plan(planner, &plan->steps[i]);
}

/* A buffer lives from the first to the last step that names it. */
static void
find_lifetimes(const en_plan *plan)
{
        en_buffer *buffers = plan->buffers;

        for (int32_t i = 0; i < plan->step_count; i++)
                for (int32_t j = 0; j < EN_OPERANDS; j++) {
                        int32_t id = plan->steps[i].buffers[j];

                        if (id < 0)
                                continue;
                        if (buffers[id].first > i)
                                buffers[id].first = i;
                        if (buffers[id].last < i)
                                buffers[id].last = i;
                }
}

static effnet_status
make_arena(en_plan *plan, int64_t most)
{
        effnet_status status;
        size_t floats;

        if (!en_arena_place(plan->buffers, plan->buffer_count, &floats))
                return en_fail(EFFNET_ERROR_LIMIT,
                               "%d x %d: the activations overflow the address "
                               "space",
                               (int)plan->height, (int)plan->width);
        status = en_check_memory(floats, sizeof(float), most,
                                 "the activations");
        if (status != EFFNET_OK)
                return status;
        plan->arena = en_alloc_aligned(floats, sizeof(float));
        if (plan->arena == NULL)
                return EFFNET_ERROR_MEMORY;
        plan->bytes = floats * sizeof(float);
        return EFFNET_OK;
}

static void
bind(en_plan *plan)
{
        const en_buffer *buffers = plan->buffers;

        for (int32_t i = 0; i < plan->step_count; i++) {
                en_step *step = &plan->steps[i];

                for (int32_t j = 0; j < EN_OPERANDS; j++)
                        if (step->buffers[j] >= 0)
                                step->at[j] = plan->arena +
                                              buffers[step->buffers[j]].offset;
        }
}

static effnet_status
place(en_plan *plan, const en_weights *weights, en_planner *planner,
      int64_t most)
{
        effnet_status status;

        plan_steps(plan, weights, planner);
        if (planner->overflow)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "%d x %d: an activation overflows the address "
                               "space",
                               (int)plan->height, (int)plan->width);
        plan->buffer_count = planner->buffer_count;
        find_lifetimes(plan);
        status = make_arena(plan, most);
        if (status == EFFNET_OK)
                bind(plan);
        return status;
}

/* With a third of the last cache for the activations and for others. */
static bool
stays_near(const en_weights *weights, const en_resources *resources)
{
        return weights->bytes < resources->caches.last / 3 * 2;
}

static effnet_status
fill(en_plan *plan, const effnet_config *config, const en_weights *weights,
     uint32_t rows, const en_resources *resources)
{
        en_planner planner = {.kernels = weights->kernels,
                              .threads = resources->threads,
                              .value = -1,
                              .sums = -1,
                              .weights = -1,
                              .near = resources->caches.second,
                              .stays = stays_near(weights, resources)};
        effnet_status status;
        size_t count;

        status = en_network_create(&plan->network, config, plan->height,
                                   plan->width);
        if (status != EFFNET_OK)
                return status;
        if (plan->network->layer_count != weights->layer_count)
                return en_fail(EFFNET_ERROR_INTERNAL,
                               "weights of %d layers for a network of %d",
                               (int)weights->layer_count,
                               (int)plan->network->layer_count);
        status = en_outputs_create(&plan->outputs, plan->network, rows,
                                   resources);
        if (status != EFFNET_OK)
                return status;
        count = (size_t)plan->network->layer_count;
        plan->steps = en_alloc_zero(count, sizeof(*plan->steps));
        plan->buffers = en_alloc_zero(count * BUFFERS_PER_STEP,
                                      sizeof(*plan->buffers));
        if (resources->profile)
                plan->seconds = en_alloc_zero(count, sizeof(*plan->seconds));
        if (plan->steps == NULL || plan->buffers == NULL ||
            (resources->profile && plan->seconds == NULL))
                return EFFNET_ERROR_MEMORY;
        planner.network = plan->network;
        planner.steps = plan->steps;
        planner.buffers = plan->buffers;
        return place(plan, weights, &planner, resources->memory);
}

effnet_status
en_plan_create(en_plan **out, const effnet_config *config,
               const en_weights *weights, uint32_t rows, int32_t height,
               int32_t width, const en_resources *resources)
{
        en_plan *plan;
        effnet_status status;

        *out = NULL;
        plan = en_alloc_zero(1, sizeof(*plan));
        if (plan == NULL)
                return EFFNET_ERROR_MEMORY;
        plan->height = height;
        plan->width = width;
        status = fill(plan, config, weights, rows, resources);
        if (status != EFFNET_OK) {
                en_plan_free(plan);
                return status;
        }
        *out = plan;
        return EFFNET_OK;
}

void
en_plan_free(en_plan *plan)
{
        if (plan == NULL)
                return;
        en_free(plan->arena);
        en_free(plan->seconds);
        en_free(plan->buffers);
        en_free(plan->steps);
        en_outputs_free(&plan->outputs);
        en_network_free(plan->network);
        en_free(plan);
}

void
en_plan_restart(const en_plan *plan)
{
        if (plan->seconds != NULL)
                memset(plan->seconds, 0,
                       (size_t)plan->step_count * sizeof(*plan->seconds));
}

static effnet_status
run_timed(const en_step *step, const en_exec *exec, double *seconds)
{
        double begin = en_clock_now();
        effnet_status status = step->ops->run(step, exec);

        *seconds += en_clock_now() - begin;
        return status;
}

static effnet_status
run_steps(const en_plan *plan, const en_exec *exec, int64_t image)
{
        int32_t layers = 0;

        for (int32_t i = 0; i < plan->step_count; i++) {
                const en_step *step = &plan->steps[i];
                effnet_status status = en_cancel_check(&exec->cancel);

                if (status != EFFNET_OK)
                        return status;
                if (plan->seconds != NULL)
                        status = run_timed(step, exec, &plan->seconds[i]);
                else
                        status = step->ops->run(step, exec);
                layers += step->layers;
                if (status == EFFNET_OK)
                        status = en_outputs_store(&plan->outputs, layers - 1,
                                                  step, exec, image);
                if (status != EFFNET_OK)
                        return status;
        }
        return EFFNET_OK;
}

effnet_status
en_plan_run(const en_plan *plan, const en_exec *exec, int64_t image)
{
        effnet_status status;

        en_pool_wake(exec->pool, true);
        status = run_steps(plan, exec, image);
        en_pool_wake(exec->pool, false);
        return status;
}
