/* model.c: exported model functions: config, weights, preprocessing and
 * labels joined behind one counted handle.
 */
#include "api/model.h"

#include "api/check.h"
#include "api/reporting.h"
#include "arch/seeded.h"
#include "base/alloc.h"
#include "base/fpu.h"
#include "base/options.h"
#include "load/checkpoint.h"

#include <inttypes.h>

static effnet_status
pick_kernels(const en_kernels **kernels, const effnet_options *options)
{
        en_cpuid cpuid = en_cpuid_read();

        *kernels = en_kernels_for((int32_t)options->instruction_set, &cpuid);
        if (*kernels == NULL)
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "instruction set %" PRId64
                               ": not built into the library, or not offered "
                               "by this processor",
                               options->instruction_set);
        return EFFNET_OK;
}

/* Both the parameters and what is packed count as the weights' memory. */
static effnet_status
keep_and_pack(effnet_model *model, const en_network *network,
              const en_params *params, const en_kernels *kernels,
              const effnet_options *options)
{
        effnet_options rest = *options;
        effnet_status status;
        en_params tee;

        status = en_kept_create(&model->kept, &network->config,
                                options->max_memory_bytes);
        if (status != EFFNET_OK)
                return status;
        tee = en_kept_tee(model->kept, params);
        rest.max_memory_bytes -= (int64_t)model->kept->bytes;
        status = en_weights_create(&model->weights, network, &tee, kernels,
                                   &rest);
        if (status == EFFNET_ERROR_LIMIT)
                return en_fail_in(status, "beside the parameters to keep");
        return status;
}

static effnet_status
pack_weights(effnet_model *model, const en_network *network,
             const en_params *params, const effnet_options *options)
{
        const en_kernels *kernels;
        effnet_status status = pick_kernels(&kernels, options);

        if (status != EFFNET_OK)
                return status;
        model->embedding_size = network->embedding_size;
        if (options->keep_parameters != 0)
                return keep_and_pack(model, network, params, kernels, options);
        return en_weights_create(&model->weights, network, params, kernels,
                                 options);
}

static effnet_status
load_labels(effnet_model *model, const effnet_options *options)
{
        if (options->labels_file == NULL)
                return EFFNET_OK;
        return en_labels_load(&model->labels, options->labels_file,
                              model->config.classes);
}

/* Everything but the weights. */
static effnet_status
new_model(effnet_model **out, const effnet_config *config,
          const char *container, const effnet_options *options)
{
        effnet_model *model = en_alloc_zero(1, sizeof(*model));
        effnet_status status;

        if (model == NULL)
                return EFFNET_ERROR_MEMORY;
        atomic_init(&model->references, 1);
        model->allocator = options->allocator;
        model->container = container;
        model->config = *config;
        model->preprocess.steps = en_preset_for(config);
        status = load_labels(model, options);
        if (status != EFFNET_OK) {
                effnet_model_release(model);
                return status;
        }
        *out = model;
        return EFFNET_OK;
}

/* The model of `network` with the values that `params` gives. */
static effnet_status
assemble(effnet_model **out, const en_network *network, const char *container,
         const en_params *params, const effnet_options *options)
{
        effnet_model *model = NULL;
        en_reporting reporting;
        en_params reported;
        effnet_status status;
        uint64_t mode;

        status = new_model(&model, &network->config, container, options);
        if (status != EFFNET_OK)
                return status;
        reported = en_reporting_params(&reporting, network, params,
                                       &options->progress);
        mode = en_fpu_enter();
        status = pack_weights(model, network, &reported, options);
        en_fpu_leave(mode);
        if (status == EFFNET_OK)
                status = en_progress_report(&options->progress, 1, 1);
        if (status != EFFNET_OK) {
                effnet_model_release(model);
                return status;
        }
        *out = model;
        return EFFNET_OK;
}

/* Softmax over one class would always be 1. */
static bool
is_multi_label(const effnet_config *config, const effnet_options *options,
               bool told)
{
        if (config->classes == 1)
                return true;
        return options->multi_label >= 0 ? options->multi_label != 0 : told;
}

/* What the file tells besides the network. */
static void
take_finding(effnet_model *model, en_checkpoint *checkpoint,
             const effnet_options *options)
{
        en_finding *found = en_checkpoint_finding(checkpoint);
        char kept[EN_MESSAGE_SIZE];

        en_message_keep(kept);
        if (en_preprocess_check(&found->preset) == EFFNET_OK)
                model->preprocess.steps = found->preset;
        else
                en_warn(&found->warnings,
                        "what the metadata say of pictures is ignored: %s",
                        en_message());
        en_message_restore(kept);
        model->multi_label = is_multi_label(&model->config, options,
                                            found->multi_label);
        en_provenance_loaded(&model->provenance, found, options);
        if (model->labels == NULL)
                model->labels = en_checkpoint_take_labels(checkpoint);
}

static effnet_status
load_from(effnet_model **out, const en_source *source,
          const effnet_options *options)
{
        en_checkpoint *checkpoint = NULL;
        en_network *network = NULL;
        en_params params;
        effnet_status status;

        status = en_checkpoint_open(&checkpoint, source, options);
        if (status != EFFNET_OK)
                return status;
        status = en_network_create(&network, en_checkpoint_config(checkpoint),
                                   0, 0);
        if (status == EFFNET_OK) {
                params = en_checkpoint_params(checkpoint);
                status = assemble(out, network,
                                  en_checkpoint_container(checkpoint), &params,
                                  options);
        }
        if (status == EFFNET_OK)
                take_finding(*out, checkpoint, options);
        en_network_free(network);
        en_checkpoint_close(checkpoint);
        return status;
}

