/* status.c: the thread-local message.  A plain array: no destructor, so a
 * thread may end, and the library be unloaded, at any time.
 */
#include "base/status.h"

#include <errno.h>
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

void
en_message_keep(char kept[EN_MESSAGE_SIZE])
{
        memcpy(kept, message, EN_MESSAGE_SIZE);
}

void
en_message_restore(const char kept[EN_MESSAGE_SIZE])
{
        memcpy(message, kept, EN_MESSAGE_SIZE);
}

/* strerror is not thread-safe everywhere, and strerror_r has two types. */
const char *
en_reason(int error)
{
        switch (error) {
        case ENOENT: return "no such file or folder";
        case EACCES:
        case EPERM: return "permission denied";
        case EISDIR: return "is a directory";
        case ENOTDIR: return "a part of the path is not a directory";
        case ENOSPC:
        case EDQUOT: return "no space left";
        case EFBIG: return "the file would be too large";
        case EROFS: return "the file system is read-only";
        case EMFILE:
        case ENFILE: return "too many open files";
        case ENAMETOOLONG: return "the name is too long";
        case ELOOP: return "too many symbolic links";
        case EPIPE: return "nobody reads";
        default: return "input/output error";
        }
}
