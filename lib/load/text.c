/* text.c: text from a file made fit for a message. */
#include "load/text.h"

#include "base/status.h"

#include <string.h>

void
en_show(char shown[EN_SHOWN], const char *text, size_t length)
{
        size_t n = length < EN_SHOWN ? length : EN_SHOWN - 4;

        for (size_t i = 0; i < n; i++) {
                unsigned char c = (unsigned char)text[i];

                shown[i] = c < 0x20 || c == 0x7f ? '?' : text[i];
        }
        if (n < length) {
                memcpy(shown + n, "...", 3);
                n += 3;
        }
        shown[n] = '\0';
}

effnet_status
en_fail_in_tensor(effnet_status status, const char *name, size_t length)
{
        char shown[EN_SHOWN], context[EN_SHOWN + 8] = "tensor ";

        if (status == EFFNET_OK)
                return status;
        en_show(shown, name, length);
        memcpy(context + strlen(context), shown, strlen(shown) + 1);
        return en_fail_in(status, context);
}
