#!/bin/sh
# coverage.sh: each public function is called by a test and is in docs/api.md.
set -u
source=${EFFNET_SOURCE:-$(cd "$(dirname "$0")/.." && pwd)}
functions=$(sed -n '/^EFFNET_API/,/;/p' "$source/include/effnet.h" |
        grep -o 'effnet_[a-z0-9_]*(' | tr -d '(' | sort -u)
failed=0
count=0

report() { # what, what follows the name, file...
        what=$1 then=$2
        shift 2
        missing=
        for function in $functions; do
                grep -q "\\<$function$then" "$@" ||
                        missing="$missing $function"
        done
        if [ -z "$missing" ]; then
                echo "ok - $what"
        else
                echo "not ok - $what:$missing"
                failed=1
        fi
}

for function in $functions; do
        count=$((count + 1))
done
if [ "$count" -lt 50 ]; then
        echo "not ok - found only $count public functions in effnet.h"
        exit 1
fi
report "$count public functions are each called by a test" ' *(' \
        "$source"/tests/check_*.c
report "$count public functions are each in docs/api.md" '`' \
        "$source/docs/api.md"
exit $failed
