/* json_write.c: JSON text that grows. */
#include "load/json_write.h"

#include "base/alloc.h"
#include "base/status.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LEAST_CAPACITY 1024

/* Of a number in %.17g. */
#define NUMBER_SIZE 48

static void
put(en_json *json, const char *bytes, size_t size)
{
        size_t needed = json->length + size + 1;

        if (json->failed)
                return;
        if (needed > json->capacity) {
                size_t capacity = needed * 2 + LEAST_CAPACITY;
                char *grown = en_realloc_array(json->text, capacity, 1);

                json->failed = grown == NULL;
                if (json->failed)
                        return;
                json->text = grown;
                json->capacity = capacity;
        }
        memcpy(json->text + json->length, bytes, size);
        json->length += size;
        json->text[json->length] = '\0';
}

void
en_json_put(en_json *json, const char *text)
{
        put(json, text, strlen(text));
}

/* Bytes of the UTF-8 character at `text` (RFC 3629, section 4); 0: none. */
static size_t
character(const unsigned char *text)
{
        static const struct {
                unsigned char first, last, least, most; /* least and most of
                                                         * the second byte */
                size_t size;
        } rows[] = {
                {0x01, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2},
                {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
                {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
                {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
                {0xf4, 0xf4, 0x80, 0x8f, 4},
        };
        size_t i = 0, n = 2;

        while (text[0] < rows[i].first || text[0] > rows[i].last)
                if (++i == sizeof(rows) / sizeof(rows[0]))
                        return 0;
        if (rows[i].size == 1)
                return 1;
        if (text[1] < rows[i].least || text[1] > rows[i].most)
                return 0;
        while (n < rows[i].size && (text[n] & 0xc0) == 0x80)
                n++;
        return n == rows[i].size ? n : 0;
}

void
en_json_string(en_json *json, const char *text)
{
        put(json, "\"", 1);
        while (*text != '\0') {
                unsigned char c = (unsigned char)*text;
                size_t size = character((const unsigned char *)text);
                char escape[8];

                if (c == '"' || c == '\\')
                        put(json, "\\", 1);
                if (size == 0) {
                        put(json, "\xEF\xBF\xBD", 3);
                } else if (c < 0x20 || c == 0x7f) {
                        snprintf(escape, sizeof(escape), "\\u%04x", c);
                        en_json_put(json, escape);
                } else {
                        put(json, text, size);
                }
                text += size != 0 ? size : 1;
        }
        put(json, "\"", 1);
}

void
en_json_int(en_json *json, int64_t value)
{
        char text[NUMBER_SIZE];

        snprintf(text, sizeof(text), "%" PRId64, value);
        en_json_put(json, text);
}

/* What a decimal of at most 15 digits means, if that can be told exactly: both
 * the digits and the power of ten are doubles, so one operation rounds (Clinger
 * 1990, section 4).  Also makes the decimal point a point.
 */
static bool
reads_as(char *text, double *value)
{
        const char *from = text;
        int exponent = 0, digits = 0;
        double mantissa = 0, power = 1;
        bool fraction = false, negative = *from == '-';

        for (; *from != '\0' && *from != 'e'; from++) {
                bool digit = *from >= '0' && *from <= '9';

                if (digit) {
                        mantissa = mantissa * 10 + (*from - '0');
                        digits += digits > 0 || *from != '0';
                        exponent -= fraction;
                } else if (*from != '-' && !fraction) {
                        fraction = true;
                        *text++ = '.';
                        continue;
                } else if (*from != '-') {
                        continue; /* of a point of several bytes */
                }
                *text++ = *from;
        }
        if (*from == 'e') {
                int sign = from[1] == '-' ? -1 : 1, written = 0;

                for (const char *at = from + 2; *at != '\0'; at++)
                        written = written * 10 + (*at - '0');
                exponent += sign * written;
        }
        memmove(text, from, strlen(from) + 1);
        if (digits > 15 || exponent > 22 || exponent < -22)
                return false;
        for (int i = exponent < 0 ? -exponent : exponent; i > 0; i--)
                power *= 10;
        *value = exponent < 0 ? mantissa / power : mantissa * power;
        *value = negative ? -*value : *value;
        return true;
}

static void
put_number(en_json *json, double value, bool single)
{
        int most = single ? 9 : 17;
        char text[NUMBER_SIZE];

        for (int precision = 1; precision <= most; precision++) {
                double found;
                bool known;

                snprintf(text, sizeof(text), "%.*g", precision, value);
                known = reads_as(text, &found);
                if (known &&
                    (single ? (float)found == (float)value : found == value))
                        break;
        }
        en_json_put(json, text);
}

void
en_json_double(en_json *json, double value)
{
        put_number(json, value, false);
}

void
en_json_float(en_json *json, float value)
{
        put_number(json, (double)value, true);
}

void
en_json_key(en_json *json, const char *name)
{
        en_json_string(json, name);
        put(json, ": ", 2);
}

effnet_status
en_json_status(const en_json *json)
{
        return json->failed ? EFFNET_ERROR_MEMORY : EFFNET_OK;
}

void
en_json_free(en_json *json)
{
        en_free(json->text);
        *json = (en_json){0};
}
