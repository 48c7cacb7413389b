/* head.c: classifiers that fine-tuning replaced: Sequential(Dropout, Linear)
 * and the like have the Linear's index, or several, in its name.
 */
#include "load/head.h"

#include "base/status.h"
#include "load/text.h"

#include <string.h>

/* What lies below the classifier's name. */
typedef struct head {
        int32_t tensors, biases; /* in all; called bias */
        int32_t linears;
        const char *first, *second; /* of these, the names */
} head;

/* The pattern without torchvision's own index: "classifier". */
static void
find_base(const en_naming *naming, char base[EN_NAME_SIZE])
{
        for (int32_t i = 0; i < naming->row_count; i++) {
                const char *pattern = naming->rows[i].pattern;
                size_t n = strlen(pattern);

                if (naming->rows[i].role != EN_ROLE_CLASSIFIER)
                        continue;
                if (n > 2 && strcmp(pattern + n - 2, ".1") == 0)
                        n -= 2;
                memcpy(base, pattern, n);
                base[n] = '\0';
        }
}

static bool
ends_with(const char *name, const char *end)
{
        size_t n = strlen(name), k = strlen(end);

        return n >= k && strcmp(name + n - k, end) == 0;
}

static void
look_below(head *h, const en_view *view, const char *base)
{
        size_t k = strlen(base), n = view->prefix_length;

        for (int32_t i = view->first; i < view->end; i++) {
                const en_entry *entry =
                        &view->container->entries[view->container->order[i]];

                if (strncmp(entry->name + n, base, k) != 0 ||
                    entry->name[n + k] != '.')
                        continue;
                h->tensors++;
                h->biases += ends_with(entry->name, ".bias");
                if (!ends_with(entry->name, ".weight") || entry->rank != 2)
                        continue;
                if (h->linears++ == 0)
                        h->first = entry->name + n;
                else
                        h->second = entry->name + n;
        }
}

static effnet_status
refuse(const head *h, const char *base)
{
        char first[EN_SHOWN], second[EN_SHOWN];

        en_show(first, h->first, strlen(h->first));
        if (h->second == NULL)
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "the classifier is more than the linear layer "
                               "%s: %d tensors begin with %s; allow tensors "
                               "that are not of the network to load it for the "
                               "embedding only",
                               first, (int)h->tensors, base);
        en_show(second, h->second, strlen(h->second));
        return en_fail(EFFNET_ERROR_UNSUPPORTED,
                       "the classifier has several linear layers, %s and %s; "
                       "expected one: allow tensors that are not of the "
                       "network to load it for the embedding only",
                       first, second);
}

effnet_status
en_head_find(en_view *view, const effnet_options *options)
{
        char base[EN_NAME_SIZE] = "";
        head h = {.linears = 0};
        size_t n;

        if (view->naming->keras)
                return EFFNET_OK;
        find_base(view->naming, base);
        look_below(&h, view, base);
        if (h.linears == 0)
                return EFFNET_OK;
        n = strlen(h.first) - strlen(".weight");
        if (h.linears > 1 || h.tensors - h.biases != 1 || h.biases > 1 ||
            n + strlen(".weight") >= EN_NAME_SIZE) {
                view->headless = options->allow_extra_tensors != 0;
                return view->headless ? EFFNET_OK : refuse(&h, base);
        }
        memcpy(view->head, h.first, n);
        view->head[n] = '\0';
        return EFFNET_OK;
}
