/* lanes8.c: kernels on 8 lanes in plain C, with the tiles of vec_avx2.h:
 * runs the templates of the wide levels on any machine.
 */

#define V_LANES         8
#define V_POWERS        0
#define V_PANEL_VECTORS 2
#define V_WIDE_VECTORS  3
#define V_ROWS_1        6
#define V_ROWS_2        6
#define V_ROWS_3        4
#define V_UNROLL        4
#define V_LARGE         8
#define V_HALVES        1
#define V_COLUMNS       8
#define V_PAIRS         0
#define V_FOLDS         0
#define V_LATER         0x40000
#include "kernels/bytes_portable.h"

#include "lanes.h"

#define LEVEL_TABLE en_kernels_lanes8
#define LEVEL_NAME  "lanes8"
#define LEVEL_ID    -1
#include "kernels/level.inc.h"
