/* globals.h: the closed world of a pickle: every module attribute that it may
 * name, and what that becomes.  Nothing is imported or called.
 */
#ifndef EN_LOAD_GLOBALS_H
#define EN_LOAD_GLOBALS_H

#include "load/container.h"

typedef enum en_global_kind {
        EN_GLOBAL_DICT,      /* called: a dictionary */
        EN_GLOBAL_TENSOR,    /* called: a tensor */
        EN_GLOBAL_TENSOR_V3, /* likewise, with its element type at the end */
        EN_GLOBAL_PARAMETER, /* called: its first argument, a tensor */
        EN_GLOBAL_STORAGE,   /* a storage class of `dtype` */
        EN_GLOBAL_UNTYPED,   /* the storage class without one */
        EN_GLOBAL_DTYPE,     /* an element type */
        EN_GLOBAL_INERT      /* anything made of it is opaque */
} en_global_kind;

typedef struct en_global {
        en_global_kind kind;
        en_dtype dtype;
} en_global;

/* EFFNET_ERROR_UNSUPPORTED, naming it, for any other. */
effnet_status en_global_find(const char *module, size_t module_length,
                             const char *name, size_t name_length,
                             en_global *global);

#endif
