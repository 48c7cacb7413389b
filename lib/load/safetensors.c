/* safetensors.c: a JSON header, then the tensors (huggingface/safetensors,
 * whose reader's rules these are).
 */
#include "load/safetensors.h"

#include "base/alloc.h"
#include "base/size.h"
#include "base/status.h"
#include "load/bytes.h"
#include "load/dtype.h"
#include "load/json.h"
#include "load/json_scan.h"
#include "load/metadata.h"
#include "load/table.h"
#include "load/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX_SIZE 8

/* The header, a tensor, its shape. */
#define MAX_JSON_DEPTH 3
/* Brackets, commas and colons of a tensor of eight dimensions: 20. */
#define VALUES_PER_TENSOR 24

typedef struct reader {
        const en_source *source;
        const effnet_options *options;
        en_container *container;
        const char *scope;
        uint64_t data; /* offset of the first tensor */
        uint64_t size; /* bytes of all tensors */
} reader;

/* A tensor's name as it stands in the message. */
static effnet_status
fail_tensor(const char *name, effnet_status status, const char *what)
{
        char shown[EN_SHOWN];

        en_show(shown, name, strlen(name));
        return en_fail(status, "tensor %s: %s", shown, what);
}

static bool
read_count(const en_json *value, uint64_t *count)
{
        int64_t found;

        if (!en_json_integer(value, &found) || found < 0)
                return false;
        *count = (uint64_t)found;
        return true;
}

static effnet_status
read_dtype(const char *name, const en_json *info, en_dtype *dtype)
{
        size_t length;
        const char *type = en_json_text(en_json_get(info, "dtype"), &length);
        char shown[EN_SHOWN], shown_type[EN_SHOWN];

        if (type == NULL)
                return fail_tensor(name, EFFNET_ERROR_FORMAT,
                                   "no dtype in the header");
        if (en_dtype_find(EN_DTYPE_SAFETENSORS, type, length, dtype))
                return EFFNET_OK;
        en_show(shown, name, strlen(name));
        en_show(shown_type, type, length);
        return en_fail(EFFNET_ERROR_UNSUPPORTED,
                       "tensor %s: element type %s is not supported; expected "
                       "F32, F16, BF16 or F64",
                       shown, shown_type);
}

/* Also gives the strides of C order.  A product may overflow here only where
 * the table refuses the shape.
 */
static effnet_status
read_shape(const char *name, const en_json *info, en_entry *entry)
{
        const en_json *shape = en_json_get(info, "shape");
        size_t rank = en_json_count(shape);
        uint64_t step = 1, count;

        if (!en_json_is_array(shape))
                return fail_tensor(name, EFFNET_ERROR_FORMAT,
                                   "no shape in the header");
        if (rank > EN_MAX_RANK)
                return fail_tensor(name, EFFNET_ERROR_UNSUPPORTED,
                                   "more than eight dimensions");
        entry->rank = (int32_t)rank;
        for (size_t i = rank; i-- > 0;) {
                if (!read_count(en_json_at(shape, i), &count))
                        return fail_tensor(name, EFFNET_ERROR_FORMAT,
                                           "a dimension is no count");
                entry->shape[i] = (int64_t)count;
                entry->stride[i] = (int64_t)step;
                if (count != 0 && !en_mul_u64(step, count, &step))
                        return fail_tensor(name, EFFNET_ERROR_FORMAT,
                                           "its size overflows");
                if (step > INT64_MAX)
                        return fail_tensor(name, EFFNET_ERROR_FORMAT,
                                           "its size overflows");
        }
        return EFFNET_OK;
}