static effnet_status
load(effnet_model **out, const en_source *source, const effnet_options *options)
{
        const en_allocator *outer = en_allocator_use(&options->allocator);
        effnet_status status = load_from(out, source, options);

        en_allocator_use(outer);
        return en_fail_in(status, source->name);
}

static effnet_status
check_size(uint64_t size, const effnet_options *options)
{
        if (size <= (uint64_t)options->max_file_bytes)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_LIMIT,
                       "checkpoint: %" PRIu64 " bytes, the limit is %" PRId64,
                       size, options->max_file_bytes);
}

effnet_status
effnet_model_load_file(effnet_model **model, const char *path,
                       const effnet_options *options)
{
        en_source source;
        effnet_status status;

        if (model == NULL)
                return EN_NULL("model");
        *model = NULL;
        if (path == NULL)
                return EN_NULL("path");
        options = en_options_or_default(options);
        status = en_source_open(&source, path,
                                (uint64_t)options->max_file_bytes);
        if (status != EFFNET_OK)
                return status;
        status = load(model, &source, options);
        en_source_close(&source);
        return status;
}

effnet_status
effnet_model_load_memory(effnet_model **model, const void *data, size_t size,
                         const effnet_options *options)
{
        en_source source;
        effnet_status status;

        if (model == NULL)
                return EN_NULL("model");
        *model = NULL;
        if (data == NULL)
                return EN_NULL("data");
        options = en_options_or_default(options);
        status = check_size(size, options);
        if (status != EFFNET_OK)
                return status;
        en_source_memory(&source, data, size);
        return load(model, &source, options);
}

effnet_status
effnet_model_load_callback(effnet_model **model, effnet_read_fn read,
                           void *opaque, uint64_t size,
                           const effnet_options *options)
{
        en_source source;
        effnet_status status;

        if (model == NULL)
                return EN_NULL("model");
        *model = NULL;
        if (read == NULL)
                return EN_NULL("read");
        options = en_options_or_default(options);
        status = check_size(size, options);
        if (status != EFFNET_OK)
                return status;
        en_source_callback(&source, read, opaque, size);
        return load(model, &source, options);
}

static effnet_status
create(effnet_model **model, const effnet_config *config, uint64_t seed,
       const effnet_options *options)
{
        en_network *network = NULL;
        en_seeded seeded;
        en_params params;
        effnet_status status;

        status = en_network_create(&network, config, 0, 0);
        if (status != EFFNET_OK)
                return status;
        seeded.network = network;
        seeded.seed = seed;
        params = en_seeded_params(&seeded);
        status = assemble(model, network, "none", &params, options);
        if (status == EFFNET_OK) {
                (*model)->multi_label = is_multi_label(config, options, false);
                en_provenance_created(&(*model)->provenance, config, options);
        }
        en_network_free(network);
        return status;
}

effnet_status
effnet_model_create(effnet_model **model, const effnet_config *config,
                    uint64_t seed, const effnet_options *options)
{
        const en_allocator *outer;
        effnet_status status;

        if (model == NULL)
                return EN_NULL("model");
        *model = NULL;
        if (config == NULL)
                return EN_NULL("config");
        options = en_options_or_default(options);
        outer = en_allocator_use(&options->allocator);
        status = create(model, config, seed, options);
        en_allocator_use(outer);
        return status;
}

effnet_model *
effnet_model_retain(effnet_model *model)
{
        if (model != NULL)
                atomic_fetch_add_explicit(&model->references, 1,
                                          memory_order_relaxed);
        return model;
}

void
effnet_model_release(effnet_model *model)
{
        if (model == NULL)
                return;
        if (atomic_fetch_sub_explicit(&model->references, 1,
                                      memory_order_acq_rel) != 1)
                return;
        en_labels_free(model->labels);
        en_weights_free(model->weights);
        en_kept_free(model->kept);
        en_free(model);
}

const effnet_config *
effnet_model_config(const effnet_model *model)
{
        return model != NULL ? &model->config : NULL;
}

const effnet_preprocess *
effnet_model_preprocess(const effnet_model *model)
{
        return model != NULL ? &model->preprocess : NULL;
}

const char *
effnet_model_container(const effnet_model *model)
{
        return model != NULL ? model->container : NULL;
}

const char *
effnet_model_instruction_set(const effnet_model *model)
{
        return model != NULL ? model->weights->kernels->name : NULL;
}

int32_t
effnet_model_classes(const effnet_model *model)
{
        return model != NULL ? model->config.classes : 0;
}

int32_t
effnet_model_multi_label(const effnet_model *model)
{
        return model != NULL ? model->multi_label : 0;
}

int32_t
effnet_model_embedding_size(const effnet_model *model)
{
        return model != NULL ? model->embedding_size : 0;
}

const char *
effnet_model_label(const effnet_model *model, int32_t class_index)
{
        if (model == NULL || class_index < 0 ||
            class_index >= model->config.classes)
                return NULL;
        if (model->labels != NULL)
                return en_labels_get(model->labels, class_index);
        if (model->config.classes == EN_IMAGENET_CLASSES)
                return en_imagenet_label(class_index);
        return NULL;
}
