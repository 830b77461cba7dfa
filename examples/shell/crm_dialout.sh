#!/bin/sh
# Places one call through CX Bridge with curl.
#
#   CXB_API_KEY=vx_... ./crm_dialout.sh BOT_ID +919876543210 ['{"CUSTOMER":"Ravi"}']
#
# The Idempotency-Key makes it safe to repeat after a lost answer: set CXB_IDEMPOTENCY_KEY to the
# key of the first try. Exit: 0 accepted, 1 refused, 2 wrong usage, 5 unreachable.
set -eu
if [ $# -lt 2 ] || [ -z "${CXB_API_KEY:-}" ]; then
    echo "usage: CXB_API_KEY=vx_... $0 BOT_ID NUMBER [VARIABLES_JSON]" >&2
    exit 2
fi
key=${CXB_IDEMPOTENCY_KEY:-$(cat /proc/sys/kernel/random/uuid)}
body=$(jq -cn --arg bot "$1" --arg to "$2" --argjson vars "${3:-"{}"}" \
    '{bot_id: $bot, to_number: $to, variables: $vars}')
# The API key goes through standard input (-K -), so that it never shows in the process list.
answer=$(printf 'header = "X-API-Key: %s"\n' "$CXB_API_KEY" |
    curl -sS -K - --max-time 75 -w '\n%{http_code}' \
        -H 'Content-Type: application/json' -H "Idempotency-Key: $key" \
        --data "$body" "${CXB_URL:-http://127.0.0.1:8080}/api/v1/sip/dialout") || {
    echo "unreachable; repeat with CXB_IDEMPOTENCY_KEY=$key" >&2
    exit 5
}
status=${answer##*"
"}
printf '%s\n' "${answer%"
"*}"
[ "$status" = 200 ] || { echo "refused ($status)" >&2; exit 1; }
