/* text.h: messages: text from a file made fit for one, and the file's name in
 * front.
 */
#ifndef EN_LOAD_TEXT_H
#define EN_LOAD_TEXT_H

#include "base/source.h"

#include <stddef.h>

#define EN_SHOWN 100

/* Copies the text, cut with "..." where it is long, with '?' for each control
 * character, so that a file cannot write to a terminal.
 */
void en_show(char shown[EN_SHOWN], const char *text, size_t length);

/* Puts the source's name before the last message, unless it is there already;
 * returns `status`.  Does nothing for EFFNET_OK.
 */
effnet_status en_fail_at(effnet_status status, const en_source *source);

/* Likewise "tensor NAME". */
effnet_status en_fail_in_tensor(effnet_status status, const char *name,
                                size_t length);

#endif
