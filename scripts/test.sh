#!/usr/bin/env bash
# Installs what is needed, builds, and runs the tests.
#
#   scripts/test.sh [--quick] [--all] [--preset NAME]...
#
#   (nothing)      every test once or twice: unit, contract, store and server tests under asan-ubsan,
#                  those of modules with threads under tsan too; all others in dev
#   --quick        dev only, every test
#   --all          dev, asan-ubsan and tsan with every test, and the g++ check
#   --preset NAME  only that preset, with every test it has (may be repeated)
#
# Presets are those of CMakePresets.json; `tidy` builds under clang-tidy and runs nothing,
# `coverage` ends with a report in build/coverage/report, `fuzz` runs each target for a while.
# Logs: build/log/<preset>-{configure,build,test}.log. The last lines sum up in ctest's words.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
source scripts/lib/progress.sh

sanitized_groups=(unit contract store server)
other_groups=(e2e mongo tidy install reference)
runs=()  # preset:scope; scope is "all", "groups" (the sanitized ones) or "rest" (the others)
while (($#)); do
    case $1 in
        --quick) runs+=(dev:all) ;;
        --all) runs+=(dev:all asan-ubsan:all tsan:all gcc:all) ;;
        --preset)
            [[ $# -ge 2 ]] || die "--preset wants a name"
            runs+=("$2:all")
            shift
            ;;
        -h | --help) sed -n '2,14s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
        *) die "unknown option $1 (see --help)" ;;
    esac
    shift
