/* check_plan.c: buffers in the arena. */
#include "network.h"
#include "run/arena.h"
#include "run/later.h"
#include "run/plan.h"
#include "run/strips.h"
#include "support.h"

#include <string.h>

#define BUFFERS 60

/* Random lives: no two buffers of a time overlap, and the whole is at least
 * what lives at once and at most everything side by side.
 */
START_TEST(arena_keeps_the_living_apart)
{
        en_buffer buffers[BUFFERS];
        float random[3 * BUFFERS];
        size_t floats, sum = 0, live = 0;

        test_random(random, 3 * BUFFERS, (uint64_t)_i);
        for (int i = 0; i < BUFFERS; i++) {
                const float *r = &random[3 * i];

                buffers[i].floats = (size_t)((r[0] + 1) * 500);
                buffers[i].first = (int32_t)((r[1] + 1) * 20);
                buffers[i].last = buffers[i].first + (int32_t)((r[2] + 1) * 5);
        }
        ck_assert(en_arena_place(buffers, BUFFERS, &floats));
        for (int i = 0; i < BUFFERS; i++) {
                ck_assert_uint_eq(buffers[i].offset % 16, 0);
                ck_assert_uint_le(buffers[i].offset + buffers[i].floats,
                                  floats);
                sum += buffers[i].floats;
                for (int j = 0; j < i; j++)
                        ck_assert(buffers[i].last < buffers[j].first ||
                                  buffers[j].last < buffers[i].first ||
                                  buffers[i].offset + buffers[i].floats <=
                                          buffers[j].offset ||
                                  buffers[j].offset + buffers[j].floats <=
                                          buffers[i].offset);
        }
        for (int32_t step = 0; step < 60; step++) {
                size_t now = 0;

                for (int i = 0; i < BUFFERS; i++)
                        if (buffers[i].first <= step && step <= buffers[i].last)
                                now += buffers[i].floats;
                live = now > live ? now : live;
        }
        ck_assert_uint_ge(floats, live);
        ck_assert_uint_lt(floats, sum);
}
END_TEST

START_TEST(arena_overflows)
{
        en_buffer buffers[2] = {{SIZE_MAX - 3, 0, 1, 0}, {16, 0, 1, 0}};
        size_t floats;

        ck_assert(!en_arena_place(buffers, 2, &floats));
        buffers[0].floats = SIZE_MAX / 2;
        buffers[1].floats = SIZE_MAX / 2;
        ck_assert(!en_arena_place(buffers, 2, &floats));
}
END_TEST

/* A second cache. */
#define NEAR (UINT64_C(2) << 20)

/* A pair that is alike is cut alike: planning relies on it. */
static void
check_alike(const en_layer *layer, const en_layer *other,
            const en_kernels *kernels, int32_t threads)
{
        const en_strips a = en_strips_choose(layer, kernels, threads, NEAR);
        const en_strips b = en_strips_choose(other, kernels, threads, NEAR);

        ck_assert_int_eq(a.groups, b.groups);
        ck_assert_int_eq(a.parts, b.parts);
        ck_assert_int_eq(a.rows, b.rows);
        ck_assert_int_eq(a.ring, b.ring);
        ck_assert(a.ring_floats == b.ring_floats);
}

START_TEST(pairs_alike_are_cut_alike)
{
        const en_kernels *kernels = test_kernels_of(EFFNET_ISA_PORTABLE);
        effnet_config config;
        en_network *network;
        int pairs = 0;

        ck_ok(en_config_named(&config, "b3"));
        ck_ok(en_network_create(&network, &config, 0, 0));
        for (int32_t i = 0; i < network->layer_count; i++)
                for (int32_t j = 0; j < i; j++) {
                        const en_layer *layer = &network->layers[i];
                        const en_layer *other = &network->layers[j];

                        if (!en_strips_apply(network, i) ||
                            !en_strips_apply(network, j) ||
                            !en_strips_alike(layer, other))
                                continue;
                        check_alike(layer, other, kernels, 1);
                        check_alike(layer, other, kernels, 16);
                        pairs++;
                }
        ck_assert_int_gt(pairs, 10);
        en_network_free(network);
}
END_TEST

