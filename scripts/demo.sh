#!/usr/bin/env bash
# One call from end to end with what was built: starts cxb-api, cxb-core with two simulated workers
# and the sample CRM on 127.0.0.1, lets the CRM dial out and prints a timeline of what happened.
#
#   scripts/demo.sh [--once] [--bin DIR | --build DIR] [--logs DIR] [--port N]
#
#   --once       stop everything afterwards; exit 0 only when the CRM has verified the pushed record
#   --bin DIR    where cxb-api, cxb-core and cxb are (default build/release/bin)
#   --build DIR  the same as --bin DIR/bin
#   --logs DIR   logs and state of this run (default build/run); state of an earlier run is removed
#   --port N     port of cxb-api (default 0 = any free one)
#
# A failure names its step and the log. Needs bash, python3 and coreutils beside our programs.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

once=0
bin=$root/build/release/bin
run=$root/build/run
port=0
usage() {
    echo "error: $1 (see --help)" >&2
    exit 2
}
while (($#)); do
    case $1 in
        --once) once=1 ;;
        --bin | --build | --logs | --port)
            (($# >= 2)) || usage "$1 wants a value"
            case $1 in
                --bin) bin=$2 ;;
                --build) bin=$2/bin ;;
                --logs) run=$2 ;;
                --port) port=$2 ;;
            esac
            shift
            ;;
        -h | --help) sed -n '2,13s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
        *) usage "unknown option $1" ;;
    esac
    shift
done
[[ $port =~ ^[0-9]{1,5}$ ]] && ((port <= 65535)) || usage "--port wants 0 to 65535"

step_name="checking the programs"
step_log=""
pids=()
sockets=""

step() {
    step_name=$1
    step_log=${2:-}
}
done_with() { printf '  \033[32m✓\033[0m %s\n' "$*"; }
[[ -t 1 ]] || done_with() { printf '  ✓ %s\n' "$*"; }

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Ends what this script started, newest first, by process id.
stop_all() {
    local i pid
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
        pid=${pids[i]}
        kill -TERM "$pid" 2>/dev/null || continue
        for _ in $(seq 200); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.05
        done
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    pids=()
}

at_exit() {
    local code=$?
    trap - EXIT
    trap '' INT TERM
    if ((code != 0)); then
        printf '\n  ✗ FAILED: %s\n' "$step_name" >&2
        if [[ -n $step_log && -s $step_log ]]; then
            printf '    its last lines:\n' >&2
            tail -n 15 "$step_log" | sed 's/^/    | /' >&2
        fi
        printf '    log: %s\n' "${step_log:-none, it has not begun}" >&2
    fi
    stop_all
    [[ -z $sockets ]] || rm -rf "$sockets"
    exit "$code"
}
trap at_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

for program in cxb-api cxb-core cxb; do
    [[ -x $bin/$program ]] || fail "error: $bin/$program is not there; scripts/run.sh builds it"
done
bin=$(cd "$bin" && pwd)
command -v python3 >/dev/null || fail "error: python3 is missing; run scripts/setup.sh"
mkdir -p "$run"
run=$(cd "$run" && pwd)
exec 9>"$run/demo.lock"
flock -n 9 || fail "error: another demo uses $run; end it first or give --logs DIR"
state=$run/state
rm -rf "$state"
(umask 077 && mkdir -p "$state/data" "$state/outbox" "$state/recordings" "$state/config")
# The path of a Unix socket may be 107 bytes long, so sockets lie in a short folder of their own.
sockets=$(mktemp -d /tmp/cxb-demo-XXXXXX)

random_text() { python3 -c 'import secrets; print(secrets.token_urlsafe(24))'; }
member() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }

# What programs get to see of the caller's environment: none of another installation's settings.
clean=(env -i PATH="$PATH" HOME="$state" TZ=UTC LANG=C.UTF-8)

# start NAME READY_FILE COMMAND...: starts a process, waits for its ready file, sets `url`.
start() {
    local name=$1 ready=$2
    step "starting $name" "$run/$name.log"
    shift 2
    "${clean[@]}" "$@" >"$run/$name.log" 2>&1 </dev/null 9>&- &
    pids+=($!)
    for _ in $(seq 600); do
        [[ -s $ready ]] && break
        kill -0 "${pids[-1]}" 2>/dev/null || fail "$name ended before it was ready"
        sleep 0.05
    done
    [[ -s $ready ]] || fail "$name was not ready within 30 s"
    url=$(member url <"$ready")
}

admin=admin@example.com
(
    umask 077
    random_text >"$state/core-secret"
    random_text >"$state/admin-password"
)

printf 'One call from end to end (state and logs: %s)\n' "$run"

