/* words.c: what the values of configs and presets are called in texts. */
#include "arch/words.h"

#include <string.h>

#define MOST_WORDS 8

static const char *const words[EN_VOCABULARIES][MOST_WORDS] = {
        [EN_WORDS_PADDING] =
                {
                        [EFFNET_PADDING_SYMMETRIC] = "symmetric",
                        [EFFNET_PADDING_SAME] = "same",
                        [EFFNET_PADDING_SAME_STATIC] = "same-static",
                },
        [EN_WORDS_ACTIVATION] =
                {
                        [EFFNET_ACTIVATION_SILU] = "silu",
                        [EFFNET_ACTIVATION_RELU6] = "relu6",
                        [EFFNET_ACTIVATION_RELU] = "relu",
                },
        [EN_WORDS_MODE] =
                {
                        [EFFNET_MODE_CENTRE] = "centre",
                        [EFFNET_MODE_CROP_FIRST] = "crop-first",
                        [EFFNET_MODE_SQUASH] = "squash",
                        [EFFNET_MODE_BORDER] = "border",
                },
        [EN_WORDS_FILTER] =
                {
                        [EFFNET_FILTER_NEAREST] = "nearest",
                        [EFFNET_FILTER_BILINEAR] = "bilinear",
                        [EFFNET_FILTER_BICUBIC] = "bicubic",
                },
        [EN_WORDS_ARITHMETIC] =
                {
                        [EFFNET_ARITHMETIC_TORCHVISION] = "torchvision",
                        [EFFNET_ARITHMETIC_HF] = "huggingface",
                },
};

const char *
en_word(en_vocabulary vocabulary, int32_t value)
{
        return value >= 0 && value < MOST_WORDS ? words[vocabulary][value]
                                                : NULL;
}

bool
en_word_find(en_vocabulary vocabulary, const char *text, int32_t *value)
{
        for (int32_t i = 0; text != NULL && i < MOST_WORDS; i++)
                if (words[vocabulary][i] != NULL &&
                    strcmp(words[vocabulary][i], text) == 0) {
                        *value = i;
                        return true;
                }
        return false;
}
