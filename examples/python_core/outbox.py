"""The durable outbox and the call journal (§11.2, §11.4).

Success of `put` means: on disk, and sent until the control plane has taken it. Files are written in
`tmp`, synced, renamed to `new`, and the folder is synced. Counts of failures live in memory: after
a restart everything is due at once.
"""
import asyncio
import contextlib
import fcntl
import hashlib
import json
import os
import random
import re
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from urllib.parse import urlsplit

import web

WAITS = (1, 2, 5, 10, 30, 60, 120, 300)
POISON = {400, 409, 413, 415, 422}
DAY = 86400
MOST_ENTRIES, MOST_BYTES, AT_ONCE = 10_000, 1 << 30, 4
NAME = re.compile(r"\d{13}-[A-Za-z0-9_:-][A-Za-z0-9._:-]{0,127}\.entry")


def stamp(seconds=None):
    """A moment as text of the wire; now when not given."""
    at = datetime.fromtimestamp(time.time() if seconds is None else seconds, timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def write_durably(folder, name, data):
    """Into `folder` so that the name shows whole content or does not exist."""
    tmp = os.path.join(os.path.dirname(folder), "tmp", name)
    out = os.open(tmp, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        while data:
            data = data[os.write(out, data):]
        os.fdatasync(out)
        os.rename(tmp, os.path.join(folder, name))
    except OSError:
        os.unlink(tmp)
        raise
    finally:
        os.close(out)
    sync_folder(folder)


def sync_folder(folder):
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass
class Entry:
    head: dict
    size: int
    due: float = 0.0
    not_before: float = 0.0
    failures: int = 0
    failed_at: float = 0.0
    unreachable: bool = False
    misrouted_since: float = 0.0
    flying: bool = False
    origin: str = field(init=False)

    def __post_init__(self):
        to = urlsplit(self.head["url"])
        self.origin = f"{to.scheme}://{to.netloc}"


class Outbox:
    """`headers()` gives the headers to send with; `scale` shortens all waits, for tests."""

    def __init__(self, root, worker_id, headers, scale, log):
        self.root = os.path.join(root, worker_id)
        self.headers, self.scale, self.log = headers, scale, log
        self.entries, self.failing, self.refused = {}, set(), set()
        self.disk_failed = self.was_full = False
        self.woken, self.tasks = asyncio.Event(), set()

    def folder(self, name):
        return os.path.join(self.root, name)

    # --- start ---
    async def open(self):
        """Takes the lock and reads what an earlier life left. False: another process lives here."""
        for name in ("", "tmp", "new", "dead", "calls"):
            os.makedirs(self.folder(name), mode=0o700, exist_ok=True)
        self.lock = open(self.folder("lock"), "a", encoding="utf-8")
        until = time.monotonic() + 10 * self.scale
        while True:
            try:
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > until:
                    return False
                await asyncio.sleep(0.1)
        for name in os.listdir(self.folder("tmp")):
            os.unlink(os.path.join(self.folder("tmp"), name))
        for name in sorted(os.listdir(self.folder("new"))):
            self._take_in(name)
        return True

    def _take_in(self, name):
        with open(os.path.join(self.folder("new"), name), "rb") as file:
            line, _, body = file.read().partition(b"\n")
        try:
            head = json.loads(line)
            good = (NAME.fullmatch(name) and head["v"] == 1 and len(body) == head["length"]
                    and hashlib.sha256(body).hexdigest() == head["sha256"] and head["url"])
            moment(head["expires_at"])
        except (ValueError, KeyError, TypeError):
            good = False
        if good:
            self.entries[name] = Entry(head, len(body))
        else:
            self._bury(name, "corrupt")

    def leftovers(self, running):
        """(session, journal) of calls that a crash cut off, and that have no result on its way."""
        sent = {entry.head["session_id"] for entry in self.entries.values()}
        for name in sorted(os.listdir(self.folder("calls"))):
            with open(os.path.join(self.folder("calls"), name), "rb") as file:
                try:
                    journal = json.load(file)
                    call_id = journal["call_id"]
                    session = journal.get("session_id") or journal.get("campaign_session_id")
                except (ValueError, AttributeError, KeyError, TypeError):
                    os.rename(os.path.join(self.folder("calls"), name),
                              os.path.join(self.folder("dead"), name))
                    continue
            if call_id in running:
                continue
            if session and session not in sent:
                yield session, journal
            else:
                self.end_call(call_id)

    def adopt(self):
        """Takes over the entries and journals of sibling workers that never came back."""
        parent = os.path.dirname(self.root)
        for name in sorted(os.listdir(parent)):
            sibling = os.path.join(parent, name)
            if sibling == self.root or not os.path.exists(os.path.join(sibling, "lock")):
                continue
            with open(os.path.join(sibling, "lock"), "a", encoding="utf-8") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    continue        # it lives
                for folder in ("new", "calls"):
                    found = sorted(os.listdir(os.path.join(sibling, folder)))
                    for each in found:
                        os.rename(os.path.join(sibling, folder, each),
                                  os.path.join(self.folder(folder), each))
                    sync_folder(self.folder(folder))
                    for each in found if folder == "new" else ():
                        self._take_in(each)
        self.woken.set()

    # --- write ---
    def _on_disk(self, write):
        try:
            write()
        except OSError as fault:
            self.disk_failed = True
            self.log(f"outbox: {fault}")
            return False
        self.disk_failed = False
        return True

    def put(self, result, url):
        """Queues a call result; False when the disk did not take it."""
        body = json.dumps(result, separators=(",", ":")).encode()
        now = time.time()
        head = {"v": 1, "class": "result", "id": result["result_id"],
                "session_id": result["session_id"], "url": url, "created_at": stamp(now),
                "expires_at": stamp(now + 7 * DAY), "length": len(body),
                "sha256": hashlib.sha256(body).hexdigest()}
        name = f"{int(now * 1000):013d}-{head['id']}.entry"
        data = json.dumps(head, separators=(",", ":")).encode() + b"\n" + body
        if not self._on_disk(lambda: write_durably(self.folder("new"), name, data)):
            return False
        self.entries[name] = Entry(head, len(body), due=time.monotonic())
        self.woken.set()
        return True

    def _journal(self, call_id):
        safe = re.fullmatch(r"[A-Za-z0-9_:-][A-Za-z0-9._:-]{0,127}", call_id)
        return (call_id if safe else hashlib.sha256(call_id.encode()).hexdigest()) + ".json"

    def begin_call(self, journal):
        name, data = self._journal(journal["call_id"]), json.dumps(journal).encode()
        return self._on_disk(lambda: write_durably(self.folder("calls"), name, data))

    def end_call(self, call_id):
        def unlink():
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(self.folder("calls"), self._journal(call_id)))
        self._on_disk(unlink)

    def full(self):
        part = 0.9 if self.was_full else 1.0
        size = sum(entry.size for entry in self.entries.values())
        self.was_full = len(self.entries) >= part * MOST_ENTRIES or size >= part * MOST_BYTES
        return self.was_full

    def try_disk(self):
        """After a failed write: does one work again?"""
        def once():
            write_durably(self.folder("tmp"), "try", b"x")
            os.unlink(os.path.join(self.folder("tmp"), "try"))
        if self.disk_failed:
            self._on_disk(once)
        return not self.disk_failed

    # --- send ---
    async def run(self):
        while True:
            now = time.monotonic()
            for name in [n for n, e in self.entries.items()
                         if not e.flying and moment(e.head["expires_at"]) <= time.time()]:
                self._bury(name, "expired")
            self._hurry_probes()
            waiting = [e for e in self.entries.values() if not e.flying]
            for name, entry in sorted(self.entries.items()):
                flying = [e for e in self.entries.values() if e.flying]
                busy = {e.head["session_id"] for e in flying}
                if len(flying) < AT_ONCE and not entry.flying and entry.due <= now \
                        and entry.head["session_id"] not in busy:
                    entry.flying = True
                    task = asyncio.create_task(self._deliver(name, entry))
                    self.tasks.add(task)
                    task.add_done_callback(self.tasks.discard)
            pause = min((e.due - now for e in waiting if not e.flying and e.due > now),
                        default=60)
            self.woken.clear()
            try:
                await asyncio.wait_for(self.woken.wait(), max(0.001, pause))
            except asyncio.TimeoutError:
                pass

    async def _deliver(self, name, entry):
        answer, retry_after = None, 0
        try:
            with open(os.path.join(self.folder("new"), name), "rb") as file:
                body = file.read().partition(b"\n")[2]
            answer = await web.send("POST", entry.head["url"], self.headers(), body)
            retry_after = min(600, int(answer.get("retry-after", "0")))
        except (web.Unreachable, web.TooLarge, OSError, ValueError) as fault:
            self.log(f"result not delivered: {fault}" if answer is None else "bad Retry-After")
        entry.flying = False
        self._judge(name, entry, answer, retry_after)
        self.woken.set()

    def _judge(self, name, entry, answer, retry_after):
        status, now = answer.status if answer else 0, time.monotonic()
        if 200 <= status < 300:
            os.unlink(os.path.join(self.folder("new"), name))
            del self.entries[name]
            self.refused.discard(entry.origin)
            if entry.origin in self.failing:
                self.failing.discard(entry.origin)
                for other in self.entries.values():
                    if other.origin == entry.origin and other.failures:
                        soon = now + random.uniform(0, 5) * self.scale
                        other.due, other.unreachable = min(other.due, soon), False
            return
        entry.failures += 1
        entry.failed_at, entry.not_before = now, 0.0
        entry.unreachable = status == 0 or status >= 500
        forbidden, temporary = status in (401, 403), entry.unreachable or status in (408, 429)
        if status:
            (self.refused.add if forbidden else self.refused.discard)(entry.origin)
        if temporary or forbidden:
            self.failing.add(entry.origin)
            entry.misrouted_since = 0.0
        else:
            entry.misrouted_since = entry.misrouted_since or now
        if status in POISON:
            return self._bury(name, "refused", status, answer.body)
        if entry.misrouted_since and now - entry.misrouted_since >= DAY * self.scale:
            return self._bury(name, "gave_up", status, answer.body)
        wait = WAITS[min(entry.failures, len(WAITS)) - 1] * random.uniform(0.8, 1.2)
        if forbidden or retry_after:
            entry.not_before = now + max(60 if forbidden else 0, retry_after) * self.scale
        entry.due = max(now + wait * self.scale, entry.not_before)

    def _hurry_probes(self):
        """The oldest unreachable entry of a failing origin waits 5 s at most."""
        seen = set()
        for _, entry in sorted(self.entries.items()):
            if entry.unreachable and entry.origin in self.failing and entry.origin not in seen:
                seen.add(entry.origin)
                soon = max(entry.failed_at + 5 * self.scale, entry.not_before)
                entry.due = min(entry.due, soon)

    def _bury(self, name, reason, status=0, body=b""):
        try:
            problem = json.loads(body)
            detail, errors = problem.get("detail", ""), problem.get("errors", [])
        except (ValueError, AttributeError):
            detail, errors = "", []
        told = {"reason": reason, "status": status, "detail": detail, "errors": errors,
                "at": stamp()}
        self.log(f"outbox entry is dead: {reason} {status}")
        path = os.path.join(self.folder("dead"), name)
        try:
            write_durably(self.folder("dead"), name + ".reason.json", json.dumps(told).encode())
            os.rename(os.path.join(self.folder("new"), name), path)
            self.entries.pop(name, None)
        except OSError as fault:
            self.log(f"outbox: {fault}")
            if name in self.entries:        # tried again, with its next failure
                self.entries[name].due = time.monotonic() + 60 * self.scale

    async def flush(self, seconds):
        """Waits until all is delivered, `seconds` at most; what is left stays on disk."""
        until = time.monotonic() + seconds
        while self.entries and time.monotonic() < until:
            await asyncio.sleep(0.02)
