/* warnings.c: what deserves to be said although nothing failed. */
#include "base/warnings.h"

#include <stdarg.h>
#include <stdio.h>

void
en_warn(en_warnings *warnings, const char *format, ...)
{
        va_list arguments;

        if (warnings->count == EN_MOST_WARNINGS)
                return;
        va_start(arguments, format);
        vsnprintf(warnings->texts[warnings->count++], EN_WARNING_SIZE, format,
                  arguments);
        va_end(arguments);
}
