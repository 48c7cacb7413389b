/* utf8.h: whether bytes are UTF-8. */
#ifndef EN_LOAD_UTF8_H
#define EN_LOAD_UTF8_H

#include <stddef.h>

/* The length of what is well-formed at the start (RFC 3629: no overlong form,
 * no surrogate, nothing above U+10FFFF): `size` if all is.
 */
size_t en_utf8_length(const char *text, size_t size);

#endif
