#!/usr/bin/env python3
"""What scripts/demo.sh shows of a call. Standard library only.

    timeline.py wait CRM_URL SESSION     waits (60 s at most) until the CRM holds the verified push
    timeline.py print TRACE PUSHED       the trace of the call and the record of the CRM, to read
"""
import datetime
import json
import sys
import time
import urllib.request

PATIENCE_SECONDS = 60
AFTER_THE_CALL = ("recording_uploaded", "push_queued", "result")


def wait(crm_url, session):
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        with urllib.request.urlopen(crm_url + "/calls", timeout=5) as answer:
            rows = json.load(answer)
        for row in rows:
            if row["fields"].get("call_id") == session:
                if not row["verified"]:
                    print("the CRM could not verify the push", file=sys.stderr)
                    return 1
                print(json.dumps(row))
                return 0
        time.sleep(0.05)
    print(f"no push of {session} within {PATIENCE_SECONDS} s", file=sys.stderr)
    return 1


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def ordered(rows):
    """As things happened: what the worker tells bears the simulated clock, which runs ahead of
    ours, so its rows are put before what the worker delivered after the call."""
    own = [row for row in rows if row["source"] != "core"]
    core = [row for row in rows if row["source"] == "core"]
    at = next((i for i, row in enumerate(own) if row["name"] in AFTER_THE_CALL), len(own))
    return own[:at] + core + own[at:]


def details(row):
    data = row.get("data") or {}
    pairs = [f"{name}={value if isinstance(value, str) else json.dumps(value)}"
             for name, value in data.items() if value not in (None, "", [], {})]
    if row.get("error"):
        pairs.append(f"error={row['error']}")
    text = " ".join(pairs)
    return text if len(text) <= 90 else text[:87] + "..."


def show(trace_path, pushed_path):
    with open(trace_path, encoding="utf-8") as trace:
        document = json.load(trace)
    rows = document["items"] if isinstance(document, dict) else document
    with open(pushed_path, encoding="utf-8") as record:
        pushed = json.load(record)
    rows = ordered(rows)
    start = moment(rows[0]["at"])
    print("\nTimeline of the call (seconds since the dialout; * = the simulated call's own clock)")
    for row in rows:
        seconds = (moment(row["at"]) - start).total_seconds()
        mark = "*" if row["source"] == "core" else " "
        took = f" ({row['ms']} ms)" if row.get("ms") is not None else ""
        line = f"  {seconds:8.3f}{mark} {row['source']:<8} {row['name']:<20} {details(row)}{took}"
        print(line.rstrip())
    print(f"\nWhat the CRM received (webhook id {pushed['webhook_id']}, "
          f"verified: {str(pushed['verified']).lower()})")
    for name, value in pushed["fields"].items():
        print(f"  {name:<18} {value}")
    return 0


def main(arguments):
    if len(arguments) == 3 and arguments[0] == "wait":
        return wait(*arguments[1:])
    if len(arguments) == 3 and arguments[0] == "print":
        return show(*arguments[1:])
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
