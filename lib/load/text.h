/* text.h: text from a file made fit for a message. */
#ifndef EN_LOAD_TEXT_H
#define EN_LOAD_TEXT_H

#include "effnet.h"

#include <stddef.h>

#define EN_SHOWN 100

/* Copies the text, cut with "..." where it is long, with '?' for each control
 * character, so that a file cannot write to a terminal.
 */
void en_show(char shown[EN_SHOWN], const char *text, size_t length);

/* Puts "tensor NAME: " before the last message; returns `status`.  Does nothing
 * for EFFNET_OK.
 */
effnet_status en_fail_in_tensor(effnet_status status, const char *name,
                                size_t length);

#endif
