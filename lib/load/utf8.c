/* utf8.c: whether bytes are UTF-8. */
#include "load/utf8.h"

#include <stdint.h>
#include <string.h>

/* By the first byte: how many follow, and the range of the next one
 * (RFC 3629, section 4).
 */
static const struct {
        uint8_t first, last, following, least, most;
} forms[] = {
        {0x00, 0x7f, 0, 0, 0},       {0xc2, 0xdf, 1, 0x80, 0xbf},
        {0xe0, 0xe0, 2, 0xa0, 0xbf}, {0xe1, 0xec, 2, 0x80, 0xbf},
        {0xed, 0xed, 2, 0x80, 0x9f}, {0xee, 0xef, 2, 0x80, 0xbf},
        {0xf0, 0xf0, 3, 0x90, 0xbf}, {0xf1, 0xf3, 3, 0x80, 0xbf},
        {0xf4, 0xf4, 3, 0x80, 0x8f},
};

/* The bytes of one character, 0 if it is none. */
static size_t
character(const uint8_t *at, size_t size)
{
        for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
                size_t n = forms[f].following;

                if (at[0] < forms[f].first || at[0] > forms[f].last)
                        continue;
                if (n >= size)
                        return 0;
                if (n > 0 && (at[1] < forms[f].least || at[1] > forms[f].most))
                        return 0;
                for (size_t i = 2; i <= n; i++)
                        if ((at[i] & 0xc0) != 0x80)
                                return 0;
                return n + 1;
        }
        return 0;
}

size_t
en_utf8_length(const char *text, size_t size)
{
        const uint8_t *bytes = (const uint8_t *)text;
        size_t at = 0;

        while (at < size) {
                size_t n = character(bytes + at, size - at);

                if (n == 0)
                        break;
                at += n;
        }
        return at;
}
