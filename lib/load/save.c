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
        en_json *members; /* of the header */
        char *header;
        size_t header_size;
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

static en_json *
range_of(uint64_t begin, uint64_t end)
{
        en_json *range = en_json_new_array();

        if (en_json_add(range, en_json_of_integer((int64_t)begin)) &&
            en_json_add(range, en_json_of_integer((int64_t)end)))
                return range;
        en_json_free(range);
        return NULL;
}

static en_json *
shape_of(const effnet_tensor *tensor)
{
        en_json *shape = en_json_new_array();
        bool done = shape != NULL;

        for (int32_t i = 0; i < tensor->rank && done; i++)
                done = en_json_add(shape, en_json_of_integer(tensor->shape[i]));
        if (done)
                return shape;
        en_json_free(shape);
        return NULL;
}

/* The tensor's member of the header: it lies behind the last one. */
static bool
put_tensor(writer *w, const char *name, en_dtype dtype,
           const effnet_tensor *tensor)
{
        uint64_t end = w->offset +
                       (uint64_t)tensor->count * en_dtype_size(dtype);
        const char *type = en_dtype_safetensors(dtype);
        en_json *info = en_json_new_object();
        bool done;

        done = en_json_set(info, "dtype", en_json_of_text(type)) &&
               en_json_set(info, "shape", shape_of(tensor)) &&
               en_json_set(info, "data_offsets", range_of(w->offset, end));
        w->offset = end;
        return en_json_set(w->members, name, info) && done;
}

/* PyTorch's readers look for "format".  The description is a text in a text.
 */
static effnet_status
put_metadata(writer *w)
{
        en_json *metadata;
        char *text;
        effnet_status status = en_describe(&text, &w->job->description);
        bool done;

        if (status != EFFNET_OK)
                return status;
        metadata = en_json_new_object();
        done = en_json_set(metadata, "format", en_json_of_text("pt")) &&
               en_json_set(metadata, EN_DESCRIPTION_KEY, en_json_of_text(text));
        en_free(text);
        done = en_json_set(w->members, "__metadata__", metadata) && done;
        return done ? EFFNET_OK : en_json_failed();
}

/* The counters come first, so that all is aligned. */
static effnet_status
put_tensors(writer *w)
{
        const effnet_tensor counter = {.rank = 0, .count = 1};
        int32_t count = w->job->network->param_count;
        char name[EN_NAME_SIZE];
        bool done = true;

        for (int32_t i = 0; i < count && done; i++) {
                if (!is_norm(w, i))
                        continue;
                counter_of(w, i, name);
                done = put_tensor(w, name, EN_DTYPE_I64, &counter);
                w->norms++;
        }
        for (int32_t i = 0; i < count && done; i++) {
                name_of(w, i, name);
                done = put_tensor(w, name, w->dtype, &w->job->tensors[i]);
        }
        return done ? EFFNET_OK : en_json_failed();
}

static effnet_status
make_header(writer *w)
{
        effnet_status status;

        w->members = en_json_new_object();
        status = put_metadata(w);
        if (status == EFFNET_OK)
                status = put_tensors(w);
        if (status == EFFNET_OK)
                status = en_json_print(&w->header, &w->header_size, w->members);
        en_json_free(w->members);
        return status;
}

/* Blanks fill the header up, so that the data are aligned. */
static effnet_status
write_header(writer *w)
{
        static const char blanks[] = "       ";
        size_t fill = -w->header_size % PREFIX_SIZE;
        uint64_t size = (uint64_t)w->header_size + fill;
        uint8_t prefix[PREFIX_SIZE], zero[PREFIX_SIZE] = {0};
        effnet_status status;

        for (size_t i = 0; i < PREFIX_SIZE; i++)
                prefix[i] = (uint8_t)(size >> 8 * i);
        status = en_sink_write(w->sink, prefix, sizeof(prefix));
        if (status == EFFNET_OK)
                status = en_sink_write(w->sink, w->header, w->header_size);
        if (status == EFFNET_OK && fill > 0)
                status = en_sink_write(w->sink, blanks, fill);
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

/* The last report comes before the file takes its name. */
static effnet_status
write_tensors(const writer *w)
{
        const en_save_job *job = w->job;
        int32_t count = job->network->param_count;
        uint64_t total = 0, done = 0;
        effnet_status status = EFFNET_OK;

        for (int32_t i = 0; i < count; i++)
                total += (uint64_t)job->tensors[i].count;
        for (int32_t i = 0; i < count && status == EFFNET_OK; i++) {
                status = en_progress_report(&job->progress, done, total);
                if (status == EFFNET_OK)
                        status = write_tensor(w, i);
                done += (uint64_t)job->tensors[i].count;
        }
        if (status == EFFNET_OK)
                status = en_progress_report(&job->progress, 1, 1);
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
                status = make_header(&w);
        if (status == EFFNET_OK)
                status = write_header(&w);
        en_free(w.header);
        if (status == EFFNET_OK)
                status = write_tensors(&w);
        return status;
}
