/* recognise.c: tables of tensors opened as checkpoints. */
#include "recognise.h"

#include "support.h"

effnet_status
test_tensors_open(en_checkpoint **checkpoint, test_tensors *tensors,
                  const effnet_options *options)
{
        en_source source;

        test_tensors_source(tensors, &source);
        return en_checkpoint_open(checkpoint, &source, options);
}

/* Opens them for the config alone, and frees them. */
effnet_config
test_recognise(test_tensors *tensors, const effnet_options *options)
{
        en_checkpoint *checkpoint;
        effnet_config config;

        ck_ok(test_tensors_open(&checkpoint, tensors, options));
        config = *en_checkpoint_config(checkpoint);
        ck_assert_str_eq(en_checkpoint_container(checkpoint), "safetensors");
        en_checkpoint_close(checkpoint);
        test_tensors_free(tensors);
        return config;
}

void
test_refused(test_tensors *tensors, const effnet_options *options,
             effnet_status status, const char *message)
{
        en_checkpoint *checkpoint = (en_checkpoint *)&checkpoint;

        ck_fails(test_tensors_open(&checkpoint, tensors, options), status);
        ck_assert_ptr_null(checkpoint);
        ck_message("callback: ");
        ck_message(message);
}

test_tensors *
test_lm_b0(int32_t classes, int32_t channels)
{
        return test_tensors_create(test_naming("EfficientNet-PyTorch"),
                                   EN_FAMILY_LM, EN_B0, classes, channels);
}
