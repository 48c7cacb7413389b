/* sniff.h: what a file is, by its first bytes. */
#ifndef EN_LOAD_SNIFF_H
#define EN_LOAD_SNIFF_H

#include "base/source.h"

/* Enough for tar's mark at 257. */
#define EN_SNIFF_SIZE 512

/* What torch's legacy format begins with, a number (torch/serialization.py:
 * MAGIC_NUMBER), from its lowest byte on.
 */
#define EN_TORCH_MAGIC "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"

typedef enum en_file_kind {
        EN_FILE_ZIP,
        EN_FILE_TORCH_LEGACY,
        EN_FILE_SAFETENSORS,
        EN_FILE_HDF5,
        EN_FILE_OTHER
} en_file_kind;

/* `size` of the file's first bytes, `total` in all.  EN_FILE_OTHER comes with
 * a status and a message that says what it is and what to do.
 */
effnet_status en_sniff(const uint8_t *bytes, size_t size, uint64_t total,
                       en_file_kind *kind);

#endif