done
((${#runs[@]})) || runs=(dev:rest asan-ubsan:groups tsan:groups)

# Most tests wait more than they work, so one more at a time than there are cores.
export CTEST_PARALLEL_LEVEL=${CTEST_PARALLEL_LEVEL:-$(($(nproc) + 1))}
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:detect_stack_use_after_return=1:strict_init_order=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1:suppressions=$root/tests/support/tsan.supp}
if [[ -z ${HOME:-} || ! -w ${HOME:-} ]]; then export CCACHE_DIR=${CCACHE_DIR:-$root/.deps/ccache}; fi
for symbolizer in /usr/bin/llvm-symbolizer-19; do
    [[ -x $symbolizer ]] && export ASAN_SYMBOLIZER_PATH=$symbolizer \
        TSAN_OPTIONS="$TSAN_OPTIONS:external_symbolizer_path=$symbolizer"
done

ahead=""
end_build_ahead() {
    [[ -n $ahead ]] || return 0
    kill "$ahead" 2>/dev/null || true
    wait "$ahead" || true
    ahead=""
}

at_exit() {
    local code=$?
    end_build_ahead
    (exit "$code") || report_failure
}

progress_steps $((1 + 3 * ${#runs[@]}))
trap at_exit EXIT

step "Setting the machine up"
scripts/setup.sh </dev/null

table=()
total=0
failed=0
failed_names=()
skipped_names=()
alone_names=()

# failed_in LOG: the names that ctest says have failed.
failed_in() {
    sed -n '/^The following tests FAILED:/,/^Errors while/p' "$1" |
        sed -n 's/^[[:space:]]*[0-9]* - \(.*\) (.*/\1/p'
}

# run_alone PRESET LOG: what failed beside other tests runs once more by itself, because a deadline
# may be the machine's fault; it is named as such in the end. What a sanitizer reported, and failures
# by the dozen, are nobody's fault but ours.
run_alone() {
    local preset=$1 log=$2 name many=5
    grep -qE '^[0-9]+% tests passed, [1-9][0-9]* tests? failed' "$log" || return 0
    ! grep -qE 'Sanitizer: |runtime error: ' "$log" || return 0
    (($(failed_in "$log" | wc -l) <= many)) || return 0
    say "once more, each alone: $(failed_in "$log" | tr '\n' ' ')"
    cp "$log" "$log.first"
    ctest --test-dir "build/$preset" --output-on-failure --rerun-failed -j1 </dev/null 2>&1 |
        tee "$log.alone" || true
    while IFS= read -r name; do
        failed_in "$log.alone" | grep -qxF "$name" || alone_names+=("$preset: $name")
    done < <(failed_in "$log.first")
}

# read_summary PRESET LOG SECONDS: adds ctest's numbers to the totals and the table.
read_summary() {
    local preset=$1 log=$2 seconds=$3 line bad
    line=$(grep -E '^[0-9]+% tests passed, [0-9]+ tests? failed out of [0-9]+' "$log" | tail -n 1)
    [[ $line =~ ,\ ([0-9]+)\ tests?\ failed\ out\ of\ ([0-9]+) ]] ||
        die "ctest printed no summary for $preset"
    total=$((total + BASH_REMATCH[2]))
    bad=$log
    [[ ! -f $log.alone ]] || bad=$log.alone
    while IFS= read -r line; do
        failed_names+=("$preset: $line")
    done < <(failed_in "$bad")
    failed=${#failed_names[@]}
    table+=("$(printf '%-12s %5d tests %5d failed %5ds' "$preset" "${BASH_REMATCH[2]}" \
        "$(failed_in "$bad" | wc -l)" "$seconds")")
    while IFS= read -r line; do
        skipped_names+=("$preset: $line")
    done < <(sed -n '/^The following tests did not run:/,/^$/p' "$log" |
        sed -n 's/^[[:space:]]*[0-9]* - //p')
}

# show_failures PRESET: the last lines of each failed test, so that a log cut short still tells why.
show_failures() {
    local log=build/$1/Testing/Temporary/LastTest.log
    [[ ! -f $log ]] || awk -v preset="$1" '
        /^[0-9]+\/[0-9]+ Test: / { name = $3; n = 0 }
        { line[n++] = $0 }
        /^Test (Failed|timed out)|^\*\*\*/ {
            printf "\n%s: the end of %s\n", preset, name
            for (i = n > 40 ? n - 40 : 0; i < n; ++i) print "    " line[i]
            n = 0
        }' "$log"
}

# select_tests PRESET SCOPE: sets targets and filter, what is built and tested.
select_tests() {
    local preset=$1 scope=$2 groups=()
    targets=()
    filter=()
    [[ $scope != groups ]] || groups=("${sanitized_groups[@]}")
    [[ $scope != rest ]] || groups=("${other_groups[@]}")
    if ((${#groups[@]})); then
        targets=("${groups[@]/#/tests_}")
        filter=(-L "^($(IFS='|'; echo "${groups[*]}"))\$")
    fi
    [[ $scope != rest ]] || targets+=(header_check)
    if [[ $preset == fuzz ]]; then
        targets=(tests_fuzz)
        filter=(-L '^fuzz$')
    fi
}

# build_ahead PRESET SCOPE: lets the next preset's build have the processor time that tests leave.
# What it does not get done, and every fault, is left to the build proper.
build_ahead() {
    local targets filter
    select_tests "$1" "$2"
    (
        cmake --preset "$1" >"build/log/$1-ahead.log" 2>&1 &&
            exec nice -n 19 ninja -C "build/$1" -j "$(build_jobs)" -k 0 "${targets[@]}"
    ) </dev/null >>"build/log/$1-ahead.log" 2>&1 &
    ahead=$!
}

# run_preset PRESET SCOPE [NEXT_PRESET NEXT_SCOPE]
run_preset() {
    local preset=$1 scope=$2 build=build/$1 log=build/log/$1 targets filter started
    select_tests "$preset" "$scope"
    step "$preset: configuring"
    logged "$log-configure.log" cmake --preset "$preset"
    step "$preset: building ${targets[*]:-everything}"
    logged_build "$log-build.log" cmake --build "$build" -j "$(build_jobs)" -- \
        "${targets[@]}"
    step "$preset: testing"
    if [[ $preset == tidy || $preset == release ]]; then
        say "this preset only builds"
        return
    fi
    [[ $preset != coverage ]] || export LLVM_PROFILE_FILE=$root/build/coverage/profile/%p-%m.profraw
    progress_log=$log-test.log
    started=$SECONDS
    rm -f "$progress_log".{first,alone}
    (($# < 4)) || build_ahead "$3" "$4"
    ctest --test-dir "$build" --output-on-failure --no-tests=error "${filter[@]}" \
        </dev/null 2>&1 | tee "$progress_log" | sed -u '/^ *Start *[0-9]*: /d' || true
    end_build_ahead
    run_alone "$preset" "$progress_log"
    read_summary "$preset" "$progress_log" $((SECONDS - started))
    progress_log=""
    [[ $preset != coverage ]] || scripts/coverage_report.sh
}

for i in "${!runs[@]}"; do
    next=${runs[i + 1]-}
    run_preset "${runs[i]%%:*}" "${runs[i]##*:}" ${next:+"${next%%:*}" "${next##*:}"}
done

if ((failed > 0)); then
    for run in "${runs[@]}"; do show_failures "${run%%:*}"; done
fi
printf '\nAll presets together, after %s:\n' "$(elapsed)"
((${#table[@]} == 0)) || printf '  %s\n' "${table[@]}"
if ((${#skipped_names[@]} > 0)); then
    printf '\nThe following tests did not run:\n'
    printf '\t%s\n' "${skipped_names[@]}"
fi
if ((${#alone_names[@]} > 0)); then
    printf '\nThe following tests passed only by themselves (logs: build/log/*-test.log.first):\n'
    printf '\t%s\n' "${alone_names[@]}"
fi
if ((failed > 0)); then
    printf '\nThe following tests FAILED:\n'
    printf '\t%s\n' "${failed_names[@]}"
fi
((total > 0)) || { trap - EXIT; exit 0; }
printf '\n%d%% tests passed, %d tests failed out of %d\n\nTotal Test time (real) = %d sec\n' \
    $(((total - failed) * 100 / total)) "$failed" "$total" $((SECONDS - progress_started))
trap - EXIT
((failed == 0))
