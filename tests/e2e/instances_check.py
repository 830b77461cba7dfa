#!/usr/bin/env python3
"""Judges a run of several cxb-api from outside; shares no code with them.

  instances_check.py watch STORE STOP_FILE REPORT LEASE_SECONDS   looks at the store while they run
  instances_check.py settle FACTS                                 waits for the last push
  instances_check.py check FACTS                                  compares at the end

FACTS is a JSON file of what callers were told, what the CRM and the worker host saw, and where
store, logs and the report of `watch` lie. STORE is a SQLite file or mongodb://host:port/database;
for a server that wants a login it is empty, and what only the store tells is left out and named.
Where leases were not followed (`watch` and `logs` are empty), they are not judged. Exit 0: nothing
was found.
"""
import collections
import datetime
import glob
import hashlib
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request

from instances_store import open_store

ACCEPTED_HOLD_SECONDS = 30  # spec 21 §5
LONGEST_HOLD_SECONDS = 600
PERIOD = 0.03
PUSHES_DONE_WITHIN = 120.0
API_SAMPLE = 30
CDR_TALKTIME = 7
TIME_SUFFIXES = ("_ms", "_seconds", "took")


def moment(text):
    """Seconds since 1970 of a timestamp on the wire; 0 for none."""
    if not text:
        return 0.0
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Verdict:
    def __init__(self):
        self.faults = []

    def expect(self, good, text):
        if not good:
            self.faults.append(text)


# --- watch ---------------------------------------------------------------------------------------
class LeaseWatch:
    """Follows leases: fences rise, each has one owner, none is taken before the last one ends."""

    def __init__(self, length):
        self.length = length
        self.last = {}
        self.owners = {}
        self.takings = 0

    def see(self, name, fence, owner, until, expired_only, verdict):
        known = self.owners.setdefault((name, fence), owner)
        verdict.expect(known == owner, f"{name}: fence {fence} held by {known} and {owner}")
        before = self.last.get(name)
        self.last[name] = (fence, owner, until)
        if before is None or before[:2] != (fence, owner):
            print(f"{name}: fence {fence} of {owner}", flush=True)
        if before is None or before[0] == fence:
            return
        self.takings += 1
        verdict.expect(fence > before[0], f"{name}: fence fell from {before[0]} to {fence}")
        taken_at = until - self.length
        verdict.expect(
            not expired_only or before[2] <= taken_at + 0.001,
            f"{name}: fence {fence} taken at {taken_at:.3f}, {before[0]} ran to {before[2]:.3f}")


def watch(where, stop_file, report, lease_seconds):
    verdict = Verdict()
    store = open_store(where)
    loops = LeaseWatch(lease_seconds)
    jobs = LeaseWatch(lease_seconds)
    looks = 0
    expired = collections.Counter()
    while store and not os.path.exists(stop_file):
        looks += 1
        for row in store.all("system_runtime"):
            if "lease_until" in row:
                # A released one stands at 1970, so that it may be taken at any time.
                loops.see(row["_id"], row["fence"], row["owner"], moment(row["lease_until"]), True,
                          verdict)
        for row in store.all("jobs", ["running"]):
            # An attempt that ended gives its lease up early; one whose lease ran out is noted.
            count = sum(1 for entry in row["history"] if entry.get("error") == "lease expired")
            taken_over = count > expired[row["_id"]]
            expired[row["_id"]] = count
            jobs.see(row["_id"], row["fence"], row["lease_owner"], moment(row["lease_until"]),
                     taken_over, verdict)
        now = time.time()
        for row in store.all("fleet_reservations"):
            for hold in row["holds"]:
                verdict.expect(moment(hold["until"]) <= now + ACCEPTED_HOLD_SECONDS + 1,
                               f"hold {hold['id']} runs to {hold['until']}")
        time.sleep(PERIOD)
    with open(report, "w", encoding="utf-8") as out:
        json.dump({"looks": looks, "loop_takings": loops.takings, "job_takings": jobs.takings,
                   "faults": verdict.faults[:50]}, out)


