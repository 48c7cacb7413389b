/* tensors.h: checkpoints made up in memory: a safetensors header over values
 * that are all zero, which a callback hands out.
 */
#ifndef TESTS_TENSORS_H
#define TESTS_TENSORS_H

#include "archive.h"
#include "base/source.h"
#include "load/names.h"

#define TEST_MAX_TENSORS 1800

typedef struct test_tensor {
        char name[160];
        const char *dtype; /* "F32" */
        int rank;
        int64_t shape[4];
} test_tensor;

typedef struct test_tensors {
        int count;
        test_tensor list[TEST_MAX_TENSORS];
        test_bytes header;    /* with its length */
        uint64_t size;        /* of the whole */
        const char *metadata; /* of the file, as JSON; NULL: none */
} test_tensors;

/* All parameters of a variant, named as that project names them; `classes` 0:
 * no classifier.
 */
test_tensors *test_tensors_create(const en_naming *naming, en_family family,
                                  int32_t variant, int32_t classes,
                                  int32_t channels);
/* Those of a list in tests/data/names. */
test_tensors *test_tensors_read(const char *file);
void test_tensors_free(test_tensors *tensors);

/* By name; it must be there. */
test_tensor *test_tensor_find(test_tensors *tensors, const char *name);
void test_tensor_drop(test_tensors *tensors, const char *name);
test_tensor *test_tensor_add(test_tensors *tensors, const char *name, int rank,
                             int64_t first);
void test_tensors_prefix(test_tensors *tensors, const char *prefix);

/* Writes the header; the source is valid as long as the tensors. */
void test_tensors_source(test_tensors *tensors, en_source *source);

/* The same as a file, sparse. */
void test_tensors_write(test_tensors *tensors, const char *path);

const en_naming *test_naming(const char *name);

#endif
