/* fuzz_checkpoint.c: any bytes as a checkpoint: opened as a network, and each
 * tensor of its container read.  A bare pickle, which no container is, stands
 * for the one in an archive.
 */
#include "base/options.h"
#include "load/checkpoint.h"
#include "load/container.h"
#include "load/torch_state.h"

#include <stdlib.h>

#define MAX_VALUES 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_entries(en_container *container)
{
        static double doubles[MAX_VALUES];
        static float singles[MAX_VALUES];

        for (int32_t i = 0; i < container->entry_count; i++) {
                const en_entry *entry = &container->entries[i];

                if (entry->count > MAX_VALUES)
                        continue;
                en_container_read_f64(container, entry, doubles);
                en_container_read_f32(container, entry, singles);
        }
}

static void
read_params(en_checkpoint *checkpoint)
{
        en_params params = en_checkpoint_params(checkpoint);
        en_network *network;

        if (en_network_create(&network, en_checkpoint_config(checkpoint), 0,
                              0) != EFFNET_OK)
                abort();
        for (int32_t i = 0; i < network->param_count; i++) {
                float *values = malloc((size_t)network->params[i].count *
                                       sizeof(float));

                if (values != NULL)
                        params.read(params.context, &network->params[i],
                                    values);
                free(values);
        }
        en_network_free(network);
}

static effnet_status
find_storage(void *context, const en_torch_id *id, int32_t *index)
{
        (void)context;
        (void)id;
        *index = 0;
        return EFFNET_OK;
}

/* Every tensor is of one storage: all the bytes. */
static void
parse_pickle(const en_source *source, const effnet_options *options)
{
        const en_torch_storages storages = {find_storage, NULL};
        const en_storage all = {.stored = source->size, .size = source->size};
        en_container *container = en_table_create("pickle", source, options);
        en_pickle *pickle = NULL;
        en_window window;
        int32_t index;

        en_window_open(&window, source, (uint64_t)options->max_header_bytes);
        if (container != NULL &&
            en_table_add_storage(container, all, &index) == EFFNET_OK &&
            en_pickle_parse(&pickle, &window) == EFFNET_OK &&
            en_torch_collect(container, pickle, &storages) == EFFNET_OK)
                read_entries(container);
        en_pickle_free(pickle);
        en_window_close(&window);
        en_container_close(container);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        effnet_options options = *en_options_or_default(NULL);
        en_container *container;
        en_checkpoint *checkpoint;
        en_source source;

        options.max_file_bytes = 1 << 20;
        options.max_header_bytes = 1 << 17;
        options.max_tensors = 1000;
        en_source_memory(&source, data, size);
        if (size > 0 && data[0] == 0x80)
                parse_pickle(&source, &options);
        if (en_container_open(&container, &source, &options) != EFFNET_OK)
                return 0;
        read_entries(container);
        en_container_close(container);
        options.allow_extra_tensors = 1;
        if (en_checkpoint_open(&checkpoint, &source, &options) != EFFNET_OK)
                return 0;
        read_params(checkpoint);
        en_checkpoint_close(checkpoint);
        return 0;
}
