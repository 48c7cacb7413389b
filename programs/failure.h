/* failure.h: why something did not work, as status and message. */
#ifndef PROGRAMS_FAILURE_H
#define PROGRAMS_FAILURE_H

#include "effnet.h"

struct failure {
        const char *status; /* of effnet_status_name; static */
        char message[4608]; /* with room for a path */
};

/* The library's last error, about `path`. */
void failure_of_library(struct failure *failure, effnet_status status,
                        const char *path);

/* An I/O failure "PATH: cannot DO: strerror(error)". */
void failure_of_system(struct failure *failure, const char *path,
                       const char *what, int error);

/* Any other. */
void failure_because(struct failure *failure, effnet_status status,
                     const char *path, const char *why);

#endif
