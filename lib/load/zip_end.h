/* zip_end.h: the records at the end of a zip archive. */
#ifndef EN_LOAD_ZIP_END_H
#define EN_LOAD_ZIP_END_H

#include "base/source.h"

/* Where the central directory is. */
typedef struct en_zip_end {
        uint64_t members;
        uint64_t offset; /* of the directory in the source */
        uint64_t size;
} en_zip_end;

/* Finds the end record and its zip64 counterpart.  The directory that they
 * name lies in the source, before them.
 */
effnet_status en_zip_end_read(en_zip_end *end, const en_source *source);

#endif
