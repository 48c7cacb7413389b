/* lanes16.c: kernels on 16 lanes in plain C, with the tiles of vec_avx512.h:
 * runs the templates of the wide levels on any machine.
 */

#define V_LANES         16
#define V_POWERS        1
#define V_PANEL_VECTORS 2
#define V_WIDE_VECTORS  3
#define V_ROWS_1        10
#define V_ROWS_2        14
#define V_ROWS_3        9
#define V_UNROLL        2
#define V_LARGE         20
#define V_HALVES        0
#define V_COLUMNS       8
#define V_PAIRS         1
#define V_FOLDS         1
#define V_LATER         0xa0000
#include "kernels/bytes_portable.h"

#include "lanes.h"

#define LEVEL_TABLE en_kernels_lanes16
#define LEVEL_NAME  "lanes16"
#define LEVEL_ID    -1
#include "kernels/level.inc.h"
