/* save.c: writing safetensors (huggingface/safetensors, "Format"): the size of
 * the header, the header, the tensors one behind the other.
 */
#include "load/save.h"

#include "base/alloc.h"
#include "base/status.h"
#include "load/dtype.h"
#include "load/narrow.h"
#include "load/target.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PREFIX_SIZE 8
#define CHUNK       4096 /* elements */

typedef struct writer {
        const en_save_job *job;
        const en_naming *naming;
        en_dtype dtype;
        en_sink *sink;
        en_json header;
        uint64_t offset; /* of the next tensor in the data */
        int64_t norms;   /* batch norms */
} writer;

static effnet_status
find_dtype(int32_t type, en_dtype *dtype)
{
        switch (type) {
        case EFFNET_TYPE_F32: *dtype = EN_DTYPE_F32; return EFFNET_OK;
        case EFFNET_TYPE_F16: *dtype = EN_DTYPE_F16; return EFFNET_OK;
        case EFFNET_TYPE_BF16: *dtype = EN_DTYPE_BF16; return EFFNET_OK;
        default:
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "dtype: %d; expected EFFNET_TYPE_F32, _F16 or "
                               "_BF16",
                               (int)type);
        }
}

static void
name_of(const writer *w, int32_t index, char name[EN_NAME_SIZE])
{
        const en_param *param = &w->job->network->params[index];

        en_name_param(w->naming, &w->job->network->layers[param->layer],
                      param->kind, name);
}

/* PyTorch counts the batches that a norm has seen, beside its statistics. */
static void
counter_of(const writer *w, int32_t index, char name[EN_NAME_SIZE])
{
        static const char counter[] = ".num_batches_tracked";
        char *end;

        name_of(w, index, name);
        end = strrchr(name, '.');
        if (end != NULL)
                snprintf(end, EN_NAME_SIZE - (size_t)(end - name), "%s",
                         counter);
}

static bool
is_norm(const writer *w, int32_t index)
{
        return w->job->network->params[index].kind == EN_PARAM_BN_WEIGHT;
}

/* The tensor's line in the header: it lies behind the last one. */
static void
put_tensor(writer *w, const char *name, en_dtype dtype,
           const effnet_tensor *tensor)
{
        uint64_t size = (uint64_t)tensor->count * en_dtype_size(dtype);
        en_json *json = &w->header;

        en_json_put(json, ",");
        en_json_string(json, name);
        en_json_put(json, ":{\"dtype\":");
        en_json_string(json, en_dtype_safetensors(dtype));
        en_json_put(json, ",\"shape\":[");
        for (int32_t i = 0; i < tensor->rank; i++) {
                if (i > 0)
                        en_json_put(json, ",");
                en_json_int(json, tensor->shape[i]);
        }
        en_json_put(json, "],\"data_offsets\":[");
        en_json_int(json, (int64_t)w->offset);
        en_json_put(json, ",");
        w->offset += size;
        en_json_int(json, (int64_t)w->offset);
        en_json_put(json, "]}");
}

/* PyTorch's readers look for "format".  The description is a text in a text.
 */
static effnet_status
put_metadata(writer *w)
{
        en_json description = {0};
        effnet_status status;

        en_describe(&description, &w->job->description);
        status = en_json_status(&description);
        if (status == EFFNET_OK) {
                en_json_put(&w->header, "{\"__metadata__\":{\"format\":\"pt\","
                                        "\"" EN_DESCRIPTION_KEY "\":");
                en_json_string(&w->header, description.text);
                en_json_put(&w->header, "}");
        }
        en_json_free(&description);
        return status;
}

/* The counters come first, so that all is aligned. */
static effnet_status
put_header(writer *w)
{
        const effnet_tensor counter = {.rank = 0, .count = 1};
        int32_t count = w->job->network->param_count;
        char name[EN_NAME_SIZE];
        effnet_status status = put_metadata(w);

        if (status != EFFNET_OK)
                return status;
        for (int32_t i = 0; i < count; i++) {
                if (!is_norm(w, i))
                        continue;
                counter_of(w, i, name);
                put_tensor(w, name, EN_DTYPE_I64, &counter);
                w->norms++;
        }
        for (int32_t i = 0; i < count; i++) {
                name_of(w, i, name);
                put_tensor(w, name, w->dtype, &w->job->tensors[i]);
        }
        en_json_put(&w->header, "}");
        while (w->header.length % PREFIX_SIZE != 0 && !w->header.failed)
                en_json_put(&w->header, " ");
        return en_json_status(&w->header);
}

static effnet_status
write_header(writer *w)
{
        uint8_t prefix[PREFIX_SIZE], zero[PREFIX_SIZE] = {0};
        effnet_status status;

        for (size_t i = 0; i < PREFIX_SIZE; i++)
                prefix[i] = (uint8_t)((uint64_t)w->header.length >> 8 * i);
        status = en_sink_write(w->sink, prefix, sizeof(prefix));
        if (status == EFFNET_OK)
                status = en_sink_write(w->sink, w->header.text,
                                       w->header.length);
        for (int64_t i = 0; i < w->norms && status == EFFNET_OK; i++)
                status = en_sink_write(w->sink, zero, sizeof(zero));
        return status;
}

static effnet_status
write_tensor(const writer *w, int32_t index)
{
        const effnet_tensor *tensor = &w->job->tensors[index];
        const float *values = tensor->data;
        uint8_t bytes[CHUNK * sizeof(float)];
        effnet_status status = EFFNET_OK;

        for (int64_t done = 0; done < tensor->count && status == EFFNET_OK;
             done += CHUNK) {
                int64_t left = tensor->count - done;
                size_t n = left < CHUNK ? (size_t)left : CHUNK;
                size_t narrow = en_narrow(w->dtype, values + done, n, bytes);

                if (narrow < n)
                        return en_fail(EFFNET_ERROR_UNSUPPORTED,
                                       "%s: %g at element %" PRId64
                                       " is more than %s can hold",
                                       w->job->network->params[index].name,
                                       (double)values[done + (int64_t)narrow],
                                       done + (int64_t)narrow,
                                       en_dtype_name(w->dtype));
                status = en_sink_write(w->sink, bytes,
                                       n * en_dtype_size(w->dtype));
        }
        return status;
}

effnet_status
en_save(const en_save_job *job, en_sink *sink)
{
        writer w = {.job = job, .sink = sink};
        effnet_status status;

        status = en_target_find(&w.naming, &job->network->config, job->names);
        if (status == EFFNET_OK)
                status = find_dtype(job->dtype, &w.dtype);
        if (status == EFFNET_OK)
                status = put_header(&w);
        if (status == EFFNET_OK)
                status = write_header(&w);
        en_json_free(&w.header);
        for (int32_t i = 0;
             i < job->network->param_count && status == EFFNET_OK; i++)
                status = write_tensor(&w, i);
        return status;
}