start crm "$state/crm.ready" python3 "$root/examples/python/sample_crm.py" \
    --listen 127.0.0.1:0 --secret-file "$state/push-secret" --ready-file "$state/crm.ready"
crm_url=$url
done_with "sample CRM on $crm_url"

start cxb-api "$state/api.ready" CXB_HTTP_BIND=127.0.0.1 CXB_HTTP_PORT="$port" \
    CXB_DATA_DIR="$state/data" CXB_CORE_SECRET_FILE="$state/core-secret" \
    CXB_BOOTSTRAP_ADMIN_EMAIL="$admin" CXB_BOOTSTRAP_ADMIN_PASSWORD_FILE="$state/admin-password" \
    "$bin/cxb-api" serve --ready-file "$state/api.ready"
api_url=$url
done_with "cxb-api on $api_url, with its embedded store and the admin $admin"

start cxb-core "$state/core.ready" CXB_CORE_LISTEN=127.0.0.1:0 CXB_CORE_WORKERS=2 \
    CXB_CORE_SOCKET="$sockets/{id}.sock" CXB_CORE_SECRET_FILE="$state/core-secret" \
    CXB_CORE_CONFIG_URL="$api_url/api/v1/config" CXB_CORE_MEDIA=simulated \
    CXB_CORE_SIM_FAST=true CXB_CORE_OUTBOX_DIR="$state/outbox" \
    CXB_CORE_RECORDINGS_DIR="$state/recordings" \
    "$bin/cxb-core" serve --ready-file "$state/core.ready"
core_url=$url
done_with "cxb-core on $core_url, two workers, simulated media"

# cli ARGUMENTS...: the command line tool, signed in here only.
cli() {
    "${clean[@]}" CXB_URL="$api_url" XDG_CONFIG_HOME="$state/config" \
        "$bin/cxb" "$@" 2>>"$run/cxb.log" 9>&-
}

step "signing in" "$run/cxb.log"
: >"$run/cxb.log"
cli login --email "$admin" <"$state/admin-password" >>"$run/cxb.log"
done_with "cxb signed in"

step "setting the fleet" "$run/cxb.log"
cli fleet set "$core_url" >>"$run/cxb.log"
done_with "fleet: $core_url"

step "creating the bot" "$run/cxb.log"
sed "s#http://127.0.0.1:9090#$crm_url#" "$root/examples/demo_bot.json" >"$state/bot.json"
bot=$(cli --json bots create "$state/bot.json" | member id)
done_with "bot $bot"

step "giving the CRM the signing secret" "$run/cxb.log"
(umask 077 && cli --json bots rotate-push-secret "$bot" | member secret >"$state/push-secret")
done_with "the CRM can check signatures"

step "creating an API key" "$run/cxb.log"
(umask 077 && cli --json keys create --name "sample CRM" --scope dialout --scope calls:read |
    member key >"$state/api-key")
done_with "API key for the CRM"

step "dialling out" "$run/dialout.log"
CXB_API_KEY=$(<"$state/api-key") python3 "$root/examples/python/crm_dialout.py" \
    --url "$api_url" --bot "$bot" --to +919876543210 --var sim_script=polite \
    >"$state/dialout.json" 2>"$run/dialout.log"
session=$(member session_id <"$state/dialout.json")
done_with "the CRM dialled out, call $session"

step "waiting for the push" "$run/cxb-api.log"
python3 "$root/scripts/lib/timeline.py" wait "$crm_url" "$session" >"$state/pushed.json"
done_with "the CRM has the record and verified its signature"

step "reading the trace" "$run/cxb.log"
cli --json calls trace "$session" >"$state/trace.json"
python3 "$root/scripts/lib/timeline.py" print "$state/trace.json" "$state/pushed.json"

if ((once)); then
    step "stopping" "$run/cxb-core.log"
    stop_all
    done_with "everything is stopped"
    exit 0
fi

cat <<TEXT

The system is running; Ctrl-C stops it.
  API       $api_url        (documentation: $api_url/docs)
  Core      $core_url       (fleet report: $core_url/health/fleet)
  CRM       $crm_url/calls
  login     $admin   password: in $state/admin-password

Next, in another terminal:
  export PATH="$bin:\$PATH" CXB_URL=$api_url XDG_CONFIG_HOME=$state/config
  cxb calls list
  cxb calls show $session
  cxb dialout $bot +919876543211 --var sim_script=wrong_number --wait
  cxb doctor
TEXT
step "running" "$run/cxb-api.log"
# Ends when somebody ends one of the processes, or by Ctrl-C.
trap 'echo; echo "stopping"; exit 0' INT TERM
wait -n "${pids[@]}" || true
fail "one of the processes ended by itself"
