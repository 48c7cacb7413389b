/* check.h: the argument checks that every exported function shares. */
#ifndef EN_API_CHECK_H
#define EN_API_CHECK_H

#include "base/status.h"

/* EFFNET_ERROR_ARGUMENT naming the function and the parameter. */
#define EN_NULL(parameter)                                                     \
        en_fail(EFFNET_ERROR_ARGUMENT, "%s: %s is NULL", __func__, (parameter))

#endif
