/* layout.c: a kernel of Keras is [kh, kw, in, out], of a depthwise convolution
 * [kh, kw, channels, 1], of a dense layer [in, out].
 */
#include "load/layout.h"

static const int32_t conv_order[] = {3, 2, 0, 1};
static const int32_t depthwise_order[] = {2, 3, 0, 1};
static const int32_t linear_order[] = {1, 0};

/* Which dimension of the file is which of the parameter; NULL: the same. */
static const int32_t *
order_of(const en_layer *layer, en_param_kind kind, int32_t *rank)
{
        *rank = 4;
        switch (kind) {
        case EN_PARAM_CONV_WEIGHT:
                return layer->role == EN_ROLE_DEPTHWISE ? depthwise_order
                                                        : conv_order;
        case EN_PARAM_SE_REDUCE_WEIGHT:
        case EN_PARAM_SE_EXPAND_WEIGHT: return conv_order;
        case EN_PARAM_LINEAR_WEIGHT: *rank = 2; return linear_order;
        default: return NULL;
        }
}

/* Classes are the first dimension. */
static void
drop_rows(en_entry *entry, int32_t rows)
{
        int64_t all = entry->rank > 0 ? entry->shape[0] : 0;

        if (rows == 0 || all <= rows)
                return;
        entry->count = entry->count / (uint64_t)all * (uint64_t)(all - rows);
        entry->first += (uint64_t)rows * (uint64_t)entry->stride[0];
        entry->shape[0] = all - rows;
}

static en_entry
turn(const en_naming *naming, const en_layer *layer, en_param_kind kind,
     const en_entry *entry)
{
        en_entry turned = *entry;
        int32_t rank;
        const int32_t *order = order_of(layer, kind, &rank);

        if (!naming->keras || order == NULL || entry->rank != rank)
                return turned;
        for (int32_t i = 0; i < rank; i++) {
                turned.shape[i] = entry->shape[order[i]];
                turned.stride[i] = entry->stride[order[i]];
        }
        return turned;
}

en_entry
en_layout(const en_naming *naming, const en_layer *layer, en_param_kind kind,
          int32_t dropped, const en_entry *entry)
{
        en_entry turned = turn(naming, layer, kind, entry);

        if (layer->role == EN_ROLE_CLASSIFIER)
                drop_rows(&turned, dropped);
        return turned;
}

bool
en_layout_find(const en_view *view, const en_layer *layer, en_param_kind kind,
               en_entry *turned)
{
        char name[EN_NAME_SIZE];
        const en_entry *entry;

        en_view_name(view, layer, kind, name);
        entry = en_view_find(view, name);
        if (entry == NULL)
                return false;
        *turned = en_layout(view->naming, layer, kind, view->dropped, entry);
        return true;
}
