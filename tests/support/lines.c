/* lines.c: text files of test data, line by line. */
#include "lines.h"

#include "support.h"

#include <string.h>
#include <sys/types.h>

FILE *
test_open(const char *name)
{
        FILE *file = fopen(test_data(name), "r");

        ck_assert_msg(file != NULL, "cannot open %s", name);
        return file;
}

char *
test_line(FILE *file, char **line, size_t *room)
{
        ssize_t length;

        do {
                length = getline(line, room, file);
                if (length < 0)
                        return NULL;
        } while ((*line)[0] == '#');
        (*line)[strcspn(*line, "\n")] = '\0';
        return *line;
}
