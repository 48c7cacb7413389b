/* status.c: the thread-local message.  A plain array: no destructor, so a
 * thread may end, and the library be unloaded, at any time.
 */
#include "base/status.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char message[EN_MESSAGE_SIZE];

effnet_status
en_fail(effnet_status status, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(message, sizeof(message), format, arguments);
        va_end(arguments);
        return status;
}

/* The message begins with `context`, as messages show it, and a colon. */
static bool
is_prefixed(const char *context)
{
        size_t length = strnlen(context, EN_CONTEXT_SIZE);

        return strncmp(message, context, length) == 0 && message[length] == ':';
}

effnet_status
en_fail_in(effnet_status status, const char *context)
{
        char inner[EN_MESSAGE_SIZE];

        if (status == EFFNET_OK || is_prefixed(context))
                return status;
        memcpy(inner, message, sizeof(inner));
        return en_fail(status, "%.*s: %s", EN_CONTEXT_SIZE, context, inner);
}

const char *
en_message(void)
{
        return message;
}
