/* check_load_names.c: generated names against those of the projects' own
 * models (tests/oracle/make_names.py), with shapes, both ways.
 */
#include "support.h"

#include "load/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
        const char *file;
        const char *naming;
        en_family family;
        int32_t variant;
} models[] = {
        {"torchvision_b0", "torchvision", EN_FAMILY_TORCHVISION, EN_B0},
        {"torchvision_b4", "torchvision", EN_FAMILY_TORCHVISION, EN_B4},
        {"timm_b0", "timm", EN_FAMILY_TIMM, EN_B0},
        {"timm_b4", "timm", EN_FAMILY_TIMM, EN_B4},
        {"timm_lite2", "timm", EN_FAMILY_TIMM, EN_LITE2},
        {"lm_b0", "EfficientNet-PyTorch", EN_FAMILY_LM, EN_B0},
        {"lm_b4", "EfficientNet-PyTorch", EN_FAMILY_LM, EN_B4},
        {"lp_lite0", "EfficientNet-PyTorch", EN_FAMILY_LP, EN_LITE0},
        {"lp_lite2", "EfficientNet-PyTorch", EN_FAMILY_LP, EN_LITE2},
        {"torchvision_v2_s", "torchvision", EN_FAMILY_TORCHVISION, EN_V2_S},
        {"timm_es", "timm", EN_FAMILY_TIMM, EN_ES},
        {"timm_v2_b0", "timm", EN_FAMILY_TIMM, EN_V2_B0},
        {"timm_v2_rw_s", "timm", EN_FAMILY_TIMM, EN_V2_RW_S},
        {"hf_b0", "transformers", EN_FAMILY_HF, EN_B0},
        {"hf_b3_bare", "transformers, a bare model", EN_FAMILY_HF, EN_B3},
        {"timm_b1_pruned", "timm", EN_FAMILY_TIMM, EN_B1_PRUNED},
        {"timm_gc_rw_t", "timm", EN_FAMILY_TIMM, EN_GC_V2_RW_T},
};

#define MODELS (int)(sizeof(models) / sizeof(models[0]))

static const en_naming *
find_naming(const char *name)
{
        for (int32_t i = 0; i < en_naming_count; i++) {
                if (strcmp(en_namings[i].name, name) == 0)
                        return &en_namings[i];
        }
        ck_abort_msg("no naming %s", name);
        return NULL;
}

static int
by_text(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A line for each parameter: its name, then its shape; sorted. */
static char **
list_params(const en_naming *naming, const en_network *network)
{
        char **lines = calloc((size_t)network->param_count, sizeof(*lines));

        for (int32_t i = 0; i < network->param_count; i++) {
                const en_param *param = &network->params[i];
                char name[EN_NAME_SIZE], line[300];
                size_t n;

                en_name_param(naming, &network->layers[param->layer],
                              param->kind, name);
                n = (size_t)snprintf(line, sizeof(line), "%s", name);
                for (int32_t d = 0; d < param->rank; d++)
                        n += (size_t)snprintf(line + n, sizeof(line) - n,
                                              " %" PRId64, param->shape[d]);
                lines[i] = strdup(line);
        }
        qsort(lines, (size_t)network->param_count, sizeof(*lines), by_text);
        return lines;
}

START_TEST(all_names)
{
        char path[200];
        effnet_config config;
        en_network *network;
        char **lines, *text, *at;
        size_t size;
        int32_t count = 0;

        ck_ok(en_config_variant(&config, models[_i].family,
                                models[_i].variant));
        if (strstr(models[_i].naming, "bare") != NULL)
                config.classes = 0;
        ck_ok(en_network_create(&network, &config, 0, 0));
        lines = list_params(find_naming(models[_i].naming), network);
        snprintf(path, sizeof(path), "names/%s.txt", models[_i].file);
        text = (char *)test_read(test_data(path), &size);
        text[size] = '\0';
        /* Python sorted whole lines by code point, which is strcmp's order */
        for (at = strtok(text, "\n"); at != NULL; at = strtok(NULL, "\n")) {
                ck_assert_msg(count < network->param_count, "%s is too much",
                              at);
                ck_assert_str_eq(lines[count], at);
                free(lines[count++]);
        }
        ck_assert_int_eq(count, network->param_count);
        free(lines);
        free(text);
        en_network_free(network);
}
END_TEST

/* No two families share a key, and the longest name fits. */
START_TEST(keys_differ)
{
        for (int32_t i = 0; i < en_naming_count; i++) {
                for (int32_t j = 0; j < en_naming_count; j++) {
                        for (int k = 0; en_namings[i].keys[k] != NULL; k++) {
                                for (int l = 0; en_namings[j].keys[l] != NULL;
                                     l++)
                                        ck_assert(
                                                (i == j && k == l) ||
                                                strcmp(en_namings[i].keys[k],
                                                       en_namings[j].keys[l]) !=
                                                        0);
                        }
                }
        }
}
END_TEST

/* The keys are names that the tables themselves give. */
START_TEST(keys_are_names)
{
        for (int32_t i = 0; i < en_naming_count; i++) {
                const en_naming *naming = &en_namings[i];
                effnet_config config;
                en_network *network;

                ck_ok(en_config_variant(&config, naming->ranges[0].family,
                                        naming->ranges[0].first));
                ck_ok(en_network_create(&network, &config, 0, 0));
                for (int k = 0; naming->keys[k] != NULL; k++) {
                        bool found = false;

                        for (int32_t p = 0; p < network->param_count; p++) {
                                const en_param *param = &network->params[p];
                                char name[EN_NAME_SIZE];

                                en_name_param(naming,
                                              &network->layers[param->layer],
                                              param->kind, name);
                                found |= strcmp(name, naming->keys[k]) == 0;
                        }
                        ck_assert_msg(found, "%s", naming->keys[k]);
                }
                en_network_free(network);
        }
}
END_TEST

int
main(void)
{
        Suite *suite = suite_create("load_names");
        TCase *test = tcase_create("names");

        tcase_add_loop_test(test, all_names, 0, MODELS);
        tcase_add_test(test, keys_differ);
        tcase_add_test(test, keys_are_names);
        suite_add_tcase(suite, test);
        return test_main(suite);
}
