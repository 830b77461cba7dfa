#!/bin/bash
# Receives one CX Bridge push on standard input/output and checks its signature; for inetd, systemd
# socket activation or socat:
#
#   CXB_WEBHOOK_SECRET=whsec_... socat TCP-LISTEN:9090,bind=127.0.0.1,reuseaddr,fork \
#       EXEC:./webhook_receiver.sh
#
# Appends the fields as one JSON line to $CXB_WEBHOOK_LOG (default ./pushes.jsonl). Needs openssl
# and jq. Several secrets (rotation) are separated by blanks.
set -u
LC_ALL=C
answer() {
    printf 'HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' "$1"
    exit 0
}
read -r method _ || exit 0
declare -A header=()
while IFS= read -r line && line=${line%$'\r'} && [ -n "$line" ]; do
    name=${line%%:*}
    value=${line#*:}
    header[${name,,}]=${value# }
done
[ "$method" = POST ] || answer "405 Method Not Allowed"
length=${header[content-length]:-0}
[[ $length =~ ^[0-9]{1,7}$ ]] || answer "413 Content Too Large"
body=$(mktemp)
trap 'rm -f "$body"' EXIT
head -c "$length" >"$body"

id=${header[webhook-id]:-}
stamp=${header[webhook-timestamp]:-}
[[ -n $id && $stamp =~ ^[0-9]{1,12}$ ]] || answer "401 Unauthorized"
age=$(($(date +%s) - stamp))
((age <= 300 && age >= -300)) || answer "401 Unauthorized"

good=no
for secret in ${CXB_WEBHOOK_SECRET:?set it to the signing secret}; do
    key=$(printf '%s' "${secret#whsec_}" | openssl base64 -d -A | od -An -vtx1 | tr -d ' \n')
    mac=$({ printf '%s.%s.' "$id" "$stamp"; cat "$body"; } |
        openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)
    for given in ${header[webhook-signature]:-}; do
        [ "$given" = "v1,$mac" ] && good=yes
    done
done
[ $good = yes ] || answer "401 Unauthorized"
jq -c --arg id "$id" '{webhook_id: $id, fields: .}' "$body" >>"${CXB_WEBHOOK_LOG:-pushes.jsonl}" ||
    answer "400 Bad Request"
answer "200 OK"
