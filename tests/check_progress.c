/* check_progress.c: who listens hears how far a long call is, and can end it.
 */
#include "support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of test_efficientnet; what the reports are counted by. */
#define CLASSES 7

typedef struct listener {
        int calls;
        int stop_at; /* the call that is answered with 5; negative: none */
        double last;
        int whole; /* calls with 1 */
} listener;

static int32_t
listen(void *opaque, double fraction)
{
        listener *to = opaque;

        ck_assert_double_ge(fraction, to->last);
        ck_assert_double_le(fraction, 1);
        if (to->calls == 0)
                ck_assert_double_eq(fraction, 0);
        to->last = fraction;
        to->whole += fraction == 1;
        return to->calls++ == to->stop_at ? 5 : 0;
}

static effnet_options *options;
static listener to;

static void
set_up(void)
{
        to = (listener){.stop_at = -1};
        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, EFFNET_OPTION_KEEP_PARAMETERS,
                                     1));
        ck_ok(effnet_options_set_progress(options, listen, &to));
}

static void
tear_down(void)
{
        effnet_options_free(options);
}

/* The next call is heard anew, and ended at that report. */
static void
begin(int stop_at)
{
        to = (listener){.stop_at = stop_at};
}

static void
heard_all(int reports)
{
        ck_assert_int_eq(to.calls, reports);
        ck_assert_double_eq(to.last, 1);
        ck_assert_int_eq(to.whole, 1);
}

static effnet_status
create(effnet_model **model)
{
        effnet_config *config;
        effnet_status status;

        ck_ok(effnet_config_create(&config, "test_efficientnet"));
        ck_ok(effnet_config_set_int(config, EFFNET_CONFIG_CLASSES, CLASSES));
        status = effnet_model_create(model, config, 3, options);
        effnet_config_free(config);
        return status;
}

static char folder[32];

static const char *
file(void)
{
        static char path[64];

        snprintf(path, sizeof(path), "%s/model.safetensors", folder);
        return path;
}

static effnet_status
save(const effnet_model *model)
{
        return effnet_model_save_file(model, file(), EFFNET_NAMES_OWN,
                                      EFFNET_TYPE_F32, options);
}

static void
make_folder(void)
{
        snprintf(folder, sizeof(folder), "%s",
                 P_tmpdir "/effnet-progress-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(folder));
}

static int
files_left(void)
{
        struct dirent *item;
        DIR *items = opendir(folder);
        int count = 0;

        while ((item = readdir(items)) != NULL)
                count += item->d_name[0] != '.';
        closedir(items);
        return count;
}

static int32_t
take(void *opaque, const void *data, size_t size)
{
        (void)data;
        *(size_t *)opaque += size;
        return 0;
}

START_TEST(is_told)
{
        effnet_model *model, *again;
        size_t size = 0;
        int reports;

        ck_ok(create(&model));
        reports = 1 + effnet_model_parameter_count(model);
        heard_all(reports);
        make_folder();
        begin(-1);
        ck_ok(save(model));
        heard_all(reports);
        begin(-1);
        ck_ok(effnet_model_save_callback(model, take, &size, EFFNET_NAMES_OWN,
                                         EFFNET_TYPE_BF16, options));
        heard_all(reports);
        ck_assert_uint_gt(size, 1000);
        begin(-1);
        ck_ok(effnet_model_load_file(&again, file(), options));
        heard_all(reports);
        effnet_model_release(again);
        begin(-1);
        ck_ok(effnet_options_set_progress(options, NULL, &to));
        ck_ok(effnet_model_load_file(&again, file(), options));
        ck_assert_int_eq(to.calls, 0);
        effnet_model_release(again);
        effnet_model_release(model);
        remove(file());
        rmdir(folder);
        ck_fails(effnet_options_set_progress(NULL, listen, &to),
                 EFFNET_ERROR_ARGUMENT);
        ck_message("options is NULL");
}
END_TEST

/* At the first, one within, and the last report. */
START_TEST(can_be_ended)
{
        effnet_model *model, *none;
        size_t size = 0;
        int count;

        ck_ok(create(&model));
        count = effnet_model_parameter_count(model);
        make_folder();
        for (int part = 0; part <= 2; part++) {
                int stop_at = count * part / 2;

                begin(stop_at);
                ck_fails(create(&none), EFFNET_ERROR_CANCELLED);
                ck_message("answered 5");
                ck_assert_ptr_null(none);
                ck_assert_int_eq(to.calls, stop_at + 1);
                begin(stop_at);
                ck_fails(save(model), EFFNET_ERROR_CANCELLED);
                ck_assert_int_eq(files_left(), 0);
                begin(stop_at);
                ck_fails(effnet_model_save_callback(model, take, &size,
                                                    EFFNET_NAMES_OWN,
                                                    EFFNET_TYPE_F32, options),
                         EFFNET_ERROR_CANCELLED);
                begin(-1);
                ck_ok(save(model));
                begin(stop_at);
                ck_fails(effnet_model_load_file(&none, file(), options),
                         EFFNET_ERROR_CANCELLED);
                ck_message("model.safetensors");
                ck_message("answered 5");
                ck_assert_ptr_null(none);
                remove(file());
        }
        rmdir(folder);
        effnet_model_release(model);
}
END_TEST

/* Deflated parts and parameters that share values are counted all the same. */
START_TEST(ends_at_one_for_any_file)
{
        static const char *const files[] = {
                "checkpoints/torchvision-zip.pth",
                "checkpoints/lm-legacy.pth",
                "checkpoints/timm-headless.pth",
                "command/tutorial_b0.pth",
        };

        for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
                effnet_model *model;

                begin(-1);
                ck_ok(effnet_model_load_file(&model, test_data(files[i]),
                                             options));
                heard_all(1 + effnet_model_parameter_count(model));
                effnet_model_release(model);
        }
}
END_TEST

static Suite *
suite(void)
{
        Suite *made = suite_create("progress");
        TCase *tests = tcase_create("progress");

        tcase_add_checked_fixture(tests, set_up, tear_down);
        tcase_add_test(tests, is_told);
        tcase_add_test(tests, can_be_ended);
        tcase_add_test(tests, ends_at_one_for_any_file);
        suite_add_tcase(made, tests);
        return made;
}

int
main(void)
{
        return test_main(suite());
}
