/* check_load_damage.c: safetensors headers that lie, limits, files cut short
 * and altered, memory that runs out.
 */
#include "support.h"

#include "archive.h"
#include "base/options.h"
#include "load/checkpoint.h"
#include "memory.h"
#include "tensors.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- safetensors */

static void
safetensors(test_bytes *file, const char *header, size_t data)
{
        memset(file, 0, sizeof(*file));
        test_put_number(file, strlen(header), 8);
        test_put(file, header, strlen(header));
        for (size_t i = 0; i < data; i++)
                test_put(file, "", 1);
}

#define T(dtype, shape, offsets)                                               \
        "{\"dtype\":\"" dtype "\",\"shape\":" shape                            \
        ",\"data_offsets\":" offsets "}"
static const struct {
        const char *header;
        size_t data;
        effnet_status status;
        const char *message;
} headers[] = {
        {"{\"a\":" T("F32", "[2]", "[0,8]") "}", 8, EFFNET_OK, NULL},
        {"{\"__metadata__\":{\"format\":\"pt\"},\"a\":" T("F32", "[]",
                                                          "[0,4]") "}",
         4, EFFNET_OK, NULL},
        {"{\"b\":" T("F32", "[1]", "[4,8]") ",\"a\":" T("F16", "[2]",
                                                        "[0,4]") "}",
         8, EFFNET_OK, NULL},
        {"{\"__metadata__\":{\"a\":1}}", 0, EFFNET_ERROR_FORMAT,
         "more than texts"},
        {"{\"__metadata__\":[]}", 0, EFFNET_ERROR_FORMAT, "no object"},
        {"{\"a\":" T("F32", "[2]", "[0,8]") ",\"a\":" T("F32", "[2]",
                                                        "[0,8]") "}",
         8, EFFNET_ERROR_FORMAT, "duplicate"},
        {"{\"a\":" T("F8_E4M3", "[2]", "[0,2]") "}", 2,
         EFFNET_ERROR_UNSUPPORTED, "tensor a: element type F8_E4M3"},
        {"{\"a\":" T("F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]") "}", 4,
         EFFNET_ERROR_UNSUPPORTED, "more than eight"},
        {"{\"a\":" T("F32", "[1.0]", "[0,4]") "}", 4, EFFNET_ERROR_FORMAT,
         "no count"},
        {"{\"a\":" T("F32", "[-1]", "[0,4]") "}", 4, EFFNET_ERROR_FORMAT,
         "no count"},
        {"{\"a\":" T("F32", "[2]", "[4,0]") "}", 8, EFFNET_ERROR_FORMAT,
         "no data_offsets"},
        {"{\"a\":" T("F32", "[2]", "[0,8,9]") "}", 8, EFFNET_ERROR_FORMAT,
         "no data_offsets"},
        {"{\"a\":" T("F32", "[3]", "[0,8]") "}", 8, EFFNET_ERROR_FORMAT,
         "needs 12 bytes"},
        {"{\"a\":" T("F32", "[1]", "[4,8]") "}", 8, EFFNET_ERROR_FORMAT,
         "a hole"},
        {"{\"a\":" T("F32", "[1]", "[0,4]") "}", 8, EFFNET_ERROR_FORMAT,
         "4 bytes behind"},
        {"{\"a\":" T("F32", "[2]", "[0,8]") "}", 4, EFFNET_ERROR_FORMAT,
         "truncated"},
        {"{\"a\":" T("F32", "[0,4611686018427387904,4]", "[0,0]") "}", 0,
         EFFNET_ERROR_FORMAT, "overflows"},
        {"{\"a\":3}", 0, EFFNET_ERROR_FORMAT, "no object"},
        {"{\"a\":{\"shape\":[],\"data_offsets\":[0,4]}}", 4,
         EFFNET_ERROR_FORMAT, "no dtype"},
        {"{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4,
         EFFNET_ERROR_FORMAT, "no shape"},
        {"{\"a\":" T("F32", "[[1]]", "[0,4]") "}", 4, EFFNET_ERROR_FORMAT,
         "nests 4 deep"},
        {"{\"a\\u0000b\":{}}", 0, EFFNET_ERROR_FORMAT, "no JSON"},
        {"{\"weight_map\":{}}", 0, EFFNET_ERROR_UNSUPPORTED, "sharded"},
        {"{} x", 0, EFFNET_ERROR_FORMAT, "no JSON"},
};
#undef T