/* data_offsets: [begin, end), which must hold the shape exactly. */
static effnet_status
read_range(const reader *r, const char *name, const en_json *info,
           const en_entry *entry, en_storage *storage)
{
        const en_json *range = en_json_get(info, "data_offsets");
        uint64_t begin, end, bytes = en_dtype_size(entry->dtype);
        char shown[EN_SHOWN];

        if (en_json_count(range) != 2 ||
            !read_count(en_json_at(range, 0), &begin) ||
            !read_count(en_json_at(range, 1), &end) || begin > end)
                return fail_tensor(name, EFFNET_ERROR_FORMAT,
                                   "no data_offsets [begin, end] in the "
                                   "header");
        for (int32_t i = 0; i < entry->rank; i++) {
                if (!en_mul_u64(bytes, (uint64_t)entry->shape[i], &bytes))
                        return fail_tensor(name, EFFNET_ERROR_FORMAT,
                                           "its size overflows");
        }
        en_show(shown, name, strlen(name));
        if (end - begin != bytes)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "tensor %s: its shape needs %" PRIu64
                               " bytes, its data_offsets hold %" PRIu64,
                               shown, bytes, end - begin);
        if (end > r->size)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "truncated: tensor %s ends at byte %" PRIu64
                               " of the data, the file has %" PRIu64,
                               shown, end, r->size);
        *storage = (en_storage){
                .offset = r->data + begin, .stored = bytes, .size = bytes};
        return EFFNET_OK;
}

static effnet_status
add_tensor(reader *r, const char *name, const en_json *info)
{
        en_entry entry = {.scope = r->scope};
        en_storage storage;
        effnet_status status;

        if (!en_json_is_object(info))
                return fail_tensor(name, EFFNET_ERROR_FORMAT,
                                   "no object in the header");
        status = read_dtype(name, info, &entry.dtype);
        if (status == EFFNET_OK)
                status = read_shape(name, info, &entry);
        if (status == EFFNET_OK)
                status = read_range(r, name, info, &entry, &storage);
        if (status == EFFNET_OK)
                status = en_table_add_storage(r->container, storage,
                                              &entry.storage);
        if (status != EFFNET_OK)
                return status;
        return en_table_add_entry(r->container, &entry, name, strlen(name));
}

/* What may tell of the model is kept. */
static effnet_status
add_metadata(void *context, const char *key, en_json *value)
{
        reader *r = context;
        size_t length;
        const char *text = en_json_text(value, &length);

        if (text == NULL)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "__metadata__ holds more than texts");
        return en_metadata_keep(r->container, key, text, length);
}

static effnet_status
add_member(void *context, const char *key, en_json *value)
{
        if (strcmp(key, "__metadata__") != 0)
                return add_tensor(context, key, value);
        if (!en_json_is_object(value))
                return en_fail(EFFNET_ERROR_FORMAT,
                               "__metadata__ is no object");
        return en_json_each(value, add_metadata, context);
}

static effnet_status
add_tensors(reader *r, en_json *header)
{
        if (!en_json_is_object(header))
                return en_fail(EFFNET_ERROR_FORMAT,
                               "the safetensors header is no object");
        if (en_json_get(header, "weight_map") != NULL)
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "the index of a sharded set");
        return en_json_each(header, add_member, r);
}

static int
by_offset(const void *a, const void *b)
{
        const en_storage *x = a, *y = b;

        if (x->offset != y->offset)
                return x->offset > y->offset ? 1 : -1;
        return (x->size > y->size) - (x->size < y->size);
}

/* The tensors tile the data: no hole, no overlap, nothing behind. */
static effnet_status
check_tiling(const reader *r)
{
        size_t count = (size_t)r->container->storage_count;
        en_storage *sorted = en_alloc_array(count, sizeof(*sorted));
        uint64_t next = r->data;
        effnet_status status = EFFNET_OK;

        if (sorted == NULL)
                return EFFNET_ERROR_MEMORY;
        if (count > 0)
                memcpy(sorted, r->container->storages, count * sizeof(*sorted));
        qsort(sorted, count, sizeof(*sorted), by_offset);
        for (size_t i = 0; i < count && status == EFFNET_OK; i++) {
                if (sorted[i].offset != next)
                        status = en_fail(EFFNET_ERROR_FORMAT,
                                         "%s between tensors at byte %" PRIu64
                                         " of the data",
                                         sorted[i].offset > next ? "a hole"
                                                                 : "an overlap",
                                         sorted[i].offset - r->data);
                next = sorted[i].offset + sorted[i].size;
        }
        if (status == EFFNET_OK && next != r->data + r->size)
                status = en_fail(EFFNET_ERROR_FORMAT,
                                 "%" PRIu64 " bytes behind the last tensor",
                                 r->data + r->size - next);
        en_free(sorted);
        return status;
}

