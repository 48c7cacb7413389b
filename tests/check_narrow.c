/* check_narrow.c: the narrower element types of saved files. */
#include "load/dtype.h"
#include "load/narrow.h"
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every value of the type is kept, and what lies between two goes to the
 * nearer, or, halfway, to the even one.
 */
START_TEST(narrowing_is_nearest)
{
        static const struct {
                en_dtype dtype;
                uint32_t infinite;
        } rows[] = {{EN_DTYPE_F16, 0x7c00}, {EN_DTYPE_BF16, 0x7f80}};
        en_dtype dtype = rows[_i].dtype;

        for (uint32_t bits = 0; bits + 1 < rows[_i].infinite; bits++) {
                uint8_t pair[4] = {(uint8_t)bits, (uint8_t)(bits >> 8),
                                   (uint8_t)(bits + 1),
                                   (uint8_t)((bits + 1) >> 8)};
                uint8_t found[8], even = (uint8_t)(bits + (bits & 1));
                float ends[2], values[4];

                en_dtype_to_f32(dtype, pair, 2, ends);
                values[0] = ends[0];
                values[1] = ends[0] + (ends[1] - ends[0]) / 2;
                values[2] = nextafterf(values[1], 0);
                values[3] = -nextafterf(values[1], ends[1]);
                if (en_narrow(dtype, values, 4, found) != 4 ||
                    found[0] != pair[0] || found[1] != pair[1] ||
                    found[2] != even || found[4] != pair[0] ||
                    found[6] != pair[2] || found[7] != (pair[3] | 0x80))
                        ck_abort_msg("%08x of %s", bits, en_dtype_name(dtype));
        }
}
END_TEST

START_TEST(narrowing_keeps_what_is_no_number)
{
        const float values[] = {(float)NAN, INFINITY, -INFINITY, -0.0F};
        uint8_t halves[8];

        ck_assert_uint_eq(en_narrow(EN_DTYPE_F16, values, 4, halves), 4);
        ck_assert_mem_eq(halves + 2, "\x00\x7c\x00\xfc\x00\x80", 6);
        ck_assert((halves[1] & 0x7c) == 0x7c && (halves[1] & 3) != 0);
        ck_assert_uint_eq(en_narrow(EN_DTYPE_BF16, values, 4, halves), 4);
        ck_assert_mem_eq(halves + 2, "\x80\x7f\x80\xff\x00\x80", 6);
        ck_assert((halves[0] & 0x7f) != 0 && (halves[1] & 0x7f) == 0x7f);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("narrow");
        TCase *tests = tcase_create("narrow");

        tcase_add_loop_test(tests, narrowing_is_nearest, 0, 2);
        tcase_add_test(tests, narrowing_keeps_what_is_no_number);
        suite_add_tcase(suite, tests);
        return test_main(suite);
}