START_TEST(safetensors_headers)
{
        for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
                test_bytes file;
                en_container *container;

                safetensors(&file, headers[i].header, headers[i].data);
                if (headers[i].status != EFFNET_OK) {
                        test_container_fails(file.data, file.size,
                                             headers[i].status,
                                             headers[i].message);
                } else {
                        ck_ok(test_container_open(&container, file.data,
                                                  file.size));
                        en_container_close(container);
                }
                free(file.data);
        }
}
END_TEST

/* Brackets without end must not reach the JSON parser's recursion. */
START_TEST(safetensors_deep)
{
        test_bytes file = {0};

        test_put_number(&file, 1000000, 8);
        test_put_text(&file, "{\"a\":");
        test_repeat(&file, "[", 999995);
        test_container_fails(file.data, file.size, EFFNET_ERROR_FORMAT, "deep");
        free(file.data);
}
END_TEST

/* ---- limits */

START_TEST(limits)
{
        effnet_options options = *en_options_or_default(NULL);
        en_container *container;
        en_source source;
        size_t size;
        uint8_t *data = test_read(test_data("load/torchvision_b0.pth"), &size);

        en_source_memory(&source, data, size);
        options.max_tensors = 359;
        ck_fails(en_container_open(&container, &source, &options),
                 EFFNET_ERROR_LIMIT);
        ck_message("more than 359 tensors");
        options.max_tensors = 360;
        ck_ok(en_container_open(&container, &source, &options));
        en_container_close(container);
        options.max_header_bytes = 5000;
        ck_fails(en_container_open(&container, &source, &options),
                 EFFNET_ERROR_LIMIT);
        ck_message("limit for headers");
        options.max_header_bytes = 3000;
        ck_fails(en_container_open(&container, &source, &options),
                 EFFNET_ERROR_LIMIT);
        ck_message("zip directory of");
        options.max_file_bytes = (int64_t)size - 1;
        ck_fails(en_container_open(&container, &source, &options),
                 EFFNET_ERROR_LIMIT);
        ck_message("limit for files");
        free(data);
        data = test_read(test_data("load/lm_b0_legacy.pth"), &size);
        en_source_memory(&source, data, size);
        options = *en_options_or_default(NULL);
        options.max_header_bytes = 20000;
        ck_fails(en_container_open(&container, &source, &options),
                 EFFNET_ERROR_LIMIT);
        ck_message("limit for headers");
        free(data);
}
END_TEST

/* ---- what costs memory */

/* Every tensor is the last element of one of two storages of 1 MiB, expanded;
 * both storages are deflated.  Closes neither.
 */
static void
open_expanded(en_checkpoint **checkpoint, test_zip *zip, en_source *source)
{
        const int32_t floats = 262144, stride[4] = {0};
        test_tensors *tensors = test_tensors_create(
                test_naming("EfficientNet-PyTorch"), EN_FAMILY_LM, EN_B0,
                1000000, 3);
        test_bytes pickle = {0};
        float *zeros = calloc((size_t)floats, sizeof(float));

        test_put_text(&pickle, TEST_PICKLE_HEAD "}");
        for (int i = 0; i < tensors->count; i++) {
                const test_tensor *t = &tensors->list[i];
                int32_t shape[4];

                for (int d = 0; d < t->rank; d++)
                        shape[d] = (int32_t)t->shape[d];
                test_pickle_text(&pickle, t->name);
                test_pickle_tensor(&pickle, i % 2 == 0 ? "0" : "1",
                                   (uint32_t)floats, floats - 1, t->rank, shape,
                                   stride);
                test_put_text(&pickle, "s");
        }
        test_put_text(&pickle, ".");
        test_zip_add(zip, "m/data.pkl", pickle.data, pickle.size);
        zeros[floats - 1] = 0.5F;
        test_zip_deflate(zip, "m/data/0", zeros, (size_t)floats * 4);
        test_zip_deflate(zip, "m/data/1", zeros, (size_t)floats * 4);
        test_zip_finish(zip);
        en_source_memory(source, zip->bytes.data, zip->bytes.size);
        ck_ok(en_checkpoint_open(checkpoint, source, NULL));
        free(zeros);
        free(pickle.data);
        test_tensors_free(tensors);
}

