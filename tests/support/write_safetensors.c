/* write_safetensors.c: header and values in the order of the network. */
#include "write_safetensors.h"

#include "arch/seeded.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_MODULES 1024

/* A framework's module and the canonical name of what it is. */
typedef struct module {
        char theirs[64];
        char ours[64];
} module;

typedef struct writer {
        FILE *file;
        module modules[MAX_MODULES];
        int module_count;
} writer;

static void
read_names(writer *w, const char *architecture)
{
        char path[128], line[160];
        FILE *file;

        snprintf(path, sizeof(path), "goldens/names/%s.txt", architecture);
        file = fopen(test_data(path), "r");
        ck_assert_msg(file != NULL, "no %s", path);
        while (fgets(line, sizeof(line), file) != NULL) {
                module *m = &w->modules[w->module_count++];

                ck_assert_int_le(w->module_count, MAX_MODULES);
                ck_assert_int_eq(sscanf(line, "%63s %63s", m->theirs, m->ours),
                                 2);
        }
        fclose(file);
}

static const char *
their_name(const writer *w, const en_param *param)
{
        size_t prefix = (size_t)(strrchr(param->name, '.') - param->name);

        for (int i = 0; i < w->module_count; i++)
                if (strlen(w->modules[i].ours) == prefix &&
                    strncmp(w->modules[i].ours, param->name, prefix) == 0)
                        return w->modules[i].theirs;
        ck_abort_msg("no name for %s", param->name);
        return NULL;
}

static int
describe(const writer *w, const en_param *param, int64_t offset, char *text,
         size_t room)
{
        int n = snprintf(text, room, "\"%s%s\":{\"dtype\":\"F32\",\"shape\":[",
                         their_name(w, param), strrchr(param->name, '.'));

        for (int32_t i = 0; i < param->rank; i++)
                n += snprintf(text + n, room - (size_t)n, "%s%" PRId64,
                              i > 0 ? "," : "", param->shape[i]);
        n += snprintf(text + n, room - (size_t)n,
                      "],\"data_offsets\":[%" PRId64 ",%" PRId64 "]}", offset,
                      offset + 4 * param->count);
        ck_assert_uint_lt((size_t)n, room);
        return n;
}

static void
write_header(const writer *w, const en_network *network)
{
        size_t room = 64 + 256 * (size_t)network->param_count, n = 0;
        char *text = malloc(room);
        uint8_t length[8];
        int64_t offset = 0;

        ck_assert_ptr_nonnull(text);
        for (int32_t i = 0; i < network->param_count; i++) {
                text[n++] = i == 0 ? '{' : ',';
                n += (size_t)describe(w, &network->params[i], offset, text + n,
                                      room - n - 16);
                offset += 4 * network->params[i].count;
        }
        text[n++] = '}';
        while (n % 8 != 0)
                text[n++] = ' ';
        for (int i = 0; i < 8; i++)
                length[i] = (uint8_t)((uint64_t)n >> 8 * i);
        ck_assert_uint_eq(fwrite(length, 1, 8, w->file), 8);
        ck_assert_uint_eq(fwrite(text, 1, n, w->file), n);
        free(text);
}

static void
write_values(const writer *w, const en_network *network, uint64_t seed)
{
        en_seeded seeded = {network, seed};
        en_params params = en_seeded_params(&seeded);

        for (int32_t i = 0; i < network->param_count; i++) {
                const en_param *param = &network->params[i];
                float *values = malloc((size_t)param->count * sizeof(float));

                ck_assert_ptr_nonnull(values);
                ck_ok(params.read(params.context, param, values));
                ck_assert_uint_eq(fwrite(values, sizeof(float),
                                         (size_t)param->count, w->file),
                                  (size_t)param->count);
                free(values);
        }
}

void
test_write_safetensors(const char *path, const effnet_config *config,
                       uint64_t seed)
{
        writer *w = calloc(1, sizeof(*w));
        en_network *network;

        ck_assert_ptr_nonnull(w);
        read_names(w, effnet_config_name(config));
        ck_ok(en_network_create(&network, config, 0, 0));
        w->file = fopen(path, "wb");
        ck_assert_msg(w->file != NULL, "cannot write %s", path);
        write_header(w, network);
        write_values(w, network, seed);
        ck_assert_int_eq(fclose(w->file), 0);
        en_network_free(network);
        free(w);
}
