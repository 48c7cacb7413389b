# hpp.sh: a program that uses all of effnet.hpp does what it should.
. "$EFFNET_SOURCE/tests/support/script.sh"

family() { # COMPILER...
        "$@" --version 2>/dev/null | grep -q clang && echo clang || echo gcc
}

if ! have "${CXX%% *}"; then
        skip "effnet.hpp" "there is no C++ compiler"
        finish
elif test -n "$D" && test "$(family $CC)" != "$(family $CXX)"; then
        skip "effnet.hpp" "D=$D, and $CXX is not of the kind of $CC"
        finish
fi
case $D in
*fuzz*) sanitize=-fsanitize=address,undefined ;;
*) sanitize=$(printf %s "$D" | sed 's/ubsan/undefined/; s/asan/address/
        s/tsan/thread/; s/^./-fsanitize=&/') ;;
esac
libraries=$(sed -n 's/^LIB_LIBS *= *//p' "$EFFNET_CONFIGURED/config.mk")
check "a program of all its wrappers builds" $CXX -std=c++17 -Wall -Wextra \
        -pedantic -Werror $sanitize -I"$EFFNET_SOURCE/include" \
        "$EFFNET_SOURCE/tests/hpp_test.cc" "$EFFNET_BUILD/libeffnet.a" \
        $libraries -pthread -o "$scratch/hpp"
$EMULATOR "$scratch/hpp" "$scratch" >"$scratch/said" 2>&1
code=$?
cat "$scratch/said"
check "it runs to its end" test $code -eq 0
finish
