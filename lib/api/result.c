/* result.c: exported softmax, sigmoid and top-k. */
#include "api/check.h"
#include "run/topk.h"

#include <inttypes.h>

static effnet_status
check_values(const char *function, const float *values, int64_t n)
{
        if (values == NULL)
                return en_fail(EFFNET_ERROR_ARGUMENT, "%s: the values are NULL",
                               function);
        if (n < 1)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "%s: n is %" PRId64 "; expected 1 or more",
                               function, n);
        return EFFNET_OK;
}

/* By `function`, the exported one. */
static effnet_status
probabilities_of(const char *function,
                 void (*compute)(const float *, int64_t, float *),
                 const float *logits, int64_t n, float *probabilities)
{
        effnet_status status = check_values(function, logits, n);

        if (status != EFFNET_OK)
                return status;
        if (probabilities == NULL)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "%s: probabilities is NULL", function);
        compute(logits, n, probabilities);
        return EFFNET_OK;
}

effnet_status
effnet_softmax(const float *logits, int64_t n, float *probabilities)
{
        return probabilities_of(__func__, en_softmax, logits, n, probabilities);
}

effnet_status
effnet_sigmoid(const float *logits, int64_t n, float *probabilities)
{
        return probabilities_of(__func__, en_sigmoid, logits, n, probabilities);
}

effnet_status
effnet_top_k(const float *values, int64_t n, int32_t *count, int32_t *classes,
             float *scores)
{
        int32_t capacity;
        effnet_status status;

        if (count == NULL)
                return EN_NULL("count");
        capacity = *count;
        *count = 0;
        status = check_values(__func__, values, n);
        if (status != EFFNET_OK)
                return status;
        if (n > INT32_MAX)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "%s: n is %" PRId64 "; expected at most %" PRId32
                               ", so that classes fit",
                               __func__, n, INT32_MAX);
        if (capacity < 1)
                return en_fail(EFFNET_ERROR_ARGUMENT,
                               "%s: count is %" PRId32 "; expected 1 or more",
                               __func__, capacity);
        if (classes == NULL)
                return EN_NULL("classes");
        if (scores == NULL)
                return EN_NULL("scores");
        *count = capacity < n ? capacity : (int32_t)n;
        en_top_k(values, n, *count, classes, scores);
        return EFFNET_OK;
}
