/* container.c: the kind by content, then the reader of that kind. */
#include "load/container.h"

#include "base/status.h"
#include "load/hdf5.h"
#include "load/safetensors.h"
#include "load/sniff.h"
#include "load/torch_state.h"

#include <string.h>

static effnet_status (*const readers[])(en_container **container,
                                        const en_source *source,
                                        const effnet_options *options) = {
        [EN_FILE_ZIP] = en_torch_zip_open,
        [EN_FILE_TORCH_LEGACY] = en_torch_legacy_open,
        [EN_FILE_SAFETENSORS] = en_safetensors_open,
        [EN_FILE_HDF5] = en_hdf5_container_open,
};

static effnet_status
open_container(en_container **container, const en_source *source,
               const effnet_options *options)
{
        uint8_t bytes[EN_SNIFF_SIZE];
        size_t size = EN_SNIFF_SIZE;
        en_file_kind kind;
        effnet_status status;

        if (source->size > (uint64_t)options->max_file_bytes)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "larger than the limit for files");
        if (source->size < size)
                size = (size_t)source->size;
        status = en_source_read(source, 0, bytes, size);
        if (status == EFFNET_OK)
                status = en_sniff(bytes, size, source->size, &kind);
        return status == EFFNET_OK ? readers[kind](container, source, options)
                                   : status;
}

effnet_status
en_container_open(en_container **container, const en_source *source,
                  const effnet_options *options)
{
        effnet_status status;

        *container = NULL;
        status = open_container(container, source,
                                en_options_or_default(options));
        return en_fail_in(status, source->name);
}
