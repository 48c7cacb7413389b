/* check_plan.c: buffers in the arena. */
#include "network.h"
#include "run/arena.h"
#include "run/plan.h"
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

/* B0's live maps need 5.7 MiB at their peak; padding and the scaled weights
 * come on top.
 */
START_TEST(arena_is_small)
{
        test_network f;
        en_plan *plan;

        memset(&f, 0, sizeof(f));
        ck_ok(en_config_named(&f.config, "b0"));
        test_set_network(&f, 224, 224);
        ck_ok(test_pack(&f, EFFNET_ISA_BEST, false));
        ck_ok(en_plan_create(&plan, &f.config, f.weights, 224, 224, 1));
        ck_assert_uint_le(plan->bytes, (size_t)7 << 20);
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
        suite_add_tcase(suite, arena);
        return test_main(suite);
}
