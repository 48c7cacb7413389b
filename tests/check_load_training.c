/* check_load_training.c: what training scripts save: a network in wrappers,
 * beside an optimizer's state, which is not read.
 */
#include "support.h"

#include "archive.h"
#include "tensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Floats of the optimizer's two storages; each byte is PATTERN. */
#define FIRST_FLOATS (1 << 18)
#define STATE_FLOATS (1 << 20)
#define PATTERN      0x5a

/* Of a legacy file only the end of a pickle tells how long it is: it is read
 * in steps that double.
 */
#define LOOK_AHEAD (1 << 16)

typedef struct training {
        test_bytes file;
        uint64_t pickles;          /* where those of a legacy file end */
        uint64_t state, state_end; /* where floats of the optimizer lie */
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

static void
put_state(test_bytes *to, const char *name, const char *key, int32_t floats)
{
        const int32_t stride = 1;

        test_pickle_text(to, name);
        test_pickle_tensor(to, key, (uint32_t)floats, 0, 1, &floats, &stride);
}

/* {"state": {"0": {"exp_avg": tensor, "exp_avg_sq": tensor, "step": 3}}} */
static void
put_optimizer(test_bytes *to)
{

        test_put_text(to, "}(");
        test_pickle_text(to, "state");
        test_put_text(to, "}(");
        test_pickle_text(to, "0");
        test_put_text(to, "}(");
        put_state(to, "exp_avg", "2", FIRST_FLOATS);
        put_state(to, "exp_avg_sq", "3", STATE_FLOATS);
        test_pickle_text(to, "step");
        test_put_text(to, "K\3uuu");
}

/* The optimizer's floats: what is named "2" and then "3". */
static uint8_t *
new_state(void)
{
        const size_t size = STATE_FLOATS * sizeof(float);
        uint8_t *state = malloc(size);

        ck_assert_ptr_nonnull(state);
        memset(state, PATTERN, size);
        return state;
}

/* What torch.save writes, `outer` with the network's real values, "model" with
 * others.
 */
static test_bytes
pickle_of(const char *outer, const char *prefix, bool decoy)
{
        test_tensors *tensors = test_tensors_create(test_naming("transformers"),
                                                    EN_FAMILY_HF, EN_B0, 3, 3);
        test_bytes pickle = {NULL, 0, 0};

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
        test_tensors_free(tensors);
        return pickle;
}

static const float good = 0.5F, bad = 2.0F;

static void
make_zip(training *t, const test_bytes *pickle)
{
        uint8_t *state = new_state();
        test_zip zip;

        memset(&zip, 0, sizeof(zip));
        test_zip_add(&zip, "m/data.pkl", pickle->data, pickle->size);
        test_zip_add(&zip, "m/data/0", &good, sizeof(good));
        test_zip_add(&zip, "m/data/1", &bad, sizeof(bad));
        test_zip_add(&zip, "m/data/2", state, FIRST_FLOATS * sizeof(float));
        test_zip_add(&zip, "m/data/3", state, STATE_FLOATS * sizeof(float));
        /* the directory is looked for in the last 64 KB of a file */
        test_zip_add(&zip, "m/other", state, 1 << 17);
        test_zip_finish(&zip);
        t->file = zip.bytes;
        while (memcmp(t->file.data + t->state, state, 64) != 0)
                t->state++;
        t->state_end = t->state + FIRST_FLOATS * sizeof(float);
        free(state);
}

static void
put_storage(test_bytes *to, const void *floats, uint64_t count)
{
        test_put_number(to, count, 8);
        test_put(to, floats, count * sizeof(float));
}

/* `keys`: a letter for each storage, in the order of the file. */
static void
make_legacy(training *t, const test_bytes *pickle, const char *keys)
{
        uint8_t *state = new_state();

        test_legacy_head(&t->file, 1001, true);
        test_put(&t->file, pickle->data, pickle->size);
        test_put_text(&t->file, TEST_PICKLE_HEAD "](");
        for (const char *key = keys; *key != '\0'; key++) {
                const char text[2] = {*key, '\0'};

                test_pickle_text(&t->file, text);
        }
        test_put_text(&t->file, "e.");
        t->pickles = t->file.size;
        for (const char *key = keys; *key != '\0'; key++) {
                if (*key == '3')
                        t->state = t->file.size + 8;
                switch (*key) {
                case '0': put_storage(&t->file, &good, 1); break;
                case '1': put_storage(&t->file, &bad, 1); break;
                case '2': put_storage(&t->file, state, FIRST_FLOATS); break;
                default: put_storage(&t->file, state, STATE_FLOATS); break;
                }
        }
        t->state_end = t->state + STATE_FLOATS * sizeof(float);
        free(state);
}

/* A zip file, or with `keys` a legacy one. */
static void
make(training *t, const char *outer, const char *prefix, bool decoy,
     const char *keys)
{
        test_bytes pickle = pickle_of(outer, prefix, decoy);

        memset(t, 0, sizeof(*t));
        if (keys == NULL)
                make_zip(t, &pickle);
        else
                make_legacy(t, &pickle, keys);
        free(pickle.data);
}

static int32_t
read_counted(void *opaque, uint64_t offset, void *buffer, size_t size)
{
        training *t = opaque;
        uint64_t end = offset + size;

        if (end > t->file.size)
                return 1;
        memcpy(buffer, t->file.data + offset, size);
        if (offset < t->state_end && end > t->state)
                t->trespass += (end < t->state_end ? end : t->state_end) -
                               (offset > t->state ? offset : t->state);
        return 0;
}

/* Reads at most so many bytes of the optimizer's. */
static void
expect_values(training *t, const char *what, uint64_t most)
{
        effnet_options *options;
        effnet_model *model;

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_KEEP_PARAMETERS,
                                     1));
        ck_ok(effnet_model_load_callback(&model, read_counted, t, t->file.size,
                                         options));
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
        ck_assert_msg(t->trespass <= most,
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

        make(&t, cases[_i].outer, cases[_i].prefix, cases[_i].decoy, NULL);
        expect_values(&t, cases[_i].outer, 0);
        free(t.file.data);
}
END_TEST

