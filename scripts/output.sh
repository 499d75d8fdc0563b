# How the scripts of ./dev speak: one line a step, everything else in a log of its own, the tail of the log when a step
# fails. Sourced, never run.
# shellcheck shell=bash

logs=${root:?set by the script that sources this}/build/logs

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "dev: $*"
    exit 1
}

# step NAME SENTENCE COMMAND…: runs the command with its output in build/logs/NAME.log. Returns the command's exit code.
step() {
    local name=$1 sentence=$2 started=$SECONDS code=0
    shift 2
    mkdir -p "$logs"
    printf '  %-58s' "$sentence …" >&2
    "$@" >"$logs/$name.log" 2>&1 </dev/null || code=$?
    if [ "$code" -eq 0 ]; then
        printf ' %4ds\n' $((SECONDS - started)) >&2
    else
        printf ' failed (exit %d) after %ds; the end of build/logs/%s.log:\n' "$code" $((SECONDS - started)) "$name" >&2
        tail -n 40 "$logs/$name.log" | sed 's/^/    /' >&2
    fi
    return "$code"
}