static void
check_pair(const en_layer *layer, const en_kernels *kernels, int32_t threads,
           uint64_t near)
{
        en_strips strips = en_strips_choose(layer, kernels, threads, near);
        const en_layer *second = layer + 1;
        int64_t room = strips.ring_floats / strips.ring / layer->out_width;
        int32_t outputs = layer->out_channels;

        ck_assert_int_ge(strips.groups, 1);
        ck_assert_int_ge(strips.parts * strips.groups, threads);
        ck_assert_int_ge(strips.rows, 1);
        ck_assert_int_le(strips.rows, second->out_height);
        ck_assert_int_le(strips.ring, layer->out_height);
        ck_assert(strips.ring == layer->out_height ||
                  strips.ring >=
                          (strips.rows - 1) * second->stride + second->kernel);
        for (int32_t i = 0; i < strips.groups; i++) {
                int32_t begin = en_outputs_begin(kernels, outputs,
                                                 strips.groups, i);
                int32_t end = en_outputs_begin(kernels, outputs, strips.groups,
                                               i + 1);

                ck_assert_int_le(begin, end);
                ck_assert_int_le(end - begin, room);
        }
        ck_assert_int_eq(en_outputs_begin(kernels, outputs, strips.groups, 0),
                         0);
        ck_assert_int_eq(en_outputs_begin(kernels, outputs, strips.groups,
                                          strips.groups),
                         kernels->panel_begin(outputs, INT32_MAX));
}

/* Groups cover the channels and fit into the ring, which holds a strip's
 * rows, for every pair of every model and many threads.
 */
START_TEST(strips_fit_their_rings)
{
        static const char *const names[] = {"b0", "b3", "b5", "b8", "lite4"};
        const en_kernels *kernels = test_kernels_of(
                _i / 5 ? EFFNET_ISA_BEST : EFFNET_ISA_PORTABLE);
        effnet_config config;
        en_network *network;
        int pairs = 0;

        ck_ok(en_config_named(&config, names[_i % 5]));
        ck_ok(en_network_create(&network, &config, 0, 0));
        for (int32_t i = 0; i < network->layer_count; i++)
                for (int32_t threads = 1; threads < 40; threads += 3)
                        if (en_strips_apply(network, i)) {
                                check_pair(&network->layers[i], kernels,
                                           threads, 0);
                                check_pair(&network->layers[i], kernels,
                                           threads, NEAR);
                                pairs++;
                        }
        ck_assert_int_ge(pairs, 16 * 13);
        en_network_free(network);
}
END_TEST

/* One second cache's size against another's: how many pairs have fewer groups
 * there; others have as many rows at least, and no ring has over half of it.
 */
static int
count_wider(const en_network *network, uint64_t small, uint64_t large)
{
        const en_kernels *kernels = test_kernels_of(EFFNET_ISA_PORTABLE);
        int wider = 0;

        for (int32_t i = 0; i < network->layer_count; i++) {
                const en_layer *layer = &network->layers[i];
                en_strips a, b;

                if (!en_strips_apply(network, i))
                        continue;
                a = en_strips_choose(layer, kernels, 1, small);
                b = en_strips_choose(layer, kernels, 1, large);
                ck_assert_int_le(b.groups, a.groups);
                ck_assert_uint_le(4 * (uint64_t)b.ring * layer->out_width *
                                          layer->out_channels / b.groups,
                                  large / 2);
                if (b.groups < a.groups)
                        wider++;
                else
                        ck_assert_int_ge(b.rows, a.rows);
        }
        return wider;
}

/* B7's inputs at 300 x 300 (of one block), 150 x 150 (seven) and 75 x 75
 * (seven) have 1.7 MiB and more; none of B0's has 1 MiB.  A cache of 512 KiB
 * has no more room.
 */
START_TEST(groups_are_wider_where_inputs_are_far)
{
        effnet_config config;
        en_network *network;

        ck_ok(en_config_named(&config, "b7"));
        ck_ok(en_network_create(&network, &config, 0, 0));
        ck_assert_int_eq(count_wider(network, 0, UINT64_C(512) << 10), 0);
        ck_assert_int_eq(count_wider(network, 0, NEAR), 15);
        en_network_free(network);
        ck_ok(en_config_named(&config, "b0"));
        ck_ok(en_network_create(&network, &config, 0, 0));
        ck_assert_int_eq(count_wider(network, 0, NEAR), 0);
        en_network_free(network);
}
END_TEST

/* B0's largest input and output of a step are 112 x 112 x 32 and x 16, or
 * 56 x 56 x 144 and 56 x 56 x 24: 2.4 MiB; rings, padding and the scaled
 * weights come on top.
 */
