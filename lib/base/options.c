/* options.c: the defaults. */
#include "base/options.h"

#include <stddef.h>

static const effnet_options defaults = {
#define X(key, field, least, most, initial) .field = (initial),
        EN_OPTIONS_INT(X) EN_OPTIONS_DOUBLE(X)
#undef X
};

const effnet_options *
en_options_or_default(const effnet_options *options)
{
        return options != NULL ? options : &defaults;
}
