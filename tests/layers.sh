# layers.sh: which room includes which, and what each may call.
. "$EFFNET_SOURCE/tests/support/script.sh"
cd "$EFFNET_SOURCE"

# Includes go downwards only.
cat >"$scratch/allowed" <<'END'
base     base
arch     arch base
kernels  kernels base
load     load arch kernels base
image    image arch kernels base
run      run arch kernels base
api      api load image run arch kernels base
END
grep -n '^ *# *include *"' lib/*/*.[ch] | awk '
        FNR == NR {
                rooms[$1]
                for (i = 2; i <= NF; i++)
                        allowed[$1, $i]
                next
        }
        {
                split($0, quoted, "\"")
                split($0, place, "/")
                header = quoted[2]
                inner = header
                sub("/.*", "", inner)
                if (!(place[2] in rooms))
                        print $0 ": unknown room"
                else if (header != "effnet.h" && header != "config.h" &&
                         !((place[2], inner) in allowed))
                        print $0
        }' "$scratch/allowed" - >"$scratch/upward"
empty "includes of lib/ go downwards" "$scratch/upward"

grep -n '^ *# *include *"' programs/*.[ch] 2>/dev/null |
        grep -v -e '"effnet\.h"' | grep '".*/' >"$scratch/inner"
empty "the command includes no inner header" "$scratch/inner"

for header in png jpeglib zlib jansson; do
        grep -l "^ *# *include *[<\"]$header\.h" lib/*/*.[ch] >"$scratch/users"
        check "one file includes $header.h" \
                sh -c 'cat "$1"; test "$(wc -l <"$1")" -eq 1' - \
                "$scratch/users"
done

if ! have nm || test -n "$D"; then
        skip "calls of the library" "they are read from a plain build with nm"
        finish
fi
nm -A -u "$EFFNET_BUILD/libeffnet.a" 2>/dev/null |
        awk '{ split($1, part, ":"); print part[2], $NF }' >"$scratch/calls"
check "calls are seen" grep -q '^alloc\.o malloc$' "$scratch/calls"

calls() { # WHAT FILES NAMES: no other file calls them
        grep -E " ($3)\$" "$scratch/calls" | grep -v -E "^($2) " \
                >"$scratch/callers"
        empty "$1" "$scratch/callers"
}
calls "only base/alloc.c allocates" 'alloc\.o' \
        'malloc|calloc|realloc|free|aligned_alloc|posix_memalign|mmap|'\
'reallocarray|strdup|strndup|asprintf|vasprintf|getline|open_memstream'
calls "nothing prints" - \
        'printf|vprintf|puts|putchar|fprintf|vfprintf|fputs|fputc|putc|'\
'perror|std(out|err)|__v?f?printf_chk'
calls "nothing reads the environment or the locale" - \
        'getenv|secure_getenv|setlocale|localeconv|strtod|strtof|atof|'\
'sscanf|__isoc99_sscanf'
calls "nothing ends the process" - \
        'exit|_exit|abort|quick_exit|__assert_fail'
calls "nothing changes signals or global hooks" - \
        'signal|sigaction|json_set_alloc_funcs|json_object_seed|srand|rand'
finish