/* Limits what the JSON parser may build. */
static effnet_status
check_cost(const reader *r, const char *text, size_t size)
{
        en_json_cost cost = en_json_scan(text, size);
        uint64_t most = (uint64_t)r->options->max_tensors * VALUES_PER_TENSOR;

        if (cost.depth > MAX_JSON_DEPTH)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "the safetensors header nests %d deep; "
                               "expected at most %d",
                               cost.depth, MAX_JSON_DEPTH);
        if (cost.values > most)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "the safetensors header holds more values than "
                               "%" PRId64 " tensors need, the limit",
                               r->options->max_tensors);
        return EFFNET_OK;
}

static effnet_status
parse_header(reader *r, const char *text, size_t size)
{
        en_json *header;
        effnet_status status = check_cost(r, text, size);

        if (status == EFFNET_OK)
                status = en_json_parse(&header, text, size,
                                       "the safetensors header is");
        if (status != EFFNET_OK)
                return status;
        status = add_tensors(r, header);
        en_json_free(header);
        if (status == EFFNET_OK)
                status = check_tiling(r);
        return status == EFFNET_OK ? en_table_finish(r->container) : status;
}

static effnet_status
check_header_size(const en_source *source, const effnet_options *options,
                  uint64_t size)
{
        if (size > EN_MOST_HEADER_BYTES)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "a safetensors header of %" PRIu64
                               " bytes; expected at most %d",
                               size, EN_MOST_HEADER_BYTES);
        if (size > source->size - PREFIX_SIZE)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "truncated safetensors: a header of %" PRIu64
                               " bytes, the size is %" PRIu64,
                               size, source->size);
        if (size > (uint64_t)options->max_header_bytes)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "a safetensors header of %" PRIu64
                               " bytes, the limit is %" PRId64,
                               size, options->max_header_bytes);
        return EFFNET_OK;
}

static effnet_status
read_header(reader *r)
{
        uint8_t prefix[PREFIX_SIZE];
        uint64_t size;
        char *text;
        effnet_status status;

        status = en_source_read(r->source, 0, prefix, sizeof(prefix));
        size = status == EFFNET_OK ? en_le64(prefix) : 0;
        if (status == EFFNET_OK)
                status = check_header_size(r->source, r->options, size);
        if (status != EFFNET_OK)
                return status;
        r->data = PREFIX_SIZE + size;
        r->size = r->source->size - r->data;
        text = en_alloc((size_t)size);
        r->scope = en_table_add_scope(r->container, "");
        status = EFFNET_ERROR_MEMORY;
        if (text != NULL && r->scope != NULL)
                status = en_source_read(r->source, PREFIX_SIZE, text,
                                        (size_t)size);
        if (status == EFFNET_OK)
                status = parse_header(r, text, (size_t)size);
        en_free(text);
        return status;
}

effnet_status
en_safetensors_open(en_container **container, const en_source *source,
                    const effnet_options *options)
{
        reader r = {.source = source, .options = options};
        effnet_status status;

        *container = NULL;
        r.container = en_table_create("safetensors", source, options);
        if (r.container == NULL)
                return EFFNET_ERROR_MEMORY;
        status = read_header(&r);
        if (status == EFFNET_OK)
                *container = r.container;
        else
                en_container_close(r.container);
        return status;
}
