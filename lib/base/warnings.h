/* warnings.h: what deserves to be said although nothing failed. */
#ifndef EN_BASE_WARNINGS_H
#define EN_BASE_WARNINGS_H

#include "base/status.h"

#define EN_MOST_WARNINGS 12
#define EN_WARNING_SIZE  400

typedef struct en_warnings {
        int32_t count;
        char texts[EN_MOST_WARNINGS][EN_WARNING_SIZE];
} en_warnings;

/* Adds one; those that do not fit are cut, or left out. */
void en_warn(en_warnings *warnings, const char *format, ...) EN_PRINTF(2, 3);

#endif
