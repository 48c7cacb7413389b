/* class_map.c: the exported class-activation map. */
#include "run/class_map.h"
#include "api/check.h"
#include "api/session.h"
#include "base/alloc.h"

#include <inttypes.h>

static effnet_status
check_class(const effnet_model *model, int32_t index)
{
        if (model->config.classes == 0)
                return en_fail(EFFNET_ERROR_STATE,
                               "no class map: the model has no classifier, "
                               "only an embedding");
        if (index < 0 || index >= model->config.classes)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "class %" PRId32 "; the model has %" PRId32,
                               index, model->config.classes);
        return EFFNET_OK;
}

static effnet_status
make(const effnet_model *model, int32_t index, const effnet_tensor *features,
     effnet_tensor **map)
{
        const int64_t shape[4] = {features->shape[0], 1, features->shape[2],
                                  features->shape[3]};
        const en_allocator *outer;
        effnet_status status;

        status = effnet_tensor_create(map, EFFNET_TYPE_F32, 4, shape);
        if (status != EFFNET_OK)
                return status;
        outer = en_allocator_use(&model->allocator);
        status = en_class_map(model->weights, model->config.classes, index,
                              features, (*map)->data);
        en_allocator_use(outer);
        if (status != EFFNET_OK) {
                effnet_tensor_free(*map);
                *map = NULL;
        }
        return status;
}

effnet_status
effnet_session_class_map(effnet_session *session, int32_t class_index,
                         effnet_tensor **map)
{
        const effnet_tensor *features;
        effnet_status status;

        if (map == NULL)
                return EN_NULL("map");
        *map = NULL;
        if (session == NULL)
                return EN_NULL("session");
        status = check_class(session->model, class_index);
        if (status == EFFNET_OK)
                status = effnet_session_output(session, EFFNET_OUTPUT_FINAL_MAP,
                                               &features);
        if (status != EFFNET_OK)
                return status;
        return make(session->model, class_index, features, map);
}
