# symbols.sh: what the libraries export, import and contain.
. "$EFFNET_SOURCE/tests/support/script.sh"

header=$EFFNET_SOURCE/include/effnet.h
map=$EFFNET_SOURCE/lib/libeffnet.map
static=$EFFNET_BUILD/libeffnet.a
shared=$EFFNET_BUILD/libeffnet.so

if ! have nm || ! have objdump; then
        skip "symbols" "binutils are missing"
        finish
fi

# Declarations may break their lines anywhere.
tr '\n' ' ' <"$header" | sed 's/EFFNET_API/\n&/g' |
        sed -n 's/^EFFNET_API [^(;#]*\(effnet_[a-z0-9_]*\)(.*/\1/p' |
        sort >"$scratch/header"
sed -n 's/^ *\(effnet_[a-z0-9_]*\);$/\1/p' "$map" | sort >"$scratch/map"
same "the map lists the header's functions" "$scratch/header" "$scratch/map"

version=$(sed -n 's/^#define EFFNET_VERSION_M[A-Z]* //p' "$header" |
        paste -s -d .)
grep '^EFFNET_.* {$' "$map" | tail -n 1 >"$scratch/node"
echo "EFFNET_$version {" >"$scratch/version"
same "the map's newest node is the version" "$scratch/version" "$scratch/node"

if test -e "$shared"; then
        nm -D --defined-only "$shared" | awk '$2 != "A" { print $3 }' |
                sed 's/@.*//' | sort >"$scratch/exported"
        same "the shared library exports the map" "$scratch/map" \
                "$scratch/exported"
        nm -D --defined-only "$shared" | awk '$2 != "A" { print $3 }' |
                grep -v '@@EFFNET_' >"$scratch/unversioned"
        empty "every export has a version" "$scratch/unversioned"
        objdump -p "$shared" | sed -n 's/^ *SONAME *//p' >"$scratch/soname"
        echo libeffnet.so.0 >"$scratch/expected"
        same "the SONAME" "$scratch/expected" "$scratch/soname"
        check "$(basename "$(readlink "$shared")") leads to the library" \
                test -e "$EFFNET_BUILD/libeffnet.so.0"
else
        skip "exports of the shared library" "configured without it"
fi

# What follows is about the plain compiler's output.
if test -n "$D"; then
        skip "contents of the static library" "D=$D adds to them"
        finish
fi

nm -g --defined-only "$static" 2>/dev/null |
        awk 'NF == 3 && $3 !~ /^(effnet|en)_/' >"$scratch/foreign"
empty "global names of the static library begin with effnet_ or en_" \
        "$scratch/foreign"

# Constant tables of pointers lie in .data.rel.ro; variables of a thread in
# .tbss and .tdata.
objdump -t "$static" | awk '/file format/ { file = $1 }
        NF > 2 && $(NF - 2) ~ /^\.(data|bss)/ && $(NF - 2) !~ /^\.data\.rel\.ro/ &&
        $(NF - 1) !~ /^0+$/ { print file, $NF }' >"$scratch/writable"
empty "no global mutable state" "$scratch/writable"

case $(uname -m) in
x86_64) ;;
*)
        skip "instruction sets" "not an x86-64"
        finish
        ;;
esac
if echo | $CC $CFLAGS -dM -E - | grep -q __AVX__; then
        skip "instruction sets" "CFLAGS ask for AVX everywhere"
        finish
fi
# Lines of instructions: the file, and what each may be of: AVX has names in
# v; AVX-512 has zmm, the registers 16 to 31 and the opmasks.
objdump -d --no-show-raw-insn "$static" |
        awk '/file format/ { file = $1 }
        $2 ~ /^v/ && /%[xyz]mm/ { vex[file]++ }
        /%zmm/ || /%[xy]mm(1[6-9]|2[0-9]|3[01])/ || /%k[0-7]/ { evex[file]++ }
        END {
                for (file in vex) print "AVX", file, vex[file]
                for (file in evex) print "AVX-512", file, evex[file]
        }' >"$scratch/wide"

within() { # SET FILES: its instructions are there, and nowhere else
        grep "^$1 " "$scratch/wide" | grep -v -E "($2)\.o:" >"$scratch/leaked"
        empty "no $1 instruction outside its kernels" "$scratch/leaked"
        for suffix in $(echo "$2" | tr '|' ' '); do
                if ar t "$static" | grep -q "$suffix\.o"; then
                        check "$1 instructions in *$suffix.o" \
                                grep "^$1 .*$suffix\.o:" "$scratch/wide"
                else
                        skip "kernels of *$suffix.o" "configured without them"
                fi
        done
}
within AVX '_avx2|_avx512'
within AVX-512 '_avx512'
finish
