/* tensors.c: checkpoints made up in memory. */
#include "tensors.h"

#include "support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const en_naming *
test_naming(const char *name)
{
        for (int32_t i = 0; i < en_naming_count; i++) {
                if (strcmp(en_namings[i].name, name) == 0)
                        return &en_namings[i];
        }
        ck_abort_msg("no naming %s", name);
        return NULL;
}

static test_tensor *
append(test_tensors *tensors)
{
        test_tensor *t = &tensors->list[tensors->count++];

        ck_assert_int_le(tensors->count, TEST_MAX_TENSORS);
        t->dtype = "F32";
        return t;
}

/* Keras' [kh, kw, in, out], or [kh, kw, channels, 1], and [in, out]. */
static void
turn(test_tensor *t, bool depthwise)
{
        int64_t s[4];

        memcpy(s, t->shape, sizeof(s));
        if (t->rank == 2) {
                t->shape[0] = s[1];
                t->shape[1] = s[0];
        } else if (t->rank == 4) {
                t->shape[0] = s[2];
                t->shape[1] = s[3];
                t->shape[2] = depthwise ? s[0] : s[1];
                t->shape[3] = depthwise ? s[1] : s[0];
        }
}

test_tensors *
test_tensors_create(const en_naming *naming, en_family family, int32_t variant,
                    int32_t classes, int32_t channels)
{
        test_tensors *tensors = calloc(1, sizeof(*tensors));
        effnet_config config;
        en_network *network;

        ck_ok(en_config_variant(&config, family, variant));
        config.classes = classes;
        config.input_channels = channels;
        ck_ok(en_network_create(&network, &config, 0, 0));
        for (int32_t i = 0; i < network->param_count; i++) {
                const en_param *param = &network->params[i];
                test_tensor *t = append(tensors);
                char name[EN_NAME_SIZE];

                en_name_param(naming, &network->layers[param->layer],
                              param->kind, name);
                snprintf(t->name, sizeof(t->name), "%s", name);
                t->rank = param->rank;
                memcpy(t->shape, param->shape, sizeof(t->shape));
                if (naming->keras)
                        turn(t, network->layers[param->layer].op ==
                                        EN_OP_DEPTHWISE);
        }
        en_network_free(network);
        return tensors;
}

test_tensors *
test_tensors_read(const char *file)
{
        test_tensors *tensors = calloc(1, sizeof(*tensors));
        char path[200], line[300];
        FILE *list;

        snprintf(path, sizeof(path), "names/%s.txt", file);
        list = fopen(test_data(path), "r");
        ck_assert_ptr_nonnull(list);
        while (fgets(line, sizeof(line), list) != NULL) {
                test_tensor *t = append(tensors);
                long long s[4];
                int n = sscanf(line, "%150s %lld %lld %lld %lld", t->name,
                               &s[0], &s[1], &s[2], &s[3]);

                t->rank = n - 1;
                for (int i = 0; i < t->rank; i++)
                        t->shape[i] = s[i];
        }
        fclose(list);
        return tensors;
}

void
test_tensors_free(test_tensors *tensors)
{
        free(tensors->header.data);
        free(tensors);
}

test_tensor *
test_tensor_find(test_tensors *tensors, const char *name)
{
        for (int i = 0; i < tensors->count; i++) {
                if (strcmp(tensors->list[i].name, name) == 0)
                        return &tensors->list[i];
        }
        ck_abort_msg("no tensor %s", name);
        return NULL;
}

void
test_tensor_drop(test_tensors *tensors, const char *name)
{
        test_tensor *t = test_tensor_find(tensors, name);

        *t = tensors->list[--tensors->count];
}

test_tensor *
test_tensor_add(test_tensors *tensors, const char *name, int rank,
                int64_t first)
{
        test_tensor *t = append(tensors);

        snprintf(t->name, sizeof(t->name), "%s", name);
        t->rank = rank;
        for (int i = 0; i < rank; i++)
                t->shape[i] = i == 0 ? first : 1;
        return t;
}

void
test_tensors_prefix(test_tensors *tensors, const char *prefix)
{
        for (int i = 0; i < tensors->count; i++) {
                char name[160];

                snprintf(name, sizeof(name), "%s", tensors->list[i].name);
                snprintf(tensors->list[i].name, sizeof(name), "%.40s%.100s",
                         prefix, name);
        }
}

static int32_t
read_zeros(void *opaque, uint64_t offset, void *buffer, size_t size)
{
        const test_tensors *tensors = opaque;
        size_t have = tensors->header.size, n = 0;

        if (offset > tensors->size || size > tensors->size - offset)
                return 1;
        if (offset < have) {
                n = have - offset < size ? (size_t)(have - offset) : size;
                memcpy(buffer, tensors->header.data + offset, n);
        }
        memset((char *)buffer + n, 0, size - n);
        return 0;
}

void
test_tensors_source(test_tensors *tensors, en_source *source)
{
        test_bytes *b = &tensors->header;
        uint64_t at = 0;

        b->size = 0;
        test_put_number(b, 0, 8);
        test_put_text(b, "{");
        if (tensors->metadata != NULL) {
                test_put_text(b, "\"__metadata__\":");
                test_put(b, tensors->metadata, strlen(tensors->metadata));
                test_put_text(b, ",");
        }
        for (int i = 0; i < tensors->count; i++) {
                const test_tensor *t = &tensors->list[i];
                uint64_t size = t->dtype[1] == '6' ? 8 : 4;
                char text[400];

                snprintf(text, sizeof(text),
                         "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[",
                         i > 0 ? "," : "", t->name, t->dtype);
                test_put(b, text, strlen(text));
                for (int d = 0; d < t->rank; d++) {
                        snprintf(text, sizeof(text), "%s%" PRId64,
                                 d > 0 ? "," : "", t->shape[d]);
                        test_put(b, text, strlen(text));
                        size *= (uint64_t)t->shape[d];
                }
                snprintf(text, sizeof(text),
                         "],\"data_offsets\":[%" PRIu64 ",%" PRIu64 "]}", at,
                         at + size);
                test_put(b, text, strlen(text));
                at += size;
        }
        test_put_text(b, "}");
        test_set_number(b, 0, b->size - 8, 8);
        tensors->size = b->size + at;
        en_source_callback(source, read_zeros, tensors, tensors->size);
}

void
test_tensors_write(test_tensors *tensors, const char *path)
{
        FILE *file = fopen(path, "wb");
        en_source source;

        test_tensors_source(tensors, &source);
        ck_assert_ptr_nonnull(file);
        ck_assert_uint_eq(
                fwrite(tensors->header.data, 1, tensors->header.size, file),
                tensors->header.size);
        ck_assert_int_eq(fflush(file), 0);
        ck_assert_int_eq(ftruncate(fileno(file), (off_t)tensors->size), 0);
        ck_assert_int_eq(fclose(file), 0);
}
