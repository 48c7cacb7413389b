/* check_load_hdf5.c: Keras' HDF5 files: what is read, what is refused, and
 * damage (tests/oracle/make_hdf5.py).
 */
#include "support.h"

#include "base/source.h"
#include "load/container.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static effnet_status
open_bytes(en_container **container, const uint8_t *bytes, size_t size)
{
        static en_source source;

        en_source_memory(&source, bytes, size);
        return en_container_open(container, &source, NULL);
}

static uint8_t *
read_data(const char *name, size_t *size)
{
        char path[100];

        snprintf(path, sizeof(path), "hdf5/%s", name);
        return test_read(test_data(path), size);
}

static void
check_value(en_container *container, const char *name, en_dtype dtype,
            int32_t rank, uint64_t index, double expected)
{
        const en_entry *entry = en_container_find(container, "", name);
        double values[16];

        ck_assert_msg(entry != NULL, "%s", name);
        ck_assert_int_eq(entry->dtype, dtype);
        ck_assert_int_eq(entry->rank, rank);
        ck_assert_uint_lt(index, entry->count);
        ck_assert_uint_le(entry->count, 16);
        ck_ok(en_container_read_f64(container, entry, values));
        ck_assert(values[index] == expected);
}

/* A file of weights, and a whole model's, with an optimiser's state that
 * could not be read.
 */
START_TEST(read_values)
{
        static const char *const files[] = {"plain.h5", "model.h5"};
        en_container *c;
        size_t size;
        uint8_t *bytes = read_data(files[_i], &size);

        ck_ok(open_bytes(&c, bytes, size));
        ck_assert_str_eq(c->kind, "hdf5");
        ck_assert_int_eq(c->entry_count, 5);
        check_value(c, "conv/kernel", EN_DTYPE_F32, 3, 4, 4);
        check_value(c, "dw/kernel", EN_DTYPE_F16, 1, 1, -2);
        check_value(c, "bn/gamma", EN_DTYPE_F64, 1, 0, 1.25);
        check_value(c, "normalization/count", EN_DTYPE_I64, 0, 0, 3);
        check_value(c, "inner/stem/kernel", EN_DTYPE_F32, 1, 0, 7);
        en_container_close(c);
        free(bytes);
}
END_TEST

START_TEST(many)
{
        en_container *c;
        size_t size;
        uint8_t *bytes = read_data("many.h5", &size);

        ck_ok(open_bytes(&c, bytes, size));
        ck_assert_int_eq(c->entry_count, 200);
        for (int i = 0; i < 200; i++) {
                char name[40];

                snprintf(name, sizeof(name), "bias%03d", i);
                check_value(c, name, EN_DTYPE_F32, 1, 0, i);
        }
        en_container_close(c);
        free(bytes);
}
END_TEST

static const struct {
        const char *file;
        effnet_status status;
        const char *message;
} refused[] = {
        {"numbered.h5", EFFNET_ERROR_UNSUPPORTED, "model.save('name.h5')"},
        {"soft-link.h5", EFFNET_ERROR_UNSUPPORTED, "conv: HDF5: a symbolic"},
        {"cycle.h5", EFFNET_ERROR_LIMIT, "in a cycle"},
        {"latest.h5", EFFNET_ERROR_UNSUPPORTED, "superblock version"},
        {"chunked.h5", EFFNET_ERROR_UNSUPPORTED, "a chunked dataset"},
        {"gzip.h5", EFFNET_ERROR_UNSUPPORTED, "HDF5: a "},
        {"big-endian.h5", EFFNET_ERROR_UNSUPPORTED, "element type 11 21"},
        {"never-written.h5", EFFNET_ERROR_FORMAT, "never written"},
};

START_TEST(refusals)
{
        en_container *c = (en_container *)&c;
        size_t size;
        uint8_t *bytes = read_data(refused[_i].file, &size);

        ck_fails(open_bytes(&c, bytes, size), refused[_i].status);
        ck_assert_ptr_null(c);
        ck_message(refused[_i].message);
        free(bytes);
}
END_TEST

/* h5py writes data and structure up to the very end. */
START_TEST(truncated)
{
        size_t size;
        uint8_t *bytes = read_data("plain.h5", &size);

        for (size_t n = 0; n < size; n++) {
                uint8_t *cut = malloc(n + 1);
                en_container *c;

                memcpy(cut, bytes, n);
                ck_assert_int_ne(open_bytes(&c, cut, n), EFFNET_OK);
                ck_assert_ptr_null(c);
                free(cut);
        }
        free(bytes);
}
END_TEST

/* Every byte changed: a status, or a table whose tensors can be read. */
START_TEST(flipped)
{
        static const uint8_t masks[] = {0x01, 0x80, 0xff};
        size_t size;
        uint8_t *bytes = read_data("plain.h5", &size);

        for (size_t i = 0; i < size * 3; i++) {
                en_container *c;

                bytes[i / 3] ^= masks[i % 3];
                if (open_bytes(&c, bytes, size) == EFFNET_OK) {
                        for (int32_t e = 0; e < c->entry_count; e++) {
                                double values[64];

                                if (c->entries[e].count <= 64)
                                        en_container_read_f64(c, &c->entries[e],
                                                              values);
                        }
                }
                en_container_close(c);
                bytes[i / 3] ^= masks[i % 3];
        }
        free(bytes);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("load_hdf5");
        TCase *test = tcase_create("hdf5");

        tcase_add_loop_test(test, read_values, 0, 2);
        tcase_add_test(test, many);
        tcase_add_loop_test(test, refusals, 0,
                            (int)(sizeof(refused) / sizeof(refused[0])));
        tcase_add_test(test, truncated);
        tcase_add_test(test, flipped);
        suite_add_tcase(suite, test);
        return test_main(suite);
}
