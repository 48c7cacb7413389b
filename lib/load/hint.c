/* hint.c: what a file's name tells of its tensors' architecture.  Projects name
 * their files by architecture, then recipe and hash.
 */
#include "load/hint.h"

#include <stdbool.h>
#include <string.h>

/* Whether `text` begins with the whole word `name`. */
static bool
begins_with(const char *text, const char *name)
{
        return en_begins(text, name, strlen(name), false) > 0;
}

/* Takes `meant` over if it is of the tensors' family and variant. */
static bool
take(effnet_config *config, effnet_config *meant)
{
        if (meant->family != config->family ||
            meant->variant != config->variant)
                return false;
        meant->classes = config->classes;
        meant->input_channels = config->input_channels;
        *config = *meant;
        return true;
}

bool
en_hint_by_name(effnet_config *config, const char *path)
{
        const char *slash = strrchr(path, '/'), *name;
        const char *base = slash != NULL ? slash + 1 : path;
        effnet_config meant;

        if (en_config_tagged(&meant, base, false) > 0 && take(config, &meant))
                return true;
        /* One that several families define is found by its own family. */
        if (begins_with(base, config->name))
                return true;
        for (int32_t i = 0; (name = en_architecture_name(i)) != NULL; i++)
                if (begins_with(base, name) &&
                    en_config_named(&meant, name) == EFFNET_OK &&
                    take(config, &meant))
                        return true;
        return false;
}
