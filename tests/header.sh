# header.sh: the public headers compile alone, in each language they are for,
# without a warning.
. "$EFFNET_SOURCE/tests/support/script.sh"

strict='-Wall -Wextra -pedantic -Werror'
mkdir "$scratch/include"
cp "$EFFNET_SOURCE"/include/* "$scratch/include"
cp "$EFFNET_SOURCE/tests/header_test.c" "$scratch"

compile() { # COMPILER STANDARD LANGUAGE FILE
        if have "${1%% *}"; then
                check "${4##*/} as $2 with $1" $1 -x "$3" -std="$2" $strict \
                        -I"$scratch/include" -c -o "$scratch/object" "$4"
        else
                skip "${4##*/} as $2" "there is no $1"
        fi
}

each() { # COMPILER...: without repetition
        printf '%s\n' "$@" | sort -u | sed '/^$/d'
}

echo '#include "effnet.hpp"
#include "effnet.hpp"' >"$scratch/hpp_test.cc"

for compiler in $(each gcc clang "${CC%% *}"); do
        for standard in c99 c11; do
                compile "$compiler" $standard c "$scratch/header_test.c"
        done
done
for compiler in $(each g++ clang++ "${CXX%% *}"); do
        compile "$compiler" c++17 c++ "$scratch/header_test.c"
        test ! -e "$scratch/include/effnet.hpp" ||
                compile "$compiler" c++17 c++ "$scratch/hpp_test.cc"
done
finish
