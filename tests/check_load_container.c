/* check_load_container.c: every layout of torch.save, value by value, and the
 * other containers that shared data have.
 */
#include "support.h"

#include "archive.h"
#include "load/container.h"
#include "load/dtype.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VARIANTS "data/checkpoints/torch_variants"

static effnet_status
open_path(en_container **container, en_source *source, const char *path)
{
        ck_ok(en_source_open(source, path, UINT64_C(1) << 33));
        return en_container_open(container, source, NULL);
}

static void
compare_numbers(const json_t *expected, const int64_t *found, int32_t count)
{
        ck_assert_uint_eq(json_array_size(expected), (size_t)count);
        for (int32_t i = 0; i < count; i++)
                ck_assert_int_eq(
                        json_integer_value(json_array_get(expected, (size_t)i)),
                        found[i]);
}

/* Values as doubles, and as floats where the type has them. */
static void
compare_values(en_container *container, const en_entry *entry,
               const json_t *expected)
{
        size_t n = json_array_size(expected);
        double *doubles = calloc(n + 1, sizeof(double));
        float *singles = calloc(n + 1, sizeof(float));

        ck_assert_uint_eq(entry->count, n);
        doubles[n] = 99;
        singles[n] = 99;
        ck_ok(en_container_read_f64(container, entry, doubles));
        if (en_dtype_is_float(entry->dtype)) {
                ck_ok(en_container_read_f32(container, entry, singles));
        } else {
                ck_fails(en_container_read_f32(container, entry, singles),
                         EFFNET_ERROR_UNSUPPORTED);
                ck_message(entry->name);
        }
        for (size_t i = 0; i < n; i++) {
                double value = json_number_value(json_array_get(expected, i));

                ck_assert_msg(doubles[i] == value, "%s[%zu]: %.17g, not %.17g",
                              entry->name, i, doubles[i], value);
                if (en_dtype_is_float(entry->dtype))
                        ck_assert(singles[i] == (float)value);
        }
        ck_assert(doubles[n] == 99 && singles[n] == 99);
        free(doubles);
        free(singles);
}

/* "model/module.a.weight": all before the last slash is the scope. */
static const en_entry *
find(const en_container *container, const char *path)
{
        const char *slash = strrchr(path, '/');
        char scope[256] = "";

        if (slash == NULL)
                return en_container_find(container, "", path);
        memcpy(scope, path, (size_t)(slash - path));
        return en_container_find(container, scope, slash + 1);
}

static void
compare_tensors(en_container *container, const json_t *tensors)
{
        void *at = json_object_iter((json_t *)(uintptr_t)tensors);

        ck_assert_int_eq(container->entry_count,
                         (int)json_object_size(tensors));
        for (; at != NULL;
             at = json_object_iter_next((json_t *)(uintptr_t)tensors, at)) {
                const json_t *t = json_object_iter_value(at);
                const char *path = json_object_iter_key(at);
                const en_entry *entry = find(container, path);

                ck_assert_msg(entry != NULL, "%s is missing", path);
                ck_assert_str_eq(
                        en_dtype_name(entry->dtype),
                        json_string_value(json_object_get(t, "dtype")));
                compare_numbers(json_object_get(t, "shape"), entry->shape,
                                entry->rank);
                compare_numbers(json_object_get(t, "stride"), entry->stride,
                                entry->rank);
                compare_values(container, entry, json_object_get(t, "values"));
        }
}

/* A read callback that checks what is asked of it. */
static int32_t
read_block(void *opaque, uint64_t offset, void *buffer, size_t size)
{
        const en_source *memory = opaque;

        if (size == 0 || offset > memory->size || size > memory->size - offset)
                return 1;
        memcpy(buffer, memory->data + offset, size);
        return 0;
}

