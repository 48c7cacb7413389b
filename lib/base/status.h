/* status.h: failing with a message for the calling thread. */
#ifndef EN_BASE_STATUS_H
#define EN_BASE_STATUS_H

#include "effnet.h"

#include <stddef.h>

/* Longer messages are cut. */
#define EN_MESSAGE_SIZE 1024
/* Of a path or another context, which messages begin with. */
#define EN_CONTEXT_SIZE 300

#if defined(__GNUC__)
#define EN_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define EN_PRINTF(text, first)
#endif

/* Stores the message and returns `status`, so that a caller can write
 * `return en_fail(EFFNET_ERROR_FORMAT, "...", ...)`.
 */
effnet_status en_fail(effnet_status status, const char *format, ...)
        EN_PRINTF(2, 3);

/* Puts "context: " before the message that a callee has just stored; returns
 * `status`.  Does nothing for EFFNET_OK, or where it begins so already.
 */
effnet_status en_fail_in(effnet_status status, const char *context);

const char *en_message(void);

/* What an errno of files means; static text. */
const char *en_reason(int error);

/* Where a callee's failure is not the caller's: the message that stood before
 * it, to be put back.
 */
void en_message_keep(char kept[EN_MESSAGE_SIZE]);
void en_message_restore(const char kept[EN_MESSAGE_SIZE]);

#endif
