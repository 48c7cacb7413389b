/* main.c: the effnet command: the table of subcommands. */
#include "args.h"
#include "command.h"
#include "text.h"

#include "effnet.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct command {
        const char *name;
        const char *purpose;
        int (*run)(int argc, char **argv);
} commands[] = {
        {"classify", "name what is in pictures", command_classify},
        {"info", "describe a checkpoint or an architecture", command_info},
        {"scale", "compound scaling: B0 to B7, or your own coefficients",
         command_scale},
        {"preprocess", "turn a picture into a network's input, as .npy",
         command_preprocess},
        {"run", "run a network on a .npy", command_run},
        {"bench", "measure how fast a network runs here", command_bench},
        {"convert", "save a checkpoint by another project's names",
         command_convert},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* Keeps the numbers of closed standard streams from being given to files that
 * are opened later, which would then receive what is printed.  Each is opened
 * the wrong way round, so that using it fails as a closed one does.
 */
static void
reserve_streams(void)
{
        static const int way[3] = {O_WRONLY, O_RDONLY, O_RDONLY};
        int fd;

        for (fd = 0; fd < 3; fd++)
                if (fcntl(fd, F_GETFD) == -1)
                        (void)open("/dev/null", way[fd]);
}

static void
print_usage(FILE *stream)
{
        size_t i;

        fputs("Example: effnet classify dog.jpg\n\n"
              "EfficientNet on pictures, from PyTorch checkpoints.\n\n"
              "Usage: effnet COMMAND [OPTION]... [ARGUMENT]...\n\n",
              stream);
        for (i = 0; i < COMMANDS; i++)
                fprintf(stream, "  %-12s%s\n", commands[i].name,
                        commands[i].purpose);
        fputs("\n  --help      this text; after a command, that command's\n"
              "  --version   the version\n",
              stream);
}

static int
unknown_command(const char *word)
{
        const char *names[COMMANDS], *near;
        size_t i;

        for (i = 0; i < COMMANDS; i++)
                names[i] = commands[i].name;
        near = nearest_name(word, names, COMMANDS);
        complain("there is no command '%s'", word);
        fprintf(stderr, "%s%s%sSee effnet --help.\n",
                near != NULL ? "Did you mean " : "", near != NULL ? near : "",
                near != NULL ? "?  " : "");
        return EXIT_USAGE;
}

int
main(int argc, char **argv)
{
        size_t i;

        reserve_streams();
        signal(SIGPIPE, SIG_IGN); /* writing says so instead */
        if (argc < 2) {
                print_usage(stderr);
                return EXIT_USAGE;
        }
        if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
                print_usage(stdout);
                return output_flush() ? EXIT_DONE : EXIT_NOTHING;
        }
        if (strcmp(argv[1], "--version") == 0) {
                printf("effnet %s\n", effnet_version_string());
                return output_flush() ? EXIT_DONE : EXIT_NOTHING;
        }
        for (i = 0; i < COMMANDS; i++)
                if (strcmp(argv[1], commands[i].name) == 0) {
                        complain_as(commands[i].name);
                        return commands[i].run(argc - 2, argv + 2);
                }
        return unknown_command(argv[1]);
}