static void
compare_file(const char *name, const json_t *expected)
{
        const json_t *tensors = json_object_get(expected, "tensors");
        char path[512];
        en_source sources[3];
        size_t size;
        uint8_t *data;

        snprintf(path, sizeof(path), "%s/%s", VARIANTS, name);
        data = test_read(test_shared(path), &size);
        ck_ok(en_source_open(&sources[0], test_shared(path), 1 << 20));
        en_source_memory(&sources[1], data, size);
        en_source_callback(&sources[2], read_block, &sources[1], size);
        for (int i = 0; i < 3; i++) {
                en_container *container = NULL;

                if (tensors != NULL) {
                        ck_ok(en_container_open(&container, &sources[i], NULL));
                        compare_tensors(container, tensors);
                } else {
                        ck_fails(en_container_open(&container, &sources[i],
                                                   NULL),
                                 EFFNET_ERROR_UNSUPPORTED);
                        ck_assert_ptr_null(container);
                        ck_message(strstr(name, "torchscript") != NULL
                                           ? "TorchScript"
                                           : "a whole module (torch.nn.");
                        ck_message(sources[i].name);
                }
                en_container_close(container);
                en_source_close(&sources[i]);
        }
        free(data);
}

START_TEST(torch_variants)
{
        const char *path = test_shared(VARIANTS "/values.json");
        json_t *all;
        void *at;
        int files = 0;

        if (path == NULL)
                return;
        all = json_load_file(path, 0, NULL);
        ck_assert_ptr_nonnull(all);
        for (at = json_object_iter(all); at != NULL;
             at = json_object_iter_next(all, at)) {
                compare_file(json_object_iter_key(at),
                             json_object_iter_value(at));
                files++;
        }
        ck_assert_int_eq(files, 17);
        json_decref(all);
}
END_TEST

/* The verdict of every file of the format's own error cases. */
START_TEST(safetensors_cases)
{
        const char *path = test_shared("data/checkpoints/safetensors_hostile/"
                                       "expected.json");
        json_t *all;
        int accepted = 0;

        if (path == NULL)
                return;
        all = json_load_file(path, 0, NULL);
        ck_assert_ptr_nonnull(all);
        for (void *at = json_object_iter(all); at != NULL;
             at = json_object_iter_next(all, at)) {
                const char *verdict = json_string_value(json_object_get(
                        json_object_iter_value(at), "expected"));
                char name[512];
                en_source source;
                en_container *container = NULL;
                effnet_status status;

                snprintf(name, sizeof(name),
                         "data/checkpoints/safetensors_hostile/%s",
                         json_object_iter_key(at));
                status = open_path(&container, &source, test_shared(name));
                if (strncmp(verdict, "OK", 2) == 0) {
                        ck_assert_msg(status == EFFNET_OK, "%s: %s", name,
                                      effnet_last_error());
                        accepted++;
                } else {
                        ck_assert_msg(status == EFFNET_ERROR_FORMAT,
                                      "%s: %s, status %d", name, verdict,
                                      (int)status);
                        ck_assert_ptr_null(container);
                        ck_message(source.name);
                }
                if (strstr(verdict, "shape [2,0]") != NULL) {
                        ck_assert_int_eq(container->entry_count, 1);
                        ck_assert_int_eq(container->entries[0].shape[0], 2);
                        ck_assert_int_eq(container->entries[0].shape[1], 0);
                }
                en_container_close(container);
                en_source_close(&source);
        }
        ck_assert_int_eq(accepted, 3);
        json_decref(all);
}
END_TEST

/* Half precision, all 65536 patterns, against IEEE 754's definition. */
START_TEST(half_precision)
{
        for (uint32_t bits = 0; bits < 65536; bits++) {
                uint8_t bytes[2] = {(uint8_t)bits, (uint8_t)(bits >> 8)};
                int exponent = bits >> 10 & 31, fraction = bits & 1023;
                double expected = exponent == 0 ? ldexp(fraction, -24)
                                                : ldexp(1024 + fraction,
                                                        exponent - 25);
                float found;
                bool right;

                en_dtype_to_f32(EN_DTYPE_F16, bytes, 1, &found);
                if (exponent == 31 && fraction != 0)
                        right = isnan(found);
                else if (exponent == 31)
                        right = isinf(found);
                else
                        right = fabs((double)found) == expected;
                if (!right || (signbit(found) != 0) != (bits >> 15))
                        ck_abort_msg("%04x: %g", bits, (double)found);
        }
}
END_TEST

