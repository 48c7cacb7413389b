/* checkpoint.c: a container whose tensors are those of a network. */
#include "load/checkpoint.h"

#include "base/alloc.h"
#include "base/status.h"
#include "load/head.h"
#include "load/layout.h"
#include "load/match.h"
#include "load/text.h"
#include "load/variant.h"

#include <string.h>

struct en_checkpoint {
        en_container *container;
        en_finding found;
        en_network *network;
        const en_naming *naming;
        int32_t *entries; /* by parameter of the network */
        int32_t next;     /* parameter that is probably read next */
};

static void
plan_reads(en_checkpoint *checkpoint)
{
        en_container *container = checkpoint->container;

        for (int32_t i = 0; i < checkpoint->network->param_count; i++)
                if (checkpoint->entries[i] >= 0)
                        en_container_plan(
                                container,
                                &container->entries[checkpoint->entries[i]]);
}

static effnet_status
recognise(en_checkpoint *checkpoint, const effnet_options *options)
{
        en_view *view = en_alloc(sizeof(*view));
        effnet_status status = EFFNET_ERROR_MEMORY;

        if (view == NULL)
                return status;
        status = en_view_open(view, checkpoint->container);
        if (status == EFFNET_OK)
                status = en_view_recognise(view);
        if (status == EFFNET_OK)
                status = en_head_find(view, options);
        if (status == EFFNET_OK)
                status = en_variant_find(&checkpoint->found, view, options);
        if (status == EFFNET_OK)
                status = en_network_create(&checkpoint->network,
                                           &checkpoint->found.config, 0, 0);
        if (status == EFFNET_OK) {
                checkpoint->entries = en_alloc_array(
                        (size_t)checkpoint->network->param_count,
                        sizeof(int32_t));
                status = checkpoint->entries == NULL
                                 ? EFFNET_ERROR_MEMORY
                                 : en_match(view, checkpoint->network, options,
                                            checkpoint->entries);
        }
        checkpoint->naming = view->naming;
        en_free(view);
        if (status == EFFNET_OK)
                plan_reads(checkpoint);
        return status;
}

effnet_status
en_checkpoint_open(en_checkpoint **checkpoint, const en_source *source,
                   const effnet_options *options)
{
        en_checkpoint *made = en_alloc_zero(1, sizeof(*made));
        effnet_status status;

        *checkpoint = NULL;
        options = en_options_or_default(options);
        if (made == NULL)
                return EFFNET_ERROR_MEMORY;
        status = en_container_open(&made->container, source, options);
        if (status == EFFNET_OK)
                status = recognise(made, options);
        if (status == EFFNET_OK) {
                *checkpoint = made;
                return EFFNET_OK;
        }
        en_checkpoint_close(made);
        return en_fail_in(status, source->name);
}

void
en_checkpoint_close(en_checkpoint *checkpoint)
{
        if (checkpoint == NULL)
                return;
        en_container_close(checkpoint->container);
        en_network_free(checkpoint->network);
        en_labels_free(checkpoint->found.labels);
        en_free(checkpoint->entries);
        en_free(checkpoint);
}

const effnet_config *
en_checkpoint_config(const en_checkpoint *checkpoint)
{
        return &checkpoint->found.config;
}

en_finding *
en_checkpoint_finding(en_checkpoint *checkpoint)
{
        return &checkpoint->found;
}

en_labels *
en_checkpoint_take_labels(en_checkpoint *checkpoint)
{
        en_labels *labels = checkpoint->found.labels;

        checkpoint->found.labels = NULL;
        return labels;
}

const char *
en_checkpoint_container(const en_checkpoint *checkpoint)
{
        return checkpoint->container->kind;
}

/* The index of a parameter by its canonical name, or -1.  They are asked for
 * in order, so the search begins where the last one ended.
 */
static int32_t
find_param(en_checkpoint *checkpoint, const char *name)
{
        int32_t count = checkpoint->network->param_count;

        for (int32_t i = 0; i < count; i++) {
                int32_t at = (checkpoint->next + i) % count;

                if (strcmp(checkpoint->network->params[at].name, name) == 0) {
                        checkpoint->next = at + 1;
                        return at;
                }
        }
        return -1;
}

static effnet_status
read_param(void *context, const en_param *param, float *values)
{
        en_checkpoint *checkpoint = context;
        int32_t index = find_param(checkpoint, param->name);
        const en_param *own;
        en_entry entry;

        if (index < 0)
                return en_fail(EFFNET_ERROR_INTERNAL,
                               "the checkpoint has no parameter %s",
                               param->name);
        if (checkpoint->entries[index] < 0) { /* a bias that is not there */
                memset(values, 0, (size_t)param->count * sizeof(*values));
                return EFFNET_OK;
        }
        own = &checkpoint->network->params[index];
        entry = en_layout(
                checkpoint->naming, &checkpoint->network->layers[own->layer],
                own->kind, checkpoint->found.dropped,
                &checkpoint->container->entries[checkpoint->entries[index]]);
        if (!en_entry_fits(&entry, param))
                return en_fail(EFFNET_ERROR_INTERNAL,
                               "parameter %s is of another network",
                               param->name);
        return en_container_read_f32(checkpoint->container, &entry, values);
}

en_params
en_checkpoint_params(en_checkpoint *checkpoint)
{
        return (en_params){read_param, checkpoint};
}