/* A million classes: to open them costs nothing; to read the rest costs what
 * the two storages need, once.
 */
START_TEST(expanded)
{
        test_zip zip = {0};
        en_source source;
        en_checkpoint *checkpoint;
        en_params params;
        en_network *network;
        float *values = malloc(409600 * sizeof(float));

        test_memory_reset();
        open_expanded(&checkpoint, &zip, &source);
        ck_assert_uint_lt(test_memory_bytes(), 16000000); /* the zip's, too */
        ck_assert_int_eq(en_checkpoint_config(checkpoint)->classes, 1000000);
        params = en_checkpoint_params(checkpoint);
        ck_ok(en_network_create(&network, en_checkpoint_config(checkpoint), 0,
                                0));
        test_memory_reset();
        for (int32_t i = 0; i < network->param_count; i++) {
                const en_param *param = &network->params[i];

                if (param->count > 409600)
                        continue;
                ck_ok(params.read(params.context, param, values));
                ck_assert(values[0] == 0.5F &&
                          values[param->count - 1] == 0.5F);
        }
        ck_assert_uint_lt(test_memory_bytes(), 7000000);
        en_network_free(network);
        en_checkpoint_close(checkpoint);
        free(zip.bytes.data);
        free(values);
}
END_TEST

/* A name that messages cut stands in front once. */
START_TEST(long_path)
{
        char name[400];
        en_source source;
        en_checkpoint *checkpoint;

        memset(name, 'a', sizeof(name) - 1);
        name[sizeof(name) - 1] = '\0';
        en_source_memory(&source, "text", 4);
        source.name = name;
        ck_fails(en_checkpoint_open(&checkpoint, &source, NULL),
                 EFFNET_ERROR_FORMAT);
        ck_message("aaa: not a checkpoint");
        ck_assert_ptr_null(strstr(effnet_last_error(), ": aaa"));
}
END_TEST

/* ---- every cut and every flipped bit of the fuzzer's seeds */

static const char *const seeds[] = {"zip2",     "zip4",  "legacy",
                                    "deflated", "types", "safetensors"};

#define SEEDS (int)(sizeof(seeds) / sizeof(seeds[0]))

static uint8_t *
read_seed(int index, size_t *size)
{
        char path[1024];

        snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/checkpoint/%s",
                 TESTS_SOURCE, seeds[index]);
        return test_read(path, size);
}

/* Opens and reads all there is; the bytes end at a page that must not be
 * touched.
 */
static effnet_status
exercise(const uint8_t *data, size_t size, bool *values_ok)
{
        uint8_t *guarded = test_guarded(size, false);
        en_container *container;
        en_source source;
        effnet_status status;

        memcpy(guarded, data, size);
        en_source_memory(&source, guarded, size);
        status = en_container_open(&container, &source, NULL);
        *values_ok = status == EFFNET_OK;
        for (int32_t i = 0; status == EFFNET_OK && i < container->entry_count;
             i++) {
                const en_entry *entry = &container->entries[i];
                double *values;

                if (entry->count > 100000)
                        continue;
                values = malloc((size_t)entry->count * sizeof(double) + 1);
                if (en_container_read_f64(container, entry, values) !=
                    EFFNET_OK)
                        *values_ok = false;
                free(values);
        }
        en_container_close(container);
        test_guarded_free(guarded, size, false);
        return status;
}

START_TEST(truncated)
{
        size_t size;
        uint8_t *data = read_seed(_i, &size);
        bool values_ok;

        ck_ok(exercise(data, size, &values_ok));
        ck_assert(values_ok);
        for (size_t cut = 0; cut < size; cut++) {
                effnet_status status = exercise(data, cut, &values_ok);

                ck_assert_msg(status == EFFNET_ERROR_FORMAT,
                              "%s cut to %zu: %s", seeds[_i], cut,
                              effnet_status_name(status));
        }
        free(data);
}
END_TEST