# --- check ---------------------------------------------------------------------------------------
class Api:
    """Asks the instances in turn."""

    def __init__(self, urls, bearer):
        self.urls = urls
        self.bearer = bearer
        self.turn = 0

    def get(self, path):
        status, body = self.get_bytes(path)
        return status, json.loads(body) if status == 200 else {}

    def get_bytes(self, path):
        url = self.urls[self.turn % len(self.urls)] + path
        self.turn += 1
        time.sleep(0.02)  # the rate limit of a user
        request = urllib.request.Request(url, headers={"Authorization": "Bearer " + self.bearer})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, b""
        except urllib.error.URLError:
            return 0, b""


def settle(path):
    """Until nothing is left to push, as the store says, or as the API says of each call."""
    with open(path, encoding="utf-8") as source:
        facts = json.load(source)
    api = Api(facts["urls"], facts["bearer"])
    store = open_store(facts["store"])
    end = time.time() + PUSHES_DONE_WITHIN
    acknowledged = [s for s, call in facts["calls"].items() if call["result"]]
    while time.time() < end:
        if store:
            if not store.all("jobs", ["queued", "running"]):
                return 0
        else:
            states = [api.get("/api/v1/calls/" + session)[1].get("push_state")
                      for session in acknowledged]
            if all(state == "delivered" for state in states):
                return 0
        time.sleep(0.2)
    print("FAULT: pushes are left over")
    return 1


def check_calls(facts, store, verdict):
    stored = collections.defaultdict(list)
    for call in store.all("calls"):
        stored[call["session_id"]].append(call)
    for session, found in stored.items():
        verdict.expect(len(found) == 1, f"{session} stands in the store {len(found)} times")
    for session, told in facts["calls"].items():
        if not told["config"] and not told["result"]:
            continue
        if session not in stored:
            verdict.expect(False, f"{session} was acknowledged and is lost")
            continue
        call = stored[session][0]
        if told.get("ends"):
            verdict.expect(call["status"] in ("completed", "failed"),
                           f"{session} is {call['status']} although its worker had taken it")
        if told["result"]:
            verdict.expect(call["status"] == "completed", f"{session} is {call['status']}")
            summary = call.get("post_call_analysis", {}).get("SUMMARY")
            verdict.expect(summary == told["summary"], f"{session} holds {summary!r}")
            verdict.expect(call["push_state"] == "delivered",
                           f"{session}: push is {call['push_state']}")
        if told.get("cdr"):
            verdict.expect(call.get("cdr_talktime") == CDR_TALKTIME, f"{session} lost its CDR")
    return stored


def check_jobs(facts, store, stored, verdict):
    pushes = collections.defaultdict(list)
    keys = collections.Counter()
    for job in store.all("jobs"):
        keys[job["key"]] += 1
        verdict.expect(job["state"] == "done", f"job {job['key']} is {job['state']}")
        if job["kind"] == "crm_push":
            frozen = job.get("frozen_request") or {}
            pushes[job["session_id"]].append(frozen.get("webhook_id"))
    for key, times in keys.items():
        verdict.expect(times == 1, f"job {key} stands there {times} times")
    for session, found in stored.items():
        # A minimal result before the full one causes a second push, unless the first was not
        # rendered yet and takes the new content.
        due = {1, 1 + facts["calls"].get(session, {}).get("minimal", False)}
        if not found[0].get("completed_at"):
            due = {0}
        elif found[0]["status"] == "failed":
            due = {0, 1}
        verdict.expect(len(pushes[session]) in due, f"{session}: {len(pushes[session])} pushes")
    return pushes


SLOT_SECONDS = 900
PUSH_COUNTERS = {"queued": "queued", "running": "queued", "done": "delivered", "dead": "dead"}