/* bfloat16 is the upper half of a float. */
START_TEST(brain_float)
{
        for (uint32_t bits = 0; bits < 65536; bits++) {
                uint8_t bytes[2] = {(uint8_t)bits, (uint8_t)(bits >> 8)};
                uint32_t found;
                float value;

                en_dtype_to_f32(EN_DTYPE_BF16, bytes, 1, &value);
                memcpy(&found, &value, sizeof(found));
                if (found != bits << 16)
                        ck_abort_msg("%04x: %08x", bits, found);
        }
}
END_TEST

/* The largest double that rounds to a float, and the next one. */
START_TEST(double_overflow)
{
        const double values[2] = {0x1.fffffefffffffp127, 0x1.ffffffp127};
        double infinite = INFINITY;
        uint8_t bytes[16];
        float found[2] = {0, 0};

        memcpy(bytes, values, sizeof(bytes)); /* a little-endian host */
        ck_assert_uint_eq(en_dtype_to_f32(EN_DTYPE_F64, bytes, 2, found), 1);
        ck_assert(found[0] == 0x1.fffffep127f);
        memcpy(bytes, &infinite, sizeof(infinite));
        ck_assert_uint_eq(en_dtype_to_f32(EN_DTYPE_F64, bytes, 1, found), 1);
        ck_assert(isinf(found[0]));
}
END_TEST

START_TEST(partial_b0)
{
        const char *path = test_shared("data/weights/"
                                       "efficientnet-b0_partial.safetensors");
        en_source source;
        en_container *container;
        const en_entry *entry;
        float *values;
        double sum = 0;

        if (path == NULL)
                return;
        ck_ok(open_path(&container, &source, path));
        ck_assert_str_eq(container->kind, "safetensors");
        entry = en_container_find(container, "", "_conv_stem.weight");
        ck_assert_ptr_nonnull(entry);
        ck_assert_int_eq(entry->rank, 4);
        ck_assert_uint_eq(entry->count, 32 * 3 * 3 * 3);
        values = malloc(entry->count * sizeof(float));
        ck_ok(en_container_read_f32(container, entry, values));
        for (uint64_t i = 0; i < entry->count; i++)
                sum += fabs((double)values[i]);
        ck_assert(isfinite(sum) && sum > 1);
        free(values);
        en_container_close(container);
        en_source_close(&source);
}
END_TEST

/* ---- pickles that today's torch does not write */

/* Opens an archive with that pickle and a storage of floats 0, 1, 2 … through
 * a callback, so that nothing is in memory at once.
 */
static en_container *
open_pickle(const test_bytes *pickle, int32_t count, en_source source[2],
            test_zip *zip)
{
        float *values = malloc((size_t)count * sizeof(float));
        en_container *container;

        for (int32_t i = 0; i < count; i++)
                values[i] = (float)i;
        memset(zip, 0, sizeof(*zip));
        test_zip_add(zip, "m/data.pkl", pickle->data, pickle->size);
        test_zip_add(zip, "m/data/0", values, (size_t)count * sizeof(float));
        test_zip_finish(zip);
        en_source_memory(&source[0], zip->bytes.data, zip->bytes.size);
        en_source_callback(&source[1], read_block, &source[0], zip->bytes.size);
        ck_ok(en_container_open(&container, &source[1], NULL));
        free(values);
        return container;
}

