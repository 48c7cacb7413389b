/* nearest.c: which name was probably meant by a mistyped one. */
#include "args.h"

#include <string.h>

#define MOST 40 /* longer words are not compared */

static size_t
least_of(size_t a, size_t b, size_t c)
{
        size_t ab = a < b ? a : b;

        return ab < c ? ab : c;
}

/* Insertions, deletions and replacements from `a` to `b` (Levenshtein 1966),
 * by rows of the usual table.
 */
static size_t
distance(const char *a, const char *b)
{
        size_t row[MOST + 1], i, j, above, corner, length = strlen(b);

        for (j = 0; j <= length; j++)
                row[j] = j;
        for (i = 0; a[i] != '\0'; i++) {
                corner = row[0];
                row[0] = i + 1;
                for (j = 0; j < length; j++) {
                        above = row[j + 1];
                        row[j + 1] = least_of(above + 1, row[j] + 1,
                                              corner + (a[i] != b[j]));
                        corner = above;
                }
        }
        return row[length];
}

const char *
nearest_name(const char *word, const char *const *names, size_t count)
{
        /* A third of the word may be wrong; dashes in front are no part. */
        size_t i, far, length = strlen(word);
        size_t best = (length - strspn(word, "-") + 2) / 3;
        const char *found = NULL;

        if (length > MOST)
                return NULL;
        for (i = 0; i < count && names[i] != NULL; i++) {
                if (strlen(names[i]) > MOST)
                        continue;
                far = distance(word, names[i]);
                if (far < best || (far == best && found == NULL)) {
                        best = far;
                        found = names[i];
                }
        }
        return found;
}
