/* check_refused.c: what does not load, and the message that says so.  Each is a
 * row of docs/refused.md, word for word; "check_refused rows" prints them.
 */
#include "support.h"

#include "archive.h"
#include "recognise.h"
#include "tensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATE "torch.save(model.state_dict(), path)"

/* ---- files by their first bytes */

typedef struct opening {
        const char *what;
        const char *bytes;
        size_t size;
} opening;

#define OPENING(what, bytes)                                                   \
        {                                                                      \
                what, bytes, sizeof(bytes) - 1                                 \
        }

static const opening openings[] = {
        OPENING("an empty file", ""),
        OPENING("a Git LFS pointer, as `git clone` leaves it without LFS",
                "version https://git-lfs.github.com/spec/v1\noid sha256:"),
        OPENING("a web page that was saved as a checkpoint",
                "<!DOCTYPE html><html><body>404</body></html>"),
        OPENING("`model.safetensors.index.json`, `pytorch_model.bin.index."
                "json`, or another JSON text",
                "{\"metadata\": {\"total_size\": 1}, \"weight_map\": {}}"),
        OPENING("a PNG picture", "\x89PNG\r\n\x1a\n........"),
        OPENING("a JPEG picture", "\xff\xd8\xff\xe0........"),
        OPENING("a file compressed by gzip (`.pth.gz`)", "\x1f\x8b\x08....."),
        OPENING("a file compressed by xz", "\xfd"
                                           "7zXZ\0...."),
        OPENING("a file compressed by zstd", "\x28\xb5\x2f\xfd...."),
        OPENING("a 7z archive", "7z\xbc\xaf\x27\x1c...."),
        OPENING("an ONNX model", "\x08\x07\x12\x07pytorch"),
        OPENING("a TensorFlow SavedModel (`saved_model.pb`)",
                "\x08\x01\x12\xff...."),
        OPENING("a TensorFlow Lite model", "\x1c\0\0\0TFL3...."),
        OPENING("a GGUF file", "GGUF\3\0\0\0"),
        OPENING("a NumPy array (`.npy`)", "\x93NUMPY\1\0v\0"),
        OPENING("a bare pickle (`pickle.dump`)",
                "\x80\x04\x95\x10\0\0\0\0\0\0\0}q\0."),
        OPENING("an empty zip archive",
                "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        OPENING("anything else", "The quick brown fox"),
};

#define OPENINGS (sizeof(openings) / sizeof(openings[0]))

static effnet_status
load(const void *data, size_t size)
{
        static const char none[1];
        effnet_model *model;
        effnet_status status = effnet_model_load_memory(
                &model, size > 0 ? data : none, size, NULL);

        ck_assert_ptr_null(model);
        return status;
}

/* ---- archives */

static effnet_status
load_zip(test_zip *zip)
{
        effnet_status status;

        test_zip_finish(zip);
        status = load(zip->bytes.data, zip->bytes.size);
        free(zip->bytes.data);
        return status;
}

static effnet_status
load_pickle(const char *text, size_t size)
{
        static test_zip zip;
        test_bytes pickle = {NULL, 0, 0};
        effnet_status status;

        memset(&zip, 0, sizeof(zip));
        test_put(&pickle, text, size);
        test_zip_torch(&zip, &pickle, 64);
        status = load(zip.bytes.data, zip.bytes.size);
        free(pickle.data);
        free(zip.bytes.data);
        return status;
}

#define LOAD_PICKLE(literal) load_pickle(literal, sizeof(literal) - 1)

static effnet_status
plain_zip(void)
{
        static test_zip zip;

        memset(&zip, 0, sizeof(zip));
        test_zip_add(&zip, "photos/a.jpg", "x", 1);
        return load_zip(&zip);
}

static effnet_status
keras_archive(void)
{
        static test_zip zip;

        memset(&zip, 0, sizeof(zip));
        test_zip_add(&zip, "metadata.json", "{}", 2);
        test_zip_add(&zip, "config.json", "{}", 2);
        test_zip_add(&zip, "model.weights.h5", "x", 1);
        return load_zip(&zip);
}

static effnet_status
torchscript(void)
{
        static test_zip zip;

        memset(&zip, 0, sizeof(zip));
        test_zip_add(&zip, "m/data.pkl", TEST_PICKLE_HEAD "}.", 4);
        test_zip_add(&zip, "m/constants.pkl", TEST_PICKLE_HEAD ").", 4);
        test_zip_add(&zip, "m/code/model.py", "x", 1);
        return load_zip(&zip);
}

static effnet_status
big_endian(void)
{
        static test_zip zip;

        memset(&zip, 0, sizeof(zip));
        test_zip_add(&zip, "m/data.pkl", TEST_PICKLE_HEAD "}.", 4);
        test_zip_add(&zip, "m/byteorder", "big", 3);
        return load_zip(&zip);
}

static effnet_status
truncated_zip(void)
{
        static test_zip zip;
        effnet_status status;

        memset(&zip, 0, sizeof(zip));
        test_zip_add(&zip, "m/data.pkl", TEST_PICKLE_HEAD "}.", 4);
        test_zip_finish(&zip);
        status = load(zip.bytes.data, zip.bytes.size - 30);
        free(zip.bytes.data);
        return status;
}

static effnet_status
whole_module(void)
{
        return LOAD_PICKLE(TEST_PICKLE_HEAD
                           "ctimm.models.efficientnet\nEfficientNet\n)\x81.");
}

static effnet_status
evil(void)
{
        return LOAD_PICKLE(TEST_PICKLE_HEAD "cos\nsystem\n(U\4true\x85R.");
}

static effnet_status
list_of_tensors(void)
{
        return LOAD_PICKLE(TEST_PICKLE_HEAD "].");
}

static effnet_status
nothing(void)
{
        return LOAD_PICKLE(TEST_PICKLE_HEAD "}.");
}

/* ---- HDF5 */

static effnet_status
load_data(const char *name)
{
        char path[100];
        uint8_t *data;
        size_t size;
        effnet_status status;

        snprintf(path, sizeof(path), "hdf5/%s", name);
        data = test_read(test_data(path), &size);
        status = load(data, size);
        free(data);
        return status;
}

static effnet_status
keras3_weights(void)
{
        return load_data("numbered.h5");
}

static effnet_status
compressed_hdf5(void)
{
        return load_data("gzip.h5");
}

static effnet_status
latest_hdf5(void)
{
        return load_data("latest.h5");
}

/* ---- sound files of another network */

static effnet_status
load_tensors(test_tensors *tensors)
{
        en_source source;
        effnet_model *model;
        effnet_status status;

        test_tensors_source(tensors, &source);
        status = effnet_model_load_callback(&model, source.read, source.opaque,
                                            source.size, NULL);
        ck_assert_ptr_null(model);
        test_tensors_free(tensors);
        return status;
}

static test_tensors *
timm_b0(void)
{
        return test_tensors_create(test_naming("timm"), EN_FAMILY_TIMM, EN_B0,
                                   5, 3);
}

static effnet_status
mobilenet(void)
{
        return load_tensors(test_tensors_read("other_mobilenetv3"));
}

static effnet_status
mixnet(void)
{
        return load_tensors(test_tensors_read("other_mixnet_s"));
}

static effnet_status
conditional(void)
{
        test_tensors *tensors = timm_b0();

        test_tensor_add(tensors, "blocks.4.0.routing_fn.weight", 2, 4);
        return load_tensors(tensors);
}

static effnet_status
lacking(void)
{
        test_tensors *tensors = timm_b0();

        test_tensor_drop(tensors, "blocks.3.1.bn2.running_var");
        test_tensor_drop(tensors, "bn2.weight");
        return load_tensors(tensors);
}

static effnet_status
surplus(void)
{
        test_tensors *tensors = timm_b0();

        test_tensor_add(tensors, "aux.weight", 1, 4);
        return load_tensors(tensors);
}

static effnet_status
misshaped(void)
{
        test_tensors *tensors = timm_b0();

        test_tensor_find(tensors, "blocks.3.1.bn2.running_var")->shape[0] = 9;
        return load_tensors(tensors);
}

static effnet_status
integers(void)
{
        test_tensors *tensors = timm_b0();

        test_tensor_find(tensors, "bn1.weight")->dtype = "I32";
        return load_tensors(tensors);
}

static effnet_status
float8(void)
{
        test_tensors *tensors = timm_b0();

        test_tensor_find(tensors, "bn1.weight")->dtype = "F8_E4M3";
        return load_tensors(tensors);
}

static effnet_status
two_linear_layers(void)
{
        test_tensors *tensors = timm_b0();

        test_tensor_drop(tensors, "classifier.weight");
        test_tensor_drop(tensors, "classifier.bias");
        test_tensor_add(tensors, "classifier.0.weight", 2, 64);
        test_tensor_add(tensors, "classifier.2.weight", 2, 5);
        return load_tensors(tensors);
}

static const struct {
        const char *what;
        effnet_status (*load)(void);
} makers[] = {
        {"a zip archive of anything else", plain_zip},
        {"a `.keras` archive", keras_archive},
        {"Keras 3's `.weights.h5`", keras3_weights},
        {"HDF5 that is compressed or chunked", compressed_hdf5},
        {"HDF5 written with `libver='latest'`", latest_hdf5},
        {"TorchScript (`torch.jit.save`)", torchscript},
        {"a whole module (`torch.save(model, path)`)", whole_module},
        {"a pickle that would run something", evil},
        {"a list instead of a dictionary", list_of_tensors},
        {"a dictionary without tensors", nothing},
        {"a checkpoint of a big-endian machine", big_endian},
        {"a download that broke off", truncated_zip},
        {"another network", mobilenet},
        {"timm's MixNet", mixnet},
        {"timm's CondConv models (`tf_efficientnet_cc_*`)", conditional},
        {"a checkpoint with tensors missing, one part of a sharded set, say",
         lacking},
        {"a checkpoint with tensors that are not the network's", surplus},
        {"tensors of another shape", misshaped},
        {"integers, as of a quantised model", integers},
        {"float8 and other types", float8},
        {"a classifier of several layers", two_linear_layers},
};

#define MAKERS (sizeof(makers) / sizeof(makers[0]))

/* ---- the page */

/* "| what | status | message |" of the last failure.  The source's name is what
 * the user called it.
 */
static void
write_row(char *row, size_t size, const char *what, effnet_status status)
{
        const char *message = effnet_last_error();
        const char *colon = strstr(message, ": ");

        ck_assert_ptr_nonnull(colon);
        snprintf(row, size, "| %s | %s | %s |\n", what,
                 effnet_status_name(status), colon + 2);
}

static void
make_row(char *row, size_t size, size_t index)
{
        effnet_status status;

        if (index < OPENINGS) {
                const opening *o = &openings[index];

                status = load(o->bytes, o->size);
                write_row(row, size, o->what, status);
                return;
        }
        status = makers[index - OPENINGS].load();
        write_row(row, size, makers[index - OPENINGS].what, status);
}

/* Every row is in the page, and the page has no others. */
START_TEST(page)
{
        char path[300], row[1400];
        size_t size, rows = 0;
        char *text;

        snprintf(path, sizeof(path), "%s/docs/refused.md", TESTS_SOURCE);
        text = (char *)test_read(path, &size);
        text = realloc(text, size + 1);
        ck_assert_ptr_nonnull(text);
        text[size] = '\0';
        for (size_t i = 0; i < OPENINGS + MAKERS; i++) {
                make_row(row, sizeof(row), i);
                ck_assert_msg(strstr(text, row) != NULL,
                              "not in docs/refused.md: %s", row);
        }
        for (char *line = strstr(text, "\n| "); line != NULL;
             line = strstr(line + 1, "\n| "))
                rows++;
        ck_assert_uint_eq(rows, OPENINGS + MAKERS + 1); /* and the head */
        free(text);
}
END_TEST

/* What the page should have. */
START_TEST(rows)
{
        char row[1400];

        for (size_t i = 0; i < OPENINGS + MAKERS; i++) {
                make_row(row, sizeof(row), i);
                fputs(row, stdout);
        }
        fflush(stdout);
}
END_TEST

int
main(int count, char **words)
{
        Suite *suite = suite_create("refused");
        TCase *test = tcase_create("refused");

        if (count > 1 && strcmp(words[1], "rows") == 0)
                tcase_add_test(test, rows);
        else
                tcase_add_test(test, page);
        suite_add_tcase(suite, test);
        return test_main(suite);
}
