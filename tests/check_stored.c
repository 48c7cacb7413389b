/* check_stored.c: complete checkpoints written by torch itself, and seeded
 * ones under every framework's names, loaded and run; compared with what the
 * framework gives for them.
 */
#include "goldens.h"
#include "write_safetensors.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_STORED 64

/* A line of tests/data/checkpoints/index.txt. */
typedef struct stored {
        char file[64];
        char status[16];
        char option[64]; /* "-": none */
        char family[16];
        char message[64]; /* of a failure */
        test_golden golden;
} stored;

static stored files[MAX_STORED];
static int file_count;

static bool
parse_stored(const char *line, stored *s)
{
        test_golden *g = &s->golden;

        g->batch = 1;
        return sscanf(line,
                      "%63s %15s %63s %63s %15s %" SCNd32 " %" SCNd32
                      " %" SCNd32 " %" SCNd32 " %" SCNu64 " %" SCNd64
                      " %*s %63s",
                      s->file, s->status, s->option, g->architecture, s->family,
                      &g->classes, &g->channels, &g->height, &g->width,
                      &g->seed, &g->start, s->message) >= 11;
}

static void
read_index(void)
{
        FILE *file = fopen(test_data("checkpoints/index.txt"), "r");
        char line[512];

        while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
                if (line[0] == '#')
                        continue;
                if (file_count == MAX_STORED ||
                    !parse_stored(line, &files[file_count]))
                        break;
                file_count++;
        }
        if (file == NULL || !feof(file)) {
                fprintf(stderr, "checkpoints/index.txt is unusable\n");
                exit(EXIT_FAILURE);
        }
        fclose(file);
}

static effnet_status
load(effnet_model **model, const char *path, const char *architecture)
{
        effnet_options *options;
        effnet_status status;

        ck_ok(effnet_options_create(&options));
        if (strcmp(architecture, "-") != 0)
                ck_ok(effnet_options_set_string(
                        options, EFFNET_OPTION_ARCHITECTURE, architecture));
        status = effnet_model_load_file(model, path, options);
        effnet_options_free(options);
        return status;
}

static const char *
path_of(const stored *s)
{
        char name[96];

        snprintf(name, sizeof(name), "checkpoints/%s", s->file);
        return test_data(name);
}

static void
expect_config(const stored *s, const effnet_model *model)
{
        const effnet_config *config = effnet_model_config(model);
        int64_t channels;

        ck_assert_str_eq(effnet_config_name(config), s->golden.architecture);
        ck_assert_str_eq(effnet_config_family(config), s->family);
        ck_assert_int_eq(effnet_model_classes(model), s->golden.classes);
        ck_ok(effnet_config_get_int(config, EFFNET_CONFIG_INPUT_CHANNELS,
                                    &channels));
        ck_assert_int_eq(channels, s->golden.channels);
        ck_assert_str_eq(effnet_model_container(model),
                         strstr(s->file, "legacy") != NULL ||
                                         strstr(s->file, "model-ema") != NULL
                                 ? "torch-legacy"
                                 : "torch-zip");
}

START_TEST(stored_equals_framework)
{
        const stored *s = &files[_i];
        effnet_model *model;
        test_case c;
        test_difference d;

        if (strcmp(s->status, "ok") != 0)
                return;
        ck_ok(load(&model, path_of(s), s->option));
        expect_config(s, model);
        c = test_case_load(&s->golden, "checkpoints/values.npy");
        d = test_case_run(&c, model);
        printf("%-30s logits %.1e embedding %.1e\n", s->file, d.logits,
               d.embedding);
        test_expect_close(s->file, d);
        test_case_free(&c);
        effnet_model_release(model);
}
END_TEST

START_TEST(unfit_is_refused)
{
        const stored *s = &files[_i];
        effnet_model *model = (effnet_model *)&model;

        if (strcmp(s->status, "ok") == 0)
                return;
        ck_assert_str_eq(s->status, "mismatch");
        ck_fails(load(&model, path_of(s), "-"), EFFNET_ERROR_MISMATCH);
        ck_message(s->message);
        ck_message(s->file);
        ck_assert_ptr_null(model);
}
END_TEST

/* A wrong architecture is not taken on trust. */
START_TEST(another_architecture_is_refused)
{
        const char *path = test_data("checkpoints/torchvision-legacy.pth");
        effnet_model *model;

        ck_fails(load(&model, path, "efficientnet_b1"), EFFNET_ERROR_MISMATCH);
        ck_assert_ptr_null(model);
        ck_fails(load(&model, path, "no such"), EFFNET_ERROR_ARGUMENT);
        ck_assert_ptr_null(model);
}
END_TEST

/* ------------------------------------------------------------------------
 * safetensors
 */

static const struct safetensors {
        const char *architecture;
        int32_t height;
        const char *option; /* where shapes cannot tell */
} safetensors[] = {
        {"efficientnet_b0", 128, "-"},
        {"tf_efficientnet_b0", 97, "tf_efficientnet_b0"},
        {"efficientnet-b0", 97, "-"},
        {"efficientnet-lite0", 97, "-"},
        {"tf_efficientnet_lite0", 97, "tf_efficientnet_lite0"},
};

static test_golden
golden_of(const struct safetensors *s)
{
        test_golden goldens[100];
        int n = test_goldens(goldens, 100);

        for (int i = 0; i < n; i++)
                if (strcmp(goldens[i].architecture, s->architecture) == 0 &&
                    goldens[i].height == s->height)
                        return goldens[i];
        ck_abort_msg("no golden of %s", s->architecture);
        return goldens[0];
}

START_TEST(safetensors_equals_framework)
{
        const struct safetensors *s = &safetensors[_i];
        test_golden golden = golden_of(s);
        test_case c = test_case_load(&golden, "goldens/values.npy");
        char path[] = "stored-XXXXXX";
        int descriptor = mkstemp(path);
        effnet_model *model;
        effnet_status status;
        test_difference d;

        ck_assert_int_ge(descriptor, 0);
        close(descriptor);
        test_write_safetensors(path, c.config, golden.seed);
        status = load(&model, path, s->option);
        unlink(path);
        ck_ok(status);
        ck_assert_str_eq(effnet_model_container(model), "safetensors");
        ck_assert_str_eq(effnet_config_name(effnet_model_config(model)),
                         s->architecture);
        d = test_case_run(&c, model);
        printf("%-30s logits %.1e embedding %.1e\n", s->architecture, d.logits,
               d.embedding);
        test_expect_close(s->architecture, d);
        effnet_model_release(model);
        test_case_free(&c);
}
END_TEST

static Suite *
stored_suite(void)
{
        Suite *suite = suite_create("stored");
        TCase *tc = tcase_create("stored");

        tcase_add_loop_test(tc, stored_equals_framework, 0, file_count);
        tcase_add_loop_test(tc, unfit_is_refused, 0, file_count);
        tcase_add_test(tc, another_architecture_is_refused);
        tcase_add_loop_test(
                tc, safetensors_equals_framework, 0,
                (int)(sizeof(safetensors) / sizeof(safetensors[0])));
        suite_add_tcase(suite, tc);
        return suite;
}

int
main(void)
{
        read_index();
        return test_main(stored_suite());
}
