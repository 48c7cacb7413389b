/* json_scan.h: what a JSON text would cost a parser, before one is asked. */
#ifndef EN_LOAD_JSON_SCAN_H
#define EN_LOAD_JSON_SCAN_H

#include <stddef.h>
#include <stdint.h>

typedef struct en_json_cost {
        uint64_t values; /* at most */
        int depth;       /* of the deepest bracket */
} en_json_cost;

en_json_cost en_json_scan(const char *text, size_t size);

#endif
