#!/usr/bin/env bash
# Turns the profiles a `coverage` test run left behind into build/coverage/report (text and HTML).
# Usage: scripts/test.sh --preset coverage, which calls this at its end.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$root/build/coverage
report=$build/report

profiles=$build/profile
[[ -n $(find "$profiles" -name '*.profraw' -print -quit 2>/dev/null) ]] || {
    echo "error: no profiles in $profiles; run scripts/test.sh --preset coverage" >&2
    exit 1
}
mkdir -p "$report"
find "$profiles" -name '*.profraw' >"$build/profiles.txt"
llvm-profdata-19 merge -sparse --failure-mode=all -f "$build/profiles.txt" \
    -o "$build/all.profdata"
objects=()
for program in "$build"/bin/*; do
    [[ -x $program && -f $program ]] && objects+=(-object "$program")
done
common=(-instr-profile="$build/all.profdata" -ignore-filename-regex='/(usr|\.deps|tests|build)/')
llvm-cov-19 report "${objects[@]}" "${common[@]}" >"$report/summary.txt"
llvm-cov-19 show "${objects[@]}" "${common[@]}" -format=html -output-dir="$report/html" >/dev/null
tail -n 1 "$report/summary.txt"
echo "coverage: $report/summary.txt, $report/html/index.html"
