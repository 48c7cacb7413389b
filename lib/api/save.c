/* save.c: exported functions that need a model's parameters: they are there if
 * loading was told to keep them.
 */
#include "load/save.h"

#include "api/check.h"
#include "api/model.h"
#include "base/alloc.h"
#include "base/options.h"
#include "base/status.h"

#include <inttypes.h>

static effnet_status
check_kept(const effnet_model *model)
{
        if (model->kept != NULL)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_STATE,
                       "the model's parameters were not kept: load it with "
                       "EFFNET_OPTION_KEEP_PARAMETERS 1");
}

int32_t
effnet_model_parameter_count(const effnet_model *model)
{
        if (model == NULL || model->kept == NULL)
                return 0;
        return model->kept->network->param_count;
}

const char *
effnet_model_parameter_name(const effnet_model *model, int32_t index)
{
        if (index < 0 || index >= effnet_model_parameter_count(model))
                return NULL;
        return model->kept->network->params[index].name;
}

effnet_status
effnet_model_parameter(const effnet_model *model, int32_t index,
                       const effnet_tensor **tensor)
{
        effnet_status status;

        if (tensor == NULL)
                return EN_NULL("tensor");
        *tensor = NULL;
        if (model == NULL)
                return EN_NULL("model");
        status = check_kept(model);
        if (status != EFFNET_OK)
                return status;
        if (index < 0 || index >= model->kept->network->param_count)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "index: %" PRId32 "; expected 0 to %" PRId32,
                               index, model->kept->network->param_count - 1);
        *tensor = &model->kept->tensors[index];
        return EFFNET_OK;
}

static effnet_status
save(const effnet_model *model, en_sink *sink, int32_t names, int32_t dtype,
     const effnet_options *options)
{
        const en_allocator *outer = en_allocator_use(&model->allocator);
        const en_save_job job = {
                .network = model->kept->network,
                .tensors = model->kept->tensors,
                .names = names,
                .dtype = dtype,
                .description = {.config = &model->config,
                                .preset = &model->preprocess.steps,
                                .labels = model->labels,
                                .multi_label = model->multi_label},
                .progress = en_options_or_default(options)->progress,
        };
        effnet_status status = en_save(&job, sink);

        en_allocator_use(outer);
        return status;
}

effnet_status
effnet_model_save_file(const effnet_model *model, const char *path,
                       int32_t names, int32_t dtype,
                       const effnet_options *options)
{
        effnet_status status;
        en_sink sink;

        if (model == NULL)
                return EN_NULL("model");
        if (path == NULL)
                return EN_NULL("path");
        status = check_kept(model);
        if (status != EFFNET_OK)
                return status;
        status = en_sink_open(&sink, path);
        if (status != EFFNET_OK)
                return status;
        status = save(model, &sink, names, dtype, options);
        return en_sink_close(&sink, en_fail_in(status, path));
}

effnet_status
effnet_model_save_callback(const effnet_model *model, effnet_write_fn write,
                           void *opaque, int32_t names, int32_t dtype,
                           const effnet_options *options)
{
        effnet_status status;
        en_sink sink;

        if (model == NULL)
                return EN_NULL("model");
        if (write == NULL)
                return EN_NULL("write");
        status = check_kept(model);
        if (status != EFFNET_OK)
                return status;
        en_sink_callback(&sink, write, opaque);
        return en_sink_close(&sink, save(model, &sink, names, dtype, options));
}
