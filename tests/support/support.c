/* support.c: paths, files, arrays and guard pages for the test programs. */
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef TESTS_SOURCE
#error "TESTS_SOURCE must be the path of the source tree"
#endif

#define PATHS     8
#define PATH_SIZE 1024

/* Check would end a test after 4 seconds, on however slow a machine; it reads
 * this when a suite is made.
 */
__attribute__((constructor)) static void
never_time_out(void)
{
        setenv("CK_DEFAULT_TIMEOUT", "0", 0);
}

int
test_main(Suite *suite)
{
        SRunner *runner = srunner_create(suite);
        int failed;

        setvbuf(stdout, NULL, _IOLBF, 0);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static char *
next_path(void)
{
        static char paths[PATHS][PATH_SIZE];
        static int next;

        return paths[next++ % PATHS];
}

const char *
test_data(const char *name)
{
        char *path = next_path();

        snprintf(path, PATH_SIZE, "%s/tests/data/%s", TESTS_SOURCE, name);
        return path;
}

const char *
test_shared(const char *name)
{
        const char *folder = getenv("EFFNET_SHARED");
        char *path = next_path();

        if (folder != NULL)
                snprintf(path, PATH_SIZE, "%s/%s", folder, name);
        else
                snprintf(path, PATH_SIZE, "%s/../shared/%s", TESTS_SOURCE,
                         name);
        if (access(path, R_OK) == 0)
                return path;
        test_skipped(name, "the shared data folder is not here");
        return NULL;
}

void
test_skipped(const char *what, const char *why)
{
        printf("skipped: %s (%s)\n", what, why);
        fflush(stdout);
}

uint8_t *
test_read(const char *path, size_t *size)
{
        FILE *file = fopen(path, "rb");
        uint8_t *data;
        long length;

        ck_assert_msg(file != NULL, "cannot open %s", path);
        fseek(file, 0, SEEK_END);
        length = ftell(file);
        rewind(file);
        ck_assert(length >= 0);
        data = malloc((size_t)length + 1);
        ck_assert_ptr_nonnull(data);
        *size = fread(data, 1, (size_t)length, file);
        ck_assert_uint_eq(*size, (size_t)length);
        fclose(file);
        return data;
}

/* The header is a Python dictionary in a fixed style: NumPy's format
 * specification, version 1.0.
 */
static size_t
parse_npy_header(const uint8_t *data, size_t size, test_array *array,
                 size_t *element)
{
        char header[1024] = "";
        size_t length;
        const char *shape;
        int used;

        ck_assert_msg(size >= 10 && memcmp(data, "\x93NUMPY", 6) == 0,
                      "not an .npy file");
        length = data[8] | (size_t)data[9] << 8;
        ck_assert(length < sizeof(header) && 10 + length <= size);
        memcpy(header, data + 10, length);
        ck_assert(strstr(header, "'fortran_order': False") != NULL);
        *element = strstr(header, "'<f4'") != NULL   ? 4
                   : strstr(header, "'|u1'") != NULL ? 1
                                                     : 0;
        ck_assert_msg(*element != 0, "not f4 or u1: %s", header);
        shape = strstr(header, "'shape': (");
        ck_assert_ptr_nonnull(shape);
        shape += strlen("'shape': (");
        array->count = 1;
        while (array->rank < 8) {
                long long dimension;

                if (sscanf(shape, " %lld%n", &dimension, &used) != 1)
                        break;
                array->shape[array->rank++] = dimension;
                array->count *= dimension;
                shape += used;
                if (*shape == ',')
                        shape++;
        }
        return 10 + length;
}

test_array
test_npy(const char *path)
{
        test_array array;
        size_t size, start, element, bytes;
        uint8_t *data = test_read(path, &size);
        void *values;

        memset(&array, 0, sizeof(array));
        start = parse_npy_header(data, size, &array, &element);
        bytes = (size_t)array.count * element;
        ck_assert_msg(start + bytes <= size, "%s is truncated", path);
        values = malloc(bytes + 1);
        ck_assert_ptr_nonnull(values);
        memcpy(values, data + start, bytes);
        free(data);
        if (element == 4)
                array.f32 = values;
        else
                array.u8 = values;
        return array;
}

void
test_array_free(test_array *array)
{
        free(array->f32);
        free(array->u8);
        memset(array, 0, sizeof(*array));
}

double
test_relative_difference(const float *a, const float *b, int64_t n)
{
        double worst = 0, largest = 0;

        for (int64_t i = 0; i < n; i++) {
                double difference = fabs((double)a[i] - (double)b[i]);

                if (isnan(a[i]) != isnan(b[i]))
                        return INFINITY;
                if (difference > worst)
                        worst = difference;
                if (fabs((double)b[i]) > largest)
                        largest = fabs((double)b[i]);
        }
        return worst == 0 ? 0 : worst / largest;
}

static size_t
guarded_span(size_t size, size_t *page)
{
        *page = (size_t)sysconf(_SC_PAGESIZE);
        return (size + *page - 1) / *page * *page;
}

void *
test_guarded(size_t size, bool at_start)
{
        size_t page, span = guarded_span(size, &page);
        char *base = mmap(NULL, span + 2 * page, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        ck_assert(base != MAP_FAILED);
        ck_assert(mprotect(base, page, PROT_NONE) == 0);
        ck_assert(mprotect(base + page + span, page, PROT_NONE) == 0);
        return at_start ? base + page : base + page + span - size;
}

void
test_guarded_free(void *memory, size_t size, bool at_start)
{
        size_t page, span = guarded_span(size, &page);
        char *first = at_start ? (char *)memory : (char *)memory + size - span;

        munmap(first - page, span + 2 * page);
}