/* A few elements of a large storage, and all of it transposed. */
START_TEST(strided)
{
        static const struct {
                int32_t offset, shape[2], stride[2];
        } views[] = {
                {7, {2, 3}, {9000, 1000}},
                {0, {100, 120}, {1, 100}},
                {5, {3, 4000}, {0, 2}},
                {11999, {1, 1}, {12000, 12000}},
        };

        for (size_t v = 0; v < sizeof(views) / sizeof(views[0]); v++) {
                const int32_t *shape = views[v].shape;
                test_bytes pickle = {0};
                en_source sources[2];
                test_zip zip;
                en_container *container;
                float *values = malloc((size_t)(shape[0] * shape[1]) *
                                       sizeof(float));

                test_put_text(&pickle, TEST_PICKLE_HEAD "}");
                test_pickle_text(&pickle, "w");
                test_pickle_tensor(&pickle, "0", 12000, views[v].offset, 2,
                                   shape, views[v].stride);
                test_put_text(&pickle, "s.");
                container = open_pickle(&pickle, 12000, sources, &zip);
                ck_ok(en_container_read_f32(container, container->entries,
                                            values));
                for (int32_t i = 0; i < shape[0] * shape[1]; i++) {
                        int32_t k = views[v].offset +
                                    i / shape[1] * views[v].stride[0] +
                                    i % shape[1] * views[v].stride[1];

                        if (values[i] != (float)k)
                                ck_abort_msg("view %zu, element %d: %g", v,
                                             (int)i, (double)values[i]);
                }
                en_container_close(container);
                free(zip.bytes.data);
                free(pickle.data);
                free(values);
        }
}
END_TEST

/* Views with gaps, of a storage of 300000 floats. */
static const struct {
        int32_t offset, shape[3], stride[3];
        int reads; /* at most */
} sparse[] = {
        /* rows of near elements: a window moves over the rows */
        {7, {1, 500, 100}, {0, 550, 5}, 500 + 50},
        {0, {100, 20, 5}, {2900, 100, 20}, 100},
        {1, {400, 1, 5}, {700, 1, 1}, 400},
        /* elements far from each other: one by one */
        {2, {3, 40, 10}, {3, 7000, 600}, 1200},
        /* far ones, each many times */
        {299999 - 299 * 1000, {300, 1, 50}, {1000, 0, 0}, 300},
};

static int read_calls;

static int32_t
read_counted(void *opaque, uint64_t offset, void *buffer, size_t size)
{
        read_calls++;
        return read_block(opaque, offset, buffer, size);
}

START_TEST(sparse_views)
{
        const int32_t *shape = sparse[_i].shape, *stride = sparse[_i].stride;
        int32_t count = shape[0] * shape[1] * shape[2];
        float *values = malloc((size_t)count * sizeof(float));
        test_bytes pickle = {0};
        en_source sources[2];
        test_zip zip;
        en_container *container;

        test_put_text(&pickle, TEST_PICKLE_HEAD "}");
        test_pickle_text(&pickle, "w");
        test_pickle_tensor(&pickle, "0", 300000, sparse[_i].offset, 3, shape,
                           stride);
        test_put_text(&pickle, "s.");
        container = open_pickle(&pickle, 300000, sources, &zip);
        sources[1].read = read_counted;
        read_calls = 0;
        ck_ok(en_container_read_f32(container, container->entries, values));
        ck_assert_int_le(read_calls, sparse[_i].reads);
        for (int32_t i = 0; i < count; i++) {
                int32_t k = sparse[_i].offset +
                            i / shape[2] / shape[1] * stride[0] +
                            i / shape[2] % shape[1] * stride[1] +
                            i % shape[2] * stride[2];

                if (values[i] != (float)k)
                        ck_abort_msg("element %d: %g, not %d", (int)i,
                                     (double)values[i], (int)k);
        }
        en_container_close(container);
        free(zip.bytes.data);
        free(pickle.data);
        free(values);
}
END_TEST

#define STORAGE(class, count)                                                  \
        "(X\7\0\0\0storagec" class "\nX\1\0\0\000"                             \
                                   "0X\3\0\0\0cpuK" count "tQ"

/* The first tensor is 2, 3. */
static void
expect_two_three(const char *bytes, size_t size)
{
        test_bytes pickle = {0};
        en_source sources[2];
        test_zip zip;
        en_container *container;
        float values[2] = {0, 0};

        test_put(&pickle, bytes, size);
        container = open_pickle(&pickle, 4, sources, &zip);
        ck_assert_int_eq(container->entry_count, 1);
        ck_assert_str_eq(container->entries[0].name, "w");
        ck_assert_uint_eq(container->entries[0].count, 2);
        ck_ok(en_container_read_f32(container, container->entries, values));
        ck_assert(values[0] == 2 && values[1] == 3);
        en_container_close(container);
        free(zip.bytes.data);
        free(pickle.data);
}

