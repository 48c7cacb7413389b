/* plan_text.c: a session's plan as tables of text. */
#include "plan.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>

struct column {
        const char *title;
        int32_t key;
        int width;
        int64_t least; /* less is shown as "-" */
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A number, or "-" for what is not there. */
static const char *
cell(char text[NUMBER_SIZE], int64_t value, int64_t least)
{
        if (value < least)
                snprintf(text, NUMBER_SIZE, "-");
        else
                count_text(text, value);
        return text;
}

static void
print_head(const effnet_session *session)
{
        static const struct column bytes[] = {
                {.title = "arena", .key = EFFNET_PLAN_ARENA_BYTES},
                {.title = "weights", .key = EFFNET_PLAN_WEIGHT_BYTES},
                {.title = "outputs", .key = EFFNET_PLAN_OUTPUT_BYTES},
        };
        char number[NUMBER_SIZE];
        size_t i;

        puts("plan");
        printf("  %-14s%" PRId64 "x%" PRId64 ", batch %" PRId64
               ", threads %" PRId64 "\n",
               "input", plan_int(session, EFFNET_PLAN_WIDTH),
               plan_int(session, EFFNET_PLAN_HEIGHT),
               plan_int(session, EFFNET_PLAN_BATCH),
               plan_int(session, EFFNET_PLAN_THREADS));
        for (i = 0; i < COUNT(bytes); i++)
                printf("  %-14s%s bytes\n", bytes[i].title,
                       count_text(number, plan_int(session, bytes[i].key)));
}

static void
print_titles(const struct column *columns, size_t count)
{
        size_t i;

        for (i = 0; i < count; i++)
                printf("%*s", columns[i].width, columns[i].title);
        putchar('\n');
}

static void
print_cells(const effnet_session *session, int32_t step,
            const struct column *columns, size_t count)
{
        char number[NUMBER_SIZE];
        size_t i;

        for (i = 0; i < count; i++)
                printf("%*s", columns[i].width,
                       cell(number,
                            plan_step_int(session, step, columns[i].key),
                            columns[i].least));
        putchar('\n');
}

/* How each step's work is cut. */
static void
print_steps(const effnet_session *session)
{
        static const struct column columns[] = {
                {"groups", EFFNET_STEP_GROUPS, 7, 1},
                {"strips", EFFNET_STEP_STRIPS, 7, 1},
                {"rows", EFFNET_STEP_ROWS, 5, 1},
                {"ring", EFFNET_STEP_RING, 5, 1},
                {"panels", EFFNET_STEP_PANELS, 7, 1},
        };
        char name[STEP_NAME_SIZE];
        int32_t i;

        printf("\n%3s %-29s%-15s", "", "step", "kind");
        print_titles(columns, COUNT(columns));
        for (i = 0; i < plan_int(session, EFFNET_PLAN_STEPS); i++) {
                printf("%3d %-29s%-15s", (int)i,
                       plan_step_name(session, i, name),
                       effnet_session_step_kind(session, i));
                print_cells(session, i, columns, COUNT(columns));
        }
}

/* How much it is, and in which buffers. */
static void
print_work(const effnet_session *session)
{
        static const struct column columns[] = {
                {"tasks", EFFNET_STEP_TASKS, 6, 1},
                {"MACs", EFFNET_STEP_MACS, 15, 1},
                {"weights", EFFNET_STEP_WEIGHT_BYTES, 13, 1},
                {"in", EFFNET_STEP_INPUT, 5, 0},
                {"out", EFFNET_STEP_OUTPUT, 5, 0},
                {"added", EFFNET_STEP_RESIDUAL, 6, 0},
                {"sums", EFFNET_STEP_SUMS, 6, 0},
                {"scaled", EFFNET_STEP_WEIGHTS, 7, 0},
                {"scratch", EFFNET_STEP_SCRATCH, 8, 0},
        };
        int32_t i;

        fputs("\n   ", stdout);
        print_titles(columns, COUNT(columns));
        for (i = 0; i < plan_int(session, EFFNET_PLAN_STEPS); i++) {
                printf("%3d", (int)i);
                print_cells(session, i, columns, COUNT(columns));
        }
}

static void
print_buffers(const effnet_session *session)
{
        char number[2][NUMBER_SIZE];
        int32_t i;

        printf("\n%6s%16s%16s%16s\n", "buffer", "offset", "bytes", "steps");
        for (i = 0; i < plan_int(session, EFFNET_PLAN_BUFFERS); i++)
                printf("%6d%16s%16s%11" PRId64 "-%" PRId64 "\n", (int)i,
                       count_text(number[0],
                                  plan_buffer_int(session, i,
                                                  EFFNET_BUFFER_OFFSET)),
                       count_text(number[1],
                                  plan_buffer_int(session, i,
                                                  EFFNET_BUFFER_BYTES)),
                       plan_buffer_int(session, i, EFFNET_BUFFER_FIRST),
                       plan_buffer_int(session, i, EFFNET_BUFFER_LAST));
}

void
plan_print(const effnet_session *session)
{
        print_head(session);
        print_steps(session);
        print_work(session);
        print_buffers(session);
}
