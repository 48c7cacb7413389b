/* globals.c: the closed world of a pickle. */
#include "load/globals.h"

#include "base/status.h"
#include "load/dtype.h"
#include "load/text.h"

#include <string.h>

/* Names in torch and torch.cuda of storage classes and element types are in
 * the table of element types.
 */
static const struct {
        const char *module, *name;
        en_global_kind kind;
} known[] = {
        {"collections", "OrderedDict", EN_GLOBAL_DICT},
        {"torch._utils", "_rebuild_tensor", EN_GLOBAL_TENSOR},
        {"torch._utils", "_rebuild_tensor_v2", EN_GLOBAL_TENSOR},
        {"torch._utils", "_rebuild_tensor_v3", EN_GLOBAL_TENSOR_V3},
        {"torch._utils", "_rebuild_parameter", EN_GLOBAL_PARAMETER},
        {"torch.storage", "UntypedStorage", EN_GLOBAL_UNTYPED},
        {"torch", "Size", EN_GLOBAL_INERT},
        {"torch", "device", EN_GLOBAL_INERT},
        {"argparse", "Namespace", EN_GLOBAL_INERT},
        {"__builtin__", "set", EN_GLOBAL_INERT},
        {"builtins", "set", EN_GLOBAL_INERT},
        {"collections", "Counter", EN_GLOBAL_INERT},
        /* a numpy scalar: its constructor, its type, its bytes */
        {"numpy.core.multiarray", "scalar", EN_GLOBAL_INERT},
        {"numpy._core.multiarray", "scalar", EN_GLOBAL_INERT},
        {"numpy", "dtype", EN_GLOBAL_INERT},
        {"_codecs", "encode", EN_GLOBAL_INERT},
};

/* Where the classes of whole modules live. */
static const char *const module_prefixes[] = {
        "torch.nn.", "torchvision.", "timm.", "efficientnet", "geffnet",
};

static bool
equals(const char *text, size_t length, const char *expected)
{
        return strlen(expected) == length &&
               memcmp(text, expected, length) == 0;
}

static bool
find_type(const char *module, size_t module_length, const char *name,
          size_t length, en_global *global)
{
        bool torch = equals(module, module_length, "torch");

        if ((torch || equals(module, module_length, "torch.cuda")) &&
            en_dtype_find(EN_DTYPE_STORAGE, name, length, &global->dtype)) {
                global->kind = EN_GLOBAL_STORAGE;
                return true;
        }
        global->kind = EN_GLOBAL_DTYPE;
        return torch &&
               en_dtype_find(EN_DTYPE_TORCH, name, length, &global->dtype);
}

static bool
is_of_module_class(const char *module, size_t length)
{
        for (size_t i = 0;
             i < sizeof(module_prefixes) / sizeof(module_prefixes[0]); i++) {
                size_t n = strlen(module_prefixes[i]);

                if (length >= n && memcmp(module, module_prefixes[i], n) == 0)
                        return true;
        }
        return false;
}

/* QInt8Storage, ComplexFloatStorage and the like. */
static bool
is_other_storage(const char *module, size_t module_length, const char *name,
                 size_t length)
{
        return equals(module, module_length, "torch") && length > 7 &&
               memcmp(name + length - 7, "Storage", 7) == 0;
}

static effnet_status
refuse(const char *module, size_t module_length, const char *name,
       size_t name_length)
{
        char m[EN_SHOWN], n[EN_SHOWN];

        en_show(m, module, module_length);
        en_show(n, name, name_length);
        if (is_of_module_class(module, module_length))
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "a whole module (%s.%s) instead of a "
                               "dictionary of tensors: save the state_dict "
                               "instead, torch.save(model.state_dict(), path)",
                               m, n);
        if (is_other_storage(module, module_length, name, name_length))
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "element type of %s.%s is not supported; "
                               "expected float32, float16, bfloat16 or "
                               "float64",
                               m, n);
        return en_fail(EFFNET_ERROR_UNSUPPORTED,
                       "pickle global %s.%s refused: only dictionaries of "
                       "tensors are read, as torch.save(model.state_dict(), "
                       "path) writes them",
                       m, n);
}

effnet_status
en_global_find(const char *module, size_t module_length, const char *name,
               size_t name_length, en_global *global)
{
        global->dtype = EN_DTYPE_F32;
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
                if (equals(module, module_length, known[i].module) &&
                    equals(name, name_length, known[i].name)) {
                        global->kind = known[i].kind;
                        return EFFNET_OK;
                }
        }
        if (find_type(module, module_length, name, name_length, global))
                return EFFNET_OK;
        return refuse(module, module_length, name, name_length);
}