#define TWO_THREE(text) expect_two_three(text, sizeof(text) - 1)
#define VIEW            "K\2K\2\x85K\1\x85"

START_TEST(other_writers)
{
        /* torch 0.1: four arguments */
        TWO_THREE(TEST_PICKLE_HEAD
                  "}X\1\0\0\0wctorch._utils\n_rebuild_tensor\n(" STORAGE(
                          "torch\nFloatStorage", "\4") VIEW "tRs.");
        /* on the GPU, its class in torch.cuda */
        TWO_THREE(TEST_PICKLE_HEAD
                  "}X\1\0\0\0wctorch._utils\n_rebuild_tensor\n(" STORAGE(
                          "torch.cuda\nFloatStorage", "\4") VIEW "tRs.");
        /* an untyped storage with the type beside it */
        TWO_THREE(TEST_PICKLE_HEAD
                  "}X\1\0\0\0wctorch._utils\n_rebuild_tensor_v3\n(" STORAGE(
                          "torch.storage\nUntypedStorage", "\20") VIEW
                  "\x89N"
                  "ctorch\nfloat32\ntRs.");
        /* Python 2: an OrderedDict of pairs, byte strings, integers as longs */
        TWO_THREE(TEST_PICKLE_HEAD
                  "ccollections\nOrderedDict\n](](U\1wctorch._utils\n"
                  "_rebuild_tensor_v2\n(" STORAGE(
                          "torch\nFloatStorage",
                          "\4") "\x8a\1\2\x8a\1\2\x85\x8a\1\1\x85\x89NtR"
                                "ee\x85R.");
        /* a parameter, and things beside it that are no tensors */
        TWO_THREE("\x80\4}(\x8c\1eG?\xf0\0\0\0\0\0\0\x8c\1s\x8f(K\1\x90"
                  "\x8c\1nN\x8c\1wctorch._utils\n_rebuild_parameter\n"
                  "ctorch._utils\n_rebuild_tensor\n(" STORAGE(
                          "torch\nFloatStorage", "\4") VIEW
                  "tR\x88N\x87R"
                  "\x8c\1zcargparse\nNamespace\n)\x81}bu.");
}
END_TEST

/* A double beyond float's range names the tensor and the element. */
START_TEST(double_of_tensor)
{
        const double values[3] = {1, 2, 1e300};
        static const char header[] = "{\"w\":{\"dtype\":\"F64\",\"shape\":[3]"
                                     ",\"data_offsets\":[0,24]}}";
        test_bytes file = {0};
        en_source source;
        en_container *container;
        double doubles[3];
        float singles[3];

        test_put_number(&file, sizeof(header) - 1, 8);
        test_put(&file, header, sizeof(header) - 1);
        test_put(&file, values, sizeof(values));
        en_source_memory(&source, file.data, file.size);
        ck_ok(en_container_open(&container, &source, NULL));
        ck_ok(en_container_read_f64(container, container->entries, doubles));
        ck_assert(doubles[2] == 1e300);
        ck_fails(en_container_read_f32(container, container->entries, singles),
                 EFFNET_ERROR_FORMAT);
        ck_message("tensor w: element 2 is a double");
        en_container_close(container);
        free(file.data);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("load_container");
        TCase *test = tcase_create("containers");

        tcase_add_test(test, torch_variants);
        tcase_add_test(test, safetensors_cases);
        tcase_add_test(test, half_precision);
        tcase_add_test(test, brain_float);
        tcase_add_test(test, double_overflow);
        tcase_add_test(test, partial_b0);
        tcase_add_test(test, strided);
        tcase_add_loop_test(test, sparse_views, 0,
                            sizeof(sparse) / sizeof(sparse[0]));
        tcase_add_test(test, other_writers);
        tcase_add_test(test, double_of_tensor);
        suite_add_tcase(suite, test);
        return test_main(suite);
}
