/* dump.h: each layer's output as a file. */
#ifndef PROGRAMS_DUMP_H
#define PROGRAMS_DUMP_H

#include "effnet.h"

#include <stdbool.h>

/* Writes what each layer gave in the last run of a session that keeps layers
 * as FOLDER/NAME.npy, by its canonical name; makes the folder where it is
 * missing.  False after a complaint.
 */
bool dump_layers(const char *folder, effnet_session *session);

#endif
