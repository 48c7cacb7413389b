/* view.c: the dictionary of a container that holds the network. */
#include "load/view.h"

#include "base/status.h"
#include "load/text.h"

#include <stdio.h>
#include <string.h>

/* Keys that training scripts put around a state_dict, the averaged weights
 * first, as timm prefers them.
 */
static const char *const wrappers[] = {
        "state_dict_ema", "model_ema", "state_dict",
        "model",          "net",       "params",
        "weights",        "module",    "model_state_dict",
};

/* What DataParallel and torch.compile put before each name. */
static const char *const prefixes[] = {"module.", "_orig_mod."};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const en_entry *
entry_at(const en_view *view, int32_t index)
{
        return &view->container->entries[view->container->order[index]];
}

/* Whether `scope` is `outer`/`key`, or inside that. */
static bool
is_inside(const char *scope, const char *outer, const char *key)
{
        size_t n = strlen(outer), k = strlen(key);

        if (strncmp(scope, outer, n) != 0)
                return false;
        if (n > 0 && scope[n++] != '/')
                return false;
        return strncmp(scope + n, key, k) == 0 &&
               (scope[n + k] == '/' || scope[n + k] == '\0');
}

/* The first wrapper in the dictionary `path` is appended to it. */
static bool
descend(const en_container *container, char *path, size_t size)
{
        for (size_t w = 0; w < COUNT(wrappers); w++) {
                for (int32_t i = 0; i < container->scope_count; i++) {
                        size_t n = strlen(path);

                        if (!is_inside(container->scopes[i], path,
                                       wrappers[w]) ||
                            n + strlen(wrappers[w]) + 2 > size)
                                continue;
                        if (n > 0)
                                path[n++] = '/';
                        strcpy(path + n, wrappers[w]);
                        return true;
                }
        }
        return false;
}

/* Keras' constants of the input, which preprocessing applies. */
static bool
is_constant(const char *name)
{
        static const char constants[] = "normalization";

        return strncmp(name, constants, sizeof(constants) - 1) == 0 &&
               strchr(name, '/') != NULL;
}

bool
en_is_counter(const char *name)
{
        static const char end[] = "num_batches_tracked";
        size_t n = strlen(name), k = sizeof(end) - 1;

        return (n >= k && strcmp(name + n - k, end) == 0) || is_constant(name);
}

static void
choose_scope(en_view *view, const char *scope)
{
        const en_container *c = view->container;

        for (int32_t i = 0; i < c->entry_count; i++) {
                if (strcmp(c->entries[c->order[i]].scope, scope) != 0)
                        continue;
                if (view->end == 0)
                        view->first = i;
                view->scope = c->entries[c->order[i]].scope;
                view->end = i + 1;
                view->weights += !en_is_counter(c->entries[c->order[i]].name);
        }
}

static effnet_status
no_tensors(const en_container *container)
{
        char shown[EN_SHOWN];

        if (container->entry_count == 0)
                return en_fail(EFFNET_ERROR_UNSUPPORTED, "holds no tensors");
        en_show(shown, container->scopes[0], strlen(container->scopes[0]));
        return en_fail(EFFNET_ERROR_UNSUPPORTED,
                       "no tensors where a state_dict would be; the first are "
                       "in the dictionary \"%s\"",
                       shown);
}

/* Whether all names of the view go on with `text` behind the prefix. */
static bool
all_begin(const en_view *view, const char *text)
{
        size_t n = view->prefix_length, length = strlen(text);

        for (int32_t i = view->first; i < view->end; i++) {
                if (strncmp(entry_at(view, i)->name + n, text, length) != 0)
                        return false;
        }
        return n + length <= EN_MAX_PREFIX;
}

static bool
strip_one(en_view *view)
{
        for (size_t i = 0; i < COUNT(prefixes); i++) {
                if (!all_begin(view, prefixes[i]))
                        continue;
                strcpy(view->prefix + view->prefix_length, prefixes[i]);
                view->prefix_length += strlen(prefixes[i]);
                return true;
        }
        return false;
}

effnet_status
en_view_open(en_view *view, const en_container *container)
{
        char path[512] = "";

        memset(view, 0, sizeof(*view));
        view->container = container;
        while (descend(container, path, sizeof(path)))
                ;
        choose_scope(view, path);
        if (view->end == 0)
                return no_tensors(container);
        while (strip_one(view)) /* they nest in any order */
                ;
        return EFFNET_OK;
}

void
en_view_name(const en_view *view, const en_layer *layer, en_param_kind kind,
             char name[EN_NAME_SIZE])
{
        const char *suffix;

        en_name_param(view->naming, layer, kind, name);
        if (layer->role != EN_ROLE_CLASSIFIER || view->head[0] == '\0')
                return;
        suffix = kind == EN_PARAM_LINEAR_WEIGHT ? ".weight" : ".bias";
        snprintf(name, EN_NAME_SIZE, "%.*s%s", EN_NAME_SIZE - 8, view->head,
                 suffix);
}

