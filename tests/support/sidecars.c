/* sidecars.c: checkpoints of zeros with texts beside them. */
#include "sidecars.h"

#include "support.h"
#include "tensors.h"

#include <string.h>

effnet_model *
test_load_in(const test_folder *folder, const effnet_options *options)
{
        effnet_model *model;

        ck_ok(effnet_model_load_file(&model, test_in_folder(folder, "m"),
                                     options));
        return model;
}

effnet_options *
test_with_int(int32_t key, int64_t value)
{
        effnet_options *options;

        ck_ok(effnet_options_create(&options));
        ck_ok(effnet_options_set_int(options, key, value));
        return options;
}

void
test_write_zeros(const test_folder *folder, const char *naming,
                 en_family family, int32_t variant, int32_t classes,
                 int32_t channels)
{
        test_tensors *tensors = test_tensors_create(test_naming(naming), family,
                                                    variant, classes, channels);

        test_tensors_write(tensors, test_in_folder(folder, "m"));
        test_tensors_free(tensors);
}

effnet_status
test_load_beside(effnet_model **model, const char *naming, en_family family,
                 const char *sidecar, const char *text,
                 const effnet_options *options)
{
        test_folder folder = test_folder_create();
        effnet_status status;

        test_write_zeros(&folder, naming, family, EN_B0, 5, 3);
        test_folder_write(&folder, sidecar, text, strlen(text));
        status = effnet_model_load_file(model, test_in_folder(&folder, "m"),
                                        options);
        test_folder_free(&folder);
        return status;
}

effnet_status
test_beside_timm(effnet_model **model, const char *text,
                 const effnet_options *options)
{
        return test_load_beside(model, "timm", EN_FAMILY_TIMM, "config.json",
                                text, options);
}

effnet_status
test_beside_hf(effnet_model **model, const char *text,
               const effnet_options *options)
{
        return test_load_beside(model, "transformers", EN_FAMILY_HF,
                                "config.json", text, options);
}
