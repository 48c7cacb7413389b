/* inflate.h: deflated zip members, with limits that hold whatever their
 * headers claim.
 */
#ifndef EN_LOAD_INFLATE_H
#define EN_LOAD_INFLATE_H

#include "load/container.h"

/* Inflates the first `wanted` bytes of a deflated range of the source, a new
 * block (en_free).  Where that is all of it, it must end there.  Memory grows
 * with what comes out, not with what was announced; a ratio that weights never
 * reach is EFFNET_ERROR_LIMIT.
 */
effnet_status en_inflate(const en_source *source, const en_storage *storage,
                         uint64_t wanted, uint8_t **data);

#endif
