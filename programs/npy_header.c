/* npy_header.c: the dictionary in front of a .npy's data, a Python literal:
 * {'descr': '<f4', 'fortran_order': False, 'shape': (1, 3, 224, 224), }
 * (numpy.lib.format).
 */
#include "npy_header.h"

#include <string.h>

struct cursor {
        const char *at, *end;
};

const char *
npy_native_dtype(void)
{
        const uint16_t one = 1;
        unsigned char first;

        memcpy(&first, &one, 1);
        return first == 1 ? "<f4" : ">f4";
}

static void
skip_blanks(struct cursor *cursor)
{
        while (cursor->at < cursor->end && *cursor->at != '\0' &&
               strchr(" \t\r\n", *cursor->at) != NULL)
                cursor->at++;
}

/* Whether `text` comes next; it is passed then. */
static bool
take(struct cursor *cursor, const char *text)
{
        size_t length = strlen(text);

        skip_blanks(cursor);
        if ((size_t)(cursor->end - cursor->at) < length ||
            memcmp(cursor->at, text, length) != 0)
                return false;
        cursor->at += length;
        return true;
}

/* A string in either quotes, cut to fit; no escapes and no NUL, as NumPy
 * writes none here.
 */
static bool
take_string(struct cursor *cursor, char *text, size_t size)
{
        size_t length = 0;
        char quote;

        skip_blanks(cursor);
        if (cursor->at == cursor->end ||
            (*cursor->at != '\'' && *cursor->at != '"'))
                return false;
        quote = *cursor->at++;
        for (; cursor->at < cursor->end && *cursor->at != quote; cursor->at++) {
                if (*cursor->at == '\0')
                        return false;
                if (length + 1 < size)
                        text[length++] = *cursor->at;
        }
        text[length] = '\0';
        return take(cursor, quote == '"' ? "\"" : "'");
}

static bool
take_integer(struct cursor *cursor, int64_t *value)
{
        bool any = false;

        skip_blanks(cursor);
        *value = 0;
        for (; cursor->at < cursor->end; cursor->at++, any = true) {
                if (*cursor->at < '0' || *cursor->at > '9')
                        break;
                if (*value > (INT64_MAX - 9) / 10)
                        return false;
                *value = *value * 10 + (*cursor->at - '0');
        }
        return any;
}

static const char *
parse_shape(struct cursor *cursor, struct npy_header *header)
{
        int64_t side;

        if (!take(cursor, "("))
                return "'shape' is no tuple";
        header->rank = 0;
        while (!take(cursor, ")")) {
                if (header->rank == NPY_RANK)
                        return "it has more than 8 dimensions";
                if (!take_integer(cursor, &side))
                        return "'shape' holds something other than sizes";
                header->shape[header->rank++] = side;
                if (take(cursor, ","))
                        continue;
                if (!take(cursor, ")"))
                        return "'shape' does not end";
                break;
        }
        return NULL;
}

static const char *
parse_value(struct cursor *cursor, struct npy_header *header, const char *key,
            unsigned *keys)
{
        if (strcmp(key, "descr") == 0) {
                *keys |= 1;
                if (!take_string(cursor, header->dtype, NPY_DTYPE_SIZE))
                        return "its elements are no plain numbers";
                return NULL;
        }
        if (strcmp(key, "fortran_order") == 0) {
                *keys |= 2;
                header->fortran = take(cursor, "True");
                if (!header->fortran && !take(cursor, "False"))
                        return "'fortran_order' is neither True nor False";
                return NULL;
        }
        if (strcmp(key, "shape") == 0) {
                *keys |= 4;
                return parse_shape(cursor, header);
        }
        return "it has a key other than 'descr', 'fortran_order' and 'shape'";
}

const char *
npy_header_parse(struct npy_header *header, const char *text, size_t size)
{
        struct cursor cursor = {text, text + size};
        const char *problem;
        unsigned keys = 0;
        char key[16];

        if (!take(&cursor, "{"))
                return "it does not begin with '{'";
        while (!take(&cursor, "}")) {
                if (!take_string(&cursor, key, sizeof(key)) ||
                    !take(&cursor, ":"))
                        return "a key and ':' was expected";
                problem = parse_value(&cursor, header, key, &keys);
                if (problem != NULL)
                        return problem;
                if (take(&cursor, ","))
                        continue;
                if (!take(&cursor, "}"))
                        return "it does not end with '}'";
                break;
        }
        skip_blanks(&cursor);
        if (cursor.at != cursor.end)
                return "something follows its '}'";
        return keys == 7 ? NULL
                         : "'descr', 'fortran_order' or 'shape' is missing";
}
