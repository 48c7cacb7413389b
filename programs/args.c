/* args.c: command lines by a table of options; see args.h. */
#include "args.h"
#include "command.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_OPTIONS 32
#define HELP_COLUMN  20

bool
parse_flag(const struct option *option, const char *text,
           char expected[EXPECTED_SIZE])
{
        (void)text;
        (void)expected;
        *(bool *)option->target = true;
        return true;
}

bool
parse_text(const struct option *option, const char *text,
           char expected[EXPECTED_SIZE])
{
        if (*text == '\0') {
                snprintf(expected, EXPECTED_SIZE, "a name");
                return false;
        }
        *(const char **)option->target = text;
        return true;
}

bool
parse_integer(const struct option *option, const char *text,
              char expected[EXPECTED_SIZE])
{
        char *end;
        long long value;

        errno = 0;
        value = strtoll(text, &end, 10);
        if (end == text || *end != '\0' || errno != 0 ||
            strchr("-0123456789", *text) == NULL || value < option->least ||
            value > option->most) {
                snprintf(expected, EXPECTED_SIZE,
                         "a whole number from %" PRId64 " to %" PRId64,
                         option->least, option->most);
                return false;
        }
        *(int64_t *)option->target = value;
        return true;
}

const char *
number_end(const char *text, double *number)
{
        char *end;

        /* strtod would also take blanks, "inf", "nan" and hexadecimal. */
        if (strchr("+-.0123456789", *text) == NULL ||
            text[strcspn(text, "xXnN")] != '\0')
                return NULL;
        *number = strtod(text, &end);
        return end == text || !isfinite(*number) ? NULL : end;
}

bool
parse_real(const struct option *option, const char *text,
           char expected[EXPECTED_SIZE])
{
        double number;
        const char *end = number_end(text, &number);

        if (end == NULL || *end != '\0') {
                snprintf(expected, EXPECTED_SIZE, "a number");
                return false;
        }
        *(double *)option->target = number;
        return true;
}

bool
parse_choice(const struct option *option, const char *text,
             char expected[EXPECTED_SIZE])
{
        size_t used = 0;
        int i;

        for (i = 0; option->choices[i] != NULL; i++)
                if (strcmp(option->choices[i], text) == 0) {
                        *(int *)option->target = i;
                        return true;
                }
        for (i = 0; option->choices[i] != NULL && used < EXPECTED_SIZE; i++)
                used += (size_t)snprintf(expected + used, EXPECTED_SIZE - used,
                                         "%s%s",
                                         i == 0                    ? ""
                                         : !option->choices[i + 1] ? " or "
                                                                   : ", ",
                                         option->choices[i]);
        return false;
}

/* "-m" or "--format". */
static const char *
option_text(const struct option *option, char text[EXPECTED_SIZE])
{
        if (option->name != NULL)
                snprintf(text, EXPECTED_SIZE, "--%s", option->name);
        else
                snprintf(text, EXPECTED_SIZE, "-%c", option->letter);
        return text;
}

static void
print_option(const struct option *option)
{
        char name[EXPECTED_SIZE];
        const char *line = option->help, *end;
        int used;

        used = printf("  %s%s%s", option_text(option, name),
                      option->value != NULL ? " " : "",
                      option->value != NULL ? option->value : "");
        for (;;) {
                end = strchr(line, '\n');
                if (used >= HELP_COLUMN)
                        printf("\n%*s", HELP_COLUMN, "");
                else
                        printf("%*s", HELP_COLUMN - used, "");
                used = HELP_COLUMN;
                if (end == NULL)
                        break;
                printf("%.*s", (int)(end - line), line);
                line = end + 1;
        }
        puts(line);
}

static int
print_help(const struct syntax *syntax)
{
        size_t i;

        printf("Example: %s\n\n%s\n\n", syntax->example, syntax->purpose);
        printf("Usage: effnet %s [OPTION]... %s\n\n", syntax->command,
               syntax->operands);
        for (i = 0; i < syntax->count; i++)
                print_option(&syntax->options[i]);
        printf("  %-*s%s\n", HELP_COLUMN - 2, "--help", "this text");
        if (syntax->notes != NULL)
                printf("\n%s\n", syntax->notes);
        return output_flush() ? EXIT_DONE : EXIT_NOTHING;
}

