#!/usr/bin/env python3
"""Places one call through CX Bridge, as a CRM would. Standard library only.

    CXB_API_KEY=vx_... ./crm_dialout.py --bot BOT_ID --to +919876543210 --var CUSTOMER=Ravi

The Idempotency-Key makes it safe to repeat after a lost answer: the same key never dials twice.
Exit: 0 accepted, 1 refused, 5 unreachable.
"""
import argparse
import json
import os
import sys
import urllib.error
import urllib.request
import uuid


def dial(url, api_key, body, idempotency_key, timeout=75):
    request = urllib.request.Request(
        url.rstrip("/") + "/api/v1/sip/dialout",
        data=json.dumps(body).encode(),
        headers={
            "Content-Type": "application/json",
            "X-API-Key": api_key,
            "Idempotency-Key": idempotency_key,
        },
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read() or b"{}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default=os.environ.get("CXB_URL", "http://127.0.0.1:8080"))
    parser.add_argument("--bot", required=True)
    parser.add_argument("--to", required=True, help="number to ring, E.164")
    parser.add_argument("--from", dest="from_number")
    parser.add_argument("--var", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--idempotency-key", default=str(uuid.uuid4()))
    options = parser.parse_args()
    body = {
        "bot_id": options.bot,
        "to_number": options.to,
        "variables": dict(pair.split("=", 1) for pair in options.var),
    }
    if options.from_number:
        body["from_number"] = options.from_number
    try:
        status, answer = dial(options.url, os.environ["CXB_API_KEY"], body, options.idempotency_key)
    except KeyError:
        print("set CXB_API_KEY to an API key with scope dialout", file=sys.stderr)
        return 2
    except OSError as lost:
        print(f"unreachable: {lost}; repeat with --idempotency-key {options.idempotency_key}",
              file=sys.stderr)
        return 5
    print(json.dumps(answer))
    if status != 200:
        print(f"refused ({status}): {answer.get('detail')}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