def check_counters(store, verdict):
    """The counters of analytics are those of the calls and jobs, whoever died in between."""
    due = collections.defaultdict(collections.Counter)
    for call in store.all("calls"):
        counted = call.get("created_at") and call.get("status", "active") != "active"
        if not counted or call.get("is_test") or call.get("call_type") == "agent":
            continue
        slot = moment(call["created_at"]) // SLOT_SECONDS
        place = (slot, call.get("bot_id") or "", call.get("campaign_id") or "")
        due[place]["calls.finished"] += 1
        due[place]["calls." + call["status"]] += 1
        length = call.get("call_duration_seconds") or 0
        if call["status"] == "completed" and length > 0:
            due[place]["calls.connected"] += 1
            due[place]["calls.talk_ms"] += round(length * 1000)
    for job in store.all("jobs"):
        place = job.get("payload", {}).get("rollup")
        if place and job["state"] in PUSH_COUNTERS:
            key = (moment(place["slot"]) // SLOT_SECONDS, place["bot_id"], place["campaign_id"])
            due[key]["pushes." + PUSH_COUNTERS[job["state"]]] += 1
    found = collections.defaultdict(collections.Counter)
    for row in store.all("call_rollups"):
        place = (moment(row["slot"]) // SLOT_SECONDS, row["bot_id"], row["campaign_id"])
        verdict.expect(place not in found, f"two counters of {place}")
        for group in ("calls", "pushes"):
            for name, number in row.get(group, {}).items():
                found[place][f"{group}.{name}"] += number
    for place in due.keys() | found.keys():
        for name in due[place].keys() | found[place].keys():
            if name in ("calls.inbound", "calls.outbound", "calls.transferred"):
                continue  # callers of a run do not vary them
            verdict.expect(due[place][name] == found[place][name],
                           f"{name} of {place} is {found[place][name]}, not {due[place][name]}")


def check_crm(facts, pushes, verdict):
    """Each effect has one webhook id, which all its repeats carry, with the same content."""
    ids = collections.defaultdict(set)
    contents = collections.defaultdict(set)
    accepted = collections.Counter()
    for attempt in facts["attempts"]:
        session, webhook_id = attempt["call_id"], attempt["webhook_id"]
        verdict.expect(attempt["verified"], f"{session}: signature does not fit")
        ids[session].add(webhook_id)
        contents[webhook_id].add(json.dumps(attempt["fields"], sort_keys=True))
        if attempt["status"] == 200:
            accepted[webhook_id] += 1
    for webhook_id, found in contents.items():
        verdict.expect(len(found) == 1, f"{webhook_id}: several contents")
    for session, found in ids.items():
        most = 1 + facts["calls"].get(session, {}).get("minimal", False)
        verdict.expect(len(found) <= most, f"{session}: webhook ids {sorted(found)}")
        if pushes is not None:
            verdict.expect(found == set(pushes.get(session, [])),
                           f"{session}: CRM saw {found}, store has {pushes.get(session)}")
    owners = collections.Counter(i for found in ids.values() for i in found)
    for webhook_id, times in owners.items():
        verdict.expect(times == 1, f"{webhook_id} stands for {times} calls")
    for session, told in facts["calls"].items():
        if told["result"]:
            verdict.expect(any(accepted[i] for i in ids[session]),
                           f"{session} never reached the CRM")
            told_crm = [text for i in ids[session] if accepted[i] for text in contents[i]]
            verdict.expect(any(json.dumps(told["summary"]) in text for text in told_crm),
                           f"{session}: pushed {str(told_crm)[:200]}")
    return sum(count - 1 for count in accepted.values() if count > 1)


def check_dials(facts, store, verdict):
    seen = collections.defaultdict(list)
    for dial in facts["dials"]:
        seen[dial["order"]].append(dial)
    outcomes = collections.Counter()
    kept = {}
    if store:
        kept = {row["session_id"]: row for row in store.all("dialouts")}
    for order, answers in facts["orders"].items():
        verdict.expect(len(seen[order]) <= 1, f"order {order} was dialled {len(seen[order])} times")
        sessions = {a["session"] for a in answers if a["status"] == 200}
        verdict.expect(len(sessions) <= 1, f"order {order} was told {sessions}")
        outcomes[answers[-1]["status"]] += 1
        for session in sessions:
            verdict.expect([d["session"] for d in seen[order]] == [session],
                           f"order {order} told {session}, host saw {seen[order]}")
            if store:
                # Written before the call is placed; closing it may have met a store held up by
                # a paused process, and says so.
                row = kept.get(session, {})
                verdict.expect(row.get("outcome") in ("accepted", "unknown"),
                               f"dialout {session} is {row.get('outcome')}")
    for order in seen:
        verdict.expect(order in facts["orders"], f"{order} was dialled and nobody ordered it")
    return outcomes


def check_reservations(facts, store, api, verdict):
    """None outlives its time: those of dead holders end by themselves."""
    for row in store.all("fleet_reservations"):
        for hold in row["holds"]:
            until = moment(hold["until"])
            if facts.get("clock_moved") and until > time.time() + LONGEST_HOLD_SECONDS:
                continue  # from before the clock went back; that nobody counts it is seen below
            if hold.get("accepted_at"):
                end = moment(hold["accepted_at"]) + ACCEPTED_HOLD_SECONDS
            else:
                end = time.time() + facts["reservation_seconds"]
            verdict.expect(until <= end + 0.5, f"hold {hold['id']} runs to {hold['until']}")
    time.sleep(facts["reservation_seconds"] + 0.5)
    for _ in facts["urls"]:
        status, fleet = api.get("/api/v1/fleet/status")
        verdict.expect(status == 200, f"fleet status {status}")
        for worker in fleet.get("workers", []):
            verdict.expect(worker["holds"] == 0, f"{worker['holds']} holds are left")


def check_leases_in_logs(facts, verdict):
    """What the holders themselves wrote: nobody took a lease before the last one ended."""
    takings = collections.defaultdict(dict)
    ends = collections.defaultdict(float)
    released = set()
    for path in sorted(glob.glob(facts["logs"])):
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if '"lease ' not in line:
                    continue
                try:
                    entry = json.loads(line)
                except ValueError:
                    continue  # cut by a kill
                key = (entry.get("loop"), entry.get("fence"))
                if entry["msg"] == "lease released":
                    released.add(key)
                if entry["msg"] not in ("lease taken", "lease kept"):
                    continue
                until = moment(entry["until"])
                if entry["msg"] == "lease taken":
                    verdict.expect(key[1] not in takings[key[0]], f"{key} was taken twice")
                    takings[key[0]][key[1]] = until - facts["lease_seconds"]
                ends[key] = max(ends[key], until)
    for loop, fences in takings.items():
        in_order = sorted(fences)
        for former, fence in zip(in_order, in_order[1:]):
            verdict.expect(
                (loop, former) in released or ends[loop, former] <= fences[fence] + 0.001,
                f"{loop}: fence {fence} taken while {former} ran")
    return sum(len(fences) for fences in takings.values())


def check_no_negative_times(store, verdict):
    """No step of a clock makes anything last less than no time."""
    def look(at, value, name):
        if isinstance(value, dict):
            for member, inner in value.items():
                look(at, inner, member)
        elif isinstance(value, list):
            for inner in value:
                look(at, inner, name)
        elif isinstance(value, (int, float)) and (name == "ms" or name.endswith(TIME_SUFFIXES)):
            verdict.expect(value >= 0, f"{at}: {name} is {value}")
    for table in ("calls", "jobs", "call_trace", "dialouts"):
        for row in store.all(table):
            look(f"{table} {row.get('_id', '?')}", row, "")


def check_uploads(facts, api, verdict):
    """A recording is whole or absent; an acknowledged one is there."""
    uploads = facts.get("uploads", {})
    for session in sorted(uploads)[::max(1, len(uploads) // API_SAMPLE)]:
        status, body = api.get_bytes("/api/v1/recordings/" + session)
        verdict.expect(status == 200, f"recording {session}: API says {status}")
        verdict.expect(hashlib.sha256(body).hexdigest() == uploads[session],
                       f"recording {session} has {len(body)} bytes of something else")
    if not uploads:
        return 0  # what workers still upload by themselves is not looked at
    kept = [path for path in glob.glob(facts["objects"] + "/**", recursive=True,
                                            include_hidden=True)
            if os.path.isfile(path)]
    digests = set()
    for path in kept:
        with open(path, "rb") as source:
            digests.add(hashlib.sha256(source.read()).hexdigest())
        verdict.expect(".tmp~" not in path, f"{path} is half a recording")
    missing = set(uploads.values()) - digests
    verdict.expect(not missing, f"{len(missing)} acknowledged recordings are not on the disk")
    # All that were begun were repeated until they were acknowledged.
    verdict.expect(digests == set(uploads.values()), "recordings nobody sent")
    return len(kept)


def check_audit(store, verdict):
    numbers = sorted(row["seq"] for row in store.all("audit_log"))
    verdict.expect(numbers == list(range(1, len(numbers) + 1)), "audit rows are no sequence")


def check_api(facts, api, verdict):
    """All instances tell the same, and what was told to the callers."""
    acknowledged = sorted(s for s, call in facts["calls"].items() if call["result"])
    step = max(1, len(acknowledged) // API_SAMPLE)
    for session in acknowledged[::step] if facts["store"] else acknowledged:
        status, call = api.get("/api/v1/calls/" + session)
        verdict.expect(status == 200 and call.get("status") == "completed",
                       f"{session}: API says {status} {call.get('status')}")


def check_watch(facts, verdict):
    with open(facts["watch"], encoding="utf-8") as source:
        watched = json.load(source)
    verdict.faults.extend(watched["faults"])
    verdict.expect(watched["looks"] > 10, "the store was not watched")
    print("watched: {looks} looks, {loop_takings} loop leases and {job_takings} job leases"
          " changed hands".format(**watched))


def check(path):
    with open(path, encoding="utf-8") as source:
        facts = json.load(source)
    verdict = Verdict()
    api = Api(facts["urls"], facts["bearer"])
    pushes = None
    store = open_store(facts["store"])
    if store:
        stored = check_calls(facts, store, verdict)
        pushes = check_jobs(facts, store, stored, verdict)
        check_reservations(facts, store, api, verdict)
        check_audit(store, verdict)
        check_counters(store, verdict)
        check_no_negative_times(store, verdict)
        for fault in store.faults():
            verdict.expect(False, fault)
        if facts["watch"]:
            check_watch(facts, verdict)
    else:
        print("no store to read: jobs, reservations, audit and stored leases are not looked at")
    repeats = check_crm(facts, pushes, verdict)
    outcomes = check_dials(facts, store, verdict)
    leases = check_leases_in_logs(facts, verdict)
    verdict.expect(leases > 0 or not facts["logs"], "no lease in the logs")
    recordings = check_uploads(facts, api, verdict)
    check_api(facts, api, verdict)
    results = sum(1 for call in facts["calls"].values() if call["result"])
    print(f"{len(facts['calls'])} calls, {results} results acknowledged; {len(facts['attempts'])}"
          f" push attempts, {repeats} repeats under the same id; {len(facts['orders'])} orders"
          f" answered {dict(outcomes)}, {len(facts['dials'])} dialled; {leases} leases in the logs,"
          f" {recordings} recordings")
    for fault in verdict.faults[:50]:
        print("FAULT:", re.sub(r"\s+", " ", fault))
    return 1 if verdict.faults else 0


def main():
    if len(sys.argv) == 6 and sys.argv[1] == "watch":
        watch(sys.argv[2], sys.argv[3], sys.argv[4], float(sys.argv[5]))
        return 0
    steps = {"settle": settle, "check": check}
    if len(sys.argv) == 3 and sys.argv[1] in steps:
        return steps[sys.argv[1]](sys.argv[2])
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
