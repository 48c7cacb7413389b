/* sidecars.c: files that timm and transformers put beside a checkpoint. */
#include "load/sidecars.h"

#include "base/alloc.h"
#include "base/status.h"

#include <string.h>

typedef effnet_status reader(en_told *told, const en_json *root,
                             const en_told_place *place);

/* `name` in the folder of `path`, for en_free. */
static char *
beside(const char *path, const char *name)
{
        const char *slash = strrchr(path, '/');
        size_t n = slash != NULL ? (size_t)(slash - path) + 1 : 0;
        size_t length = strlen(name);
        char *joined = en_alloc(n + length + 1);

        if (joined == NULL)
                return NULL;
        memcpy(joined, path, n);
        memcpy(joined + n, name, length + 1);
        return joined;
}

static effnet_status
read_text(en_told *told, reader *read, const char *text, size_t size,
          const en_told_place *place)
{
        en_json *root;
        effnet_status status = en_told_parse(&root, text, size, place);

        if (status != EFFNET_OK)
                return status;
        status = en_json_is_object(root)
                         ? read(told, root, place)
                         : en_fail(EFFNET_ERROR_FORMAT, "it is no JSON object");
        en_json_free(root);
        return status;
}

static effnet_status
read_file(en_told *told, reader *read, const char *path,
          const en_told_place *place)
{
        uint8_t *data = NULL;
        size_t size;
        effnet_status status = en_read_file(
                path, (uint64_t)place->options->max_header_bytes, &data, &size);

        if (status == EFFNET_OK)
                status = read_text(told, read, (const char *)data, size, place);
        en_free(data);
        return status;
}

static effnet_status
read_sidecar(en_told *told, reader *read, const en_source *source,
             const en_told_place *place)
{
        char *path = beside(source->name, told->name);
        char kept[EN_MESSAGE_SIZE];
        effnet_status status;

        if (path == NULL)
                return EFFNET_ERROR_MEMORY;
        if (!en_file_exists(path)) {
                en_free(path);
                return EFFNET_OK;
        }
        en_message_keep(kept);
        status = read_file(told, read, path, place);
        if (status != EFFNET_OK && status != EFFNET_ERROR_MEMORY &&
            place->options->sidecars < 2) {
                en_warn(place->warnings, "%s is ignored: %s", told->name,
                        en_message());
                en_told_clear(told);
                en_message_restore(kept);
                status = EFFNET_OK;
        }
        status = en_fail_in(status, path);
        en_free(path);
        return status;
}

effnet_status
en_sidecars_read(en_told *config, en_told *processor, const en_source *source,
                 const en_told_place *place)
{
        effnet_status status;

        if (source->fd < 0 || place->options->sidecars == 0)
                return EFFNET_OK;
        status = read_sidecar(config, en_told_config, source, place);
        if (status != EFFNET_OK)
                return status;
        return read_sidecar(processor, en_told_processor, source, place);
}
