/* check_load_training.c: what training scripts save: a network in wrappers,
 * beside an optimizer's state, of which no byte is read.
 */
#include "support.h"

#include "archive.h"
#include "tensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Floats of the optimizer's storage, each of bytes PATTERN. */
#define STATE_FLOATS (1 << 18)
#define PATTERN      0x5a

typedef struct training {
        test_zip zip;
        uint64_t state, state_end; /* where the optimizer's floats lie */
        uint64_t trespass;         /* bytes of them that were read */
} training;

/* A tensor of one float of the storage, again and again. */
static void
put_tensor(test_bytes *to, const char *key, const test_tensor *tensor)
{
        int32_t shape[4], stride[4] = {0};

        for (int d = 0; d < tensor->rank; d++)
                shape[d] = (int32_t)tensor->shape[d];
        test_pickle_tensor(to, key, 1, 0, tensor->rank, shape, stride);
}

static void
put_network(test_bytes *to, const char *key, const test_tensors *tensors,
            const char *prefix)
{
        test_put_text(to, "}(");
        for (int i = 0; i < tensors->count; i++) {
                char name[200];

                snprintf(name, sizeof(name), "%s%s", prefix,
                         tensors->list[i].name);
                test_pickle_text(to, name);
                put_tensor(to, key, &tensors->list[i]);
        }
        test_put_text(to, "u");
}

/* {"state": {"0": {"exp_avg": tensor, "step": 3}}, "param_groups": []} */
static void
put_optimizer(test_bytes *to)
{
        static const int32_t shape[1] = {STATE_FLOATS}, stride[1] = {1};

        test_put_text(to, "}(");
        test_pickle_text(to, "state");
        test_put_text(to, "}(");
        test_pickle_text(to, "0");
        test_put_text(to, "}(");
        test_pickle_text(to, "exp_avg");
        test_pickle_tensor(to, "2", STATE_FLOATS, 0, 1, shape, stride);
        test_pickle_text(to, "step");
        test_put_text(to, "K\3uuu");
}

/* `outer` holds the network's real values, "state_dict" or "model" others. */
static void
make(training *t, const char *outer, const char *prefix, bool decoy)
{
        test_tensors *tensors = test_tensors_create(test_naming("transformers"),
                                                    EN_FAMILY_HF, EN_B0, 3, 3);
        static const float good = 0.5F, bad = 2.0F;
        test_bytes pickle = {NULL, 0, 0};
        uint8_t *state = malloc(STATE_FLOATS * sizeof(float));

        memset(t, 0, sizeof(*t));
        ck_assert_ptr_nonnull(state);
        memset(state, PATTERN, STATE_FLOATS * sizeof(float));
        test_put_text(&pickle, TEST_PICKLE_HEAD "}(");
        test_pickle_text(&pickle, "epoch");
        test_put_text(&pickle, "K\3");
        test_pickle_text(&pickle, "optimizer");
        put_optimizer(&pickle);
        if (decoy) {
                test_pickle_text(&pickle, "model");
                put_network(&pickle, "1", tensors, prefix);
        }
        test_pickle_text(&pickle, outer);
        put_network(&pickle, "0", tensors, prefix);
        test_put_text(&pickle, "u.");
        test_zip_add(&t->zip, "m/data.pkl", pickle.data, pickle.size);
        test_zip_add(&t->zip, "m/data/0", &good, sizeof(good));
        test_zip_add(&t->zip, "m/data/1", &bad, sizeof(bad));
        test_zip_add(&t->zip, "m/data/2", state, STATE_FLOATS * sizeof(float));
        /* the directory is looked for in the last 64 KB of a file */
        test_zip_add(&t->zip, "m/other", state, 1 << 17);
        test_zip_finish(&t->zip);
        while (memcmp(t->zip.bytes.data + t->state, state, 64) != 0)
                t->state++;
        t->state_end = t->state + STATE_FLOATS * sizeof(float);
        test_tensors_free(tensors);
        free(pickle.data);
        free(state);
}

static int32_t
read_counted(void *opaque, uint64_t offset, void *buffer, size_t size)
{
        training *t = opaque;
        uint64_t end = offset + size;

        if (end > t->zip.bytes.size)
                return 1;
        memcpy(buffer, t->zip.bytes.data + offset, size);
        if (offset < t->state_end && end > t->state)
                t->trespass += (end < t->state_end ? end : t->state_end) -
                               (offset > t->state ? offset : t->state);
        return 0;
}

static void
expect_values(training *t, const char *what)
{
        effnet_options *options;
        effnet_model *model;

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_KEEP_PARAMETERS,
                                     1));
        ck_ok(effnet_model_load_callback(&model, read_counted, t,
                                         t->zip.bytes.size, options));
        ck_assert_str_eq(effnet_config_family(effnet_model_config(model)),
                         "huggingface");
        for (int32_t i = 0; i < effnet_model_parameter_count(model); i++) {
                const effnet_tensor *tensor;
                const float *values;

                ck_ok(effnet_model_parameter(model, i, &tensor));
                values = effnet_tensor_const_data(tensor);
                ck_assert_msg(values[0] == 0.5F, "%s: %s", what,
                              effnet_model_parameter_name(model, i));
        }
        ck_assert_msg(t->trespass == 0,
                      "%s: %llu bytes of the optimizer's state were read", what,
                      (unsigned long long)t->trespass);
        effnet_model_release(model);
        effnet_options_free(options);
}

static const struct {
        const char *outer, *prefix;
        bool decoy; /* "model" has other values */
} cases[] = {
        {"state_dict", "", false},
        {"model", "", false},
        {"model", "module.", false},
        {"net", "_orig_mod.module.", false},
        {"module", "backbone.", false},
        {"state_dict_ema", "", true},
        {"model_ema", "module.", true},
        {"state_dict", "model.", true}, /* as timm prefers them */
};

START_TEST(wrappers)
{
        static training t;

        make(&t, cases[_i].outer, cases[_i].prefix, cases[_i].decoy);
        expect_values(&t, cases[_i].outer);
        free(t.zip.bytes.data);
}
END_TEST

/* The counting sees what is read. */
START_TEST(counting)
{
        static training t;
        static uint8_t buffer[100];

        make(&t, "model", "", false);
        ck_assert_int_eq(read_counted(&t, t.state - 10, buffer, 30), 0);
        ck_assert_uint_eq(t.trespass, 20);
        ck_assert_int_eq(read_counted(&t, t.state_end - 7, buffer, 30), 0);
        ck_assert_uint_eq(t.trespass, 27);
        ck_assert_int_eq(buffer[0], PATTERN);
        free(t.zip.bytes.data);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("load_training");
        TCase *test = tcase_create("training");

        tcase_set_timeout(test, 0);
        tcase_add_loop_test(test, wrappers, 0,
                            (int)(sizeof(cases) / sizeof(cases[0])));
        tcase_add_test(test, counting);
        suite_add_tcase(suite, test);
        return test_main(suite);
}
