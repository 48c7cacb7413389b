/* hdf5.c: the table of tensors of a Keras file: a group for each layer, and in
 * it the datasets under the names of its weights, "layer/kernel:0", so that
 * most paths hold the layer twice (keras/src/legacy/saving/
 * legacy_h5_format.py).
 */
#include "load/hdf5.h"

#include "base/status.h"
#include "load/hdf5_object.h"
#include "load/table.h"
#include "load/text.h"

#include <string.h>

/* Groups in groups.  A layer of a model in a model is three deep. */
#define MAX_DEPTH 12
#define MAX_PATH  500

typedef struct reader {
        en_hdf5 file;
        en_container *container;
        const char *scope;
        int32_t depth;
        size_t length;
        char path[MAX_PATH + 1]; /* of the object; ends with '/' in a group */
} reader;

static effnet_status visit(void *context, const char *name, uint64_t address);

/* Where the name begins that Keras gives the weight: behind the group of its
 * layer, whose name it repeats.
 */
static const char *
weight_name(const char *path)
{
        const char *slash = strchr(path, '/');
        size_t n = slash != NULL ? (size_t)(slash - path) + 1 : 0;

        return n > 0 && strncmp(path, slash + 1, n) == 0 ? slash + 1 : path;
}

/* Keras 2 calls the kernel of a depthwise convolution "depthwise_kernel", Keras
 * 3 "kernel", as here.
 */
static void
unify(char *path)
{
        static const char old[] = "/depthwise_kernel";
        char *slash = strrchr(path, '/');

        if (slash != NULL && strcmp(slash, old) == 0)
                strcpy(slash, "/kernel");
}

/* Keras 3 calls them by their place, "layers/conv2d/vars/0". */
static bool
is_numbered(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash != NULL && slash - path >= 5 &&
               strncmp(slash - 5, "/vars", 5) == 0;
}

static effnet_status
add_dataset(reader *r, const en_hdf5_object *object)
{
        en_storage storage = {.offset = object->address,
                              .stored = object->size,
                              .size = object->size};
        en_entry entry = {.scope = r->scope,
                          .dtype = object->dtype,
                          .rank = object->rank};
        const char *name = weight_name(r->path);
        size_t length = strlen(r->path);
        uint64_t step = 1;
        effnet_status status;

        if (length > 2 && strcmp(r->path + length - 2, ":0") == 0)
                r->path[length - 2] = '\0'; /* TensorFlow's mark of an output */
        unify(r->path);
        for (int32_t i = object->rank; i-- > 0;) {
                entry.shape[i] = object->shape[i];
                entry.stride[i] = (int64_t)(step & INT64_MAX);
                /* what overflows here the table refuses */
                step *= (uint64_t)object->shape[i];
        }
        status = en_table_add_storage(r->container, storage, &entry.storage);
        return status == EFFNET_OK ? en_table_add_entry(r->container, &entry,
                                                        name, strlen(name))
                                   : status;
}

static effnet_status
read_member(reader *r, uint64_t address)
{
        en_hdf5_object object;
        effnet_status status = en_hdf5_object_read(&r->file, address, &object);

        if (status != EFFNET_OK)
                return status;
        if (!object.group) {
                if (!object.space || !object.type || !object.layout)
                        return en_fail(EFFNET_ERROR_UNSUPPORTED,
                                       "HDF5: neither a group nor a dataset");
                if (is_numbered(r->path))
                        return en_fail(EFFNET_ERROR_UNSUPPORTED,
                                       "Keras 3's own format numbers its "
                                       "variables instead of naming them: load "
                                       "the model in Keras and save it in the "
                                       "legacy format, model.save('name.h5')");
                return add_dataset(r, &object);
        }
        if (r->depth == MAX_DEPTH)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "HDF5: groups nest more than %d deep, or in a "
                               "cycle",
                               MAX_DEPTH);
        r->path[r->length++] = '/';
        r->path[r->length] = '\0';
        r->depth++;
        status = en_hdf5_group_walk(&r->file, &object, visit, r);
        r->depth--;
        return status;
}

/* In a whole model's file the weights have a group of their own. */
static bool
is_model(const reader *r, const char *name)
{
        return r->depth == 0 && strcmp(name, "model_weights") == 0;
}

/* What training left beside it is not even looked at. */
static bool
is_optimizer(const reader *r, const char *name)
{
        return r->depth == 0 && (strcmp(name, "optimizer_weights") == 0 ||
                                 strcmp(name, "optimizer") == 0);
}

static effnet_status
visit(void *context, const char *name, uint64_t address)
{
        reader *r = context;
        size_t before = r->length, n = strlen(name);
        char shown[EN_SHOWN];
        effnet_status status;

        if (is_optimizer(r, name))
                return EFFNET_OK;
        if (n == 0 || n + 1 > MAX_PATH - before)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "HDF5: a path of more than %d bytes, or an "
                               "empty name",
                               MAX_PATH);
        memcpy(r->path + before, name, n + 1);
        r->length += n;
        if (is_model(r, name)) { /* its members are as at the root */
                en_hdf5_object group;

                status = en_hdf5_object_read(&r->file, address, &group);
                r->length = 0;
                r->depth++;
                if (status == EFFNET_OK && group.group)
                        status = en_hdf5_group_walk(&r->file, &group, visit, r);
                r->depth--;
        } else {
                status = read_member(r, address);
        }
        r->length = before;
        if (status != EFFNET_OK && r->depth <= 1 && n > 0) {
                en_show(shown, name, n);
                return en_fail_in(status, shown);
        }
        return status;
}

static effnet_status
read_file(reader *r, const effnet_options *options)
{
        const en_source *source = r->container->source;
        en_hdf5_object root;
        effnet_status status = en_hdf5_open(&r->file, source, options);

        if (status == EFFNET_OK)
                status = en_hdf5_object_read(&r->file, r->file.root, &root);
        if (status == EFFNET_OK && !root.group)
                status = en_fail(EFFNET_ERROR_FORMAT,
                                 "HDF5: the root is no group");
        if (status == EFFNET_OK)
                status = en_hdf5_group_walk(&r->file, &root, visit, r);
        return status == EFFNET_OK ? en_table_finish(r->container) : status;
}

effnet_status
en_hdf5_container_open(en_container **container, const en_source *source,
                       const effnet_options *options)
{
        reader r = {.depth = 0};
        effnet_status status = EFFNET_ERROR_MEMORY;

        *container = NULL;
        r.container = en_table_create("hdf5", source, options);
        if (r.container == NULL)
                return status;
        r.scope = en_table_add_scope(r.container, "");
        if (r.scope != NULL)
                status = read_file(&r, options);
        if (status == EFFNET_OK)
                *container = r.container;
        else
                en_container_close(r.container);
        return status;
}
