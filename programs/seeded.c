/* seeded.c: a checkpoint of made-up weights. */
#include "seeded.h"
#include "command.h"
#include "model.h"
#include "text.h"

#include "effnet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATTERN "/effnet-XXXXXX"

/* An empty file; NULL after a complaint. */
static char *
new_path(void)
{
        const char *folder = getenv("TMPDIR");
        size_t size;
        char *path;
        int fd;

        if (folder == NULL || *folder == '\0')
                folder = "/tmp";
        size = strlen(folder) + sizeof(PATTERN);
        path = must(malloc(size));
        snprintf(path, size, "%s%s", folder, PATTERN);
        fd = mkstemp(path);
        if (fd < 0) {
                complain("%s: no temporary file: %s (TMPDIR names another "
                         "folder)",
                         path, strerror(errno));
                free(path);
                return NULL;
        }
        (void)close(fd);
        return path;
}

static effnet_status
write_model(const effnet_config *config, const char *path)
{
        effnet_options *options = NULL;
        effnet_model *model = NULL;
        effnet_status status = effnet_options_create(&options);

        if (status == EFFNET_OK)
                status = effnet_options_set_int(
                        options, EFFNET_OPTION_KEEP_PARAMETERS, 1);
        if (status == EFFNET_OK)
                status = effnet_model_create(&model, config, 1, options);
        if (status == EFFNET_OK)
                status = effnet_model_save_file(model, path, EFFNET_NAMES_OWN,
                                                EFFNET_TYPE_F32, NULL);
        if (status != EFFNET_OK)
                complain("%s", effnet_last_error());
        effnet_model_release(model);
        effnet_options_free(options);
        return status;
}

/* Whether a child process could write it. */
static bool
write_apart(const effnet_config *config, const char *path)
{
        pid_t child, found;
        int status = 0;

        (void)fflush(NULL);
        child = fork();
        if (child == 0)
                _exit(write_model(config, path) == EFFNET_OK ? EXIT_DONE
                                                             : EXIT_NOTHING);
        if (child < 0) {
                complain("no process to make the weights: %s", strerror(errno));
                return false;
        }
        do
                found = waitpid(child, &status, 0);
        while (found < 0 && errno == EINTR);
        if (found == child && WIFSIGNALED(status))
                complain("making the weights ended with signal %d",
                         WTERMSIG(status));
        return found == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

char *
seeded_file(const char *name)
{
        effnet_config *config = model_named(name);
        char *path = config != NULL ? new_path() : NULL;

        if (path != NULL && !write_apart(config, path)) {
                seeded_remove(path);
                path = NULL;
        }
        effnet_config_free(config);
        return path;
}

void
seeded_remove(char *path)
{
        if (path == NULL)
                return;
        (void)unlink(path);
        free(path);
}
