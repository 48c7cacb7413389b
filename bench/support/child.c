/* child.c: measuring in a process that is new. */
#include "child.h"

#include "report.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void
become_child(const char *argv0, const char *what, const int ends[2])
{
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execl(argv0, argv0, BENCH_CHILD_WORD, what, (char *)NULL);
        _exit(127);
}

void
bench_child(const char *argv0, const char *what, double *values, size_t count)
{
        size_t found = 0;
        int ends[2], status = 0;
        FILE *stream;
        pid_t child;

        if (pipe(ends) != 0)
                bench_die("%s: no pipe", what);
        (void)fflush(NULL);
        child = fork();
        if (child == 0)
                become_child(argv0, what, ends);
        (void)close(ends[1]);
        stream = fdopen(ends[0], "r");
        if (child < 0 || stream == NULL)
                bench_die("%s: no process", what);
        while (found < count && fscanf(stream, "%lf", &values[found]) == 1)
                found++;
        (void)fclose(stream);
        if (waitpid(child, &status, 0) != child || status != 0 ||
            found != count)
                bench_die("%s: measuring in a new process failed", what);
}
