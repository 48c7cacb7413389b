/* args.h: command lines by a table of options. */
#ifndef PROGRAMS_ARGS_H
#define PROGRAMS_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPECTED_SIZE 128

/* `--name value`, `--name=value`, `-l value` or `-lvalue`; the last one
 * counts.  `parse` sets *target from the text (NULL for a flag), or says in
 * `expected` what it would have taken.
 */
struct option {
        const char *name;  /* long, without dashes; NULL: none */
        char letter;       /* short; 0: none */
        const char *value; /* what to call the value; NULL: a flag */
        const char *help;
        bool (*parse)(const struct option *option, const char *text,
                      char expected[EXPECTED_SIZE]);
        void *target;
        int64_t least, most;        /* parse_integer */
        const char *const *choices; /* parse_choice; ends in NULL */
        /* parse_text: what to do where there is none; NULL: it may lack */
        const char *missing;
};

/* A line of a subcommand's option table: how it prints. */
#define FORMAT_OPTION(format, formats, text)                                   \
        {                                                                      \
                .name = "format", .value = "FORMAT", .help = text,             \
                .parse = parse_choice, .target = &(format), .choices = formats \
        }

bool parse_flag(const struct option *option, const char *text,
                char expected[EXPECTED_SIZE]); /* bool */
bool parse_text(const struct option *option, const char *text,
                char expected[EXPECTED_SIZE]); /* const char * */
bool parse_integer(const struct option *option, const char *text,
                   char expected[EXPECTED_SIZE]); /* int64_t */
bool parse_real(const struct option *option, const char *text,
                char expected[EXPECTED_SIZE]); /* double, finite */
bool parse_choice(const struct option *option, const char *text,
                  char expected[EXPECTED_SIZE]); /* int: index of choice */

/* A finite number at the start of `text`; NULL if there is none, else where
 * it ends.
 */
const char *number_end(const char *text, double *number);

struct syntax {
        const char *command; /* "classify" */
        const char *purpose;
        const char *example;
        const char *operands; /* "IMAGE -o OUT.npy": what follows the options */
        const char *notes;    /* printed last */
        const struct option *options;
        size_t count;
        int least, most;     /* operands */
        const char *missing; /* what to do where there are too few */
};

/* Works through `argv`.  Gives EXIT_NONE, with the operands moved to the front
 * and *operands of them; else the exit code, after help or a complaint.
 */
int args_parse(const struct syntax *syntax, int argc, char **argv,
               int *operands);

/* Among `count` names, or up to a NULL, the one that was probably meant by
 * `word`; NULL if none is near.
 */
const char *nearest_name(const char *word, const char *const *names,
                         size_t count);

#endif