const en_entry *
en_view_find(const en_view *view, const char *name)
{
        char whole[EN_MAX_PREFIX + EN_NAME_SIZE];
        size_t length = strlen(name);

        if (length >= EN_NAME_SIZE)
                return NULL;
        memcpy(whole, view->prefix, view->prefix_length);
        memcpy(whole + view->prefix_length, name, length + 1);
        return en_container_find(view->container, view->scope, whole);
}

static bool
has_key(const en_view *view, const en_naming *naming)
{
        for (int32_t i = 0; naming->keys[i] != NULL; i++) {
                if (en_view_find(view, naming->keys[i]) != NULL)
                        return true;
        }
        return false;
}

/* The length of what stands before `key` in `name`, up to a dot or, in Keras, a
 * slash, or 0.
 */
static size_t
length_before(const char *name, const char *key)
{
        size_t n = strlen(name), k = strlen(key);

        if (n <= k || (name[n - k - 1] != '.' && name[n - k - 1] != '/') ||
            strcmp(name + n - k, key) != 0 || n - k > EN_MAX_PREFIX)
                return 0;
        return n - k;
}

static effnet_status
several(const char *a, size_t a_length, const char *b, size_t b_length)
{
        char first[EN_SHOWN], second[EN_SHOWN];

        en_show(first, a, a_length);
        en_show(second, b, b_length);
        return en_fail(EFFNET_ERROR_MISMATCH,
                       "holds several networks, \"%s\" and \"%s\"; expected "
                       "one",
                       first, second);
}

/* qubvel's files without the top have Keras' names, but not the constants of the
 * input, which Keras' own network of V1 begins with.
 */
static bool
is_qubvels(const en_view *view)
{
        if (view->naming->ranges[0].family != EN_FAMILY_KERAS ||
            view->naming->ranges[0].first != EN_B0 ||
            en_view_find(view, "predictions/kernel") != NULL)
                return false;
        for (int32_t i = view->first; i < view->end; i++)
                if (strstr(entry_at(view, i)->name, "normalization") != NULL)
                        return false;
        return true;
}

static void
tell_qubvels(en_view *view)
{
        if (!is_qubvels(view))
                return;
        for (int32_t i = 0; i < en_naming_count; i++)
                if (en_namings[i].ranges[0].family == EN_FAMILY_QUBVEL)
                        view->naming = &en_namings[i];
}

/* Looks for one key behind any longer prefix.  There must be one such prefix.
 */
static effnet_status
find_prefix(en_view *view, const en_naming *naming, const char *key)
{
        for (int32_t i = view->first; i < view->end; i++) {
                const char *name = entry_at(view, i)->name;
                size_t n = length_before(name, key);

                if (n == 0)
                        continue;
                if (view->naming == NULL) {
                        memcpy(view->prefix, name, n);
                        view->prefix[n] = '\0';
                        view->prefix_length = n;
                        view->naming = naming;
                }
                if (view->prefix_length != n ||
                    memcmp(view->prefix, name, n) != 0)
                        return several(view->prefix, view->prefix_length, name,
                                       n);
        }
        return EFFNET_OK;
}

static effnet_status
unrecognised(const en_view *view)
{
        char first[EN_SHOWN], last[EN_SHOWN];
        const char *a = entry_at(view, view->first)->name;
        const char *b = entry_at(view, view->end - 1)->name;

        en_show(first, a, strlen(a));
        en_show(last, b, strlen(b));
        return en_fail(EFFNET_ERROR_UNSUPPORTED,
                       "not an EfficientNet: expected a tensor "
                       "features.1.0.block.0.0.weight (torchvision), "
                       "conv_stem.weight (timm), _conv_stem.weight "
                       "(EfficientNet-PyTorch), "
                       "embeddings.convolution.weight (transformers) or "
                       "block1a_dwconv/kernel (Keras), found %d tensors from "
                       "%s to %s",
                       (int)(view->end - view->first), first, last);
}

/* The keys of a bare model are the ends of those of the whole one. */
static bool
is_of_found(const en_view *view, const en_naming *naming)
{
        return view->naming != NULL &&
               view->naming->ranges[0].family == naming->ranges[0].family;
}

/* Behind a prefix that all families may have. */
static effnet_status
find_behind(en_view *view)
{
        for (int32_t i = 0; i < en_naming_count; i++) {
                const en_naming *naming = &en_namings[i];
                bool other = !is_of_found(view, naming);

                for (int32_t k = 0; naming->keys[k] != NULL && other; k++) {
                        effnet_status status = find_prefix(view, naming,
                                                           naming->keys[k]);

                        if (status != EFFNET_OK)
                                return status;
                }
        }
        return EFFNET_OK;
}

effnet_status
en_view_recognise(en_view *view)
{
        effnet_status status;

        for (int32_t i = 0; i < en_naming_count; i++) {
                if (has_key(view, &en_namings[i])) {
                        view->naming = &en_namings[i];
                        tell_qubvels(view);
                        return EFFNET_OK;
                }
        }
        status = find_behind(view);
        if (status != EFFNET_OK)
                return status;
        if (view->naming != NULL)
                tell_qubvels(view);
        return view->naming != NULL ? EFFNET_OK : unrecognised(view);
}