START_TEST(flipped)
{
        size_t size;
        uint8_t *data = read_seed(_i, &size);
        int refused = 0;

        for (size_t bit = 0; bit < size * 8; bit++) {
                effnet_status status;
                bool values_ok;

                data[bit / 8] ^= (uint8_t)(1 << bit % 8);
                status = exercise(data, size, &values_ok);
                data[bit / 8] ^= (uint8_t)(1 << bit % 8);
                ck_assert_msg(status == EFFNET_OK ||
                                      status == EFFNET_ERROR_FORMAT ||
                                      status == EFFNET_ERROR_UNSUPPORTED ||
                                      status == EFFNET_ERROR_LIMIT,
                              "%s, bit %zu: %s", seeds[_i], bit,
                              effnet_status_name(status));
                refused += status != EFFNET_OK;
        }
        ck_assert_int_gt(refused, 100);
        free(data);
}
END_TEST

/* ---- short of memory: each allocation fails in turn */

START_TEST(out_of_memory)
{
        const char *path = _i == 0   ? test_data("load/torchvision_b0.pth")
                           : _i == 1 ? test_data("load/lm_b0_legacy.pth")
                                     : test_data("load/timm_b0_headless.pth");
        size_t size;
        uint8_t *data = test_read(path, &size);
        en_source source;
        en_checkpoint *checkpoint;
        effnet_status status;
        long n;

        en_source_memory(&source, data, size);
        test_memory_reset();
        status = en_checkpoint_open(&checkpoint, &source, NULL);
        n = test_memory_count(); /* before Check allocates, too */
        ck_assert_int_eq(status, EFFNET_OK);
        en_checkpoint_close(checkpoint);
        ck_assert_int_gt(n, 100);
        for (long i = 0; i < n; i += i < 60 || i > n - 60 ? 1 : 7) {
                test_memory_fail(i, 0);
                status = en_checkpoint_open(&checkpoint, &source, NULL);
                test_memory_reset();
                ck_assert_int_eq(status, EFFNET_ERROR_MEMORY);
                ck_assert_ptr_null(checkpoint);
                ck_message("out of memory");
        }
        test_memory_reset();
        free(data);
}
END_TEST

/* ---- shared data */

/* Every file is refused, with little memory; none is unpickled here. */
START_TEST(pickles_hostile)
{
        static const char *const folders[] = {
                "data/checkpoints/pickles_hostile/data",
                "data/checkpoints/pickles_hostile/data2",
        };
        int files = 0;

        for (int f = 0; f < 2; f++) {
                const char *folder = test_shared(folders[f]);
                struct dirent *item;
                DIR *list;

                if (folder == NULL)
                        return;
                list = opendir(folder);
                ck_assert_ptr_nonnull(list);
                while ((item = readdir(list)) != NULL) {
                        char path[2048];
                        en_checkpoint *checkpoint;
                        en_source source;
                        effnet_status status;

                        if (item->d_name[0] == '.')
                                continue;
                        snprintf(path, sizeof(path), "%s/%s", folder,
                                 item->d_name);
                        ck_ok(en_source_open(&source, path, 1 << 24));
                        test_memory_reset();
                        status = en_checkpoint_open(&checkpoint, &source, NULL);
                        ck_assert_msg(
                                status == EFFNET_ERROR_FORMAT ||
                                        status == EFFNET_ERROR_UNSUPPORTED,
                                "%s: %s", path, effnet_status_name(status));
                        ck_assert_uint_lt(test_memory_bytes(),
                                          8 * source.size + 300000);
                        ck_message(path);
                        en_source_close(&source);
                        files++;
                }
                closedir(list);
        }
        ck_assert_int_gt(files, 100);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("load_damage");
        TCase *test = tcase_create("damage");

        tcase_add_test(test, safetensors_headers);
        tcase_add_test(test, safetensors_deep);
        tcase_add_test(test, limits);
        tcase_add_test(test, expanded);
        tcase_add_test(test, long_path);
        tcase_add_test(test, pickles_hostile);
        tcase_add_loop_test(test, truncated, 0, SEEDS);
        tcase_add_loop_test(test, flipped, 0, SEEDS);
        tcase_add_loop_test(test, out_of_memory, 0, 3);
        suite_add_tcase(suite, test);
        return test_main(suite);
}
