/* labels.c: names of classes, from a file or from texts. */
#include "load/labels.h"

#include "base/alloc.h"
#include "base/source.h"
#include "base/status.h"
#include "load/label_json.h"
#include "load/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A label is a few words; a million classes fit. */
#define MAX_FILE (UINT64_C(64) << 20)

struct en_labels {
        int32_t count;
        char *text;   /* all of them, each with a NUL */
        char **lines; /* in text */
};

static en_labels *
create(size_t size, int32_t count)
{
        en_labels *labels = en_alloc_zero(1, sizeof(*labels));

        if (labels == NULL)
                return NULL;
        labels->count = count;
        labels->text = en_alloc(size);
        labels->lines = en_alloc_array((size_t)count, sizeof(char *));
        if (labels->text != NULL && labels->lines != NULL)
                return labels;
        en_labels_free(labels);
        return NULL;
}

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
check_bytes(const char *text, size_t size)
{
        size_t sound = en_utf8_length(text, size), line = 0;

        if (memchr(text, '\0', size) != NULL)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "a NUL byte; expected a text file with a label "
                               "a line");
        if (sound < size)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "line %" PRId64 " is no UTF-8 (byte 0x%02x): "
                               "save the file as UTF-8",
                               count_lines(text, sound + 1),
                               (unsigned)(uint8_t)text[sound]);
        for (size_t i = 0; i < size; i++) {
                line = text[i] == '\n' ? 0 : line + 1;
                if (line > EN_MOST_LABEL)
                        return en_fail(EFFNET_ERROR_LIMIT,
                                       "line %" PRId64 " is longer than %d "
                                       "bytes",
                                       count_lines(text, i + 1), EN_MOST_LABEL);
        }
        return EFFNET_OK;
}

static effnet_status
check_count(int64_t count, int32_t classes)
{
        if (count == classes)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_MISMATCH,
                       "%" PRId64 " labels; expected %" PRId32
                       ", one for each class",
                       count, classes);
}

static effnet_status
read_lines(en_labels **labels, const char *text, size_t size, int32_t classes)
{
        effnet_status status = check_bytes(text, size);

        if (status == EFFNET_OK)
                status = check_count(count_lines(text, size), classes);
        if (status != EFFNET_OK)
                return status;
        *labels = create(size + 1, classes);
        if (*labels == NULL)
                return EFFNET_ERROR_MEMORY;
        memcpy((*labels)->text, text, size);
        split(*labels, size);
        return EFFNET_OK;
}

static effnet_status
read_json(en_labels **labels, const char *text, size_t size, int32_t classes)
{
        effnet_status status = en_label_json_parse(labels, text, size, classes);

        if (status == EFFNET_OK)
                status = check_count(en_labels_count(*labels), classes);
        if (status == EFFNET_OK)
                return status;
        en_labels_free(*labels);
        *labels = NULL;
        return status;
}

/* By content: JSON begins with a bracket, and a label hardly does. */
static effnet_status
read_text(en_labels **labels, const char *text, size_t size, int32_t classes)
{
        static const char mark[] = "\xef\xbb\xbf"; /* byte order */
        size_t blank = 0;

        if (size >= 3 && memcmp(text, mark, 3) == 0) {
                text += 3;
                size -= 3;
        }
        while (blank < size && memchr(" \t\r\n", text[blank], 4) != NULL)
                blank++;
        if (blank < size && (text[blank] == '{' || text[blank] == '['))
                return read_json(labels, text, size, classes);
        return read_lines(labels, text, size, classes);
}

effnet_status
en_labels_load(en_labels **labels, const char *path, int32_t classes)
{
        uint8_t *data;
        size_t size;
        effnet_status status = en_read_file(path, MAX_FILE, &data, &size);

        *labels = NULL;
        if (status != EFFNET_OK)
                return status;
        status = read_text(labels, (const char *)data, size, classes);
        en_free(data);
        return en_fail_in(status, path);
}

effnet_status
en_labels_copy(en_labels **labels, const char *const *texts, int32_t count)
{
        size_t size = 0;
        char *at;

        for (int32_t i = 0; i < count; i++)
                size += strlen(texts[i]) + 1;
        *labels = create(size, count);
        if (*labels == NULL)
                return EFFNET_ERROR_MEMORY;
        at = (*labels)->text;
        for (int32_t i = 0; i < count; i++) {
                size = strlen(texts[i]) + 1;
                (*labels)->lines[i] = memcpy(at, texts[i], size);
                at += size;
        }
        return EFFNET_OK;
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

int32_t
en_labels_count(const en_labels *labels)
{
        return labels != NULL ? labels->count : 0;
}

bool
en_labels_made_up(const en_labels *labels)
{
        char text[24];

        for (int32_t i = 0; i < labels->count; i++) {
                snprintf(text, sizeof(text), "LABEL_%" PRId32, i);
                if (strcmp(text, labels->lines[i]) != 0)
                        return false;
        }
        return true;
}

void
en_labels_drop_first(en_labels *labels)
{
        labels->count--;
        memmove(labels->lines, labels->lines + 1,
                (size_t)labels->count * sizeof(labels->lines[0]));
}

const char *
en_labels_get(const en_labels *labels, int32_t index)
{
        if (labels == NULL || index < 0 || index >= labels->count)
                return NULL;
        return labels->lines[index];
}
