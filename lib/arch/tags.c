/* tags.c: names of weights: an architecture's and a tag. */
#include "arch/config.h"

#include "arch/models.h"
#include "arch/presets.h"

#include <string.h>

static bool
is_word(char c)
{
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
               (c >= 'A' && c <= 'Z');
}

size_t
en_begins(const char *text, const char *name, size_t n, bool whole)
{
        if (strncmp(text, name, n) != 0)
                return 0;
        return (whole ? text[n] == '\0' : !is_word(text[n])) ? n : 0;
}

/* The longest spelling of a tag of `n` bytes. */
static size_t
spelled(const char *text, const char *tag, size_t n, bool whole)
{
        size_t best = en_begins(text, tag, n, whole);

        for (int32_t i = 0; i < en_tag_alias_count; i++) {
                const en_tag_alias *a = &en_tag_aliases[i];
                size_t length;

                if (strlen(a->tag) != n || strncmp(a->tag, tag, n) != 0)
                        continue;
                length = en_begins(text, a->alias, strlen(a->alias), whole);
                if (length > best)
                        best = length;
        }
        return best;
}

/* The longest of a row's tags behind the name of its architecture. */
static size_t
find_tag(const char *text, const en_preset_row *row, bool whole)
{
        const char *tag = row->tags;
        size_t best = 0;

        if (text[0] != '.' && text[0] != '_' && text[0] != '-')
                return 0;
        while (*tag != '\0') {
                size_t n = strcspn(tag, " ");
                size_t length = spelled(text + 1, tag, n, whole);

                if (length > 0 && length + 1 > best)
                        best = length + 1;
                tag += n;
                tag += strspn(tag, " ");
        }
        return best;
}

/* With LM the tag may also stand before it: "adv-efficientnet-b0". */
static size_t
match(const char *text, const char *name, const en_preset_row *row, bool whole)
{
        size_t n = strlen(name), tag;

        if (strncmp(text, name, n) == 0) {
                tag = find_tag(text + n, row, whole);
                return tag > 0 ? n + tag : 0;
        }
        if (strncmp(text, "adv-", 4) != 0 || strcmp(row->tags, "adv_in1k") != 0)
                return 0;
        n = en_begins(text + 4, name, n, whole);
        return n > 0 ? n + 4 : 0;
}

/* The longest name of a row's family, or of the row, in the text. */
static size_t
find_name(const char **found, const char *text, const en_preset_row *row,
          bool whole)
{
        size_t best = 0;

        for (int32_t d = 0; d < en_definition_count; d++) {
                const en_definition *definition = &en_definitions[d];

                if (definition->family != row->family)
                        continue;
                for (int32_t j = 0; definition->names[j] != NULL; j++) {
                        const char *name = definition->names[j];
                        size_t length;

                        if (row->name != NULL && strcmp(row->name, name) != 0)
                                continue;
                        length = match(text, name, row, whole);
                        if (length > best) {
                                best = length;
                                *found = name;
                        }
                }
        }
        return best;
}

/* A name may be another family's too. */
static bool
fill(effnet_config *config, const char *name, int32_t index)
{
        const en_preset_row *row = &en_preset_rows[index];

        if (en_config_named(config, name) != EFFNET_OK)
                return false;
        if (config->family != row->family &&
            en_config_variant(config, row->family, config->variant) !=
                    EFFNET_OK)
                return false;
        config->weights = index + 1;
        if (row->classes != 0)
                config->classes = row->classes;
        return true;
}

size_t
en_config_tagged(effnet_config *config, const char *text, bool whole)
{
        const char *name = NULL;
        size_t best = 0;
        int32_t row = 0;

        for (int32_t i = 0; i < en_preset_row_count; i++) {
                const char *found = NULL;
                size_t length;

                if (en_preset_rows[i].tags == NULL)
                        continue;
                length = find_name(&found, text, &en_preset_rows[i], whole);
                if (length > best) {
                        best = length;
                        name = found;
                        row = i;
                }
        }
        return best > 0 && fill(config, name, row) ? best : 0;
}
