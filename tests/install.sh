# install.sh: what install puts where, that programs build against it through
# pkg-config, and that uninstall takes all of it away.
. "$EFFNET_SOURCE/tests/support/script.sh"

if test -n "$D"; then
        skip "installing" "not with D=$D"
        finish
fi

in_build() { # TARGET VARIABLE...
        $MAKE -C "$EFFNET_CONFIGURED" --no-print-directory "$@"
}

# Under a prefix with no other use, so that nothing is found by chance.
place() { # PREFIX
        echo prefix="$1" exec_prefix="$1" bindir="$1/bin" libdir="$1/lib" \
                includedir="$1/include"
}

files() { # FOLDER
        (cd "$1" && find . ! -type d | sed 's/^\.//' | sort)
}

version=$(sed -n 's/^#define EFFNET_VERSION_[A-Z]* //p' \
        "$EFFNET_SOURCE/include/effnet.h" | paste -s -d .)
{
        (cd "$EFFNET_SOURCE/include" && printf '/opt/e/include/%s\n' *)
        echo /opt/e/lib/libeffnet.a
        test ! -e "$EFFNET_BUILD/libeffnet.so" ||
                printf '/opt/e/lib/libeffnet.so%s\n' '' .0 ".$version"
        echo /opt/e/lib/pkgconfig/effnet.pc
        echo /opt/e/bin/effnet
} | sort >"$scratch/expected"

root=$scratch/root
check "make install DESTDIR" in_build install DESTDIR="$root" $(place /opt/e)
files "$root" >"$scratch/found"
same "it installs these files" "$scratch/expected" "$scratch/found"
check "make uninstall DESTDIR" in_build uninstall DESTDIR="$root" \
        $(place /opt/e)
files "$root" >"$scratch/found"
empty "it leaves no file" "$scratch/found"

usr=$scratch/usr
check "make install" in_build install $(place "$usr")
check "the installed command runs" "$usr/bin/effnet" --help
if ! have "${PKG_CONFIG:-none}"; then
        skip "building against it" "there is no pkg-config"
        finish
fi
export PKG_CONFIG_PATH=$usr/lib/pkgconfig
export LD_LIBRARY_PATH=$usr/lib
check "pkg-config knows it" $PKG_CONFIG --exact-version="$version" effnet
$PKG_CONFIG --variable=libdir effnet >"$scratch/found"
echo "$usr/lib" >"$scratch/expected"
same "its libdir" "$scratch/expected" "$scratch/found"

flags() {
        $PKG_CONFIG --cflags --libs "$@" effnet
}

# The static library alone, with all that it needs.
cp "$EFFNET_SOURCE/tests/header_test.c" "$scratch/main.c"
if echo 'int main(void) { return 0; }' |
        $CC -static -x c -o "$scratch/a.out" - 2>/dev/null; then
        check "a static program builds" $CC -o "$scratch/static" \
                "$scratch/main.c" -static $(flags --static)
        check "a static program runs" "$scratch/static"
else
        skip "a static program" "there is no static C library"
fi

# The examples, which print "label probability" five times.
examples=$EFFNET_SOURCE/examples
model=$EFFNET_SOURCE/tests/data/command/tutorial_b0.pth
strict='-Wall -Wextra -pedantic -Werror'

check "classify.c builds" $CC -std=c11 $strict "$examples/classify.c" \
        $(flags) -o "$scratch/classify-c"
check "cameras.c builds" $CC -std=c11 $strict "$examples/cameras.c" \
        $(flags) -o "$scratch/cameras"
for camera in front door; do # any bytes are a frame
        head -c 6144 "$model" >"$scratch/$camera.nv12"
done
"$scratch/cameras" "$model" "$scratch/front.nv12" 64x64 \
        "$scratch/door.nv12" 65x49 "$scratch/none.nv12" 64x64 \
        >"$scratch/seen" 2>"$scratch/said"
check "cameras.c names what each camera sees, and which has no frame" sh -c \
        'cat "$1" "$2"; test "$(grep -c "nv12: [a-z].* [01]\.[0-9]*$" "$1")" \
                -eq 2 && grep -q "none.nv12: failed: argument" "$1" &&
                grep -q "picture 2: it is NULL" "$2"' - \
        "$scratch/seen" "$scratch/said"
if have "${CXX%% *}"; then
        check "classify.cc builds" $CXX -std=c++17 $strict \
                "$examples/classify.cc" $(flags) -o "$scratch/classify-cc"
else
        skip "classify.cc" "there is no C++ compiler"
fi

if ! grep -q '#define HAVE_PNG' "$EFFNET_CONFIGURED/config.h"; then
        skip "running the examples" "configured without PNG"
        finish
fi
"$usr/bin/effnet" classify -m "$model" --format csv "$examples/coffee.png" |
        awk -F , 'NR > 1 { printf "%s %.4f\n", $4, $5 }' >"$scratch/command"
check "the command prints five classes" sh -c \
        'cat "$1"; test "$(grep -c "[a-z] [01]\.[0-9]*$" "$1")" -eq 5' - \
        "$scratch/command"

runs() { # NAME COMMAND...
        name=$1
        shift
        check "$name runs" "$@" "$model" "$examples/coffee.png"
        mv "$scratch/output" "$scratch/lines"
        same "$name prints what the command prints" "$scratch/command" \
                "$scratch/lines"
}

runs classify.c "$scratch/classify-c"
test ! -x "$scratch/classify-cc" || runs classify.cc "$scratch/classify-cc"
if test ! -e "$usr/lib/libeffnet.so.0"; then
        skip classify.py "configured without the shared library"
elif test -z "$PYTHON"; then
        skip classify.py "there is no Python"
else
        runs classify.py "$PYTHON" "$examples/classify.py"
fi
finish
