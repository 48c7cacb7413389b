/* lines.h: text files of test data, line by line. */
#ifndef TESTS_LINES_H
#define TESTS_LINES_H

#include <stdio.h>

/* A file of tests/data, which must be there. */
FILE *test_open(const char *name);

/* The next line that is no comment, without its end; NULL at the end of the
 * file.  `line` is grown as needed.
 */
char *test_line(FILE *file, char **line, size_t *room);

#endif
