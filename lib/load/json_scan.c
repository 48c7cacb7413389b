/* json_scan.c: counts brackets and commas outside strings. */
#include "load/json_scan.h"

#include <stdbool.h>

en_json_cost
en_json_scan(const char *text, size_t size)
{
        en_json_cost cost = {1, 0};
        bool quoted = false;
        int depth = 0;

        for (size_t i = 0; i < size; i++) {
                if (text[i] == '"')
                        quoted = !quoted;
                else if (quoted)
                        i += text[i] == '\\';
                else if (text[i] == '{' || text[i] == '[')
                        depth++;
                else if (text[i] == '}' || text[i] == ']')
                        depth--;
                else if (text[i] != ',' && text[i] != ':')
                        continue;
                cost.values += !quoted && text[i] != '"';
                if (depth > cost.depth)
                        cost.depth = depth;
        }
        return cost;
}
