/* dtype.h: element types: their names in files, and widening. */
#ifndef EN_LOAD_DTYPE_H
#define EN_LOAD_DTYPE_H

#include "load/container.h"

/* Which name of a type. */
typedef enum en_dtype_naming {
        EN_DTYPE_TORCH,      /* "float32" */
        EN_DTYPE_STORAGE,    /* "FloatStorage" */
        EN_DTYPE_SAFETENSORS /* "F32" */
} en_dtype_naming;

/* False where the name is of no type that is read here. */
bool en_dtype_find(en_dtype_naming naming, const char *name, size_t length,
                   en_dtype *dtype);

/* "F32" … */
const char *en_dtype_safetensors(en_dtype dtype);

bool en_dtype_is_float(en_dtype dtype);

/* Little-endian elements to values, of `n` elements.  Returns the number
 * converted: less than n at a double that a float cannot hold.  Only floating
 * types have a float form.
 */
size_t en_dtype_to_f32(en_dtype dtype, const uint8_t *bytes, size_t n,
                       float *values);
void en_dtype_to_f64(en_dtype dtype, const uint8_t *bytes, size_t n,
                     double *values);

#endif
