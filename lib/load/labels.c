/* labels.c: names of classes from a text file. */
#include "load/labels.h"

#include "base/alloc.h"
#include "base/source.h"
#include "base/status.h"

#include <inttypes.h>
#include <string.h>

/* A label is a few words; a million classes fit. */
#define MAX_FILE (UINT64_C(64) << 20)

struct en_labels {
        int32_t count;
        char *text;   /* the file, with NUL for each line's end */
        char **lines; /* in text */
};

static int64_t
count_lines(const char *text, size_t size)
{
        int64_t count = size > 0 && text[size - 1] != '\n';

        for (size_t i = 0; i < size; i++)
                count += text[i] == '\n';
        return count;
}

static void
split(en_labels *labels, size_t size)
{
        char *line = labels->text;

        labels->text[size] = '\0';
        for (int32_t i = 0; i < labels->count; i++) {
                char *end = strchr(line, '\n');

                if (end == NULL)
                        end = labels->text + size;
                labels->lines[i] = line;
                *end = '\0';
                if (end > line && end[-1] == '\r')
                        end[-1] = '\0';
                line = end + 1;
        }
}

static effnet_status
check(const char *path, const char *text, size_t size, int32_t classes)
{
        int64_t count = count_lines(text, size);

        if (memchr(text, '\0', size) != NULL)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "%.300s: a NUL byte; expected a text file with "
                               "a label a line",
                               path);
        if (count != classes)
                return en_fail(EFFNET_ERROR_MISMATCH,
                               "%.300s: %" PRId64 " labels; expected %" PRId32
                               ", one for each class",
                               path, count, classes);
        return EFFNET_OK;
}

static effnet_status
fill(en_labels *labels, const char *path, const uint8_t *data, size_t size,
     int32_t classes)
{
        effnet_status status = check(path, (const char *)data, size, classes);

        if (status != EFFNET_OK)
                return status;
        labels->count = classes;
        labels->text = en_alloc(size + 1);
        labels->lines = en_alloc_array((size_t)classes, sizeof(char *));
        if (labels->text == NULL || labels->lines == NULL)
                return EFFNET_ERROR_MEMORY;
        memcpy(labels->text, data, size);
        split(labels, size);
        return EFFNET_OK;
}

effnet_status
en_labels_load(en_labels **labels, const char *path, int32_t classes)
{
        uint8_t *data;
        size_t size;
        en_labels *made;
        effnet_status status = en_read_file(path, MAX_FILE, &data, &size);

        *labels = NULL;
        if (status != EFFNET_OK)
                return status;
        made = en_alloc_zero(1, sizeof(*made));
        status = made == NULL ? EFFNET_ERROR_MEMORY
                              : fill(made, path, data, size, classes);
        en_free(data);
        if (status == EFFNET_OK)
                *labels = made;
        else
                en_labels_free(made);
        return status;
}

static effnet_status
copy(en_labels *labels, const char *const *texts)
{
        size_t size = 0;
        char *at;

        for (int32_t i = 0; i < labels->count; i++)
                size += strlen(texts[i]) + 1;
        labels->text = at = en_alloc(size);
        labels->lines = en_alloc_array((size_t)labels->count, sizeof(char *));
        if (labels->text == NULL || labels->lines == NULL)
                return EFFNET_ERROR_MEMORY;
        for (int32_t i = 0; i < labels->count; i++) {
                size = strlen(texts[i]) + 1;
                labels->lines[i] = memcpy(at, texts[i], size);
                at += size;
        }
        return EFFNET_OK;
}

effnet_status
en_labels_copy(en_labels **labels, const char *const *texts, int32_t count)
{
        en_labels *made = en_alloc_zero(1, sizeof(*made));
        effnet_status status;

        *labels = NULL;
        if (made == NULL)
                return EFFNET_ERROR_MEMORY;
        made->count = count;
        status = copy(made, texts);
        if (status == EFFNET_OK)
                *labels = made;
        else
                en_labels_free(made);
        return status;
}

void
en_labels_free(en_labels *labels)
{
        if (labels == NULL)
                return;
        en_free(labels->text);
        en_free(labels->lines);
        en_free(labels);
}

const char *
en_labels_get(const en_labels *labels, int32_t index)
{
        if (labels == NULL || index < 0 || index >= labels->count)
                return NULL;
        return labels->lines[index];
}
