# Shared by the scripts: numbered steps, elapsed time, logged commands with visible progress.
# Sourced, never run. Expects `set -euo pipefail` in the caller.

progress_started=$SECONDS
progress_step=0
progress_total=0
progress_name=""
progress_log=""

# progress_steps N: how many steps the caller will announce.
progress_steps() { progress_total=$1; }

# step TEXT: announces the next step.
step() {
    progress_step=$((progress_step + 1))
    progress_name=$1
    progress_log=""
    printf '[%d/%d] %s (at %s)\n' "$progress_step" "$progress_total" "$1" "$(elapsed)"
}

# elapsed: minutes and seconds since the script started.
elapsed() {
    local seconds=$((SECONDS - progress_started))
    printf '%dm%02ds' $((seconds / 60)) $((seconds % 60))
}

say() { printf '      %s\n' "$*"; }

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# report_failure: for an EXIT trap; names the failed step and where its log is.
report_failure() {
    local code=$?
    if ((code != 0)); then
        printf '\nFAILED in step %d of %d: %s\n' "$progress_step" "$progress_total" \
            "${progress_name:-start}" >&2
        if [[ -n $progress_log && -s $progress_log ]]; then
            printf 'Its last lines:\n' >&2
            tail -n 25 "$progress_log" | sed 's/^/  | /' >&2
            printf 'Log: %s\n' "$progress_log" >&2
        fi
    fi
    return "$code"
}

# logged LOG COMMAND...: output goes to LOG only.
logged() {
    progress_log=$1
    shift
    mkdir -p "$(dirname "$progress_log")"
    "$@" >"$progress_log" 2>&1 </dev/null
}

# logged_build LOG COMMAND...: as `logged`, and shows how far ninja is: in place on a terminal,
# else one line per tenth.
logged_build() {
    progress_log=$1
    shift
    mkdir -p "$(dirname "$progress_log")"
    "$@" </dev/null 2>&1 | tee "$progress_log" | show_ninja_progress
}

show_ninja_progress() {
    local line last=-1 tenth terminal=0
    [[ -t 1 ]] && terminal=1
    while IFS= read -r line; do
        [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
        local done=${BASH_REMATCH[1]} all=${BASH_REMATCH[2]}
        if ((terminal)); then
            printf '\r      %d of %d compile and link steps, %s ' "$done" "$all" "$(elapsed)"
            continue
        fi
        tenth=$((done * 10 / all))
        if ((tenth != last)); then
            last=$tenth
            say "$done of $all compile and link steps, $(elapsed)"
        fi
    done
    if ((terminal)); then printf '\n'; fi
}

# build_jobs: processors, but at least 1.5 GiB of memory for each compiler.
build_jobs() {
    local cores memory_kib by_memory
    cores=$(nproc)
    memory_kib=$(awk '/^MemTotal:/ {print $2}' /proc/meminfo)
    by_memory=$((memory_kib / 1572864))
    ((by_memory >= 1)) || by_memory=1
    ((cores < by_memory)) && echo "$cores" || echo "$by_memory"
}
