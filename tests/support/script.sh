# script.sh: sourced by the test scripts.  They leave with `finish`.

failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# check WHAT COMMAND...: ok if the command succeeds; else its output is shown.
check() {
        what=$1
        shift
        if "$@" >"$scratch/output" 2>&1; then
                echo "ok - $what"
        else
                sed 's/^/  /' "$scratch/output"
                echo "not ok - $what"
                failed=1
        fi
}

# same WHAT EXPECTED FOUND: two files with equal lines.
same() {
        check "$1" diff "$2" "$3"
}

# empty WHAT FILE: ok if there is nothing in the file; else it is shown.
empty() {
        check "$1" diff /dev/null "$2"
}

skip() { # WHAT WHY
        echo "skipped: $1 ($2)"
}

have() { # COMMAND
        command -v "$1" >/dev/null
}

finish() {
        exit $failed
}
