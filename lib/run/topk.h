/* topk.h: probabilities and the best classes. */
#ifndef EN_RUN_TOPK_H
#define EN_RUN_TOPK_H

#include <stdint.h>

/* In place where `probabilities` is `logits`. */
void en_softmax(const float *logits, int64_t n, float *probabilities);

/* 1 / (1 + exp(-x)) of each; in place where `probabilities` is `logits`. */
void en_sigmoid(const float *logits, int64_t n, float *probabilities);

/* The `count` best of `n` values (count <= n), best first; equal ones by the
 * lower index; NaN last.
 */
void en_top_k(const float *values, int64_t n, int32_t count, int32_t *classes,
              float *scores);

#endif
