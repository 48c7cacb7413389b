/* error.c: exported status, message and version functions. */
#include "base/status.h"

#include <string.h>

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

const char *
effnet_last_error(void)
{
        return en_message();
}

size_t
effnet_last_error_copy(char *buffer, size_t size)
{
        const char *message = en_message();
        size_t length = strlen(message);

        if (buffer != NULL && size > 0) {
                size_t copied = length < size ? length : size - 1;

                memcpy(buffer, message, copied);
                buffer[copied] = '\0';
        }
        return length;
}

const char *
effnet_status_name(int32_t status)
{
        static const char *const names[] = {
                "ok",     "argument",    "memory",   "io",
                "format", "unsupported", "limit",    "mismatch",
                "state",  "cancelled",   "internal",
        };

        if (status > EFFNET_OK || status < EFFNET_ERROR_INTERNAL)
                return "unknown";
        return names[-status];
}

int32_t
effnet_version(void)
{
        return EFFNET_VERSION_MAJOR * 10000 + EFFNET_VERSION_MINOR * 100 +
               EFFNET_VERSION_PATCH;
}

const char *
effnet_version_string(void)
{
        return TEXT(EFFNET_VERSION_MAJOR) "." TEXT(
                EFFNET_VERSION_MINOR) "." TEXT(EFFNET_VERSION_PATCH);
}
