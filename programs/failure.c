/* failure.c: why something did not work, as status and message. */
#include "failure.h"

#include <stdio.h>
#include <string.h>

void
failure_because(struct failure *failure, effnet_status status, const char *path,
                const char *why)
{
        failure->status = effnet_status_name(status);
        snprintf(failure->message, sizeof(failure->message), "%s: %s", path,
                 why);
}

void
failure_of_library(struct failure *failure, effnet_status status,
                   const char *path)
{
        const char *message = effnet_last_error();

        if (strstr(message, path) == NULL) {
                failure_because(failure, status, path, message);
                return;
        }
        failure->status = effnet_status_name(status);
        snprintf(failure->message, sizeof(failure->message), "%s", message);
}

void
failure_of_system(struct failure *failure, const char *path, const char *what,
                  int error)
{
        char why[256];

        snprintf(why, sizeof(why), "cannot %s: %s", what, strerror(error));
        failure_because(failure, EFFNET_ERROR_IO, path, why);
}
