/* match.c: every parameter of a network against the tensors of a view. */
#include "load/match.h"

#include "base/alloc.h"
#include "base/status.h"
#include "load/dtype.h"
#include "load/layout.h"
#include "load/text.h"
#include "load/variant.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Names in a message that has room for three such lists and a path. */
#define LIST_SIZE 230

/* Tensors with one fault. */
typedef struct list {
        int32_t count;
        size_t length;
        bool cut;
        char text[LIST_SIZE];
} list;

typedef struct matcher {
        const en_view *view;
        const en_network *network;
        bool *used; /* by index of the container's entries */
        list missing, misshaped, surplus;
} matcher;

static void list_add(list *to, const char *format, ...) EN_PRINTF(2, 3);

/* Appends to the text; what does not fit is counted only. */
static void
list_add(list *to, const char *format, ...)
{
        char item[LIST_SIZE];
        va_list arguments;
        size_t n;

        va_start(arguments, format);
        vsnprintf(item, sizeof(item), format, arguments);
        va_end(arguments);
        n = strlen(item);
        to->count++;
        if (to->cut || to->length + n + 8 > LIST_SIZE) {
                to->cut = true;
                return;
        }
        to->length += (size_t)snprintf(to->text + to->length,
                                       LIST_SIZE - to->length, "%s%s",
                                       to->length > 0 ? ", " : "", item);
}

static void
write_shape(char *text, size_t size, const int64_t *shape, int32_t rank)
{
        size_t n = (size_t)snprintf(text, size, "[");

        for (int32_t i = 0; i < rank && n < size; i++)
                n += (size_t)snprintf(text + n, size - n, "%s%" PRId64,
                                      i > 0 ? ", " : "", shape[i]);
        if (n < size)
                snprintf(text + n, size - n, "]");
}

/* The name as the file has it, or would have it. */
static void
show_whole(char shown[EN_SHOWN], const en_view *view, const char *name)
{
        char whole[EN_MAX_PREFIX + EN_NAME_SIZE];

        snprintf(whole, sizeof(whole), "%s%s", view->prefix, name);
        en_show(shown, whole, strlen(whole));
}

/* Linear(bias=False): its weight, which comes before, is there. */
static bool
may_lack(const matcher *m, const en_param *param)
{
        const en_layer *layer = &m->network->layers[param->layer];
        char name[EN_NAME_SIZE];

        if (param->kind != EN_PARAM_LINEAR_BIAS)
                return false;
        en_view_name(m->view, layer, EN_PARAM_LINEAR_WEIGHT, name);
        return en_view_find(m->view, name) != NULL;
}

static effnet_status
match_param(matcher *m, const en_param *param, int32_t *index)
{
        const en_layer *layer = &m->network->layers[param->layer];
        char name[EN_NAME_SIZE], shown[EN_SHOWN], found[80], expected[80];
        const en_entry *entry;
        en_entry turned;

        en_view_name(m->view, layer, param->kind, name);
        entry = en_view_find(m->view, name);
        show_whole(shown, m->view, name);
        if (entry == NULL && may_lack(m, param)) {
                *index = -1;
                return EFFNET_OK;
        }
        if (entry == NULL) {
                list_add(&m->missing, "%s", shown);
                return EFFNET_OK;
        }
        *index = (int32_t)(entry - m->view->container->entries);
        m->used[*index] = true;
        turned = en_layout(m->view->naming, layer, param->kind,
                           m->view->dropped, entry);
        if (!en_entry_fits(&turned, param)) {
                write_shape(found, sizeof(found), turned.shape, turned.rank);
                write_shape(expected, sizeof(expected), param->shape,
                            param->rank);
                list_add(&m->misshaped, "%s is %s, expected %s", shown, found,
                         expected);
        }
        if (en_dtype_is_float(entry->dtype))
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_UNSUPPORTED,
                       "tensor %s: element type %s; expected float32, "
                       "float16, bfloat16 or float64",
                       shown, en_dtype_name(entry->dtype));
}

static void
find_surplus(matcher *m)
{
        const en_container *c = m->view->container;

        for (int32_t i = m->view->first; i < m->view->end; i++) {
                const en_entry *entry = &c->entries[c->order[i]];
                char shown[EN_SHOWN];

                if (m->used[c->order[i]] || en_is_counter(entry->name))
                        continue;
                en_show(shown, entry->name, strlen(entry->name));
                list_add(&m->surplus, "%s", shown);
        }
}

/* "; 3 tensors missing: a, b, ..." */
static void
add_part(char *text, size_t size, const list *part, const char *what)
{
        size_t n = strlen(text);

        if (part->count == 0)
                return;
        snprintf(text + n, size - n, "%s%" PRId32 " tensor%s %s: %s%s",
                 n > 0 ? "; " : "", part->count, part->count == 1 ? "" : "s",
                 what, part->text,
                 part->cut ? (part->length > 0 ? ", ..." : "...") : "");
}

static effnet_status
judge(const matcher *m, bool allow_surplus)
{
        char text[3 * LIST_SIZE + 120] = "";

        if (m->missing.count == 0 && m->misshaped.count == 0 &&
            (m->surplus.count == 0 || allow_surplus))
                return EFFNET_OK;
        add_part(text, sizeof(text), &m->missing, "missing");
        add_part(text, sizeof(text), &m->misshaped, "mis-shaped");
        if (!allow_surplus)
                add_part(text, sizeof(text), &m->surplus, "unexpected");
        return en_fail(EFFNET_ERROR_MISMATCH, "taken for %s by names of %s: %s",
                       m->network->config.name, m->view->naming->name, text);
}

effnet_status
en_match(const en_view *view, const en_network *network,
         const effnet_options *options, int32_t *entries)
{
        matcher *m = en_alloc_zero(1, sizeof(*m));
        effnet_status status = EFFNET_ERROR_MEMORY;

        if (m == NULL)
                return status;
        m->view = view;
        m->network = network;
        m->used = en_alloc_zero((size_t)view->container->entry_count,
                                sizeof(*m->used));
        if (m->used != NULL)
                status = EFFNET_OK;
        for (int32_t i = 0; i < network->param_count && status == EFFNET_OK;
             i++)
                status = match_param(m, &network->params[i], &entries[i]);
        if (status == EFFNET_OK) {
                find_surplus(m);
                status = judge(m, options->allow_extra_tensors != 0);
        }
        en_free(m->used);
        en_free(m);
        return status;
}
