/* dump.c: each layer's output as a .npy. */
#include "dump.h"
#include "npy.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool
make_folder(const char *folder)
{
        struct stat status;

        if (mkdir(folder, 0777) == 0)
                return true;
        if (errno == EEXIST && stat(folder, &status) == 0) {
                if (S_ISDIR(status.st_mode))
                        return true;
                errno = ENOTDIR;
        }
        complain("%s: cannot make the folder: %s", folder, strerror(errno));
        return false;
}

static bool
dump_layer(const char *folder, effnet_session *session, int32_t index)
{
        const char *name = effnet_session_layer_name(session, index);
        size_t size = strlen(folder) + strlen(name) + sizeof("/.npy");
        const effnet_tensor *tensor;
        char *path;
        bool done;

        if (effnet_session_layer(session, index, &tensor) != EFFNET_OK) {
                complain("%s: %s", name, effnet_last_error());
                return false;
        }
        path = must(malloc(size));
        snprintf(path, size, "%s/%s.npy", folder, name);
        done = npy_write(path, tensor);
        free(path);
        return done;
}

bool
dump_layers(const char *folder, effnet_session *session)
{
        int32_t count = effnet_session_layer_count(session);

        if (!make_folder(folder))
                return false;
        for (int32_t i = 0; i < count; i++)
                if (!dump_layer(folder, session, i))
                        return false;
        return true;
}
