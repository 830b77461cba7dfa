#!/usr/bin/env bash
# Shows one call from end to end: installs what is needed, builds, starts cxb-api, cxb-core and
# the sample CRM, lets the CRM dial out, and prints what happened as a timeline.
#
#   scripts/run.sh [--once] [--port N]
#
#   --once    stop everything afterwards; exit 0 only when the CRM has verified the pushed record
#   --port N  port of cxb-api (0 = any free one; default 8080, with --once 0)
#
# Without --once the system is left running; how to log in and what to try next is printed.
# A failure names its step and the log, all of which are in build/run/.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
source scripts/lib/progress.sh

once=()
port=""
while (($#)); do
    case $1 in
        --once) once=(--once) ;;
        --port)
            [[ $# -ge 2 && $2 =~ ^[0-9]+$ && $2 -le 65535 ]] || die "--port wants 0 to 65535"
            port=$2
            shift
            ;;
        -h | --help) sed -n '2,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
        *) die "unknown option $1 (see --help)" ;;
    esac
    shift
done
if [[ -z ${HOME:-} || ! -w ${HOME:-} ]]; then export CCACHE_DIR=${CCACHE_DIR:-$root/.deps/ccache}; fi

[[ -n $port ]] || { ((${#once[@]})) && port=0 || port=8080; }

logs=$root/build/run
progress_steps 4
trap report_failure EXIT

step "Installing what is needed"
scripts/setup.sh </dev/null

step "Configuring the release build"
logged "$logs/configure.log" cmake --preset release

step "Building cxb-api, cxb-core, cxb and the sample programs"
logged_build "$logs/build.log" cmake --build build/release -j "$(build_jobs)" --target demo

step "Running one call from end to end"
trap - EXIT
exec scripts/demo.sh --build "$root/build/release" --logs "$logs" --port "$port" "${once[@]}"
