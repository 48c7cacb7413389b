/* child.c: measuring each file of a model in a process that is new. */
#include "child.h"

#include "subject.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_WORD "--child"

static void
become_child(const char *argv0, const char *path, const int ends[2])
{
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execl(argv0, argv0, CHILD_WORD, path, (char *)NULL);
        _exit(127);
}

void
bench_child(const char *argv0, const char *path, double *values, size_t count)
{
        size_t found = 0;
        int ends[2], status = 0;
        FILE *stream;
        pid_t child;

        if (pipe(ends) != 0)
                bench_die("%s: no pipe", path);
        (void)fflush(NULL);
        child = fork();
        if (child == 0)
                become_child(argv0, path, ends);
        (void)close(ends[1]);
        stream = fdopen(ends[0], "r");
        if (child < 0 || stream == NULL)
                bench_die("%s: no process", path);
        while (found < count && fscanf(stream, "%lf", &values[found]) == 1)
                found++;
        (void)fclose(stream);
        if (waitpid(child, &status, 0) != child || status != 0 ||
            found != count)
                bench_die("%s: measuring in a new process failed", path);
}

static void
measure_seeded(bench_report *report, const bench_files *files,
               const char *argv0, const char *name)
{
        char path[64];

        snprintf(path, sizeof(path), "%s-%s.safetensors", files->name, name);
        bench_save(name, path);
        files->measure(report, argv0, name, path);
        (void)unlink(path);
}

int
bench_measure_files(const bench_files *files, int argc, char **argv)
{
        bench_report *report;

        if (argc == 3 && strcmp(argv[1], CHILD_WORD) == 0)
                return files->child(argv[2]);
        report = bench_begin(files->name, argc, argv);
        for (int i = 0; i < report->count; i++)
                files->measure(report, argv[0], report->what[i],
                               report->what[i]);
        for (int i = 0; report->count == 0 && files->seeded[i] != NULL; i++)
                measure_seeded(report, files, argv[0], files->seeded[i]);
        return bench_end(report);
}