static int
wrong(const struct syntax *syntax, const char *hint)
{
        fprintf(stderr, "%s%s%sSee effnet %s --help.\n",
                hint != NULL ? "Did you mean " : "", hint != NULL ? hint : "",
                hint != NULL ? "?  " : "", syntax->command);
        return EXIT_USAGE;
}

static int
unknown_option(const struct syntax *syntax, const char *word)
{
        const char *names[MOST_OPTIONS], *near;
        char texts[MOST_OPTIONS][EXPECTED_SIZE], plain[EXPECTED_SIZE];
        size_t i;

        for (i = 0; i < syntax->count && i < MOST_OPTIONS; i++)
                names[i] = option_text(&syntax->options[i], texts[i]);
        snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(word, "="), word);
        near = strlen(plain) > 2 ? nearest_name(plain, names, i) : NULL;
        complain("unknown option %s", plain);
        return wrong(syntax, near);
}

/* The option that `word` spells, and where the value begins in the same word
 * (NULL: not in it).
 */
static const struct option *
find_option(const struct syntax *syntax, const char *word, const char **value)
{
        bool is_long = word[1] == '-';
        size_t i, length = strcspn(word, "=");

        for (i = 0; i < syntax->count; i++) {
                const struct option *option = &syntax->options[i];

                if (is_long && option->name != NULL &&
                    strlen(option->name) == length - 2 &&
                    strncmp(option->name, word + 2, length - 2) == 0) {
                        *value = word[length] == '=' ? word + length + 1 : NULL;
                        return option;
                }
                if (!is_long && option->letter == word[1]) {
                        *value = word[2] != '\0' ? word + 2 : NULL;
                        return option;
                }
        }
        return NULL;
}

/* One option at argv[*at]; moves *at to the last word it used. */
static int
take_option(const struct syntax *syntax, int argc, char **argv, int *at)
{
        char expected[EXPECTED_SIZE], name[EXPECTED_SIZE];
        const char *word = argv[*at], *value;
        const struct option *option = find_option(syntax, word, &value);

        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
                return print_help(syntax);
        if (option == NULL)
                return unknown_option(syntax, word);
        option_text(option, name);
        if (option->value == NULL && value != NULL) {
                complain("%s takes no value, but was given '%s'", name, value);
                return wrong(syntax, NULL);
        }
        if (option->value != NULL && value == NULL) {
                if (*at + 1 >= argc) {
                        complain("%s needs a value: %s %s", name, name,
                                 option->value);
                        return wrong(syntax, NULL);
                }
                value = argv[++*at];
        }
        if (option->parse(option, value, expected))
                return EXIT_NONE;
        complain("%s takes %s, not '%s'", name, expected, value);
        return wrong(syntax, NULL);
}

static int
check_operands(const struct syntax *syntax, char **argv, int count)
{
        if (count < syntax->least) {
                complain("%s", syntax->missing);
                return wrong(syntax, NULL);
        }
        if (count > syntax->most) {
                complain("one argument too many: %s", argv[syntax->most]);
                return wrong(syntax, NULL);
        }
        return EXIT_NONE;
}

static int
check_needed(const struct syntax *syntax)
{
        size_t i;

        for (i = 0; i < syntax->count; i++) {
                const struct option *option = &syntax->options[i];

                if (option->missing != NULL &&
                    *(const char **)option->target == NULL) {
                        complain("%s", option->missing);
                        return wrong(syntax, NULL);
                }
        }
        return EXIT_NONE;
}

int
args_parse(const struct syntax *syntax, int argc, char **argv, int *operands)
{
        bool options_end = false;
        int at, code, count = 0;

        *operands = 0;
        for (at = 0; at < argc; at++) {
                char *word = argv[at];

                if (options_end || word[0] != '-' || word[1] == '\0') {
                        argv[count++] = word;
                        continue;
                }
                if (strcmp(word, "--") == 0) {
                        options_end = true;
                        continue;
                }
                code = take_option(syntax, argc, argv, &at);
                if (code != EXIT_NONE)
                        return code;
        }
        *operands = count;
        code = check_operands(syntax, argv, count);
        return code != EXIT_NONE ? code : check_needed(syntax);
}
