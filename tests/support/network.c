/* network.c: setting up what network.h describes. */
#include "network.h"

#include "lanes.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

const en_kernels *
test_kernels_of(int32_t level)
{
        en_cpuid cpuid = en_cpuid_read();

        if (level == TEST_LEVEL_LANES8)
                return &en_kernels_lanes8;
        if (level == TEST_LEVEL_LANES16)
                return &en_kernels_lanes16;
        return en_kernels_for(level, &cpuid);
}

effnet_status
test_pack(test_network *f, int32_t level, bool allow_nonfinite)
{
        effnet_options options = *en_options_or_default(NULL);

        options.allow_nonfinite = allow_nonfinite;
        return en_weights_create(&f->weights, f->network, &f->provider,
                                 test_kernels_of(level), &options);
}

void
test_set_network(test_network *f, int32_t height, int32_t width)
{
        ck_ok(en_network_create(&f->network, &f->config, height, width));
        memset(&f->params, 0, sizeof(f->params));
        f->params.seeded.network = f->network;
        f->params.seeded.seed = 7;
        f->provider = test_params_of(&f->params);
        f->floats = (int64_t)f->config.input_channels * height * width;
        f->image = malloc((size_t)f->floats * sizeof(float));
        ck_assert_ptr_nonnull(f->image);
        test_random(f->image, f->floats, 1);
}

void
test_set_engine(test_network *f, int32_t level, int32_t threads)
{
        const en_resources resources = {.threads = threads,
                                        .memory = INT64_MAX};

        ck_ok(test_pack(f, level, false));
        ck_ok(en_engine_create(&f->engine, &f->config, f->weights, &resources));
}

void
test_set_small(test_network *f, int32_t threads)
{
        memset(f, 0, sizeof(*f));
        ck_ok(en_config_custom(&f->config, "b0", 0.25, 1.0, 224));
        f->config.classes = TEST_SMALL_CLASSES;
        test_set_network(f, TEST_SMALL_HEIGHT, TEST_SMALL_WIDTH);
        test_set_engine(f, EFFNET_ISA_BEST, threads);
}

void
test_clear(test_network *f)
{
        en_engine_free(f->engine);
        en_weights_free(f->weights);
        en_network_free(f->network);
        free(f->image);
}

const float *
test_output_of(const en_engine *engine, int32_t output, int64_t images,
               int64_t size)
{
        const effnet_tensor *tensor;

        ck_ok(en_engine_output(engine, output, &tensor));
        ck_assert_int_eq(tensor->type, EFFNET_TYPE_F32);
        ck_assert_int_eq(tensor->rank, 2);
        ck_assert_int_eq(tensor->shape[0], images);
        ck_assert_int_eq(tensor->shape[1], size);
        return tensor->data;
}

const en_param *
test_find_param(const en_network *network, const char *name)
{
        for (int32_t i = 0; i < network->param_count; i++)
                if (strcmp(network->params[i].name, name) == 0)
                        return &network->params[i];
        ck_abort_msg("no parameter %s", name);
        return NULL;
}
