#!/bin/sh
# Runs every fuzz target, one after the other, and prints how often each was executed.
#
#   fuzz/run.sh [EXECUTIONS] [TARGET…]      1,000,000 executions of every target by default
#   SPRAY=9000000 fuzz/run.sh               and as many mutations of what was found, without coverage
#
# Needs a nightly compiler and `cargo install cargo-fuzz`. Recorded samples are used as seeds when
# TOKRECKON_FACTS names their folder. A panic stops its target; the input that caused it is left in
# `fuzz/artifacts/TARGET/` and the script ends with 1.
set -eu
cd "$(dirname "$0")"
executions=${1:-1000000}
[ $# -gt 0 ] && shift
targets=${*:-$(sed -n '/^\[\[bin\]\]$/{n;s/^name = "\(.*\)"$/\1/p}' Cargo.toml)}
max_len=${MAX_LEN:-512}

cargo +nightly build --quiet --release --examples --target-dir target/seeds
samples=${TOKRECKON_FACTS:+$TOKRECKON_FACTS/formats/samples}
target/seeds/release/examples/seeds corpus ../tests/fixtures ../tests/examples ../data/prices $samples
cargo +nightly fuzz build --fuzz-dir . --sanitizer none

bin=target/$(rustc -vV | sed -n 's/^host: //p')/release
log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=0
for target in $targets; do
    mkdir -p "corpus/$target" "artifacts/$target"
    status=0
    "$bin/$target" "corpus/$target" -runs="$executions" -max_len="$max_len" -timeout=10 \
        -artifact_prefix="artifacts/$target/" -print_final_stats=1 >"$log" 2>&1 || status=$?
    done=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    speed=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
    printf '%s\t%s executions\t%s per second\t%s\n' "$target" "${done:-0}" "${speed:-0}" \
        "$([ "$status" = 0 ] && echo 'no panic' || echo "FAILED ($status)")"
    if [ -n "${SPRAY:-}" ]; then
        target/seeds/release/examples/spray "$target" "$SPRAY" 2>>"$log" || status=1
    fi
    if [ "$status" != 0 ]; then
        failed=1
        grep -m 3 -A 3 'panicked at\|ERROR' "$log" | sed 's/^/    /' || true
    fi
done
exit $failed