START_TEST(arena_is_small)
{
        test_network f;
        en_plan *plan;

        memset(&f, 0, sizeof(f));
        ck_ok(en_config_named(&f.config, "b0"));
        test_set_network(&f, 224, 224);
        ck_ok(test_pack(&f, EFFNET_ISA_BEST, false));
        ck_ok(en_plan_create(
                &plan, &f.config, f.weights, en_request_default(&f.config), 224,
                224, &(en_resources){.threads = 1, .memory = INT64_MAX}));
        ck_assert_uint_le(plan->bytes, (size_t)3 << 20);
        en_plan_free(plan);
        test_clear(&f);
}
END_TEST

/* All parts of it together, in order. */
static void
check_parts(const en_step *step)
{
        const char *at = step->later.at;

        for (int i = 0; i < 7; i++) {
                const en_later part = en_later_part(step, i, i + 1, 7);

                ck_assert_ptr_eq(part.at, at);
                at += part.bytes;
        }
        ck_assert_ptr_eq(at, (const char *)step->later.at + step->later.bytes);
}

/* With squeeze-and-excite, which scales the projection's weights where they are
 * fewer than its inputs, those are read as well.
 */
static size_t
later_least(const en_step *step)
{
        const en_packed *packed = step->packed;
        const en_layer *next = step->next == NULL ? NULL : step->next->layer;

        if (step->layer->op != EN_OP_SQUEEZE_EXCITE ||
            next->out_channels >= next->out_height * next->out_width)
                return packed->bytes;
        return packed->bytes + step->next->packed->bytes;
}

/* Its next step's weights, as many as there is room for: those of
 * squeeze-and-excite or of the classifier, or depthwise taps.
 */
static bool
check_later(const en_step *step, size_t room)
{
        const en_step *next = step->next;

        check_parts(step);
        ck_assert_uint_le(step->later.bytes, room);
        while (next != NULL && next->layer->op == EN_OP_POOL)
                next = next->next;
        if (room == 0 || next == NULL)
                return false;
        if (next->layer->op == EN_OP_SQUEEZE_EXCITE ||
            next->layer->op == EN_OP_LINEAR) {
                ck_assert_ptr_eq(step->later.at, next->packed->weights);
                ck_assert(step->later.bytes == room ||
                          step->later.bytes >= later_least(next));
                return true;
        }
        if (next->ops == &en_strips_step)
                ck_assert_ptr_eq(step->later.at, next->packed[1].weights);
        else
                ck_assert_uint_eq(step->later.bytes, 0);
        return next->ops == &en_strips_step;
}

START_TEST(weights_that_are_read_later)
{
        static const int32_t levels[] = {EFFNET_ISA_BEST, EFFNET_ISA_PORTABLE};
        const uint64_t near = _i / 2 * (UINT64_C(128) << 10);
        test_network f;
        en_plan *plan;
        size_t room;
        int found = 0;

        memset(&f, 0, sizeof(f));
        ck_ok(en_config_named(&f.config, "b0"));
        test_set_network(&f, 64, 64);
        ck_ok(test_pack(&f, levels[_i % 2], false));
        ck_ok(en_plan_create(&plan, &f.config, f.weights,
                             en_request_default(&f.config), 64, 64,
                             &(en_resources){.threads = 1,
                                             .memory = INT64_MAX,
                                             .caches = {near, 0}}));
        room = f.weights->kernels->later;
        if (near > 0 && room > near / 2)
                room = near / 2;
        for (int32_t i = 0; i < plan->step_count; i++) {
                const en_step *step = &plan->steps[i];

                if (step->ops == &en_strips_step ||
                    step->ops == &en_pointwise_step)
                        found += check_later(step, room);
        }
        ck_assert_int_eq(found, f.weights->kernels->later > 0 ? 32 : 0);
        en_plan_free(plan);
        test_clear(&f);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("plan");
        TCase *arena = tcase_create("arena");

        tcase_add_loop_test(arena, arena_keeps_the_living_apart, 0, 20);
        tcase_add_test(arena, arena_overflows);
        tcase_add_test(arena, arena_is_small);
        tcase_add_loop_test(arena, weights_that_are_read_later, 0, 4);
        tcase_add_loop_test(arena, strips_fit_their_rings, 0, 10);
        tcase_add_test(arena, groups_are_wider_where_inputs_are_far);
        tcase_add_test(arena, pairs_alike_are_cut_alike);
        suite_add_tcase(suite, arena);
        return test_main(suite);
}
