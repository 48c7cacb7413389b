# size.sh: the shared library's size, stripped, with all levels of x86-64.
. "$EFFNET_SOURCE/tests/support/script.sh"

most=600000
shared=$EFFNET_BUILD/libeffnet.so

missing=
for level in SSE2 AVX2 AVX512; do
        grep -q "^#define HAVE_$level 1" "$EFFNET_CONFIGURED/config.h" ||
                missing="$missing $level"
done
if ! test -e "$shared"; then
        skip "size" "configured without a shared library"
elif ! have strip; then
        skip "size" "binutils are missing"
elif test -n "$D" || test "$CFLAGS" != "-g -O2"; then
        skip "size" "it is that of the default flags, -g -O2"
elif test -n "$missing"; then
        skip "size" "configured without$missing"
else
        strip -o "$scratch/stripped" "$shared"
        size=$(wc -c <"$scratch/stripped")
        check "stripped, $size bytes: $most at most" test "$size" -le $most
fi
finish
