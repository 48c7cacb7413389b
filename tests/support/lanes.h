/* lanes.h: levels in plain C that only the tests have. */
#ifndef TESTS_LANES_H
#define TESTS_LANES_H

#include "kernels/kernels.h"

extern const en_kernels en_kernels_lanes8;
extern const en_kernels en_kernels_lanes16;

#endif
