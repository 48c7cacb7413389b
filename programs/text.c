/* text.c: text made fit to print, complaints, and the care for standard
 * output.
 */
#include "text.h"
#include "command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/* The bytes of the UTF-8 character at `text`; 0 where none stands (Unicode
 * 15, table 3-7).
 */
static size_t
utf8_length(const char *text)
{
        const unsigned char *byte = (const unsigned char *)text;
        unsigned char least = 0x80, most = 0xBF;
        size_t i, length;

        if (byte[0] < 0x80)
                return 1;
        if (byte[0] < 0xC2 || byte[0] > 0xF4)
                return 0;
        length = byte[0] < 0xE0 ? 2 : byte[0] < 0xF0 ? 3 : 4;
        switch (byte[0]) {
        case 0xE0: least = 0xA0; break;
        case 0xED: most = 0x9F; break; /* no surrogates */
        case 0xF0: least = 0x90; break;
        case 0xF4: most = 0x8F; break;
        }
        if (byte[1] < least || byte[1] > most)
                return 0;
        for (i = 2; i < length; i++)
                if ((byte[i] & 0xC0) != 0x80)
                        return 0;
        return length;
}

/* C0, DEL and C1: what a terminal obeys instead of showing. */
static bool
is_control(const char *text, size_t length)
{
        const unsigned char *byte = (const unsigned char *)text;

        if (length == 1)
                return byte[0] < 0x20 || byte[0] == 0x7F;
        return length == 2 && byte[0] == 0xC2 && byte[1] < 0xA0;
}

/* The next piece of `text` as it is to be printed, and its columns.  Returns
 * the bytes it took.
 */
static size_t
next_piece(const char *text, char piece[8], size_t *columns)
{
        size_t length = utf8_length(text);

        if (length != 0 && !is_control(text, length)) {
                memcpy(piece, text, length);
                piece[length] = '\0';
                *columns = 1;
                return length;
        }
        if (*text == '\n' || *text == '\t')
                snprintf(piece, 8, "\\%c", *text == '\n' ? 'n' : 't');
        else
                snprintf(piece, 8, "\\x%02X", (unsigned)(unsigned char)*text);
        *columns = strlen(piece);
        return 1;
}

static size_t
text_columns(const char *text)
{
        size_t columns, all = 0;
        char piece[8];

        while (*text != '\0') {
                text += next_piece(text, piece, &columns);
                all += columns;
        }
        return all;
}

size_t
text_write(FILE *stream, const char *text, size_t columns)
{
        size_t room, width, written = 0;
        bool cut = columns >= 3 && text_columns(text) > columns;
        char piece[8];

        room = cut ? columns - 3 : SIZE_MAX;
        while (*text != '\0') {
                text += next_piece(text, piece, &width);
                if (width > room - written)
                        break;
                fputs(piece, stream);
                written += width;
        }
        if (!cut)
                return written;
        fputs("...", stream);
        return written + 3;
}

char *
text_utf8(const char *text)
{
        char *copy = must(malloc(strlen(text) * (sizeof(REPLACEMENT) - 1) + 1));
        char *end = copy;

        while (*text != '\0') {
                size_t length = utf8_length(text);

                if (length == 0) {
                        memcpy(end, REPLACEMENT, sizeof(REPLACEMENT) - 1);
                        end += sizeof(REPLACEMENT) - 1;
                        text++;
                        continue;
                }
                memcpy(end, text, length);
                end += length;
                text += length;
        }
        *end = '\0';
        return copy;
}

void
csv_write(FILE *stream, const char *text)
{
        char *clean = text_utf8(text);
        const char *c;

        if (clean[strcspn(clean, ",\"\r\n")] == '\0') {
                fputs(clean, stream);
                free(clean);
                return;
        }
        fputc('"', stream);
        for (c = clean; *c != '\0'; c++) {
                if (*c == '"')
                        fputc('"', stream);
                fputc(*c, stream);
        }
        fputc('"', stream);
        free(clean);
}

const char *
float_text(char text[NUMBER_SIZE], float value)
{
        int digits;

        if (value != value)
                return strcpy(text, "nan"); /* whatever its sign bit */
        for (digits = 6; digits <= 9; digits++) {
                snprintf(text, NUMBER_SIZE, "%.*g", digits, (double)value);
                if (strtof(text, NULL) == value)
                        break;
        }
        return text;
}

const char *
count_text(char text[NUMBER_SIZE], int64_t value)
{
        char digits[NUMBER_SIZE], *end = text;
        size_t i, count;

        count = (size_t)snprintf(digits, sizeof(digits), "%" PRId64, value);
        for (i = 0; i < count; i++) {
                if (i > 0 && (count - i) % 3 == 0 && digits[i - 1] != '-')
                        *end++ = ',';
                *end++ = digits[i];
        }
        *end = '\0';
        return text;
}

/* Set once, before anything is said. */
static const char *speaker = "";

void
complain_as(const char *subcommand)
{
        speaker = subcommand;
}

void
complain(const char *format, ...)
{
        char message[8192];
        va_list values;

        va_start(values, format);
        vsnprintf(message, sizeof(message), format, values);
        va_end(values);
        fputs("effnet", stderr);
        if (*speaker != '\0')
                fprintf(stderr, " %s", speaker);
        fputs(": ", stderr);
        text_write(stderr, message, 0);
        fputc('\n', stderr);
}

bool
output_flush(void)
{
        static bool told;
        int error = 0;

        if (fflush(stdout) != 0)
                error = errno;
        else if (!ferror(stdout))
                return true;
        /* A reader that went away, such as head, knows why. */
        if (error != EPIPE && !told)
                complain("cannot write to standard output: %s",
                         error == 0 ? "it failed before" : strerror(error));
        told = true;
        return false;
}

void *
must(void *memory)
{
        if (memory != NULL)
                return memory;
        complain("out of memory");
        exit(EXIT_NOTHING);
}
