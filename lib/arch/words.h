/* words.h: what the values of configs and presets are called in texts. */
#ifndef EN_ARCH_WORDS_H
#define EN_ARCH_WORDS_H

#include "effnet.h"

#include <stdbool.h>

typedef enum en_vocabulary {
        EN_WORDS_PADDING,    /* EFFNET_PADDING_* */
        EN_WORDS_ACTIVATION, /* EFFNET_ACTIVATION_* */
        EN_WORDS_MODE,       /* EFFNET_MODE_* */
        EN_WORDS_FILTER,     /* EFFNET_FILTER_* */
        EN_WORDS_ARITHMETIC, /* EFFNET_ARITHMETIC_* */
        EN_VOCABULARIES
} en_vocabulary;

/* NULL for an unknown value. */
const char *en_word(en_vocabulary vocabulary, int32_t value);
/* False, and `value` untouched, where `text` is NULL or no word of it. */
bool en_word_find(en_vocabulary vocabulary, const char *text, int32_t *value);

#endif
