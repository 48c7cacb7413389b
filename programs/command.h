/* command.h: the subcommands of effnet and what they share. */
#ifndef PROGRAMS_COMMAND_H
#define PROGRAMS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/* The exit codes; scripts rely on them. */
enum {
        EXIT_DONE = 0,
        EXIT_PARTLY = 1,  /* some inputs failed */
        EXIT_USAGE = 2,   /* the command line makes no sense */
        EXIT_NOTHING = 3, /* nothing could be done */
        EXIT_NONE = -1    /* no reason to leave yet */
};

/* Each takes its own arguments, without the subcommand's name, and gives the
 * exit code.
 */
int command_classify(int argc, char **argv);
int command_info(int argc, char **argv);
int command_scale(int argc, char **argv);
int command_preprocess(int argc, char **argv);
int command_run(int argc, char **argv);
int command_bench(int argc, char **argv);
int command_convert(int argc, char **argv);

#endif
