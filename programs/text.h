/* text.h: text from outside (names, labels, messages) made fit to print. */
#ifndef PROGRAMS_TEXT_H
#define PROGRAMS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Room for float_text and count_text. */
#define NUMBER_SIZE 32

/* Writes `text` so that it stays on its line and leaves a terminal alone:
 * control characters and bytes that are not UTF-8 become \n, \t or \xNN.
 * At most `columns` characters (0: all); a cut one ends in "...".  Returns
 * the columns written.
 */
size_t text_write(FILE *stream, const char *text, size_t columns);

/* A copy with U+FFFD in place of each byte that is not UTF-8; for free(). */
char *text_utf8(const char *text);

/* One field of a CSV record, quoted where RFC 4180 asks for it. */
void csv_write(FILE *stream, const char *text);

/* The fewest digits, at least 6 where there are as many, that read back as
 * the same float.
 */
const char *float_text(char text[NUMBER_SIZE], float value);

/* 5288548 as "5,288,548". */
const char *count_text(char text[NUMBER_SIZE], int64_t value);

/* printf to standard error, as one line "effnet SUBCOMMAND: ..." with the
 * values made fit to print.  complain_as names the subcommand.
 */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
void complain_as(const char *subcommand);

/* Sends what was printed on its way.  False, after a complaint, if standard
 * output cannot take it (a full disk, a closed pipe).
 */
bool output_flush(void);

/* `memory`; leaves the program, saying why, if it is NULL. */
void *must(void *memory);

#endif
