/* label_json.c: names of classes as JSON. */
#include "load/label_json.h"

#include "base/alloc.h"
#include "base/status.h"
#include "load/json_scan.h"

#include <inttypes.h>
#include <string.h>

/* transformers' config.json nests some objects more than labels need. */
#define MAX_DEPTH 16
/* Brackets, commas and colons of a class: in Keras' index, and as id2label,
 * label2id and a description; and of all that stands beside the labels.
 */
#define VALUES_PER_CLASS 8
#define MOST_OTHERS      (1 << 17)

typedef struct reader {
        const char **texts; /* by class; NULL: none yet */
        int32_t count;
} reader;

static effnet_status
no_labels(void)
{
        return en_fail(EFFNET_ERROR_FORMAT,
                       "no labels in this JSON: expected [\"cat\", ...], "
                       "{\"0\": \"cat\", ...} or {\"cat\": 0, ...}, alone or "
                       "as id2label, label_names or labels");
}

static effnet_status
take(reader *r, int64_t class, const char *text)
{
        if (class < 0 || class >= r->count)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "a label of class %" PRId64 "; expected one of "
                               "each from 0 to %" PRId32,
                               class, r->count - 1);
        if (r->texts[class] != NULL)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "class %" PRId64 " has two labels", class);
        if (text == NULL)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "label %" PRId64 " is no text", class);
        if (strlen(text) > EN_MOST_LABEL)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "label %" PRId64 " is longer than %d bytes",
                               class, EN_MOST_LABEL);
        r->texts[class] = text;
        return EFFNET_OK;
}

/* The class that a key is; -1: none. */
static int64_t
class_of(const char *key)
{
        int64_t class = 0;

        if (*key == '\0' || strlen(key) > 9 || (key[0] == '0' && key[1] != 0))
                return -1;
        for (; *key != '\0'; key++) {
                if (*key < '0' || *key > '9')
                        return -1;
                class = 10 * class + (*key - '0');
        }
        return class;
}

/* A text, or the last one of a list. */
static const char *
label_of(const en_json *value)
{
        size_t n = en_json_count(value);

        return en_json_text(n > 0 ? en_json_at(value, n - 1) : value, NULL);
}

static effnet_status
take_member(void *context, const char *key, en_json *value)
{
        int64_t class;

        if (en_json_integer(value, &class))
                return take(context, class, key);
        class = class_of(key);
        return class < 0 ? no_labels() : take(context, class, label_of(value));
}

static effnet_status
read_all(reader *r, const en_json *value)
{
        effnet_status status = EFFNET_OK;

        if (en_json_is_object(value))
                return en_json_each(value, take_member, r);
        for (int32_t i = 0; i < r->count && status == EFFNET_OK; i++)
                status = take(r, i, label_of(en_json_at(value, (size_t)i)));
        return status;
}

static void
describe(reader *r, const en_json *descriptions)
{
        for (int32_t i = 0; i < r->count; i++) {
                const char *text = en_json_text(
                        en_json_get(descriptions, r->texts[i]), NULL);

                if (text != NULL && strlen(text) <= EN_MOST_LABEL)
                        r->texts[i] = text;
        }
}

effnet_status
en_label_json(en_labels **labels, const en_json *value,
              const en_json *descriptions, int32_t most)
{
        size_t count = en_json_is_object(value) ? en_json_members(value)
                                                : en_json_count(value);
        effnet_status status;
        reader r;

        *labels = NULL;
        if (count == 0)
                return no_labels();
        if (count > (size_t)most)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "%zu labels; expected %" PRId32 " at most",
                               count, most);
        r.count = (int32_t)count;
        r.texts = en_alloc_zero(count, sizeof(*r.texts));
        if (r.texts == NULL)
                return EFFNET_ERROR_MEMORY;
        status = read_all(&r, value);
        if (status == EFFNET_OK) {
                describe(&r, descriptions);
                status = en_labels_copy(labels, r.texts, r.count);
        }
        en_free(r.texts);
        return status;
}

const en_json *
en_label_json_find(const en_json *object, const en_json **descriptions)
{
        static const char *const keys[] = {"label_names", "id2label", "labels"};

        *descriptions = en_json_get(object, "label_descriptions");
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
                const en_json *found = en_json_get(object, keys[i]);

                if (en_json_is_array(found) || en_json_is_object(found))
                        return found;
        }
        return NULL;
}

static effnet_status
check_cost(const char *text, size_t size, int32_t classes)
{
        en_json_cost cost = en_json_scan(text, size);

        if (cost.depth > MAX_DEPTH)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "brackets nest %d deep; expected %d at most",
                               cost.depth, MAX_DEPTH);
        if (cost.values <= MOST_OTHERS + VALUES_PER_CLASS * (uint64_t)classes)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_LIMIT,
                       "%" PRIu64 " values in this JSON, too many for %" PRId32
                       " classes",
                       cost.values, classes);
}

effnet_status
en_label_json_parse(en_labels **labels, const char *text, size_t size,
                    int32_t classes)
{
        const en_json *value, *descriptions;
        en_json *root;
        effnet_status status = check_cost(text, size, classes);

        *labels = NULL;
        if (status == EFFNET_OK)
                status = en_json_parse(&root, text, size, "it is");
        if (status != EFFNET_OK)
                return status;
        value = en_label_json_find(root, &descriptions);
        status = en_label_json(labels, value != NULL ? value : root,
                               descriptions, INT32_MAX);
        en_json_free(root);
        return status;
}
