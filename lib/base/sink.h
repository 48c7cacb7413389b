/* sink.h: where saved bytes go, in order: a callback, or a file that appears
 * under its name only when it is whole.
 */
#ifndef EN_BASE_SINK_H
#define EN_BASE_SINK_H

#include "effnet.h"

#include <limits.h>

typedef struct en_sink {
        const char *name; /* for messages: the path, or "callback" */
        effnet_write_fn write;
        void *opaque;
        int fd;                        /* -1 where no file is open */
        char target[PATH_MAX];         /* where links lead */
        char temporary[PATH_MAX + 64]; /* "": the file is written directly */
} en_sink;

/* A new file beside `path`, which must outlive it.  Where `path` is a pipe or
 * a device, that is written to as it is.
 */
effnet_status en_sink_open(en_sink *sink, const char *path);
void en_sink_callback(en_sink *sink, effnet_write_fn write, void *opaque);

/* EFFNET_ERROR_IO where not all can be written. */
effnet_status en_sink_write(en_sink *sink, const void *data, size_t size);

/* Ends it: where `status` is EFFNET_OK the file takes its name, replacing what
 * was there; else nothing of it stays.  Returns the first failure.
 */
effnet_status en_sink_close(en_sink *sink, effnet_status status);

#endif
