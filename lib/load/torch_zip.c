/* torch_zip.c: what torch.save writes since PyTorch 1.6: a zip archive with a
 * pickle and a member for each storage.
 */
#include "load/torch_state.h"

#include "base/alloc.h"
#include "base/size.h"
#include "base/status.h"
#include "load/dtype.h"
#include "load/text.h"
#include "load/zip.h"

#include <inttypes.h>
#include <string.h>

#define MAX_KEY 64

typedef struct archive {
        const en_zip *zip;
        en_container *container;
        const char *root; /* not terminated, its slash included */
        size_t root_length;
        char *path;        /* room for the root and a key */
        int32_t *storages; /* by member: index in the container, or -1 */
} archive;

static bool
ends_with(const en_zip_member *member, const char *end)
{
        size_t n = strlen(end);

        return member->name_length >= n &&
               memcmp(member->name + member->name_length - n, end, n) == 0;
}

static bool
has_member_like(const en_zip *zip, const char *end)
{
        for (int32_t i = 0; i < zip->count; i++) {
                if (ends_with(&zip->members[i], end))
                        return true;
        }
        return false;
}

/* The member "<root>/data.pkl" of the shortest path, or -1. */
static int32_t
find_pickle(const en_zip *zip)
{
        int32_t found = -1;

        for (int32_t i = 0; i < zip->count; i++) {
                if (ends_with(&zip->members[i], "/data.pkl") &&
                    (found < 0 || zip->members[i].name_length <
                                          zip->members[found].name_length))
                        found = i;
        }
        return found;
}

static effnet_status
not_torch(const en_zip *zip)
{
        static const struct {
                const char *member, *what;
        } others[] = {
                {"model.weights.h5", "a Keras 3 archive (.keras): load it in "
                                     "Keras and save it in the legacy format, "
                                     "model.save('name.h5')"},
                {".npy", "a NumPy archive (.npz): save the arrays as a "
                         "state_dict or as safetensors"},
        };

        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
                if (has_member_like(zip, others[i].member))
                        return en_fail(EFFNET_ERROR_UNSUPPORTED, "%s",
                                       others[i].what);
        }
        return en_fail(EFFNET_ERROR_FORMAT,
                       "a zip archive of %d members, but not torch.save's: no "
                       "member ends in /data.pkl",
                       (int)zip->count);
}

/* The index of "<root><name>", or -1. */
static int32_t
find_member(const archive *a, const char *name, size_t length)
{
        if (length > MAX_KEY)
                return -1;
        memcpy(a->path + a->root_length, name, length);
        return en_zip_find(a->zip, a->path, a->root_length + length);
}

static bool
is_torchscript(const archive *a)
{
        if (find_member(a, "constants.pkl", 13) >= 0)
                return true;
        memcpy(a->path + a->root_length, "code/", 5);
        for (int32_t i = 0; i < a->zip->count; i++) {
                const en_zip_member *m = &a->zip->members[i];

                if (m->name_length >= a->root_length + 5 &&
                    memcmp(m->name, a->path, a->root_length + 5) == 0)
                        return true;
        }
        return false;
}

static effnet_status
check_archive(const archive *a)
{
        int32_t order = find_member(a, "byteorder", 9);
        uint8_t *text;
        size_t size;
        bool little;
        effnet_status status;

        if (is_torchscript(a))
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "a TorchScript archive (torch.jit.save): save "
                               "the state_dict instead, "
                               "torch.save(model.state_dict(), path)");
        if (order < 0)
                return EFFNET_OK;
        status = en_zip_read(a->zip, order, 64, &text, &size);
        if (status != EFFNET_OK)
                return status;
        little = size >= 6 && memcmp(text, "little", 6) == 0;
        en_free(text);
        if (!little)
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "saved in another byte order; expected "
                               "\"little\" in the member byteorder");
        return EFFNET_OK;
}

static effnet_status
check_size(const en_torch_id *id, const char *shown, uint64_t found)
{
        uint64_t expected;

        if (!en_mul_u64(id->count, id->typed ? en_dtype_size(id->dtype) : 1,
                        &expected) ||
            expected != found)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "storage %s: expected %" PRIu64
                               " elements of %s, found %" PRIu64 " bytes",
                               shown, id->count,
                               id->typed ? en_dtype_name(id->dtype)
                                         : "one byte",
                               found);
        return EFFNET_OK;
}

static effnet_status
find_storage(void *context, const en_torch_id *id, int32_t *index)
{
        archive *a = context;
        char shown[EN_SHOWN], name[MAX_KEY];
        int32_t member = -1;
        en_storage storage;
        effnet_status status;

        en_show(shown, id->key, id->key_length);
        if (id->key_length <= MAX_KEY - 5) {
                memcpy(name, "data/", 5);
                memcpy(name + 5, id->key, id->key_length);
                member = find_member(a, name, 5 + id->key_length);
        }
        if (member < 0)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "storage %s: the archive has no such member",
                               shown);
        status = check_size(id, shown, a->zip->members[member].size);
        *index = a->storages[member];
        if (status != EFFNET_OK || *index >= 0)
                return status;
        status = en_zip_locate(a->zip, member, &storage);
        if (status == EFFNET_OK)
                status = en_table_add_storage(a->container, storage, index);
        if (status == EFFNET_OK)
                a->storages[member] = *index;
        return status;
}

static effnet_status
read_pickle(archive *a, int32_t member, const effnet_options *options)
{
        const en_torch_storages storages = {find_storage, a};
        en_window window;
        en_pickle *pickle;
        uint8_t *data;
        size_t size;
        effnet_status status;

        status = en_zip_read(a->zip, member,
                             (uint64_t)options->max_header_bytes, &data, &size);
        if (status != EFFNET_OK)
                return status;
        en_window_take(&window, data, size);
        status = en_pickle_parse(&pickle, &window);
        if (status == EFFNET_OK)
                status = en_torch_collect(a->container, pickle, &storages);
        en_pickle_free(pickle);
        en_window_close(&window);
        return status;
}

static effnet_status
read_archive(archive *a, const effnet_options *options)
{
        int32_t member = find_pickle(a->zip);
        effnet_status status;

        if (member < 0)
                return not_torch(a->zip);
        a->root = a->zip->members[member].name;
        a->root_length = a->zip->members[member].name_length - strlen("data."
                                                                      "pkl");
        a->path = en_alloc(a->root_length + MAX_KEY);
        a->storages = en_alloc_array((size_t)a->zip->count, sizeof(int32_t));
        if (a->path == NULL || a->storages == NULL)
                return EFFNET_ERROR_MEMORY;
        memcpy(a->path, a->root, a->root_length);
        for (int32_t i = 0; i < a->zip->count; i++)
                a->storages[i] = -1;
        status = check_archive(a);
        return status == EFFNET_OK ? read_pickle(a, member, options) : status;
}

effnet_status
en_torch_zip_open(en_container **container, const en_source *source,
                  const effnet_options *options)
{
        archive a = {0};
        en_zip *zip;
        effnet_status status = en_zip_open(&zip, source, options);

        *container = NULL;
        if (status != EFFNET_OK)
                return status;
        a.zip = zip;
        a.container = en_table_create("torch-zip", source, options);
        if (a.container == NULL)
                status = EFFNET_ERROR_MEMORY;
        else
                status = read_archive(&a, options);
        en_free(a.path);
        en_free(a.storages);
        en_zip_close(zip);
        if (status == EFFNET_OK)
                *container = a.container;
        else
                en_container_close(a.container);
        return status;
}
