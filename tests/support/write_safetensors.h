/* write_safetensors.h: a seeded model as a safetensors file under the names of
 * its framework.
 */
#ifndef TESTS_WRITE_SAFETENSORS_H
#define TESTS_WRITE_SAFETENSORS_H

#include "support.h"

/* Writes to `path`.  The names are those in tests/data/goldens/names of the
 * config's architecture, so there must be such a list.
 */
void test_write_safetensors(const char *path, const effnet_config *config,
                            uint64_t seed);

#endif