/* Storages lie in the order of their keys, which are addresses: the optimizer's
 * may be anywhere.  Those behind what a pickle's end is looked for in are not
 * read at all.
 */
START_TEST(legacy_wrappers)
{
        static const char *const orders[] = {"0123", "2031", "3012", "2310"};

        for (int i = 0; i < 4; i++) {
                const bool decoy = cases[_i].decoy;
                char keys[5] = "", *end = keys;
                training t;

                for (const char *key = orders[i]; *key != '\0'; key++)
                        if (*key != '1' || decoy)
                                *end++ = *key;
                make(&t, cases[_i].outer, cases[_i].prefix, decoy, keys);
                ck_assert_uint_lt(2 * t.pickles + LOOK_AHEAD,
                                  FIRST_FLOATS * sizeof(float));
                expect_values(&t, cases[_i].outer,
                              keys[0] == '3' ? t.pickles + LOOK_AHEAD : 0);
                free(t.file.data);
        }
}
END_TEST

/* The counting sees what is read. */
START_TEST(counting)
{
        static training t;
        static uint8_t buffer[100];

        make(&t, "model", "", false, NULL);
        ck_assert_int_eq(read_counted(&t, t.state - 10, buffer, 30), 0);
        ck_assert_uint_eq(t.trespass, 20);
        ck_assert_int_eq(read_counted(&t, t.state_end - 7, buffer, 30), 0);
        ck_assert_uint_eq(t.trespass, 27);
        ck_assert_int_eq(buffer[0], PATTERN);
        free(t.file.data);
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("load_training");
        TCase *test = tcase_create("training");

        tcase_add_loop_test(test, wrappers, 0,
                            (int)(sizeof(cases) / sizeof(cases[0])));
        tcase_add_loop_test(test, legacy_wrappers, 0,
                            (int)(sizeof(cases) / sizeof(cases[0])));
        tcase_add_test(test, counting);
        suite_add_tcase(suite, test);
        return test_main(suite);
}
